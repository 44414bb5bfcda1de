"""Bounded parsing of a signed body, a form or JSON, to the dict that Slack meant. Pure."""

import json
from typing import Any
from urllib.parse import unquote

from bot.web.guard import Refusal

MOST_FIELDS = 100  # of a form; Slack sends about 15
DEEPEST = 64  # levels of JSON; a view's rich text has about 12


def parse_body(content_type: str, body: bytes) -> dict[str, Any] | Refusal:
    """Return the payload of a command, an interaction or an event, or a refusal of what is none.

    Bolt's own parser takes a form for an interaction as soon as the word `payload` stands anywhere in it,
    a channel's name included, and then finds nothing: here only a field of that name counts.
    """
    try:
        text = body.decode()
        if content_type == "application/json":
            return _object(text)
        fields = _fields(text)
        return _object(fields["payload"]) if "payload" in fields else fields
    except (ValueError, RecursionError):
        return Refusal(status=400, reason="body")


def parse_object(text: str) -> dict[str, Any] | None:
    """Return the object that a text in JSON is, within the same bounds; None if it is none."""
    try:
        return _object(text)
    except (ValueError, RecursionError):
        return None


def _fields(text: str) -> dict[str, Any]:
    """Parse a form; raises ValueError. As `urllib.parse.parse_qsl` does, in half the time."""
    pairs = text.split("&")
    if len(pairs) > MOST_FIELDS:
        message = "too many fields"
        raise ValueError(message)
    named = (pair.partition("=") for pair in pairs if pair)
    return {_decoded(name): _decoded(value) for name, _, value in named}


def _decoded(text: str) -> str:
    spaced = text.replace("+", " ")
    return unquote(spaced, errors="strict") if "%" in spaced else spaced


def _object(text: str) -> dict[str, Any]:
    """Parse JSON to an object; raises ValueError, and RecursionError for brackets a thousand deep."""
    parsed = json.loads(text, parse_constant=_refuse_constant)
    if not isinstance(parsed, dict) or _deeper_than(parsed, DEEPEST):
        message = "not an object, or too deep"
        raise ValueError(message)
    return parsed


def _refuse_constant(name: str) -> None:
    message = f"{name} is not JSON"
    raise ValueError(message)


def _deeper_than(value: object, levels: int) -> bool:
    level = [value]
    for _ in range(levels):
        level = [child for container in level for child in _children(container)]
        if not level:
            return False
    return True


def _children(value: object) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
