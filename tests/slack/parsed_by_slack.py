"""What Slack parses and what it refuses in a message, read from its documentation and not from the bot."""

import html
import json
from collections.abc import Iterator
from typing import Any

# docs.slack.dev/reference/block-kit/blocks and, for the sum, github.com/slackapi/bolt-js/issues/2509
MOST_BLOCKS = 50
LONGEST_SUM = 13_172
LONGEST_TEXT = {"header": 150, "section": 3000, "context": 3000}

# docs.slack.dev/reference/block-kit/blocks/table-block, and what its refusals say
MOST_ROWS, MOST_CELLS, LONGEST_TABLE = 100, 20, 10_000

# docs.slack.dev/reference/block-kit/block-elements/button-element and blocks/actions-block
MOST_BUTTONS, LONGEST_BUTTON, LONGEST_VALUE = 25, 75, 2000

# What the bot speaks: with these there is no place where Slack reads mrkdwn.
UNPARSED = {
    "header",
    "section",
    "context",
    "divider",
    "plain_text",
    "rich_text",
    "rich_text_section",
    "rich_text_list",
    "rich_text_preformatted",
    "table",
    "raw_text",
    "actions",
    "button",
    "text",
    "user",
    "channel",
    "date",
    "link",
}

# Where a link may lead: the bot makes these addresses itself.
OWN_ADDRESSES = (
    "https://vpc.console.aliyun.com/vpn/",
    "https://vpc.console.alibabacloud.com/vpn/",
    "https://emulated.slack.test/archives/",
)


def flaws(blocks: list[dict[str, Any]]) -> Iterator[str]:
    """Yield what Slack would refuse the blocks for, and every place in which it would parse text."""
    if not 1 <= len(blocks) <= MOST_BLOCKS:
        yield f"{len(blocks)} blocks"
    total = len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")).encode("utf-16-le")) // 2
    if total > LONGEST_SUM:
        yield f"{total} characters"
    for block in blocks:
        yield from _block_flaws(block)
        yield from (f"{part['type']} parses" for part in _parts(block) if part["type"] not in UNPARSED)
        yield from ("an empty text" for part in _parts(block) if part.get("text") == "")
        urls = (part["url"] for part in _parts(block) if "url" in part)
        yield from (f"a link to {url}" for url in urls if not url.startswith(OWN_ADDRESSES))
    yield from _table_flaws([block for block in blocks if block["type"] == "table"])


def texts(blocks: list[dict[str, Any]]) -> str:
    """Give everything that is read in the blocks, a line a text."""
    said = (part["text"] for block in blocks for part in _parts(block) if isinstance(part.get("text"), str))
    return "\n".join(said)


def shown_in_notification(text: str) -> str:
    return html.unescape(text)


def _block_flaws(block: dict[str, Any]) -> Iterator[str]:
    kind = block["type"]
    objects = block.get("elements", [block.get("text", {})]) if kind in LONGEST_TEXT else []
    if len(objects) > 10:
        yield f"{len(objects)} elements in {kind}"
    for each in objects:
        if len(each["text"].encode("utf-16-le")) // 2 > LONGEST_TEXT[kind]:
            yield f"a text of {len(each['text'])} in {kind}"
    if kind == "actions":
        yield from _button_flaws(block["elements"])
    if kind == "rich_text" and not block["elements"]:
        yield "an empty rich_text"


def _table_flaws(tables: list[dict[str, Any]]) -> Iterator[str]:
    rows = [row for block in tables for row in block["rows"]]
    if len(tables) > 1:
        yield f"{len(tables)} tables"
    if len(rows) > MOST_ROWS or any(len(row) > MOST_CELLS for row in rows):
        yield f"a table of {len(rows)} rows"
    if sum(len(cell["text"].encode("utf-16-le")) // 2 for row in rows for cell in row) > LONGEST_TABLE:
        yield "a table of too many characters"


def _button_flaws(buttons: list[dict[str, Any]]) -> Iterator[str]:
    if len(buttons) > MOST_BUTTONS:
        yield f"{len(buttons)} buttons"
    for button in buttons:
        if len(button["text"]["text"]) > LONGEST_BUTTON or len(button.get("value", "")) > LONGEST_VALUE:
            yield f"a button that is too long: {button['text']['text'][:80]}"


def _parts(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if "type" in node:
            yield node
        for value in node.values():
            yield from _parts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _parts(value)
