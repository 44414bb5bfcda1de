"""What Slack says against a view (docs.slack.dev/reference/views); pure."""

import json
from collections.abc import Iterator
from typing import Any

from bot.emulators.slack import limits
from bot.emulators.slack.blocks import Surface, block_flaws
from bot.emulators.slack.elements import plain_text
from bot.emulators.slack.schema import Check, anything, boolean, by_type, flaw, record, string

_BASE = {"type": string(20), "blocks": anything}
_OPTIONAL = {
    "private_metadata": string(limits.LONGEST_PRIVATE_METADATA, 0),
    "callback_id": string(limits.LONGEST_CALLBACK_ID, 0),
    "external_id": string(limits.LONGEST_EXTERNAL_ID, 0),
}
_TITLE = plain_text(limits.LONGEST_VIEW_TITLE)
_SHAPES: dict[Surface, Check] = {
    Surface.MODAL: record(
        {**_BASE, "title": _TITLE},
        {
            **_OPTIONAL,
            "submit": _TITLE,
            "close": _TITLE,
            "clear_on_close": boolean,
            "notify_on_close": boolean,
            "submit_disabled": boolean,
        },
    ),
    Surface.HOME: record(_BASE, _OPTIONAL),
}


def view_flaws(view: Any, surface: Surface) -> list[str]:
    """List what Slack would say against a view for this surface; empty if nothing."""
    return list(_flaws(view, surface))


def is_too_large(view: Any) -> bool:
    return len(json.dumps(view)) > limits.LARGEST_VIEW


def _flaws(view: Any, surface: Surface) -> Iterator[str]:
    yield from by_type({surface.value: _SHAPES[surface]})(view, "/view")
    if not isinstance(view, dict) or view.get("blocks") is None:
        return
    yield from block_flaws(view["blocks"], surface, "/view/blocks")
    if view["blocks"] == []:
        yield flaw("no less than 1 items allowed", "/view/blocks")
    if len(list(_focused(view["blocks"]))) > 1:
        yield flaw("only one element can have focus_on_load", "/view/blocks")
    if surface is Surface.MODAL and view.get("submit") is None and _asks_for_input(view["blocks"]):
        yield flaw("missing required field: submit", "/view")


def _focused(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the elements that want to be where one types first."""
    waiting = [value]
    while waiting:
        match waiting.pop():
            case dict() as one:
                waiting += one.values()
                if one.get("focus_on_load") is True:
                    yield one
            case list() as some:
                waiting += some


def _asks_for_input(blocks: Any) -> bool:
    return isinstance(blocks, list) and any(
        isinstance(block, dict) and block.get("type") == "input" for block in blocks
    )
