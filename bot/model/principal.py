"""Principals as the cloud names them: ARNs of users, of roles, and of sessions of roles."""

import re

_SESSION = re.compile(r"(acs:ram::[0-9]+:)(?:assumed-)?role/([^/]+)/.+")


def without_session(arn: str) -> str:
    """Return the ARN of the role that a session is of; whoever has no session is themselves."""
    session = _SESSION.fullmatch(arn)
    return f"{session[1]}role/{session[2]}" if session else arn
