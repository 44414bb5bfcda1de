"""The operations of STS (version 2015-04-01): a short-lived credential for a role, and who a credential is."""

import re
from typing import Any

from pydantic import SecretStr

from bot.alibaba.answer import moment_of, text_of
from bot.alibaba.endpoints import Product
from bot.alibaba.rpc import Operation, RpcClient
from bot.model.credential import Credential
from bot.model.problem import Problem
from bot.model.value import Value

VERSION = "2015-04-01"

ASSUME_ROLE = Operation(product=Product.STS, name="AssumeRole", version=VERSION, answers_with=("Credentials",))
GET_CALLER_IDENTITY = Operation(
    product=Product.STS, name="GetCallerIdentity", version=VERSION, answers_with=("AccountId", "Arn")
)

# A token has no documented limit of length; what it must be is something that fits into a header.
_SENDABLE = re.compile(r"[\x21-\x7e]{1,100000}")


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
        params = {"RoleArn": role_arn, "RoleSessionName": session_name, "DurationSeconds": str(duration_s)}
        optional = {"ExternalId": external_id, "Policy": policy}
        params |= {name: value for name, value in optional.items() if value is not None}
        answer = await self._rpc.call(ASSUME_ROLE, params, credential, None)
        user = answer.get("AssumedRoleUser")
        arn = text_of(user.get("Arn")) if isinstance(user, dict) else None
        temporary = _credential(answer["Credentials"])
        if arn is None or temporary is None:
            raise Problem("cloud.not_understood", operation=ASSUME_ROLE.name, http_status=200)
        return AssumedRole(credential=temporary, arn=arn)

    async def get_caller_identity(self, credential: Credential) -> CallerIdentity:
        """Ask who this credential is; every identity may ask that."""
        answer = await self._rpc.call(GET_CALLER_IDENTITY, {}, credential, None)
        account_id, arn, kind = (_name(answer.get(name)) for name in ("AccountId", "Arn", "IdentityType"))
        if not account_id or not arn:
            raise Problem("cloud.not_understood", operation=GET_CALLER_IDENTITY.name, http_status=200)
        return CallerIdentity(account_id=account_id, arn=arn, identity_type=kind)


def _credential(value: Any) -> Credential | None:
    if not isinstance(value, dict):
        return None
    names = ("AccessKeyId", "AccessKeySecret", "SecurityToken")
    parts = [part for name in names if isinstance(part := value.get(name), str) and _SENDABLE.fullmatch(part)]
    expires_at = moment_of(value.get("Expiration"))
    if len(parts) != len(names) or expires_at is None:
        return None
    access_key_id, secret, token = parts
    return Credential(
        access_key_id=access_key_id,
        access_key_secret=SecretStr(secret),
        security_token=SecretStr(token),
        expires_at=expires_at,
    )


def _name(value: Any) -> str:
    return str(value) if type(value) is int else text_of(value) or ""
