"""`/vpn-diagnose whoami`: acknowledged at once, answered in private a few seconds later, whatever happens."""

import asyncio

from bot.listeners.errands import log_accident
from bot.listeners.intake import Intake
from bot.listeners.replies import Reply, looking_reply, problem_reply
from bot.model.audit import Attempt
from bot.model.ids import ChannelId
from bot.model.problem import Problem, ProblemDetails
from bot.model.request import Conversation, Requester
from bot.slack.aside import tell_alone
from bot.slack.message import Message
from bot.slack.standing import standing_message

WHO_AM_I = "whoami"
"""The operation, as the audit trail names it."""


def whoami_reply(requester: Requester, conversation: Conversation, intake: Intake) -> Reply:
    """Begin to look, and return what the ack says; raises Problem("bot.overloaded") if too many look already."""
    intake.errands.begin(requester, _look_and_tell(requester, conversation, intake))
    return looking_reply(intake.language_for(requester))


async def _look_and_tell(requester: Requester, conversation: Conversation, intake: Intake) -> None:
    message = await _answer(requester, conversation.channel_id, intake)
    place, thread_ts = conversation.channel_id, conversation.thread_ts
    await tell_alone(intake.slack, place, requester.user_id, message, thread_ts=thread_ts)


async def _answer(requester: Requester, channel_id: ChannelId, intake: Intake) -> Message:
    """Look, for as long as it may take; what goes wrong is an answer, too."""
    looking = asyncio.create_task(_looked(requester, channel_id, intake))
    try:
        await asyncio.wait({looking}, timeout=intake.whoami_within_s)
    finally:
        looking.cancel()
    if not looking.done() or looking.cancelled():
        late = Problem("cloud.timeout", operation="whoami", seconds=f"{intake.whoami_within_s:g}")
        return _told(late.details, requester, intake)
    attempt = Attempt(requester, channel_id, WHO_AM_I)
    error = looking.exception()
    if error is None:
        await intake.report_reading(attempt)
        return looking.result()
    details = _details(error, intake)
    await intake.report_refusal(attempt, details)
    return _told(details, requester, intake)


async def _looked(requester: Requester, channel_id: ChannelId, intake: Intake) -> Message:
    standing, last_used = await asyncio.gather(
        intake.access.standing(requester, channel_id, intake.default_region),
        intake.last_used(requester),
    )
    return standing_message(standing, last_used, intake.language_for(requester))


def _told(problem: ProblemDetails, requester: Requester, intake: Intake) -> Message:
    reply = problem_reply(problem, intake.language_for(requester))
    return Message(text=reply["text"], blocks=reply["blocks"])


def _details(error: BaseException, intake: Intake) -> ProblemDetails:
    if isinstance(error, Problem):
        return error.details
    error_id = intake.entropy(4).hex()
    log_accident(f"in whoami, error id {error_id}", error)
    return ProblemDetails(code="bot.unexpected", facts={"error_id": error_id})
