"""Something for one person alone: shown in the channel to nobody else, or in their direct messages."""

from bot.model.ids import ChannelId, UserId
from bot.model.problem import Problem
from bot.slack.api import SlackApi
from bot.slack.message import Message

_DIRECT = "D"


async def tell_alone(
    api: SlackApi, channel: ChannelId, user: UserId, message: Message, *, thread_ts: str | None = None
) -> None:
    """Tell somebody where they asked if Slack lets us, else in their direct messages with the bot.

    Nobody else sees it in either place; direct messages between others are closed to the bot. What is shown in a
    channel is gone after a reload. Where Slack's answer is lost it may be told twice.
    Raises the `Problem`s of `bot.slack.answers` if neither way works.
    """
    try:
        if channel.startswith(_DIRECT):  # there is nobody to hide it from
            await api.post_message(channel, message, thread_ts=thread_ts)
        else:
            await api.post_ephemeral(channel, user, message, thread_ts=thread_ts)
    except Problem:
        # We or they are not in that channel, or it is an archive; whatever it is, the other way is open.
        await api.post_message(user, message)
