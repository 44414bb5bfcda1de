"""Guardrails as they stand in access.yml: statements of RAM, and none of them a slip of the pen.

A statement that could never decide anything is refused when the file is read.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import yaml
from pydantic import ValidationError

from bot.access.entries import NOT_SHOWN, Entry, may_be_secret, shown
from bot.access.guardrail import ACTION, CURRENT_TIME
from bot.alibaba.ram_conditions import OPERATORS
from bot.alibaba.ram_policy import Statement, Verdict, evaluate

# The words of a statement, which may be misspelt.
_WORDS = (
    *("Effect", "Action", "NotAction", "Resource", "NotResource", "Condition", "Allow", "Deny", "Principal"),
    *OPERATORS,
)

# The account is a star: the bot does not know whose gateway it is, and a Deny on one account would never apply.
# An ID that no gateway and no connection can have (vpngateway/vco-…) is refused for the same reason.
_RESOURCE = re.compile(
    r"\*|acs:vpc:([a-z]{2}-[a-z0-9-]+|[a-z0-9-]*[*?][a-z0-9*?-]*):\*:"
    r"(\*|vpngateway/(vpn-[a-z0-9*?]+|(v|vp|vpn|vpn-)?[*?][a-z0-9*?-]*)"
    r"|vpnconnection/(vco-[a-z0-9*?]+|(v|vc|vco|vco-)?[*?][a-z0-9*?-]*))"
)

# Each decision goes through a whole guardrail, in the loop that everybody shares: so many resources take it a few
# milliseconds. A policy of RAM's has at most 6,144 characters (alibabacloud.com/help/en/resource-management/
# api-createpolicy).
_MOST_RESOURCES = 1_000
_LONGEST_TEXT = 256

_RESOURCE_HINT = (
    "Write acs:vpc:REGION:*:vpngateway/ID or acs:vpc:REGION:*:vpnconnection/ID, with * and ? as wildcards"
)


def read_guardrail(entry: Entry) -> tuple[Statement, ...]:
    """Read the statements of `guardrail`; Problem("settings.access_file") for one that could not work as meant."""
    statements = tuple(_read_statement(item) for item in entry.items()[: _MOST_RESOURCES + 1])
    if sum(len(statement.resource) for statement in statements) > _MOST_RESOURCES:
        raise entry.refusal(f"more than {_MOST_RESOURCES} resources", "Name several at once, with * and ?")
    if all(statement.effect == "Deny" for statement in statements):
        hint = f'Add {{Effect: Allow, Action: "{ACTION}", Resource: "*"}}, or leave the guardrail away'
        raise entry.refusal("nothing is allowed here, so every diagnosis would be refused", hint)
    return statements


def _read_statement(entry: Entry) -> Statement:
    plain = _plain(entry)
    if any(len(text) > _LONGEST_TEXT for text in _texts(plain)):
        raise entry.refusal(f"a text in it has more than {_LONGEST_TEXT} characters", "No ARN is that long")
    try:
        statement = Statement.model_validate(plain)
    except ValidationError as error:
        mistake = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(_part(part) for part in mistake["loc"])
        what = "it is no statement" if _quotes(mistake["msg"], entry) else mistake["msg"]
        hint = "A statement is as in a RAM policy: {Effect: Allow, Action: …, Resource: …}"
        raise entry.refusal(f"{place}: {what}" if place else what, hint) from error
    _check_scope(entry, statement)
    return statement


def _part(part: int | str) -> str:
    return str(part) if isinstance(part, int) else shown(part, _WORDS)


def _quotes(text: str, entry: Entry) -> bool:
    """Tell whether a text quotes something of the entry that may be a secret."""
    return may_be_secret(text) or any(
        one in text and shown(one, _WORDS) == NOT_SHOWN for one in _texts(_plain(entry))
    )


def _texts(value: Any) -> Iterator[str]:
    match value:
        case dict():
            yield from value
            yield from (text for one in value.values() for text in _texts(one))
        case list():
            yield from (text for one in value for text in _texts(one))
        case _:
            yield str(value)


def _check_scope(entry: Entry, statement: Statement) -> None:
    everywhere = statement.model_copy(update={"resource": ("*",), "condition": {}})
    if evaluate([everywhere], ACTION, "*") is Verdict.IMPLICIT_DENY:
        raise entry.refusal(f"its Action does not cover {ACTION}", f'Write Action: "{ACTION}"')
    for resource in statement.resource:
        if not _RESOURCE.fullmatch(resource):
            raise entry.refusal(f"{shown(resource)} is no resource that a guardrail knows", _RESOURCE_HINT)
    for operator, keys in statement.condition.items():
        _check_condition(entry, operator, keys)
    if statement.effect == "Allow" and not _names_gateways(statement):
        hint = "List the gateway beside its connections, in the same statement's Resource"
        raise entry.refusal("it names connections but not their gateway, and so allows nothing", hint)


def _names_gateways(statement: Statement) -> bool:
    return any(":vpnconnection/" not in resource for resource in statement.resource)


def _check_condition(entry: Entry, operator: str, keys: Iterable[str]) -> None:
    for key in keys:
        if key != CURRENT_TIME:
            hint = f"{CURRENT_TIME} is the only condition key known here"
            raise entry.refusal(f"the condition {shown(key, [CURRENT_TIME])} cannot be decided by the bot", hint)
    if not operator.startswith("Date"):
        hint = f"Write DateLessThan, DateGreaterThan or another operator for dates: {CURRENT_TIME} is a moment"
        raise entry.refusal(f"{operator} compares no moments, and so never holds", hint)


def _plain(entry: Entry) -> Any:
    """Turn an entry into the lists, dictionaries and texts of JSON, which pydantic then parses."""
    match entry.node:
        case yaml.MappingNode():
            return {key.text(): _plain(value) for key, value in entry.pairs()}
        case yaml.SequenceNode():
            return [_plain(item) for item in entry.items()]
        case _:
            return entry.text()
