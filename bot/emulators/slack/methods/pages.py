"""Long lists in pages, with the cursor that asks for the next one (docs.slack.dev/apis/web-api/pagination)."""

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Any

from bot.emulators.slack.arguments import Arguments
from bot.emulators.slack.limits import LARGEST_PAGE, USUAL_PAGE
from bot.emulators.slack.refused import Refused

_CURSOR = re.compile(r"next:(\d{1,9})", re.ASCII)


def page_of(items: Sequence[Any], arguments: Arguments) -> tuple[list[Any], str]:
    """Give the page that `limit` and `cursor` ask for, and the next cursor, empty on the last page.

    Raises Refused(invalid_limit | invalid_cursor).
    """
    limit = arguments.number("limit") or USUAL_PAGE
    if limit > LARGEST_PAGE:
        raise Refused("invalid_limit")
    start = _offset(arguments.text("cursor"))
    end = start + limit
    next_cursor = base64.b64encode(f"next:{end}".encode()).decode() if end < len(items) else ""
    return list(items[start:end]), next_cursor


def _offset(cursor: str | None) -> int:
    if not cursor:
        return 0
    try:
        found = _CURSOR.fullmatch(base64.b64decode(cursor, validate=True).decode())
    except (binascii.Error, ValueError) as error:
        raise Refused("invalid_cursor") from error
    if found is None:
        raise Refused("invalid_cursor")
    return int(found[1])
