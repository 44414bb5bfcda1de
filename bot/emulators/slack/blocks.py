"""What Slack says against blocks (docs.slack.dev/reference/block-kit/blocks); pure.

Blocks of UNCHECKED are known by name and place only: what is in them is taken as it is.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from bot.emulators.slack import limits
from bot.emulators.slack.elements import (
    CHOOSERS,
    IMAGE,
    MULTI_SELECTS,
    PRESSABLE,
    SELECTS,
    TYPED,
    any_text,
    plain_text,
)
from bot.emulators.slack.rich_text import rich_text_flaws
from bot.emulators.slack.schema import (
    Check,
    anything,
    array,
    boolean,
    by_type,
    flaw,
    integer,
    nullable,
    one_of,
    record,
    string,
)


class Surface(StrEnum):
    """Where blocks are shown; not every block may be everywhere."""

    MESSAGE = "message"
    MODAL = "modal"
    HOME = "home"


_BASE: Mapping[str, Check] = {"block_id": string(limits.LONGEST_BLOCK_ID)}
_TYPE: Mapping[str, Check] = {"type": string(100)}


def _block(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    return record({**_TYPE, **required}, {**_BASE, **(optional or {})})


def _section_flaws(value: Any, pointer: str) -> Iterator[str]:
    yield from _SECTION(value, pointer)
    if value.get("text") is None and value.get("fields") is None:
        yield flaw("must provide one of: text, fields", pointer)


_SECTION = _block(
    {},
    {
        "text": any_text(limits.LONGEST_SECTION_TEXT),
        "fields": array(any_text(limits.LONGEST_FIELD_TEXT), limits.MOST_FIELDS),
        "accessory": by_type({**PRESSABLE, **SELECTS, **MULTI_SELECTS, **CHOOSERS, **IMAGE}),
        "expand": boolean,
    },
)


def _distinct_action_ids(value: Any, pointer: str) -> Iterator[str]:
    yield from _ACTIONS(value, pointer)
    elements = value.get("elements")
    named = [e.get("action_id") for e in elements if isinstance(e, dict)] if isinstance(elements, list) else []
    for action_id in _repeated(named):
        yield flaw(f"`action_id` `{action_id[:80]}` already exists for this `block_id`", pointer)


_ACTIONS = _block({"elements": array(by_type({**PRESSABLE, **SELECTS, **CHOOSERS}), limits.MOST_ACTIONS)})

_CELL = by_type(
    {
        "raw_text": record({**_TYPE, "text": string(limits.LONGEST_SECTION_TEXT)}),
        "raw_number": record({**_TYPE, "value": anything}, {"text": string(limits.LONGEST_SECTION_TEXT)}),
        "rich_text": rich_text_flaws,
    }
)
_COLUMN = record({}, {"align": one_of("left", "center", "right"), "is_wrapped": boolean})

CHECKED: Mapping[str, Check] = {
    "section": _section_flaws,
    "divider": _block({}),
    "header": _block({"text": plain_text(limits.LONGEST_HEADER)}, {"level": integer(1, 4)}),
    "context": _block(
        {
            "elements": array(
                by_type(
                    {
                        "plain_text": plain_text(limits.LONGEST_SECTION_TEXT),
                        "mrkdwn": any_text(limits.LONGEST_SECTION_TEXT),
                        **IMAGE,
                    }
                ),
                limits.MOST_CONTEXT_ELEMENTS,
            )
        }
    ),
    "actions": _distinct_action_ids,
    "image": _block(
        {"alt_text": string(limits.LONGEST_IMAGE_TEXT)},
        {
            "image_url": string(limits.LONGEST_URL),
            "slack_file": anything,
            "title": plain_text(limits.LONGEST_IMAGE_TEXT),
        },
    ),
    "input": _block(
        {
            "label": plain_text(limits.LONGEST_INPUT_LABEL),
            "element": by_type({**TYPED, **SELECTS, **MULTI_SELECTS, **CHOOSERS}),
        },
        {"hint": plain_text(limits.LONGEST_INPUT_LABEL), "optional": boolean, "dispatch_action": boolean},
    ),
    "rich_text": rich_text_flaws,
    "markdown": _block({"text": string(limits.LONGEST_MARKDOWN)}),
    "table": _block(
        {
            "rows": array(
                array(_CELL, limits.MOST_TABLE_COLUMNS),
                limits.MOST_TABLE_ROWS,
            )
        },
        {"column_settings": array(nullable(_COLUMN), limits.MOST_TABLE_COLUMNS, least=0)},
    ),
}
UNCHECKED = frozenset(
    {
        *("video", "file", "call", "context_actions", "task_card", "plan", "alert", "card", "container"),
        *("carousel", "auth_provider", "data_table", "data_visualization"),
    }
)

_MESSAGES_ONLY = frozenset({"task_card", "plan", "markdown", "context_actions", "file", "call"})
_NOT_IN_MODALS = _MESSAGES_ONLY | {"table", "data_table", "data_visualization", "container"}
_NOT_HERE: Mapping[Surface, frozenset[str]] = {
    Surface.MESSAGE: frozenset({"alert"}),
    Surface.MODAL: _NOT_IN_MODALS,
    Surface.HOME: _MESSAGES_ONLY | {"alert"},
}


def block_flaws(blocks: Any, surface: Surface, pointer: str = "/blocks") -> list[str]:
    """List what Slack would say against an array of blocks; empty if nothing."""
    return list(_all_flaws(blocks, surface, pointer))


def characters_in(blocks: Sequence[Any]) -> int:
    """Count the characters of all texts in blocks, however deep; for MOST_CHARACTERS_IN_BLOCKS."""
    return sum(_characters(block) for block in blocks)


def _all_flaws(blocks: Any, surface: Surface, pointer: str) -> Iterator[str]:
    most = limits.MOST_BLOCKS_IN_MESSAGE if surface is Surface.MESSAGE else limits.MOST_BLOCKS_IN_VIEW
    yield from array(_on(surface), most, least=0)(blocks, pointer)
    if not isinstance(blocks, list):
        return
    objects = [block for block in blocks if isinstance(block, dict)]
    for block_id in _repeated([block.get("block_id") for block in objects]):
        yield flaw(f"`block_id` already exists: {block_id[:80]}", pointer)
    if sum(block.get("type") == "table" for block in objects) > 1:
        yield flaw("only one table is allowed", pointer)  # invalid_attachments in Slack's older documentation


def _on(surface: Surface) -> Check:
    shapes = {**CHECKED, **dict.fromkeys(UNCHECKED, _known_by_name)}
    return by_type({kind: check for kind, check in shapes.items() if kind not in _NOT_HERE[surface]})


def _known_by_name(value: Any, pointer: str) -> Iterator[str]:
    if value.get("block_id") is not None:
        yield from _BASE["block_id"](value["block_id"], f"{pointer}/block_id")


def _repeated(ids: Sequence[Any]) -> set[str]:
    return {each for each, times in Counter(each for each in ids if isinstance(each, str)).items() if times > 1}


def _characters(value: Any) -> int:
    if isinstance(value, dict):
        own = value.get("text")
        return (len(own) if isinstance(own, str) else 0) + sum(_characters(inner) for inner in value.values())
    return sum(_characters(inner) for inner in value) if isinstance(value, list) else 0
