"""`/vpn-diagnose history` and `last`: acknowledged at once, answered in private a moment later.

Who looks back is asked again: whoever is in access.yml no more sees nothing, not even their own.
"""

import asyncio
from functools import partial

from pydantic import SecretStr

from bot.explain.phrases import phrase
from bot.listeners.clicks import Whom
from bot.listeners.history_text import History, Last
from bot.listeners.intake import Intake
from bot.listeners.replies import Reply, words_reply
from bot.listeners.telling import find_out_and_tell
from bot.listeners.visible import may_see
from bot.model.audit import Attempt
from bot.model.ids import ChannelId
from bot.model.problem import Problem
from bot.model.request import Conversation, Requester
from bot.model.run import Run
from bot.slack.history_list import Past, history_message
from bot.slack.last import last_message
from bot.slack.message import Message

HISTORY, LAST = "history", "last"
"""The operations, as the audit trail names them."""

# Runs of a list, and those looked through for one in this channel.
MOST_RUNS = 20


def history_reply(
    requester: Requester,
    conversation: Conversation,
    asked: History | Last,
    intake: Intake,
    response_url: SecretStr | None = None,
) -> Reply:
    """Begin to look back, and return what the ack says; raises Problem("bot.overloaded")."""
    whom = Whom(requester, conversation.channel_id, conversation.thread_ts, response_url)
    attempt = Attempt(requester, conversation.channel_id, operation_of(asked))
    if isinstance(asked, History):
        look = partial(_list, requester, conversation.channel_id, asked, intake)
    else:
        look = partial(_last, requester, conversation.channel_id, intake)
    find_out_and_tell(intake, whom, attempt, look, asked)
    return words_reply(phrase("history.looking", intake.language_for(requester)))


def operation_of(asked: History | Last) -> str:
    return HISTORY if isinstance(asked, History) else LAST


async def _list(requester: Requester, channel_id: ChannelId, asked: History, intake: Intake) -> Message:
    await intake.access.admit_for_good(requester, channel_id)
    found = await _found(requester, channel_id, asked, intake)
    seen = [run for run in found if may_see(run, requester, channel_id)]
    if asked.scope == "gateway":
        seen = [run for run in seen if _may_diagnose(run, requester, channel_id, intake)]
    links = await asyncio.gather(*(link_of(run, intake) for run in seen))
    past = [Past(run=run, permalink=link, tunnels=run.tunnels) for run, link in zip(seen, links, strict=True)]
    return history_message(past, asked.scope, intake.language_for(requester), asked.gateway_id or "")


async def _found(requester: Requester, channel_id: ChannelId, asked: History, intake: Intake) -> tuple[Run, ...]:
    if asked.gateway_id is not None:
        return await intake.past.of_gateway(asked.gateway_id, requester, channel_id, MOST_RUNS)
    if asked.scope == "channel":
        return await intake.past.of_channel(channel_id, MOST_RUNS)
    return await intake.past.of_person(requester, MOST_RUNS)


def _may_diagnose(run: Run, requester: Requester, channel_id: ChannelId, intake: Intake) -> bool:
    """Tell whether this person might ask for it themselves; their own they have asked for."""
    if run.requester == requester:
        return True
    try:
        intake.access.admit(requester, channel_id, run.request)
    except Problem:
        return False
    regions = intake.access.regions(requester)
    return not regions or run.request.region in regions


async def _last(requester: Requester, channel_id: ChannelId, intake: Intake) -> Message:
    """Show the last run of this person in this channel, else their last one anywhere."""
    await intake.access.admit_for_good(requester, channel_id)
    language = intake.language_for(requester)
    theirs = await intake.past.of_person(requester, MOST_RUNS)
    if not theirs:
        return history_message([], "mine", language)
    run = next((one for one in theirs if _is_of(channel_id, one)), theirs[0])
    return last_message(run.changed(language=language), await link_of(run, intake))


def _is_of(channel_id: ChannelId, run: Run) -> bool:
    return channel_id in {run.conversation.channel_id, run.posted.channel_id}


async def link_of(run: Run, intake: Intake) -> str | None:
    """Give the address of the run's thread, where Slack gives one."""
    posted = run.posted
    ts = posted.root_ts or posted.ending_ts
    if posted.channel_id is None or ts is None:
        return None
    return await intake.permalink(posted.channel_id, ts)
