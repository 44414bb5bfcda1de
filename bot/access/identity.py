"""RAM identities as access.yml names them: a role to assume or an access key, and what narrows it."""

import re
from collections.abc import Callable

from bot.access.entries import Entry, may_be_secret, shown
from bot.access.guardrail_file import check_regions, read_guardrail
from bot.access.secrets import SecretReference
from bot.alibaba.ram_policy import Statement
from bot.model.ids import Identifier, RegionId
from bot.model.problem import Problem
from bot.model.value import Value

# It is shown in threads and stands in logs, so nothing in it needs escaping anywhere.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class RoleArn(Identifier):
    """A RAM role, `acs:ram::ACCOUNT:role/NAME`."""

    form = re.compile(r"acs:ram::[0-9]{1,20}:role/[A-Za-z0-9._-]{1,64}")
    __slots__ = ()


class RoleToAssume(Value):
    """An identity that the bot's base identity takes on through STS, anew for each person."""

    role_arn: RoleArn
    external_id: SecretReference | None = None


class AccessKey(Value):
    """An identity with a key of its own; both halves are references."""

    id: SecretReference
    secret: SecretReference


class Identity(Value):
    """One entry of `identities`. `regions` are offered in the form and narrow nothing; `guardrail` does."""

    name: str
    source: RoleToAssume | AccessKey
    regions: tuple[RegionId, ...] = ()
    guardrail: tuple[Statement, ...] = ()


TrySecret = Callable[[SecretReference], None]
"""Raises Problem("access.secret_missing") with `reference` and `reason` for one that leads to no secret."""


def read_identities(entry: Entry, try_secret: TrySecret) -> dict[str, Identity]:
    """Read the section `identities`; Problem("settings.access_file") if it is not as it should be."""
    entries = {key.text(): (key, value) for key, value in entry.pairs()}
    identities = {name: _read_identity(key, value, try_secret) for name, (key, value) in entries.items()}
    named = {region for identity in identities.values() for region in identity.regions}
    for name, (_, value) in entries.items():
        for key, field in value.pairs():
            if key.text() == "guardrail":
                check_regions(field, identities[name].guardrail, named)
    return identities


def _read_identity(key: Entry, entry: Entry, try_secret: TrySecret) -> Identity:
    name = key.text()
    if not _NAME.fullmatch(name) or may_be_secret(name):
        hint = "Letters, digits, dots, dashes and underscores, at most 64: network-oncall"
        raise key.refusal(f"{shown(name)} cannot be the name of an identity", hint)
    fields = entry.fields(
        required=(), optional=("assume_role", "access_key", "external_id", "regions", "guardrail")
    )
    return Identity(
        name=name,
        source=_read_source(entry, fields, try_secret),
        regions=_read_regions(fields["regions"]) if "regions" in fields else (),
        guardrail=read_guardrail(fields["guardrail"]) if "guardrail" in fields else (),
    )


def _read_source(entry: Entry, fields: dict[str, Entry], try_secret: TrySecret) -> RoleToAssume | AccessKey:
    if ("assume_role" in fields) == ("access_key" in fields):
        hint = "Write assume_role: acs:ram::ACCOUNT:role/NAME, or access_key: {id: env:…, secret: env:…}"
        raise entry.refusal("exactly one of assume_role and access_key belongs here", hint)
    if "assume_role" in fields:
        return RoleToAssume(
            role_arn=_read_role(fields["assume_role"]),
            external_id=_read_reference(fields["external_id"], try_secret) if "external_id" in fields else None,
        )
    if "external_id" in fields:
        raise fields["external_id"].refusal(
            "an access key has no external ID", "Leave it away, or use assume_role"
        )
    halves = fields["access_key"].fields(required=("id", "secret"))
    return AccessKey(
        id=_read_reference(halves["id"], try_secret), secret=_read_reference(halves["secret"], try_secret)
    )


def _read_role(entry: Entry) -> RoleArn:
    hint = "The role's page in the RAM console shows it: acs:ram::1234567890123456:role/vpn-diagnose-oncall"
    return entry.identifier(RoleArn, what="this is not the ARN of a RAM role", hint=hint)


def _read_reference(entry: Entry, try_secret: TrySecret) -> SecretReference:
    hint = (
        "Write where it is kept: env:NAME, or file:PATH beside this file. A secret that was written here"
        " should be replaced by a new one"
    )
    reference = entry.identifier(SecretReference, what="this is not a reference to a secret", hint=hint)
    try:
        try_secret(reference)
    except Problem as problem:
        hint = "Set that variable or file for the bot, or write here where the secret is kept"
        raise entry.refusal(f"{shown(reference)} {problem.facts['reason']}", hint) from problem
    return reference


def _read_regions(entry: Entry) -> tuple[RegionId, ...]:
    return tuple(
        item.identifier(RegionId, what="this is not a region's ID", hint="It looks like cn-hangzhou")
        for item in entry.distinct()
    )
