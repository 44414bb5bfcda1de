"""Entries of the audit trail as rows, and the hash that chains them.

The hash of a row is the SHA-256 of its other columns as one JSON object: UTF-8, names in capitals (`VpnGatewayId`)
and in the order of their code points, no blanks, nothing escaped that need not be, columns without a value left
out. The first row names 64 zeros as the hash before it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC
from functools import cache
from typing import Any

from sqlalchemy import String

from bot.model.audit import AuditEntry
from bot.model.decision import StepAnswer
from bot.model.denial import Denial, MatchedPolicy
from bot.store.audit_table import audit

Row = dict[str, Any]

BEFORE_THE_FIRST = "0" * 64

# The columns that hold JSON.
_JSON = ("steps", "denial")

# Characters of each text in `steps` and `denial`, and how many policies a denial names: a row has a bound.
LONGEST_TEXT = 300
MOST_POLICIES = 5

_LONGEST = {column.name: column.type.length for column in audit.columns if isinstance(column.type, String)}
_canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def rows_of(entries: Iterable[AuditEntry], seq: int, previous: str) -> list[Row]:
    """Return the entries as rows that follow the one with this number and hash."""
    rows = []
    for entry in entries:
        seq += 1
        row = {**_columns(entry), "seq": seq, "previous": previous}
        row["hash"] = previous = digest(row)
        rows.append(row)
    return rows


def digest(row: Mapping[str, Any]) -> str:
    """Return the hash of a row, in hex."""
    hashed = {_key(name): value for name, value in row.items() if value is not None and name != "hash"}
    return hashlib.sha256(_canonical(hashed).encode()).hexdigest()


@cache
def spelt(name: str) -> str:
    """Return the name of a column in capitals, which is how the vendor writes it where it is one of its names."""
    return "".join(part.capitalize() for part in name.split("_"))


_SPELT = frozenset(spelt(column.name) for column in audit.columns)


@cache
def _key(name: str) -> str:
    """Return what a column counts as: one that is only spelt as ours (`user__id`) never counts as ours."""
    known = spelt(name)
    return known if name in audit.columns or known not in _SPELT else name


def _columns(entry: AuditEntry) -> Row:
    columns = entry._asdict()
    for name, value in columns.items():
        if isinstance(value, str):
            columns[name] = _bounded(value, _LONGEST[name])
    columns["at"] = entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    columns["steps"] = _canonical([_step(one) for one in entry.steps]) if entry.steps else None
    columns["denial"] = _canonical(_denial(entry.denial)) if entry.denial else None
    return columns


def _step(said: StepAnswer) -> dict[str, Any]:
    return _named(said, ("step", "answer", "reason", "operation", "request_id"))


def _denial(denial: Denial) -> dict[str, Any]:
    """Return what a denial says but for the conditions, which tell of the caller's network."""
    names = (
        "action",
        "resource",
        "principal",
        "principal_type",
        "account_id",
        "explicit",
        "policy_type",
        "told_by",
    )
    policies = [_policy(one) for one in denial.policies[:MOST_POLICIES]]
    return _named(denial, names) | ({"Policies": policies} if policies else {})


def _policy(policy: MatchedPolicy) -> dict[str, Any]:
    return _named(policy, ("effect", "name", "policy_type", "version", "attached_to", "scope"))


def _named(value: StepAnswer | Denial | MatchedPolicy, names: Iterable[str]) -> dict[str, Any]:
    """Return the fields of these names that have a value, texts cleaned and cut."""
    found = {spelt(name): getattr(value, name) for name in names}
    return {
        name: _bounded(one, LONGEST_TEXT) if isinstance(one, str) else one
        for name, one in found.items()
        if one not in {None, ""}
    }


def _bounded(text: str, longest: int | None) -> str:
    """Return foreign text without what hides or forges text, or what no database holds, and not longer."""
    text = text[:longest]
    if text.isprintable():
        return str(text)
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def exported(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row as it is exported: names in capitals, what is JSON opened, columns without a value left out."""
    opened = {name: _opened(row.get(name)) for name in _JSON}
    return {_key(name): value for name, value in {**row, **opened}.items() if value is not None}


def damaged(row: Mapping[str, Any]) -> list[str]:
    """Name the columns of a row in which something stands that is never written there."""
    return [spelt(name) for name in _JSON if row.get(name) is not None and not _is_legible(row[name])]


def _opened(value: Any) -> Any:
    return json.loads(value) if _is_legible(value) else value


def _is_legible(value: Any) -> bool:
    """Tell whether a value can be opened and told again; what is nested too deeply cannot, nor can NaN."""
    try:
        opened = json.loads(value)
        json.dumps([[opened]], allow_nan=False)
    except (ValueError, TypeError, RecursionError):
        return False
    return isinstance(opened, list | dict)
