"""STS 2015-04-01: AssumeRole and GetCallerIdentity.

Source: https://www.alibabacloud.com/help/en/ram/developer-reference/api-sts-2015-04-01-assumerole
"""

import re
from datetime import timedelta

from pydantic import ValidationError

from bot.alibaba.ram_policy import Policy, Statement
from bot.emulators.alibaba.authorization import authorize, check_trust
from bot.emulators.alibaba.callers import Credentials, IdentityType, role_session
from bot.emulators.alibaba.identities import Role
from bot.emulators.alibaba.network import Account, Network
from bot.emulators.alibaba.operations import Answer, Call, Operation, Product
from bot.emulators.alibaba.refusals import Refusal

_ROLE_ARN = re.compile(r"acs:ram::([0-9]{16}):role/([A-Za-z0-9._-]{1,64})")
_SESSION_NAME = re.compile(r"[A-Za-z0-9.@_-]{2,64}")
_EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)
_SECONDS = re.compile(r"[0-9]{1,9}")
LONGEST_POLICY = 2048
SHORTEST_SESSION_S = 900
USUAL_SESSION_S = 3600


class StsOperations:
    """The operations of STS over one network."""

    def __init__(self, network: Network, credentials: Credentials) -> None:
        self._network = network
        self._credentials = credentials

    def product(self) -> Product:
        operations = (
            Operation("AssumeRole", ("RoleArn", "RoleSessionName"), self.assume_role),
            Operation("GetCallerIdentity", (), self.get_caller_identity),
        )
        return Product("Sts", "2015-04-01", operations)

    def assume_role(self, call: Call) -> Answer:
        """Hand out a session. The caller needs sts:AssumeRole, and the role has to trust them."""
        if call.caller.kind is IdentityType.ACCOUNT:
            raise Refusal("NoPermission", "Roles may not be assumed by root accounts.")
        role_arn = call.parameter("RoleArn")
        named = _ROLE_ARN.fullmatch(role_arn)
        if named is None:
            raise Refusal("InvalidParameter.RoleArn")
        authorize(call.caller, "sts:AssumeRole", role_arn, call.context)
        session_name = _checked(call, "RoleSessionName", _SESSION_NAME)
        policy = _session_policy(call.parameter("Policy"))
        account, role = self._role(named[1], named[2])
        check_trust(call.caller, role, role_arn, _with_external_id(call))
        seconds = _duration(call.parameter("DurationSeconds"), role)
        caller = role_session(account, role, session_name, policy)
        session = self._credentials.hand_out(caller, call.now + timedelta(seconds=seconds))
        credentials = {
            "AccessKeyId": session.access_key_id,
            "AccessKeySecret": session.secret.get_secret_value(),
            "SecurityToken": session.token.get_secret_value() if session.token else "",
            "Expiration": f"{session.expires_at:%Y-%m-%dT%H:%M:%SZ}",
        }
        user = {"Arn": f"{role_arn}/{session_name}", "AssumedRoleId": caller.principal_id}
        return Answer({"Credentials": credentials, "AssumedRoleUser": user}, {"session": caller.arn})

    def get_caller_identity(self, call: Call) -> Answer:
        """Tell callers who they are, which needs no permission."""
        caller = call.caller
        body = {
            "IdentityType": caller.kind.value,
            "AccountId": caller.account_id,
            "PrincipalId": caller.principal_id,
            "Arn": caller.arn,
        }
        if caller.kind is IdentityType.ROLE:
            return Answer(body | {"RoleId": caller.principal_id.partition(":")[0]}, {})
        return Answer(body | {"UserId": caller.principal_id}, {})

    def _role(self, account_id: str, name: str) -> tuple[Account, Role]:
        account = self._network.account(account_id)
        role = next((role for role in account.roles if role.name == name), None) if account else None
        if account is None or role is None:
            raise Refusal("EntityNotExist.Role")
        return account, role


def _checked(call: Call, name: str, form: re.Pattern[str]) -> str:
    if not form.fullmatch(call.parameter(name)):
        raise Refusal(f"InvalidParameter.{name}")
    return call.parameter(name)


def _with_external_id(call: Call) -> dict[str, str]:
    if not call.parameter("ExternalId"):
        return dict(call.context)
    return dict(call.context) | {"sts:ExternalId": _checked(call, "ExternalId", _EXTERNAL_ID)}


def _duration(text: str, role: Role) -> int:
    seconds = int(text) if _SECONDS.fullmatch(text) else 0
    seconds = seconds if text else USUAL_SESSION_S
    if not SHORTEST_SESSION_S <= seconds <= role.max_session_duration_s:
        raise Refusal("InvalidParameter.DurationSeconds")
    return seconds


def _session_policy(text: str) -> tuple[Statement, ...] | None:
    if not text:
        return None
    if len(text.encode()) > LONGEST_POLICY:
        raise Refusal("InvalidParameter.PolicySize")
    try:
        return Policy.model_validate_json(text).statements
    except ValidationError as error:
        raise Refusal("InvalidParameter.PolicyGrammar") from error
