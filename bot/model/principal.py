"""Principals as the cloud names them: ARNs of users, of roles, and of sessions of roles."""

import re

# The vendor writes a session as acs:ram::ACCOUNT:assumed-role/ROLE/SESSION or acs:ram::ACCOUNT:role/ROLE/SESSION,
# and in places with sts for ram.
_SESSION = re.compile(r"acs:(?:ram|sts)::([0-9]+):(?:assumed-)?role/([^/]+)/(.+)")


def without_session(arn: str) -> str:
    """Return the ARN of the role that a session is of; whoever has no session is themselves."""
    session = _SESSION.fullmatch(arn)
    return f"acs:ram::{session[1]}:role/{session[2]}" if session else arn


def session_in(arn: str) -> str | None:
    """Return the name of the session in an ARN of one."""
    session = _SESSION.fullmatch(arn)
    return session[3] if session else None
