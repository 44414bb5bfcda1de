"""Which of the runs that are kept somebody may see, from the place in which they ask."""

from bot.model.ids import ChannelId
from bot.model.request import Requester
from bot.model.run import Run


def may_see(run: Run, requester: Requester, channel_id: ChannelId) -> bool:
    """Tell whether a run is this person's own, or was told in the channel in which they ask.

    What others were told elsewhere, in their direct messages or in other channels, is not theirs to see: the bot
    does not know who is in which channel.
    """
    return run.requester == requester or run.posted.channel_id == channel_id
