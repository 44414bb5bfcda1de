"""Where the bot's own identity comes from, read off the settings: the vendor's names, the vendor's precedence.

    ALIBABA_CLOUD_ACCESS_KEY_ID, …_ACCESS_KEY_SECRET      an access key; with …_SECURITY_TOKEN a temporary one
    ALIBABA_CLOUD_ROLE_ARN, …_OIDC_PROVIDER_ARN,          a role, for the token in a file (RRSA in a cluster)
    …_OIDC_TOKEN_FILE
    ALIBABA_CLOUD_ECS_METADATA                            the RAM role of the instance, by name

The first of them that is there is used, as by the vendor's SDKs. Unlike there, half of one is refused and never
passed over: the bot would else act as somebody whom nobody had in mind.
"""

import re
from pathlib import Path
from typing import Protocol

from pydantic import SecretStr

from bot.access.identity import RoleArn
from bot.model.ids import Identifier
from bot.model.problem import Problem
from bot.model.value import Value

_KEY_ID = "ALIBABA_CLOUD_ACCESS_KEY_ID"
_KEY_SECRET = "ALIBABA_CLOUD_ACCESS_KEY_SECRET"  # noqa: S105  the name of a variable
_TOKEN = "ALIBABA_CLOUD_SECURITY_TOKEN"  # noqa: S105  the name of a variable
_ROLE_ARN = "ALIBABA_CLOUD_ROLE_ARN"
_PROVIDER_ARN = "ALIBABA_CLOUD_OIDC_PROVIDER_ARN"
_TOKEN_FILE = "ALIBABA_CLOUD_OIDC_TOKEN_FILE"  # noqa: S105  the name of a variable
_ECS_ROLE = "ALIBABA_CLOUD_ECS_METADATA"

_TEMPORARY = "STS."


class ProviderArn(Identifier):
    """An OIDC provider in RAM, `acs:ram::ACCOUNT:oidc-provider/NAME`."""

    form = re.compile(r"acs:ram::[0-9]{1,20}:oidc-provider/[A-Za-z0-9._-]{1,128}")
    __slots__ = ()


class RoleName(Identifier):
    """The name of a RAM role."""

    form = re.compile(r"[A-Za-z0-9._-]{1,64}")
    __slots__ = ()


class OwnKey(Value):
    """An access key that the settings hold."""

    access_key_id: str
    access_key_secret: SecretStr
    security_token: SecretStr | None = None

    def described(self) -> str:
        return "a temporary access key" if self.security_token else "an access key"


class OwnRoleByToken(Value):
    """A role that is opened with the token in a file, which somebody else keeps fresh."""

    role_arn: RoleArn
    provider_arn: ProviderArn
    token_file: Path

    def described(self) -> str:
        return f"the role of a token, {self.token_file}"


class OwnMachineRole(Value):
    """The role of the machine that the bot runs on."""

    role_name: RoleName

    def described(self) -> str:
        return "the role of this machine"


BaseSource = OwnKey | OwnRoleByToken | OwnMachineRole


class Named(Protocol):
    """What the settings say; `ecs_metadata` is the name of a role."""

    @property
    def access_key_id(self) -> str | None: ...
    @property
    def access_key_secret(self) -> SecretStr | None: ...
    @property
    def security_token(self) -> SecretStr | None: ...
    @property
    def role_arn(self) -> str | None: ...
    @property
    def oidc_provider_arn(self) -> str | None: ...
    @property
    def oidc_token_file(self) -> Path | None: ...
    @property
    def ecs_metadata(self) -> str | None: ...


def base_source(named: Named) -> BaseSource | None:
    """Choose where the bot's own identity comes from; None if nothing is named.

    Raises Problem("settings.identity_incomplete") with `name` (the variable that is missing) and `given` (the one
    that wants it), Problem("settings.invalid") for a value of another form.
    """
    key = _key(named)
    by_token = _by_token(named)
    machine = OwnMachineRole(role_name=_role_name(named.ecs_metadata)) if named.ecs_metadata else None
    return key or by_token or machine


def _key(named: Named) -> OwnKey | None:
    key_id, secret, token = named.access_key_id, named.access_key_secret, named.security_token
    if key_id is None and secret is None and token is None:
        return None
    if key_id is None:
        raise _incomplete(_KEY_ID, _KEY_SECRET if secret else _TOKEN)
    if secret is None:
        raise _incomplete(_KEY_SECRET, _KEY_ID)
    if token is None and key_id.startswith(_TEMPORARY):
        raise _incomplete(_TOKEN, _KEY_ID)
    return OwnKey(access_key_id=key_id, access_key_secret=secret, security_token=token)


def _by_token(named: Named) -> OwnRoleByToken | None:
    role, provider, file = named.role_arn, named.oidc_provider_arn, named.oidc_token_file
    together = {_ROLE_ARN: role, _PROVIDER_ARN: provider, _TOKEN_FILE: file}
    given = [name for name, value in together.items() if value is not None]
    if role is None or provider is None or file is None:
        if given:
            raise _incomplete(next(name for name in together if name not in given), given[0])
        return None
    return OwnRoleByToken(role_arn=_role_arn(role), provider_arn=_provider_arn(provider), token_file=file)


def _incomplete(missing: str, given: str) -> Problem:
    return Problem("settings.identity_incomplete", name=missing, given=given)


def _role_arn(text: str) -> RoleArn:
    try:
        return RoleArn(text)
    except ValueError:
        raise Problem("settings.invalid", name=_ROLE_ARN, what="acs:ram::ACCOUNT:role/NAME") from None


def _provider_arn(text: str) -> ProviderArn:
    try:
        return ProviderArn(text)
    except ValueError:
        what = "acs:ram::ACCOUNT:oidc-provider/NAME"
        raise Problem("settings.invalid", name=_PROVIDER_ARN, what=what) from None


def _role_name(text: str) -> RoleName:
    try:
        return RoleName(text)
    except ValueError:
        raise Problem("settings.invalid", name=_ECS_ROLE, what="the name of a RAM role, not its ARN") from None
