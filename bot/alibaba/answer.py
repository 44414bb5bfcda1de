"""Foreign JSON, read with suspicion: every reader gives a checked value or None, whatever it is handed."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic_core import from_json

from bot.model.ids import Identifier
from bot.model.tokens import without_tokens

Id = TypeVar("Id", bound=Identifier)

# Numbers beyond this are nothing that the cloud counts or measures, and would not fit into a database column.
_LARGEST = 2**53

_INTEGER = re.compile(r"[0-9]{1,16}")
_NUMBER = re.compile(r"(-?[0-9]{1,16}(?:\.[0-9]{1,20})?) ?%?")
_FLAGS = {"enable": True, "true": True, "disable": False, "false": False}
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")


def parsed(text: bytes | str) -> Any:
    """Parse JSON; raises ValueError, and nothing else, for what is not JSON.

    That includes depth beyond 200, NaN, lone surrogates and bytes that are not UTF-8: things that the standard
    library's parser lets through, or fails on with a RecursionError.
    """
    return from_json(text, allow_inf_nan=False)


def text_of(value: Any, longest: int = 1000) -> str | None:
    """Return a text cut to `longest` characters, without NUL, which PostgreSQL cannot store, and without tokens.

    Half a token would not be known for one, so they are looked for before the text is cut.
    """
    return without_tokens(value)[:longest].replace("\x00", "\ufffd") if isinstance(value, str) else None


def integer_of(value: Any) -> int | None:
    """Return a count (not negative), also from text."""
    if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if type(value) is int and 0 <= value <= _LARGEST else None


def number_of(value: Any) -> float | None:
    """Return a finite number, also from text, with or without a percent sign."""
    if isinstance(value, str) and (match := _NUMBER.fullmatch(value.strip())):
        value = float(match[1])
    if type(value) not in {int, float} or not -_LARGEST <= value <= _LARGEST:
        return None
    return float(value)


def moment_of(value: Any) -> datetime | None:
    """Return a time in UTC from the vendor's `YYYY-MM-DDThh:mm:ssZ`; a time without a zone is taken for UTC."""
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def epoch_of(value: Any) -> datetime | None:
    """Return a time in UTC from the milliseconds since 1970 that lists of resources give."""
    milliseconds = integer_of(value)
    try:
        return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def flag_of(value: Any) -> bool | None:
    """Return a yes or no, from JSON's own words or from `enable`, `disable`, `true`, `false` in any case."""
    if isinstance(value, str):
        return _FLAGS.get(value.strip().lower())
    return value if isinstance(value, bool) else None


def id_of(kind: type[Id], value: Any) -> Id | None:
    """Return an identifier of that kind, if it has the form of one."""
    try:
        return kind(value)
    except (TypeError, ValueError):
        return None


def list_of(value: Any) -> list[Any] | None:
    """Return a list, also from the wrapper `{"Region": [...]}` that RPC answers like; None if it is neither.

    Nothing at all is an empty list: the wrapper is left out when there is nothing to wrap.
    """
    if isinstance(value, dict) and len(value) == 1:
        (value,) = value.values()
    if value is None or value in ("", {}):
        return []
    return value if isinstance(value, list) else None


def request_id_of(answer: Mapping[str, Any]) -> str | None:
    """Return the RequestId if it has the form of one: it goes into log lines."""
    value = answer.get("RequestId") or answer.get("requestId")
    return value if isinstance(value, str) and _REQUEST_ID.fullmatch(value) else None
