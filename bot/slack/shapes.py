"""What the bot reads of Slack's answers, and the metadata by which it finds its own messages again."""

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


class Cursor(BaseModel):
    next_cursor: str = ""


class Page(BaseModel):
    messages: list[Said]
    response_metadata: Cursor = Field(default_factory=Cursor)
