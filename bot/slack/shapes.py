"""What the bot reads of Slack's answers, and the metadata by which it finds its own messages again."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, Field, ValidationError

from bot.model.ids import ChannelId, RunId, UserId
from bot.model.run import RunState

Part = Literal["root", "started", "ending", "watch_end"]

# Metadata can be read by every app and person in the channel: it holds the run and its state, and nothing of what
# was found.
EVENT_TYPE = "vpn_diagnose_run"


def posted_metadata(run_id: RunId, part: Part, state: RunState) -> dict[str, Any]:
    """Make the metadata by which a message of ours is found again (docs.slack.dev/messaging/message-metadata).

    `state` is how the run stood then, for other apps that want to know without reading the words.
    """
    return {"event_type": EVENT_TYPE, "event_payload": {"run_id": str(run_id), "part": part, "state": state.value}}


def part_of_run(metadata: dict[str, Any] | None) -> tuple[RunId, Part] | None:
    """Read the run and the part that metadata names; any app could have written it."""
    if metadata is None or metadata.get("event_type") != EVENT_TYPE:
        return None
    try:
        payload = _Payload.model_validate(metadata.get("event_payload"))
    except ValidationError:
        return None
    return payload.run_id, payload.part


def mark_of(metadata: Mapping[str, Any]) -> str:
    """Make the block_id by which a message is found again if Slack does not take its metadata."""
    payload = metadata["event_payload"]
    return f"{metadata['event_type']}:{payload['run_id']}:{payload['part']}"


def _part_marked(blocks: object) -> tuple[RunId, Part] | None:
    """Read the run and the part that a first block is named after; anybody's blocks may be of any shape."""
    first = blocks[0] if isinstance(blocks, list) and blocks else None
    block_id = first.get("block_id") if isinstance(first, dict) else None
    event_type, _, name = str(block_id).partition(":")
    run_id, _, part = name.partition(":")
    return part_of_run({"event_type": event_type, "event_payload": {"run_id": run_id, "part": part}})


class _Payload(BaseModel):
    run_id: RunId
    part: Part


class Sent(BaseModel):
    channel: ChannelId
    ts: str


class View(BaseModel):
    id: str
    hash: str = ""


class Opened(BaseModel):
    view: View


class Permalink(BaseModel):
    permalink: str


class Channel(BaseModel):
    id: ChannelId


class Conversation(BaseModel):
    channel: Channel


class Members(BaseModel):
    users: frozenset[UserId]


class Said(BaseModel):
    ts: str
    user: str | None = None
    metadata: dict[str, Any] | None = None
    blocks: object = None

    @property
    def part(self) -> tuple[RunId, Part] | None:
        """The run and the part that this is, if it is one; any app could have written it."""
        return part_of_run(self.metadata) or _part_marked(self.blocks)


class Cursor(BaseModel):
    next_cursor: str = ""


class Page(BaseModel):
    messages: list[Said]
    response_metadata: Cursor = Field(default_factory=Cursor)
