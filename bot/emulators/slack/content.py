"""What a message says, read from a call's arguments and held against Slack's limits."""

import json
from typing import Any

from bot.emulators.slack import limits
from bot.emulators.slack.arguments import Arguments
from bot.emulators.slack.blocks import Surface, block_flaws, characters_in
from bot.emulators.slack.mint import Mint
from bot.emulators.slack.refused import Refused
from bot.emulators.slack.with_ids import with_ids
from bot.model.value import Value


class Content(Value):
    """Text, blocks and metadata as they were sent; None is what was not sent."""

    text: str | None
    blocks: tuple[dict[str, Any], ...] | None
    attachments: tuple[dict[str, Any], ...] | None
    metadata: dict[str, Any] | None

    @property
    def is_empty(self) -> bool:
        return not (self.text or self.blocks or self.attachments)


def read_content(arguments: Arguments, mint: Mint, longest_text: int = limits.LONGEST_TEXT) -> Content:
    """Read what is to be said; raises Refused as docs.slack.dev/reference/methods/chat.postMessage has it."""
    text = arguments.text("text")
    if text is not None and len(text) > longest_text:
        raise Refused("msg_too_long")
    blocks = _blocks(arguments)
    return Content(
        text=text,
        blocks=None if blocks is None else tuple(with_ids(blocks, mint)),
        attachments=_attachments(arguments),
        metadata=_metadata(arguments),
    )


def _blocks(arguments: Arguments) -> list[dict[str, Any]] | None:
    blocks = arguments.structure("blocks", "invalid_blocks_format")
    if blocks is None:
        return None
    if not isinstance(blocks, list):
        raise Refused("invalid_blocks_format")
    if flaws := block_flaws(blocks, Surface.MESSAGE):
        refused = Refused.because("invalid_blocks", flaws)
        refused.details["errors"] = flaws[:1]
        raise refused
    if characters_in(blocks) > limits.MOST_CHARACTERS_IN_BLOCKS:
        raise Refused("msg_blocks_too_long")
    return blocks


def _attachments(arguments: Arguments) -> tuple[dict[str, Any], ...] | None:
    attachments = arguments.structure("attachments", "invalid_attachments")
    if attachments is None:
        return None
    if not isinstance(attachments, list) or not all(isinstance(each, dict) for each in attachments):
        raise Refused("invalid_attachments")
    if len(attachments) > limits.MOST_ATTACHMENTS:
        raise Refused("too_many_attachments")
    return tuple(attachments)


def _metadata(arguments: Arguments) -> dict[str, Any] | None:
    metadata = arguments.structure("metadata", "invalid_metadata_format")
    if metadata is None:
        return None
    if not isinstance(metadata, dict):
        raise Refused("invalid_metadata_format")
    if not metadata:
        return {}
    event_type, payload = metadata.get("event_type"), metadata.get("event_payload")
    if not isinstance(event_type, str) or not event_type or not isinstance(payload, dict):
        raise Refused("invalid_metadata_schema")
    if len(json.dumps(metadata)) > limits.LARGEST_METADATA:
        raise Refused("metadata_too_large")
    return metadata
