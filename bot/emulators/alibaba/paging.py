"""Pages of a list: PageNumber from 1, PageSize from 1 to 50 and 10 if nothing is said, TotalCount of all."""

import re
from collections.abc import Sequence
from typing import Any, TypeVar

from bot.emulators.alibaba.operations import Call
from bot.emulators.alibaba.refusals import invalid

PARAMETERS = ("PageNumber", "PageSize")

LARGEST_PAGE = 50
USUAL_PAGE = 10
_LAST_NUMBER = 2**31 - 1

_NUMBER = re.compile(r"[0-9]{1,10}", re.ASCII)

Item = TypeVar("Item")


def page(call: Call, items: Sequence[Item]) -> tuple[Sequence[Item], dict[str, Any]]:
    """Cut the page that is asked for out of all items, and give the fields that describe it; raises Refusal."""
    number = _within(call, "PageNumber", usual=1, most=_LAST_NUMBER)
    size = _within(call, "PageSize", usual=USUAL_PAGE, most=LARGEST_PAGE)
    first = (number - 1) * size
    return items[first : first + size], {"PageNumber": number, "PageSize": size, "TotalCount": len(items)}


def _within(call: Call, name: str, *, usual: int, most: int) -> int:
    text = call.parameter(name)
    if not text:
        return usual
    if not _NUMBER.fullmatch(text) or not 1 <= int(text) <= most:
        raise invalid(name)
    return int(text)
