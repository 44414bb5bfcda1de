"""Name the blocks and elements that their app left unnamed, as Slack does when it takes them in."""

from collections.abc import Sequence
from typing import Any

from bot.emulators.slack.mint import Mint

# Elements that cannot be acted on have no action_id.
_INERT = frozenset({"image", "plain_text", "mrkdwn"})


def with_ids(blocks: Sequence[dict[str, Any]], mint: Mint) -> list[dict[str, Any]]:
    """Give copies of the blocks in which every block_id and action_id is there, and no field that is null."""
    return [_named(without_nulls(block), mint) for block in blocks]


def without_nulls(value: Any) -> Any:
    """Leave out the fields that are null, which Slack takes as absent."""
    if isinstance(value, dict):
        return {name: without_nulls(inner) for name, inner in value.items() if inner is not None}
    return [without_nulls(inner) for inner in value] if isinstance(value, list) else value


def interactive_elements(block: dict[str, Any]) -> list[dict[str, Any]]:
    """List what can be pressed or filled in, in a block of actions, section or input."""
    inside = [block.get("element"), block.get("accessory")]
    if block.get("type") == "actions":
        inside += block["elements"]
    return [each for each in inside if isinstance(each, dict) and each.get("type") not in _INERT]


def _named(block: dict[str, Any], mint: Mint) -> dict[str, Any]:
    named = {**block, "block_id": block.get("block_id") or mint.id("b")}
    for place in ("element", "accessory"):
        if isinstance(block.get(place), dict):
            named[place] = _acted(block[place], mint)
    if block.get("type") == "actions":
        named["elements"] = [_acted(element, mint) for element in block["elements"]]
    return named


def _acted(element: dict[str, Any], mint: Mint) -> dict[str, Any]:
    if element.get("type") in _INERT:
        return element
    return {**element, "action_id": element.get("action_id") or mint.id("a")}
