"""Blocks of which none parses anything: rich_text and plain_text only, never mrkdwn.

Slack reads no markup in a rich_text `text` element nor in plain_text, so foreign text is safe in each by its place
(docs.slack.dev/reference/block-kit/blocks/rich-text-block).
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from bot.model.ids import ChannelId, UserId
from bot.slack.escape import one_line, visible
from bot.slack.limits import CONTEXT_ELEMENTS, HEADER_TEXT, OBJECT_TEXT, Block, cut

Element = dict[str, Any]

# Longer than any sentence of ours; a cell is no place for more.
CELL_TEXT = 600


def plain_text(text: str, limit: int) -> Element:
    """Make a text object that parses nothing, not even `:name:`; Slack refuses an empty one, so that is a dash."""
    return {"type": "plain_text", "text": cut(one_line(text), limit) or "-", "emoji": False}


def header(text: str) -> Block:
    return {"type": "header", "text": plain_text(text, HEADER_TEXT)}


def section(text: str) -> Block:
    return {"type": "section", "text": plain_text(text, OBJECT_TEXT)}


def small_print(texts: Sequence[str]) -> Block:
    """Make the grey small lines, at most ten."""
    return {"type": "context", "elements": [plain_text(text, OBJECT_TEXT) for text in texts[:CONTEXT_ELEMENTS]]}


def divider() -> Block:
    return {"type": "divider"}


def table(*rows: Sequence[str]) -> Block:
    """Make a table of texts, the first row its head; cells wrap, and none is empty, which Slack refuses.

    Slack takes one table a message, and some clients none: see `Message.classic`.
    """
    cells = [[{"type": "raw_text", "text": plain_text(text, CELL_TEXT)["text"]} for text in row] for row in rows]
    return {"type": "table", "rows": cells, "column_settings": [{"is_wrapped": True} for _ in rows[0]]}


def rich_text(*parts: Element) -> Block:
    """Make a block of lines and lists."""
    return {"type": "rich_text", "elements": list(parts)}


def line(*elements: Element) -> Element:
    """Make one paragraph of a rich_text block."""
    return {"type": "rich_text_section", "elements": list(elements)}


def bullets(texts: Sequence[str], limit: int = OBJECT_TEXT) -> Element:
    items = [line(words(text, limit)) for text in texts]
    return {"type": "rich_text_list", "style": "bullet", "elements": items}


def preformatted(lines: Sequence[str]) -> Element:
    """Make lines in the typewriter face that keep their blanks; a line stays one, whatever is in it."""
    text = "\n".join(visible(text).rstrip() for text in lines)
    return {"type": "rich_text_preformatted", "elements": [glue(text)]}


def words(text: str, limit: int = OBJECT_TEXT) -> Element:
    return {"type": "text", "text": cut(one_line(text), limit) or "-"}


def bold(text: str, limit: int = OBJECT_TEXT) -> Element:
    return words(text, limit) | {"style": {"bold": True}}


def code(text: str, limit: int = OBJECT_TEXT) -> Element:
    """Make text in the typewriter face, for what is going to be copied."""
    return words(text, limit) | {"style": {"code": True}}


def glue(text: str) -> Element:
    """Make text of ours that goes between elements, with the blanks at its edges."""
    return {"type": "text", "text": text}


def mention(user_id: UserId) -> Element:
    """Make a mention that notifies; its ID has been parsed, so it can be no other one."""
    return {"type": "user", "user_id": str(user_id)}


def channel(channel_id: ChannelId) -> Element:
    """Make a link to a channel, which shows its name to those who may know it; its ID has been parsed."""
    return {"type": "channel", "channel_id": str(channel_id)}


def link(text: str, url: str, limit: int = OBJECT_TEXT) -> Element:
    """Make a link to an address that the bot itself has made."""
    return {"type": "link", "url": url, "text": words(text, limit)["text"]}


def moment(at: datetime) -> Element:
    """Make a time that everybody reads in their own time zone, and in UTC where that is not possible.

    docs.slack.dev/reference/block-kit/blocks/rich-text-block, the element `date`.
    """
    fallback = f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    shown = "{date_short_pretty} {time}"
    return {"type": "date", "timestamp": int(at.timestamp()), "format": shown, "fallback": fallback}
