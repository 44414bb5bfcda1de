"""Who may call: access keys, RAM users and RAM roles, as network.yml writes them."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator

from bot.alibaba.ram_policy import Policy, Statement
from bot.emulators.alibaba.rsa import RsaKey
from bot.model.value import Value

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
AccountId = Annotated[str, Field(pattern=r"^[0-9]{16}$")]
EntityId = Annotated[str, Field(pattern=r"^[0-9]{10,20}$")]


def _listed(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


class AccessKey(Value):
    """A key that does not expire; one that is not active is answered with InvalidAccessKeyId.Inactive."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9]{4,64}$")]
    secret: SecretStr = Field(min_length=1)
    active: bool = True


class User(Value):
    """A RAM user; `policies` are names in the account's policies."""

    name: Name
    id: EntityId
    access_keys: tuple[AccessKey, ...] = ()
    policies: tuple[str, ...] = ()


_Principal = Annotated[
    str, Field(pattern=r"^acs:ram::[0-9]{16}:(root|user/[A-Za-z0-9_.@-]{1,128}|role/[A-Za-z0-9_.-]{1,64})$")
]
_Provider = Annotated[str, Field(pattern=r"^acs:ram::[0-9]{16}:oidc-provider/[A-Za-z0-9_.-]{1,128}$")]
_Service = Annotated[str, Field(pattern=r"^[a-z0-9-]+\.aliyuncs\.com$")]


class Trusted(Value):
    """The Principal of a trust policy.

    ARNs of accounts (`…:root`), users and roles, or of identity providers, or names of services of the cloud
    (`ecs.aliyuncs.com`: its instances).
    """

    ram: Annotated[tuple[_Principal, ...], BeforeValidator(_listed)] = Field(default=(), alias="RAM")
    federated: Annotated[tuple[_Provider, ...], BeforeValidator(_listed)] = Field(default=(), alias="Federated")
    service: Annotated[tuple[_Service, ...], BeforeValidator(_listed)] = Field(default=(), alias="Service")

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not self.ram and not self.federated and not self.service:
            message = "should name somebody, under RAM, Federated or Service"
            raise ValueError(message)
        return self


class TrustStatement(Value):
    """A statement of a trust policy: it names principals where a permission policy names resources."""

    effect: Literal["Allow", "Deny"] = Field(alias="Effect")
    action: Literal["sts:AssumeRole"] = Field(alias="Action")
    principal: Trusted = Field(alias="Principal")
    condition: dict[str, dict[str, Any]] = Field(default_factory=dict, alias="Condition")

    @model_validator(mode="after")
    def _conditions_that_can_be_evaluated(self) -> Self:
        try:
            self.as_statement()
        except ValidationError as error:
            message = error.errors()[0]["msg"].removeprefix("Value error, ")
            raise ValueError(message) from None
        return self

    def as_statement(self) -> Statement:
        """Say the same without the principal, for the evaluator."""
        return Statement.model_validate(
            {"Effect": self.effect, "Action": self.action, "Resource": "*", "Condition": self.condition}
        )


class TrustPolicy(Value):
    """Who may assume a role (https://www.alibabacloud.com/help/en/ram/user-guide/edit-the-trust-policy-of-a-ram-role)."""

    version: Literal["1"] = Field(alias="Version")
    statements: tuple[TrustStatement, ...] = Field(alias="Statement", min_length=1)


class OidcProvider(Value):
    """An OIDC identity provider: whose tokens are believed, and for which audiences.

    `keys` are its public keys. One with its private half lets the emulator itself issue tokens, for trying out.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,128}$")]
    issuer: Annotated[str, Field(pattern=r"^https://[^\s]{1,255}$")]
    client_ids: tuple[str, ...] = Field(min_length=1, max_length=50)
    keys: tuple[RsaKey, ...] = Field(min_length=1)


class Role(Value):
    """A RAM role; `policies` are names in the account's policies, times are in seconds."""

    name: Name
    id: EntityId
    trust: TrustPolicy
    policies: tuple[str, ...] = ()
    max_session_duration_s: int = Field(default=3600, ge=3600, le=43200)


class Instance(Value):
    """The ECS instance whose metadata is served: the ARN of the role that may be attached to it, times in seconds.

    `tokens` says whether requests need a token (the hardened mode).
    """

    id: Annotated[str, Field(pattern=r"^i-[a-z0-9]{1,60}$")] = "i-emulated000000000001"
    role: Annotated[str, Field(pattern=r"^acs:ram::[0-9]{16}:role/[A-Za-z0-9_.-]{1,64}$")] | None = None
    tokens: Literal["optional", "required"] = "optional"
    session_s: int = Field(default=21_600, ge=60, le=43_200)


Policies = dict[str, Policy]
