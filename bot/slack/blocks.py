"""Blocks of which none parses anything: rich_text and plain_text only, never mrkdwn.

Slack reads no markup in a rich_text `text` element nor in plain_text, so foreign text is safe in each by its place
(docs.slack.dev/reference/block-kit/blocks/rich-text-block).
"""

from collections.abc import Sequence
from typing import Any

from bot.model.ids import UserId
from bot.slack.escape import one_line
from bot.slack.limits import CONTEXT_ELEMENTS, HEADER_TEXT, OBJECT_TEXT, Block, cut

Element = dict[str, Any]


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


def rich_text(*parts: Element) -> Block:
    """Make a block of lines and lists."""
    return {"type": "rich_text", "elements": list(parts)}


def line(*elements: Element) -> Element:
    """Make one paragraph of a rich_text block."""
    return {"type": "rich_text_section", "elements": list(elements)}


def bullets(texts: Sequence[str], limit: int = OBJECT_TEXT) -> Element:
    items = [line(words(text, limit)) for text in texts]
    return {"type": "rich_text_list", "style": "bullet", "elements": items}


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
