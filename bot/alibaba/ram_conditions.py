"""The condition operators of RAM's policy language: how a key of the request is held against what is wanted.

Source, read November 2026: https://www.alibabacloud.com/help/en/ram/conditional-operator. What it leaves open:

- A key that the request does not have, or whose value cannot be read, makes the condition false, for the negated
  operators too: nothing is granted or denied on a value that nobody knows.
- A negated operator with several values holds if the key equals none of them. "Deny, NotIpAddress, these networks"
  would otherwise deny everybody as soon as it names two.
"""

import operator
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Generic, TypeVar

Wanted = TypeVar("Wanted")
Actual = TypeVar("Actual")

_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?")


@dataclass(frozen=True)
class Operator(Generic[Wanted, Actual]):
    """How texts are read and compared; the readers raise ValueError for what they cannot read."""

    read_wanted: Callable[[str], Wanted]
    read_actual: Callable[[str], Actual]
    compare: Callable[[Actual, Wanted], bool]
    negated: bool = False

    def holds(self, wanted: Iterable[str], actual: str | None) -> bool:
        """Tell whether the request's value stands in this relation to one of the wanted ones."""
        if actual is None:
            return False
        try:
            value = self.read_actual(actual)
        except ValueError:
            return False
        return any(self.compare(value, self.read_wanted(one)) for one in wanted) is not self.negated


def matches(pattern: str, text: str) -> bool:
    """Match the whole text: `*` is any number of characters (of any kind, also `:` and `/`), `?` exactly one.

    Each part in the middle is taken at its first place and never tried again, which loses no match and keeps
    `*a*a*a*…` from taking exponential time.
    """
    first, *rest = pattern.split("*")
    if not rest:
        return len(text) == len(first) and _stands(first, text, 0)
    *middle, last = rest
    at, end = len(first), len(text) - len(last)
    if at > end or not _stands(first, text, 0) or not _stands(last, text, end):
        return False
    for part in middle:
        found = _place(part, text, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _stands(part: str, text: str, at: int) -> bool:
    """Tell whether a part without `*` stands in the text at this place."""
    for piece in part.split("?"):
        if not text.startswith(piece, at):
            return False
        at += len(piece) + 1
    return True


def _place(part: str, text: str, at: int, end: int) -> int:
    """Return the first place between these two where a part without `*` stands, -1 if there is none."""
    if "?" not in part:
        return text.find(part, at, end)
    if len(part) > end - at:
        return -1
    piece = min(part.split("?"), key=text.count)  # looked for first: it stands in the fewest places
    before = part.index(piece)
    latest = end - len(part) + before + len(piece)
    found = text.find(piece, at + before, latest)
    while found >= 0 and not _stands(part, text, found - before):
        found = text.find(piece, found + 1, latest)
    return found - before if found >= 0 else -1


def _like(actual: str, pattern: str) -> bool:
    return matches(pattern, actual)


def _number(text: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        message = "not a number"
        raise ValueError(message)
    return Decimal(text)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _truth(text: str) -> bool:
    try:
        return {"true": True, "false": False}[text.lower()]
    except KeyError:
        message = "neither true nor false"
        raise ValueError(message) from None


def _network(text: str) -> IPv4Network | IPv6Network:
    return ip_network(text, strict=False)


def _within(address: IPv4Address | IPv6Address, network: IPv4Network | IPv6Network) -> bool:
    return address in network


_RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "LessThanEquals": operator.le,
    "GreaterThan": operator.gt,
    "GreaterThanEquals": operator.ge,
}

OPERATORS: dict[str, Operator[Any, Any]] = {
    "StringEquals": Operator(str, str, operator.eq),
    "StringNotEquals": Operator(str, str, operator.eq, negated=True),
    "StringEqualsIgnoreCase": Operator(str.lower, str.lower, operator.eq),
    "StringNotEqualsIgnoreCase": Operator(str.lower, str.lower, operator.eq, negated=True),
    "StringLike": Operator(str, str, _like),
    "StringNotLike": Operator(str, str, _like, negated=True),
    **{f"Numeric{name}": Operator(_number, _number, relation) for name, relation in _RELATIONS.items()},
    "NumericNotEquals": Operator(_number, _number, operator.eq, negated=True),
    **{f"Date{name}": Operator(_moment, _moment, relation) for name, relation in _RELATIONS.items()},
    "DateNotEquals": Operator(_moment, _moment, operator.eq, negated=True),
    "Bool": Operator(_truth, _truth, operator.eq),
    "IpAddress": Operator(_network, ip_address, _within),
    "NotIpAddress": Operator(_network, ip_address, _within, negated=True),
}
