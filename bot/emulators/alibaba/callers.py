"""Callers: the root user of an account, RAM users, and whoever has assumed a role."""

from collections.abc import Iterable
from enum import StrEnum

from bot.alibaba.ram_policy import Statement
from bot.emulators.alibaba.identities import Role, User
from bot.emulators.alibaba.network import Account
from bot.model.value import Value


class IdentityType(StrEnum):
    """Kinds of callers, in the spelling of GetCallerIdentity."""

    ACCOUNT = "Account"
    USER = "RAMUser"
    ROLE = "AssumedRoleUser"
    NOBODY = "Anonymous"  # never answered: GetCallerIdentity wants a signature


class NamedPolicy(Value):
    """A policy by its name in the account; the one that a session was opened with has none."""

    name: str = ""
    statements: tuple[Statement, ...]


class Caller(Value):
    """Who calls. `trusted_as` are the ARNs under which a trust policy may name them.

    `session_policy` is the policy given to AssumeRole, None without one.
    """

    kind: IdentityType
    account_id: str
    arn: str
    principal_id: str
    display_name: str
    trusted_as: frozenset[str]
    policies: tuple[NamedPolicy, ...] = ()
    session_policy: NamedPolicy | None = None


# Whoever calls an operation that takes calls without a signature.
NOBODY = Caller(
    kind=IdentityType.NOBODY,
    account_id="",
    arn="anonymous",
    principal_id="",
    display_name="",
    trusted_as=frozenset(),
)


def root_user(account: Account) -> Caller:
    return Caller(
        kind=IdentityType.ACCOUNT,
        account_id=account.id,
        arn=_root(account),
        principal_id=account.id,
        display_name=account.id,
        trusted_as=frozenset({_root(account)}),
    )


def ram_user(account: Account, user: User) -> Caller:
    arn = f"acs:ram::{account.id}:user/{user.name}"
    return Caller(
        kind=IdentityType.USER,
        account_id=account.id,
        arn=arn,
        principal_id=user.id,
        display_name=user.id,
        trusted_as=frozenset({arn, _root(account)}),
        policies=_policies(account, user.policies),
    )


def role_session(account: Account, role: Role, session: str, policy: NamedPolicy | None) -> Caller:
    """Say who somebody is after AssumeRole."""
    return Caller(
        kind=IdentityType.ROLE,
        account_id=account.id,
        arn=f"acs:ram::{account.id}:assumed-role/{role.name}/{session}",
        principal_id=f"{role.id}:{session}",
        display_name=f"{role.name}:{session}",
        trusted_as=frozenset({f"acs:ram::{account.id}:role/{role.name}", _root(account)}),
        policies=_policies(account, role.policies),
        session_policy=policy,
    )


def _policies(account: Account, names: Iterable[str]) -> tuple[NamedPolicy, ...]:
    return tuple(NamedPolicy(name=name, statements=account.policies[name].statements) for name in names)


def _root(account: Account) -> str:
    return f"acs:ram::{account.id}:root"
