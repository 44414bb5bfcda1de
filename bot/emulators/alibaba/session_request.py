"""What both ways into a role's session ask alike: which role, under which name, for how long, cut down to what."""

import re
from datetime import timedelta
from typing import Any, NamedTuple

from bot.alibaba.ram_policy import Policy
from bot.emulators.alibaba.callers import NamedPolicy
from bot.emulators.alibaba.credentials import Credentials
from bot.emulators.alibaba.identities import Role
from bot.emulators.alibaba.network import Account, Network
from bot.emulators.alibaba.operations import Call
from bot.emulators.alibaba.refusals import Refusal

_ROLE_ARN = re.compile(r"acs:ram::[0-9]{16}:role/[A-Za-z0-9._-]{1,64}")
_SESSION_NAME = re.compile(r"[A-Za-z0-9.@_-]{2,64}")
_SECONDS = re.compile(r"[0-9]{1,9}")
LONGEST_POLICY = 2048
SHORTEST_SESSION_S = 900
USUAL_SESSION_S = 3600


class Found(NamedTuple):
    """A role, and the account that it belongs to."""

    account: Account
    role: Role


def role_arn(call: Call) -> str:
    """Read RoleArn; raises Refusal."""
    return checked(call, "RoleArn", _ROLE_ARN)


def find_role(network: Network, arn: str) -> Found:
    """Find the role that is named; raises Refusal."""
    found = network.role(arn)
    if found is None:
        raise Refusal("EntityNotExist.Role")
    return Found(*found)


def session_name(call: Call) -> str:
    return checked(call, "RoleSessionName", _SESSION_NAME)


def checked(call: Call, name: str, form: re.Pattern[str]) -> str:
    """Give a parameter of a form; raises Refusal with the parameter's own code."""
    if not form.fullmatch(call.parameter(name)):
        raise Refusal(f"InvalidParameter.{name}")
    return call.parameter(name)


def session_policy(call: Call) -> NamedPolicy | None:
    """Read Policy, which the role's permissions are cut down to; raises Refusal."""
    text = call.parameter("Policy")
    if not text:
        return None
    if len(text.encode()) > LONGEST_POLICY:
        raise Refusal("InvalidParameter.PolicySize")
    try:
        return NamedPolicy(statements=Policy.read(text).statements)
    except ValueError as error:
        raise Refusal("InvalidParameter.PolicyGrammar") from error


def hand_out(
    call: Call, credentials: Credentials, found: Found, policy: NamedPolicy | None
) -> tuple[dict[str, Any], str]:
    """Open the session; give the fields that answer it, and the session's ARN. Raises Refusal for its duration."""
    seconds = _duration(call.parameter("DurationSeconds"), found.role)
    name = session_name(call)
    session = credentials.hand_out(found.account, found.role, name, policy, call.now + timedelta(seconds=seconds))
    user = {"Arn": f"{call.parameter('RoleArn')}/{name}", "AssumedRoleId": session.caller.principal_id}
    return {"Credentials": session.as_answered(), "AssumedRoleUser": user}, session.caller.arn


def _duration(text: str, role: Role) -> int:
    seconds = int(text) if _SECONDS.fullmatch(text) else 0
    seconds = seconds if text else USUAL_SESSION_S
    if not SHORTEST_SESSION_S <= seconds <= role.max_session_duration_s:
        raise Refusal("InvalidParameter.DurationSeconds")
    return seconds
