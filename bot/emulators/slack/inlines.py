"""Rich text and mrkdwn as plain text, the way a person would read them; pure."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]

_MARKUP = re.compile(r"<([^<>]*)>")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


def mrkdwn_text(text: str) -> str:
    """Resolve what mrkdwn makes of a text: mentions, links and entities; emphasis stays as it was typed."""
    resolved = _MARKUP.sub(lambda found: _reference(found[1]), text)
    for entity, character in _ENTITIES:
        resolved = resolved.replace(entity, character)
    return resolved


def _reference(inside: str) -> str:
    target, _, label = inside.partition("|")
    if target.startswith(("@", "#")):
        return f"{target[0]}{label or target[1:]}"
    if target.startswith("!"):
        return f"@{label or target[1:]}"
    return f"{label} ({target})" if label else target


def rich_text(block: Json) -> str:
    """Read a rich_text block, or one as a cell of a table: lists, quotes and code keep their marks."""
    return "\n".join(_rich_part(part) for part in block["elements"])


def _rich_part(part: Json) -> str:
    match part["type"]:
        case "rich_text_list":
            indent = "  " * part.get("indent", 0)
            bullets = (
                f"{part.get('offset', 0) + number}." if part["style"] == "ordered" else "•"
                for number in range(1, len(part["elements"]) + 1)
            )
            return "\n".join(
                f"{indent}{bullet} {_inlines(item)}"
                for bullet, item in zip(bullets, part["elements"], strict=True)
            )
        case "rich_text_quote":
            return indented(_inlines(part), "> ")
        case "rich_text_preformatted":
            return indented(_inlines(part), "    ")
        case _:
            return _inlines(part)


def _inlines(part: Json) -> str:
    return "".join(_inline(element) for element in part["elements"])


def _inline(element: Json) -> str:
    known = _INLINES.get(element["type"])
    return known(element) if known else f"(an element of type {element['type']})"


def _link(element: Json) -> str:
    return f"{element['text']} ({element['url']})" if element.get("text") else str(element["url"])


def _date(element: Json) -> str:
    return str(element.get("fallback") or datetime.fromtimestamp(element["timestamp"], UTC).isoformat())


_INLINES: Mapping[str, Callable[[Json], str]] = {
    "broadcast": lambda element: f"@{element['range']}",
    "channel": lambda element: f"#{element['channel_id']}",
    "color": lambda element: str(element["value"]),
    "date": _date,
    "emoji": lambda element: f":{element['name']}:",
    "link": _link,
    "team": lambda element: f"@{element['team_id']}",
    "text": lambda element: str(element["text"]),
    "user": lambda element: f"@{element['user_id']}",
    "usergroup": lambda element: f"@{element['usergroup_id']}",
}


def indented(text: str, by: str) -> str:
    """Set every line of a text in."""
    return "\n".join(f"{by}{line}" if line else by.rstrip() for line in text.split("\n"))
