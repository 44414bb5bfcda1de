"""Guardrails as they stand in access.yml: statements of RAM, and none of them a slip of the pen.

A statement that could never decide anything is refused when the file is read.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import yaml
from pydantic import ValidationError

from bot.access.entries import NOT_SHOWN, Entry, may_be_secret, nearest, shown
from bot.access.guardrail import ACTION, CURRENT_TIME
from bot.alibaba.ram_conditions import OPERATORS, matches
from bot.alibaba.ram_policy import Statement, Verdict, evaluate
from bot.explain.regions import PUBLIC_REGIONS

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

# Each decision goes through a whole guardrail, in the loop that everybody shares: so many resources take it 5 to
# 13 milliseconds, with few wildcards or with many. A policy of RAM's has at most 6,144 characters
# (alibabacloud.com/help/en/resource-management/api-createpolicy).
_MOST_RESOURCES = 1_000
_LONGEST_TEXT = 256
_MOST_DATES = 20  # in a statement

_RESOURCE_HINT = (
    "Write acs:vpc:REGION:*:vpngateway/ID or acs:vpc:REGION:*:vpnconnection/ID, with * and ? as wildcards"
)


# A moment and its zone, to the second: what has none, or is a week or a day, can be read in two ways.
_DATE = re.compile(r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})")
_DATE_HINT = 'Write it as RAM does: "2026-12-31T18:00:00+08:00", or with Z for UTC'
_A_SECOND = timedelta(seconds=1)


def read_guardrail(entry: Entry) -> tuple[Statement, ...]:
    """Read the statements of `guardrail`; Problem("settings.access_file") for one that could not work as meant."""
    statements = tuple(_read_statement(item) for item in entry.items()[: _MOST_RESOURCES + 1])
    if sum(len(statement.resource) for statement in statements) > _MOST_RESOURCES:
        raise entry.refusal(f"more than {_MOST_RESOURCES} resources", "Name several at once, with * and ?")
    if all(statement.effect == "Deny" for statement in statements):
        hint = f'Add {{Effect: Allow, Action: "{ACTION}", Resource: "*"}}, or leave the guardrail away'
        raise entry.refusal("nothing is allowed here, so every diagnosis would be refused", hint)
    return statements


def check_regions(entry: Entry, guardrail: Sequence[Statement], named: Collection[str]) -> None:
    """Refuse a resource in no region that can be asked for: public ones, and those that some `regions` name.

    `entry` is what `guardrail` was read from.
    """
    known = {*PUBLIC_REGIONS, *named}
    for item, statement in zip(entry.items(), guardrail, strict=True):
        for resource in statement.resource:
            _, _, region, *_ = f"{resource}:::".split(":")
            if region and not any(matches(region, one) for one in known):
                hint = f"{nearest(region, known)}; a region that is not public has to stand in `regions` too"
                raise item.refusal(f"{shown(resource)} is in no region that is known", hint)


def _read_statement(entry: Entry) -> Statement:
    plain = _plain(entry)
    if any(len(text) > _LONGEST_TEXT for text in _texts(plain)):
        raise entry.refusal(f"a text in it has more than {_LONGEST_TEXT} characters", "No ARN is that long")
    _check_dates(entry, plain)
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


def _check_dates(entry: Entry, plain: Any) -> None:
    """Refuse a date that is none; what is not as a statement should be is left to its model."""
    conditions = plain.get("Condition") if isinstance(plain, dict) else None
    for operator, keys in conditions.items() if isinstance(conditions, dict) else ():
        if operator not in OPERATORS or not operator.startswith("Date") or not isinstance(keys, dict):
            continue
        dates = list(_texts(list(keys.values())))
        if len(dates) > _MOST_DATES:
            raise entry.refusal(
                f"Condition.{operator}: more than {_MOST_DATES} dates", "Write a further statement"
            )
        for text in dates:
            if not _is_date(text):
                raise entry.refusal(f"Condition.{operator}: this is no date with a time and a zone", _DATE_HINT)


def _is_date(text: str) -> bool:
    try:
        return bool(_DATE.fullmatch(text) and datetime.fromisoformat(text))
    except ValueError:
        return False


def _check_scope(entry: Entry, statement: Statement) -> None:
    everywhere = statement.model_copy(update={"resource": ("*",), "condition": {}})
    if evaluate([everywhere], ACTION, "*") is Verdict.IMPLICIT_DENY:
        raise entry.refusal(f"its Action does not cover {ACTION}", f'Write Action: "{ACTION}"')
    for resource in statement.resource:
        if not _RESOURCE.fullmatch(resource):
            raise entry.refusal(f"{shown(resource)} is no resource that a guardrail knows", _RESOURCE_HINT)
    for operator, keys in statement.condition.items():
        _check_condition(entry, operator, keys)
    if not _may_hold(statement):
        hint = "All of its operators have to hold at one moment: look at which date is the earlier one"
        raise entry.refusal("its Condition holds at no time", hint)
    if statement.effect == "Allow" and not _names_gateways(statement):
        hint = "List the gateway beside its connections, in the same statement's Resource"
        raise entry.refusal("it names connections but not their gateway, and so allows nothing", hint)


def _names_gateways(statement: Statement) -> bool:
    return any(":vpnconnection/" not in resource for resource in statement.resource)


def _may_hold(statement: Statement) -> bool:
    """Tell whether there is a second at which all conditions hold: if so, one is at a date or beside it."""
    dates = [
        datetime.fromisoformat(date)
        for keys in statement.condition.values()
        for wanted in keys.values()
        for date in wanted
    ]
    seconds = [second for date in dates for second in (date - _A_SECOND, date, date + _A_SECOND)]
    anything = statement.model_copy(update={"resource": ("*",)})
    contexts = [{CURRENT_TIME: second.isoformat()} for second in seconds]
    return not contexts or any(anything.applies(ACTION, "*", context) for context in contexts)


def _check_condition(entry: Entry, operator: str, keys: Collection[str]) -> None:
    if not keys:
        raise entry.refusal(f"{operator} says nothing", f'Write {operator}: {{"{CURRENT_TIME}": …}}')
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
