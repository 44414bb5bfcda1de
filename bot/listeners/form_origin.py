"""Where a form was opened and for whom, as its `private_metadata` carries it there and back, sealed."""

import hashlib
import hmac
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from bot.model.ids import ChannelId, UserId
from bot.model.problem import Problem
from bot.model.request import Conversation

# The time of a message, by which Slack names it and the thread that hangs on it.
ThreadTs = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,12}\.[0-9]{1,9}$", max_length=24)]


class FormOrigin(BaseModel):
    """The channel, and the thread in it, that a form was opened for, sealed by the bot for one person.

    It says where to answer, and never who may do what: that is decided about whoever submits the form. The seal
    keeps an answer from being sent anywhere else.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    channel_id: ChannelId
    thread_ts: ThreadTs | None = None
    seal: str = Field(max_length=64)

    @classmethod
    def sealed(cls, conversation: Conversation, user_id: UserId, key: bytes) -> Self:
        seal = _seal(conversation, user_id, key)
        return cls(channel_id=conversation.channel_id, thread_ts=conversation.thread_ts, seal=seal)

    @classmethod
    def read(cls, private_metadata: str, user_id: UserId, key: bytes) -> Self:
        """Raise `Problem("bot.form_outdated")` for what this version did not write.

        `Problem("access.form_not_yours")` is for what it has not sealed for this person with this key.
        """
        try:
            origin = cls.model_validate_json(private_metadata)
        except ValidationError:
            raise Problem("bot.form_outdated") from None
        if not hmac.compare_digest(_seal(origin.conversation, user_id, key).encode(), origin.seal.encode()):
            raise Problem("access.form_not_yours")
        return origin

    @property
    def conversation(self) -> Conversation:
        return Conversation(channel_id=self.channel_id, thread_ts=self.thread_ts)


def _seal(conversation: Conversation, user_id: UserId, key: bytes) -> str:
    # Not the workspace too: in an organization Slack may name another one with the form than with the command.
    thread = "" if conversation.thread_ts is None else f" {conversation.thread_ts}"
    sealed = f"form {user_id} {conversation.channel_id}{thread}"
    return hmac.new(key, sealed.encode(), hashlib.sha256).hexdigest()
