"""Messages as plain text, the way a person would read them; pure.

A block that is not known here says so, rather than vanish.
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.emulators.slack.inlines import indented, mrkdwn_text, rich_text

Json = dict[str, Any]

_RULE = "─" * 40
_WIDE = frozenset({"W", "F"})


def thread_text(messages: Sequence[Json], root_ts: str) -> str:
    """Give a thread of GET /_emulator/channels/{id}/messages: its root, then the replies, set in.

    Raises LookupError if there is no such root.
    """
    root = next((message for message in messages if message["ts"] == root_ts), None)
    if root is None:
        raise LookupError(f"no message {root_ts}")
    parts = [message_text(root)]
    parts += [indented(message_text(reply), "    ") for reply in root.get("replies", ())]
    return "\n\n".join(parts)


def message_text(message: Json) -> str:
    """Give one message under the name of its author and its time (UTC); blocks are read before `text`."""
    author = message.get("bot_profile", {}).get("name") or message["user"]
    at = datetime.fromtimestamp(float(message["ts"]), UTC).strftime("%H:%M:%S")
    marks = " (edited)" if "edited" in message else ""
    if "seen_only_by" in message:
        marks += f" (only visible to {message['seen_only_by']})"
    blocks = message.get("blocks")
    body = blocks_text(blocks) if blocks else mrkdwn_text(message["text"])
    return f"{author} · {at}{marks}\n{indented(body, '  ')}"


def blocks_text(blocks: Sequence[Json]) -> str:
    return "\n".join(_block_text(block) for block in blocks)


def _block_text(block: Json) -> str:
    known = _BLOCKS.get(block["type"])
    return known(block) if known else f"(a block of type {block['type']}, which is not shown here)"


def _text_object(text: Json) -> str:
    return mrkdwn_text(text["text"]) if text["type"] == "mrkdwn" else str(text["text"])


def _section(block: Json) -> str:
    lines = [_text_object(block["text"])] if block.get("text") else []
    lines += [_text_object(field) for field in block.get("fields") or ()]
    lines += [_element(block["accessory"])] if block.get("accessory") else []
    return "\n".join(lines)


def _context(block: Json) -> str:
    return "  ".join(
        _element(each) if each["type"] == "image" else _text_object(each) for each in block["elements"]
    )


def _element(element: Json) -> str:
    if element["type"] == "image":
        return f"(image: {element['alt_text']})"
    label = element.get("text") or element.get("placeholder") or {"text": element["type"]}
    return f"[{label['text']}]"


def _table(block: Json) -> str:
    rows = [[_cell(cell) for cell in row] for row in block["rows"]]
    columns = max(len(row) for row in rows)
    widths = [max((_width(row[i]) for row in rows if i < len(row)), default=0) for i in range(columns)]
    return "\n".join(
        " | ".join(cell + " " * (widths[i] - _width(cell)) for i, cell in enumerate(row)).rstrip() for row in rows
    )


def _cell(cell: Json) -> str:
    match cell["type"]:
        case "raw_text":
            text = cell["text"]
        case "raw_number":
            text = cell.get("text") or cell["value"]
        case _:
            text = rich_text(cell)
    return str(text).replace("\n", " ")


def _task_card(block: Json) -> str:
    title = block.get("title", "")
    return f"[{block.get('status', 'pending')}] {title if isinstance(title, str) else title.get('text', '')}"


def _plan(block: Json) -> str:
    title = block.get("title", "")
    lines = [title if isinstance(title, str) else str(title.get("text", ""))]
    return "\n".join([*lines, *(_task_card(task) for task in block.get("tasks", ()))])


def _input(block: Json) -> str:
    hint = f" ({block['hint']['text']})" if block.get("hint") else ""
    return f"{block['label']['text']}: {_element(block['element'])}{hint}"


def _image(block: Json) -> str:
    return f"(image: {block['alt_text']})"


def _actions(block: Json) -> str:
    return " ".join(_element(element) for element in block["elements"])


def _rule(block: Json) -> str:
    del block
    return _RULE


_BLOCKS: Mapping[str, Callable[[Json], str]] = {
    "actions": _actions,
    "context": _context,
    "divider": _rule,
    "header": lambda block: _text_object(block["text"]),
    "image": _image,
    "input": _input,
    "markdown": lambda block: str(block["text"]),
    "plan": _plan,
    "rich_text": rich_text,
    "section": _section,
    "table": _table,
    "task_card": _task_card,
}


def _width(text: str) -> int:
    """Count the columns that a text takes on a terminal; Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in _WIDE else 1 for character in text)
