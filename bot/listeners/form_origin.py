"""Where a form was opened and for whom, as its `private_metadata` carries it there and back, sealed."""

import hashlib
import hmac
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from bot.model.ids import ChannelId, RegionId, UserId, VpnGatewayId
from bot.model.problem import Problem
from bot.model.request import Conversation

# The time of a message, by which Slack names it and the thread that hangs on it.
ThreadTs = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,12}\.[0-9]{1,9}$", max_length=24)]


class FormOrigin(BaseModel):
    """The channel, and the thread in it, that a form was opened for, sealed by the bot for one person.

    Without a channel the form was opened in no conversation, and asks itself for one. It says where to answer, and
    never who may do what: that is decided about whoever submits the form. The seal keeps an answer from being sent
    anywhere else.

    What is chosen in the form so far, `region` and `gateway_id`, is not sealed: the menus below are filled by it,
    as whoever asks, and anybody may choose what they like. `from_last`: it began with values of the last run.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    channel_id: ChannelId | None = None
    thread_ts: ThreadTs | None = None
    region: RegionId | None = None
    gateway_id: VpnGatewayId | None = None
    from_last: bool = False
    seal: str = Field(max_length=64)

    @classmethod
    def sealed(cls, conversation: Conversation | None, user_id: UserId, key: bytes) -> Self:
        """Seal where to answer; None for a form that asks for it."""
        channel_id = None if conversation is None else conversation.channel_id
        thread_ts = None if conversation is None else conversation.thread_ts
        return cls(channel_id=channel_id, thread_ts=thread_ts, seal=_seal(channel_id, thread_ts, user_id, key))

    @classmethod
    def read(cls, private_metadata: str, user_id: UserId, key: bytes) -> Self:
        """Raise `Problem("bot.form_outdated")` for what this version did not write.

        `Problem("access.form_not_yours")` is for what it has not sealed for this person with this key.
        """
        try:
            origin = cls.model_validate_json(private_metadata)
        except ValidationError:
            raise Problem("bot.form_outdated") from None
        seal = _seal(origin.channel_id, origin.thread_ts, user_id, key)
        if not hmac.compare_digest(seal.encode(), origin.seal.encode()):
            raise Problem("access.form_not_yours")
        return origin

    @property
    def asks_for_channel(self) -> bool:
        """Whether the form was opened in no conversation."""
        return self.channel_id is None

    def choosing(self, region: RegionId | None, gateway_id: VpnGatewayId | None) -> Self:
        """Return the origin of a form in which this is chosen now."""
        return self.model_copy(update={"region": region, "gateway_id": gateway_id})

    def conversation(self, chosen: ChannelId | None = None) -> Conversation:
        """Say where to answer: in the conversation that it was opened for, else in the channel chosen in the form.

        Raises `Problem("form.channel_missing")` if there is neither.
        """
        channel_id = self.channel_id or chosen
        if channel_id is None:
            raise Problem("form.channel_missing")
        return Conversation(channel_id=channel_id, thread_ts=self.thread_ts)


def _seal(channel_id: ChannelId | None, thread_ts: str | None, user_id: UserId, key: bytes) -> str:
    # Not the workspace too: in an organization Slack may name another one with the form than with the command.
    place = " ".join(filter(None, (channel_id, thread_ts))) or "asks for a channel"
    return hmac.new(key, f"form {user_id} {place}".encode(), hashlib.sha256).hexdigest()
