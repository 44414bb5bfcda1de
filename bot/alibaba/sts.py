"""The operations of STS (version 2015-04-01): a short-lived credential for a role, and who a credential is."""

import re
from typing import Any

from pydantic import SecretStr

from bot.alibaba.answer import text_of
from bot.alibaba.endpoints import Product
from bot.alibaba.operation import SESSIONS, Operation
from bot.alibaba.rpc import RpcClient
from bot.alibaba.temporary import read_temporary
from bot.model.credential import Credential
from bot.model.problem import Problem
from bot.model.value import Value

VERSION = "2015-04-01"

ASSUME_ROLE = Operation(
    product=Product.STS,
    name="AssumeRole",
    version=VERSION,
    answers_with=("Credentials",),
    quota=SESSIONS,
    secrets=("ExternalId",),
)
ASSUME_ROLE_WITH_OIDC = Operation(
    product=Product.STS,
    name="AssumeRoleWithOIDC",
    version=VERSION,
    answers_with=("Credentials",),
    quota=SESSIONS,
    secrets=("OIDCToken",),
)
GET_CALLER_IDENTITY = Operation(
    product=Product.STS,
    name="GetCallerIdentity",
    version=VERSION,
    answers_with=("AccountId", "Arn"),
    quota=SESSIONS,
)

_ACCOUNT = re.compile(r"acs:ram::([0-9]{1,32}):")


class AssumedRole(Value):
    """A role's session: its temporary credential, and the ARN that the cloud's audit trail shows."""

    credential: Credential
    arn: str


class CallerIdentity(Value):
    """Who a credential belongs to; `identity_type` is Account, RAMUser or AssumedRoleUser."""

    account_id: str
    arn: str
    identity_type: str


class StsApi:
    """Sessions of roles and the identity behind a credential."""

    def __init__(self, rpc: RpcClient) -> None:
        self._rpc = rpc

    async def assume_role(
        self,
        credential: Credential,
        *,
        role_arn: str,
        session_name: str,
        external_id: str | None,
        policy: str | None,
        duration_s: int = 3600,
    ) -> AssumedRole:
        """Open a session of `role_arn` (`acs:ram::<account>:role/<name>`).

        `session_name` is 2 to 64 of `A-Za-z0-9.@_-`, `policy` a RAM policy of at most 2048 characters which the
        session's permissions are cut down to, `duration_s` 900 up to what the role allows.

        Raises Problem: `NoPermission` if the caller may not or the role does not trust it, `EntityNotExist.Role`,
        `InvalidParameter.*`, or one of `cloud.*`. Source, read November 2026:
        https://www.alibabacloud.com/help/en/ram/developer-reference/api-sts-2015-04-01-assumerole.
        """
        params = _session(role_arn, session_name, policy, duration_s)
        if external_id is not None:
            params["ExternalId"] = external_id
        return _assumed(ASSUME_ROLE, await self._rpc.call(ASSUME_ROLE, params, credential, None))

    async def assume_role_with_oidc(
        self,
        *,
        role_arn: str,
        provider_arn: str,
        token: SecretStr,
        session_name: str,
        policy: str | None = None,
        duration_s: int = 3600,
    ) -> AssumedRole:
        """Open a session for a token of an identity provider that the account trusts, as a cluster hands out.

        `provider_arn` is `acs:ram::<account>:oidc-provider/<name>`, `token` the JWT as it is, 4 to 20,000
        characters. The call is not signed: the token is the proof.

        Raises Problem: `AuthenticationFail.OIDCToken.*` for a token that is expired or not for this role,
        `AuthenticationFail.NoPermission`, `EntityNotExist.*`, `InvalidParameter.*`, or one of `cloud.*`.
        Source, read November 2026:
        https://www.alibabacloud.com/help/en/ram/developer-reference/api-sts-2015-04-01-assumerolewithoidc.
        """
        params = _session(role_arn, session_name, policy, duration_s)
        params |= {"OIDCProviderArn": provider_arn, "OIDCToken": token.get_secret_value()}
        return _assumed(ASSUME_ROLE_WITH_OIDC, await self._rpc.call(ASSUME_ROLE_WITH_OIDC, params, None, None))

    async def get_caller_identity(self, credential: Credential) -> CallerIdentity:
        """Ask who this credential is; every identity may ask that."""
        answer = await self._rpc.call(GET_CALLER_IDENTITY, {}, credential, None)
        account_id, arn, kind = (_name(answer.get(name)) for name in ("AccountId", "Arn", "IdentityType"))
        if not account_id or not arn:
            raise Problem("cloud.not_understood", operation=GET_CALLER_IDENTITY.name, http_status=200)
        return CallerIdentity(account_id=account_id, arn=arn, identity_type=kind)


def _session(role_arn: str, session_name: str, policy: str | None, duration_s: int) -> dict[str, str]:
    params = {"RoleArn": role_arn, "RoleSessionName": session_name, "DurationSeconds": str(duration_s)}
    return params if policy is None else params | {"Policy": policy}


def _assumed(operation: Operation, answer: dict[str, Any]) -> AssumedRole:
    user = answer.get("AssumedRoleUser")
    arn = text_of(user.get("Arn")) if isinstance(user, dict) else None
    temporary = read_temporary(answer["Credentials"])
    if arn is None or temporary is None:
        raise Problem("cloud.not_understood", operation=operation.name, http_status=200)
    account = _ACCOUNT.match(arn)
    return AssumedRole(credential=temporary.changed(account_id=account and account[1]), arn=arn)


def _name(value: Any) -> str:
    return str(value) if type(value) is int else text_of(value) or ""
