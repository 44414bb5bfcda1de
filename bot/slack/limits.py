"""Slack's limits as numbers, and how a text or a message is cut to them."""

import json
from collections.abc import Callable, Sequence
from typing import Any

Block = dict[str, Any]

# docs.slack.dev/reference/block-kit/blocks: 50 blocks in a message.
MESSAGE_BLOCKS = 50

# The sum over all blocks is not documented. `msg_blocks_too_long` was met from 13,172 characters on
# (github.com/slackapi/bolt-js/issues/2509), and a sum of the texts alone stays under it while Slack already
# refuses (issue 2867 there): the containers count. We count the blocks as JSON, containers and all.
MESSAGE_CHARACTERS = 12_000

# What a phone shows of a message in a notification; ours, not Slack's.
NOTIFICATION_TEXT = 100

HEADER_TEXT = 150  # docs.slack.dev/reference/block-kit/blocks/header-block
OBJECT_TEXT = 3_000  # docs.slack.dev/reference/block-kit/composition-objects/text-object
CONTEXT_ELEMENTS = 10  # docs.slack.dev/reference/block-kit/blocks/context-block

# docs.slack.dev/reference/block-kit/blocks/table-block, read November 2026. The sum over all cells is told only by
# the refusal of a table that is longer.
TABLE_ROWS = 100
TABLE_CHARACTERS = 10_000
MESSAGE_TABLES = 1

# docs.slack.dev/reference/block-kit/block-elements/button-element
BUTTON_TEXT = 75
BUTTON_VALUE = 2_000

# docs.slack.dev/reference/views/modal-views and docs.slack.dev/reference/block-kit/blocks
VIEW_BLOCKS = 100
VIEW_TITLE = 24
VIEW_BUTTON = 24
PRIVATE_METADATA = 3_000

INPUT_LABEL = 2_000  # docs.slack.dev/reference/block-kit/blocks/input-block
INPUT_HINT = 2_000
# docs.slack.dev/reference/block-kit/composition-objects/option-object and option-group-object
MENU_OPTIONS = 100
OPTION_TEXT = 75
OPTION_VALUE = 150

PLACEHOLDER = 150  # docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element

# Kept free in every message for what is put above it later: why it comes to somebody alone, and what a watch says.
REMARK_BLOCKS = 2
REMARK_CHARACTERS = 900

ELLIPSIS = "…"


def length(text: str) -> int:
    """Count UTF-16 units, as JavaScript does: never fewer than the characters, whichever of them Slack counts."""
    return len(_units(text)) // 2


def cut(text: str, limit: int) -> str:
    """Give `text`, or as much of its beginning as fits into `limit` with the sign that something is missing."""
    if length(text) <= limit:
        return text
    beginning = _units(text)[: 2 * (limit - length(ELLIPSIS))]
    return beginning.decode("utf-16-le", "ignore").rstrip() + ELLIPSIS


def size(blocks: Sequence[Block]) -> int:
    """Count the characters of blocks as JSON."""
    return length(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")))


def fits(blocks: Sequence[Block]) -> bool:
    """Tell whether Slack takes the blocks as a message, and a remark with them."""
    few_enough = len(blocks) <= MESSAGE_BLOCKS - REMARK_BLOCKS
    short_enough = size(blocks) <= MESSAGE_CHARACTERS - REMARK_CHARACTERS
    return few_enough and short_enough and _tables_fit([block for block in blocks if block.get("type") == "table"])


def fits_view(blocks: Sequence[Block]) -> bool:
    """Tell whether Slack takes the blocks as a modal or an App Home; their sum is bounded as that of a message."""
    return len(blocks) <= VIEW_BLOCKS and size(blocks) <= MESSAGE_CHARACTERS


def most_that_fits(
    count: int, render: Callable[[int], list[Block]], fits: Callable[[Sequence[Block]], bool] = fits
) -> list[Block]:
    """Give `render(n)` for the largest n of 0 to `count` that Slack takes.

    `render` shows the first n of `count` things and says how many it leaves out; it grows with n, and with 0 it
    has to fit.
    """
    blocks = render(count)
    if fits(blocks):
        return blocks
    shown, too_many = 0, count
    while too_many - shown > 1:
        middle = (shown + too_many) // 2
        shown, too_many = (middle, too_many) if fits(render(middle)) else (shown, middle)
    return render(shown)


def _tables_fit(tables: Sequence[Block]) -> bool:
    cells = [cell for table in tables for row in table["rows"] for cell in row]
    few_enough = len(tables) <= MESSAGE_TABLES and all(len(table["rows"]) <= TABLE_ROWS for table in tables)
    return few_enough and sum(length(cell["text"]) for cell in cells) <= TABLE_CHARACTERS


def _units(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")
