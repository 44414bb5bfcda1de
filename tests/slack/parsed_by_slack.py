"""What Slack parses and what it refuses in a message, read from its documentation and not from the bot."""

import html
import json
from collections.abc import Iterator
from typing import Any

# docs.slack.dev/reference/block-kit/blocks and, for the sum, github.com/slackapi/bolt-js/issues/2509
MOST_BLOCKS = 50
LONGEST_SUM = 13_172
LONGEST_TEXT = {"header": 150, "section": 3000, "context": 3000}

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
    "text",
    "user",
}


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
    if kind == "rich_text" and not block["elements"]:
        yield "an empty rich_text"


def _parts(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if "type" in node:
            yield node
        for value in node.values():
            yield from _parts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _parts(value)
