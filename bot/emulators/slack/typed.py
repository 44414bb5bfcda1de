"""The blocks in which Slack's own client sends what somebody has typed; pure.

Source: docs.slack.dev/reference/events/message and docs.slack.dev/reference/block-kit/blocks/rich-text-block.
"""

import re
from typing import Any

_MARKED_UP = re.compile(r"(<@[UW][A-Z0-9]+>)")


def typed_blocks(text: str) -> list[dict[str, Any]]:
    """Give one rich_text block with the people who are named as elements of their own."""
    parts = [part for part in _MARKED_UP.split(text) if part]
    elements = [_element(part) for part in parts] or [{"type": "text", "text": ""}]
    section = {"type": "rich_text_section", "elements": elements}
    return [{"type": "rich_text", "block_id": "typed", "elements": [section]}]


def _element(part: str) -> dict[str, Any]:
    if _MARKED_UP.fullmatch(part):
        return {"type": "user", "user_id": part[2:-1]}
    unescaped = part.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return {"type": "text", "text": unescaped}
