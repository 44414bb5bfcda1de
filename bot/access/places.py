"""Whether others than the workspace read along in a channel, as people of other companies do in a shared one."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.access.answers import Answers
from bot.model.ids import ChannelId
from bot.model.problem import Problem
from bot.model.value import Value

FRESH_FOR = timedelta(minutes=1)
"""How long Slack is not asked again about a channel; one that is being shared is noticed within this time."""


class Place(Value):
    """Where an answer belongs: in the channel, or if `private` to the asker alone."""

    private: bool


class Places:
    """Channels as Slack last described them; `look` asks Slack whether one is shared."""

    def __init__(self, look: Callable[[ChannelId], Awaitable[bool]], clock: Callable[[], datetime]) -> None:
        self._look = look
        self._answers = Answers(self._is_shared, clock, FRESH_FOR)

    async def is_shared(self, channel_id: ChannelId) -> bool:
        """Tell whether others read along; where the bot may not know it (a scope is missing), they might.

        Raises what Slack answers otherwise: that it is away, or that the bot cannot see the channel at all.
        """
        # A direct message that the bot can write in is its own with the asker.
        return not channel_id.startswith("D") and await self._answers.get(channel_id)

    async def refresh(self) -> None:
        """Ask again about the channels that were wanted lately."""
        await self._answers.renew()

    async def close(self) -> None:
        """Give up the questions under way."""
        await self._answers.close()

    async def _is_shared(self, channel_id: ChannelId) -> bool:
        try:
            return await self._look(channel_id)
        except Problem as problem:
            if problem.code != "slack.missing_scope":
                raise
            return True
