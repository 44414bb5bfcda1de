"""What one person is told alone, after the acknowledgement: what is known by then, and what is found out."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from typing import Any, NamedTuple

from bot.listeners.clicks import Whom
from bot.listeners.errands import log_accident
from bot.listeners.intake import Intake
from bot.listeners.replies import problem_reply
from bot.model.audit import Attempt
from bot.model.problem import Problem, ProblemDetails
from bot.slack.aside import Aside, tell_alone
from bot.slack.message import Message

log = logging.getLogger(__name__)

# The kind of errand that tells one person something known.
_WORD = "word"

# Finds something out for one person; None if they have seen it by now.
Inquiry = Callable[[], Awaitable[Message | None]]


def tell_soon(intake: Intake, whom: Whom, message: Message) -> None:
    """Begin to tell somebody something that is known already; the same is told once at a time."""
    _begin(intake, whom, message.text, tell(intake, whom, message))


def tell_problem_soon(intake: Intake, whom: Whom, details: ProblemDetails) -> None:
    """Begin to tell somebody what stands in their way, in their language; the same is told once at a time."""
    what = (details.code, tuple(sorted(details.facts.items())))
    _begin(intake, whom, what, _problem_told(intake, whom, details))


class Patience(NamedTuple):
    """How many seconds something may take to be found out, and what is said when it has taken longer."""

    within_s: float
    late: ProblemDetails


def find_out_and_tell(
    intake: Intake,
    whom: Whom,
    attempt: Attempt,
    find_out: Inquiry,
    what: Hashable = None,
    patience: Patience | None = None,
    *,
    is_reported: bool = False,
) -> None:
    """Begin to find something out for somebody and tell it; what is the same is done once at a time.

    It is the same if it is the same attempt, and the same `what`. With `is_reported` it reports by itself what it
    shows, before that. Raises Problem("bot.overloaded") if too much of its kind is being found out: the same
    operation, for whoever it is.
    """
    waits = patience or Patience(intake.aside_within_s, ProblemDetails(code="bot.too_slow"))

    async def found_out_and_told() -> None:
        message = await _found_out(intake, whom, attempt, find_out, waits, is_reported=is_reported)
        if message is not None:
            await tell(intake, whom, message)

    intake.errands.begin((whom.place, attempt, what), found_out_and_told(), attempt.operation)


async def tell(intake: Intake, whom: Whom, message: Message) -> None:
    """Tell somebody where they are if Slack lets us, else in their direct messages with the bot."""
    user_id = whom.requester.user_id
    if whom.channel_id is None:
        await intake.slack.post_message(user_id, message)
    else:
        language = intake.language_for(whom.requester)
        aside = Aside(whom.channel_id, user_id, language, whom.thread_ts, whom.response_url)
        await tell_alone(intake.slack, aside, message)


def problem_message(intake: Intake, whom: Whom, details: ProblemDetails) -> Message:
    reply = problem_reply(details, intake.language_for(whom.requester))
    return Message(text=reply["text"], blocks=reply["blocks"])


def _begin(intake: Intake, whom: Whom, what: Hashable, telling: Coroutine[Any, Any, None]) -> None:
    try:
        intake.words.begin((whom.place, what), telling, _WORD)
    except Problem:
        # There is no way left to tell them, so whoever keeps the bot can find who it was.
        error_id, user_id = intake.entropy(4).hex(), whom.requester.user_id
        log.warning("%s was told nothing: too many are being told at once, error id %s", user_id, error_id)


async def _problem_told(intake: Intake, whom: Whom, details: ProblemDetails) -> None:
    await intake.learn_who(whom.requester)
    await tell(intake, whom, problem_message(intake, whom, details))


async def _found_out(
    intake: Intake, whom: Whom, attempt: Attempt, find_out: Inquiry, patience: Patience, *, is_reported: bool
) -> Message | None:
    """Find out, for as long as it may take; what goes wrong is an answer, too."""
    task = asyncio.ensure_future(find_out())
    try:
        await asyncio.wait({task}, timeout=patience.within_s)
    finally:
        task.cancel()
        await asyncio.wait({task})  # it may have come to an end all the same
    if task.cancelled():
        return problem_message(intake, whom, patience.late)
    error = task.exception()
    if error is None:
        if not is_reported:
            await intake.report_reading(attempt)
        return task.result()
    details = _details(error, attempt, intake)
    await intake.report_refusal(attempt, details)
    return problem_message(intake, whom, details)


def _details(error: BaseException, attempt: Attempt, intake: Intake) -> ProblemDetails:
    if isinstance(error, Problem):
        return error.details
    error_id = intake.entropy(4).hex()
    log_accident(f"in {attempt.operation}, error id {error_id}", error)
    return ProblemDetails(code="bot.unexpected", facts={"error_id": error_id})
