"""Where a form was opened and for whom, as its `private_metadata` carries it there and back, sealed."""

import hashlib
import hmac
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.model.ids import ChannelId, UserId
from bot.model.problem import Problem
from bot.model.request import Conversation


class FormOrigin(BaseModel):
    """The channel that a form was opened in, with the bot's seal on it for the person whom it was opened for.

    It says where to answer, and never who may do what: that is decided about whoever submits the form. The seal
    keeps an answer from being sent anywhere else.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    channel_id: ChannelId
    seal: str = Field(max_length=64)

    @classmethod
    def sealed(cls, channel_id: ChannelId, user_id: UserId, key: bytes) -> Self:
        return cls(channel_id=channel_id, seal=_seal(channel_id, user_id, key))

    @classmethod
    def read(cls, private_metadata: str, user_id: UserId, key: bytes) -> Self:
        """Raise `Problem("bot.form_outdated")` for what this version did not write.

        `Problem("access.form_not_yours")` is for what it has not sealed for this person with this key.
        """
        try:
            origin = cls.model_validate_json(private_metadata)
        except ValidationError:
            raise Problem("bot.form_outdated") from None
        if not hmac.compare_digest(_seal(origin.channel_id, user_id, key).encode(), origin.seal.encode()):
            raise Problem("access.form_not_yours")
        return origin

    @property
    def conversation(self) -> Conversation:
        return Conversation(channel_id=self.channel_id)


def _seal(channel_id: ChannelId, user_id: UserId, key: bytes) -> str:
    # Not the workspace too: in an organization Slack may name another one with the form than with the command.
    return hmac.new(key, f"form {user_id} {channel_id}".encode(), hashlib.sha256).hexdigest()
