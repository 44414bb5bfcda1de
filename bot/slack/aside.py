"""Something for one person alone: shown in the channel to nobody else, or in their direct messages."""

import logging
from typing import NamedTuple

from pydantic import SecretStr

from bot.model.ids import ChannelId, UserId
from bot.model.problem import Problem
from bot.model.run import Language
from bot.slack.api import SlackApi
from bot.slack.message import Message
from bot.slack.moved import under_why_not_there
from bot.slack.pacing import PERSON, Caller
from bot.slack.response_url import answer_at

log = logging.getLogger(__name__)

_DIRECT = "D"

# Slack has no room, in another place neither; whoever comes back tries again.
NO_ROOM = frozenset({"slack.busy", "slack.ratelimited"})


class Aside(NamedTuple):
    """Who is told something, and where they acted; `response_url` is for answers to that, if Slack gave one."""

    channel: ChannelId
    user: UserId
    language: Language
    thread_ts: str | None = None
    response_url: SecretStr | None = None


async def tell_alone(api: SlackApi, aside: Aside, message: Message, caller: Caller = PERSON) -> None:
    """Tell somebody where they acted if Slack lets us, else in their direct messages, with the reason.

    Nobody else sees it in either place; direct messages between others are closed to the bot. What is shown in a
    channel is gone after a reload. Where Slack's answer is lost it may be told twice.
    Raises the `Problem`s of `bot.slack.answers` if no way works, and for a `caller` who comes back
    `Problem("slack.busy")` when it is not their turn yet.
    """
    try:
        await _tell_there(api, aside, message, caller)
    except Problem as problem:
        if caller.who is not None and problem.code in NO_ROOM:
            raise
        # We or they are not in that channel, or it is an archive; whatever it is, the other way is open.
        apart = under_why_not_there(message, aside.channel, problem.code, aside.language)
        await api.post_message(aside.user, apart, caller=caller)


async def _tell_there(api: SlackApi, aside: Aside, message: Message, caller: Caller) -> None:
    """Tell them where they acted; raises what keeps the bot from it, and not what is wrong with the address."""
    try:
        if aside.channel.startswith(_DIRECT):  # there is nobody to hide it from
            await api.post_message(aside.channel, message, thread_ts=aside.thread_ts, caller=caller)
        else:
            await api.post_ephemeral(aside.channel, aside.user, message, thread_ts=aside.thread_ts, caller=caller)
    except Problem:
        if aside.response_url is None or not await _is_answered(api, aside.response_url, message):
            raise


async def _is_answered(api: SlackApi, response_url: SecretStr, message: Message) -> bool:
    try:
        await answer_at(api, response_url, message)
    except Problem as problem:
        log.warning("an answer is told in direct messages: %s", problem)
        return False
    return True
