"""A workflow comes to the bot's step: decided for whoever started it, stored, and only then acknowledged.

What stands in the way ends the step in a sentence, after the acknowledgement.
"""

import asyncio
import logging
from typing import Any

from bot.access.slack_ids import SLACKBOT
from bot.explain.phrases import phrase
from bot.explain.problems import explain
from bot.explain.sentences import together
from bot.listeners.function_payload import Step, execution_of
from bot.listeners.intake import Intake
from bot.listeners.reading import FieldErrors, read_form
from bot.listeners.replies import Reply
from bot.model.audit import Attempt
from bot.model.ids import UserId
from bot.model.problem import Problem, ProblemDetails
from bot.model.request import Conversation, Requester
from bot.model.run import Language
from bot.slack.functions import fail_step, step_problem
from bot.slack.pacing import Caller
from bot.slack.views import FormValues

log = logging.getLogger(__name__)

# How often it is tried to end a step, which else holds its workflow up, and seconds between two attempts at most.
MOST_ATTEMPTS = 8
LONGEST_PAUSE_S = 60.0

# The kind of errand that ends a step: it may take minutes, in which no person's answer waits for it.
_STEP = "step"


async def step_reply(body: dict[str, Any], intake: Intake) -> Reply | None:
    """Take in what a step asks for; nothing is said with the acknowledgement."""
    execution_id = execution_of(body)
    if execution_id is None:
        return None
    try:
        step = Step.read(body)
    except Problem as problem:
        end_with(problem.details, execution_id, intake.language, intake)
        return None
    # Who it is that nobody vouches for is not written down as somebody.
    attempt = Attempt(Requester(team_id=step.team_id, user_id=UserId(SLACKBOT)), channel_id=None)
    try:
        attempt = attempt._replace(requester=step.requester)
        await intake.learn_who(attempt.requester)
        attempt = attempt._replace(channel_id=step.channel_id)
        intake.admit(attempt.requester, step.channel_id)
        read = read_form(_with_region(step, intake), intake.all_regions)
        if isinstance(read, FieldErrors):
            language = intake.language_for(attempt.requester)
            _end(_mistakes(read, language), execution_id, intake)
            return None
        attempt = attempt._replace(request=read)
        await intake.accept(
            attempt.requester, Conversation(channel_id=step.channel_id), read, step.delivery, execution_id
        )
    except Problem as problem:
        await intake.report_refusal(attempt, problem.details)
        end_with(problem.details, execution_id, intake.language_for(attempt.requester), intake)
    return None


def end_with(problem: ProblemDetails, execution_id: str, language: Language, intake: Intake) -> None:
    """End a step with a problem, soon."""
    _end(step_problem(problem, language), execution_id, intake)


def _with_region(step: Step, intake: Intake) -> FormValues:
    """Give the values with the region to take where the workflow names none."""
    return step.values if step.values.region else step.values.changed(region=intake.region_for(step.requester))


def _mistakes(errors: FieldErrors, language: Language) -> str:
    explained = [explain(details, language) for details in errors.by_field.values()]
    said = [together((each.happened, each.next_step)) for each in explained]
    return together((phrase("command.mistakes", language), *said))


def _end(said: str, execution_id: str, intake: Intake) -> None:
    try:
        intake.words.begin((_STEP, execution_id), _ended(said, execution_id, intake), _STEP)
    except Problem as problem:
        log.warning("a workflow is not told how its step ended: %s", problem)


async def _ended(said: str, execution_id: str, intake: Intake) -> None:
    for attempt in range(MOST_ATTEMPTS):
        try:
            await fail_step(intake.slack, execution_id, said, Caller(execution_id))
        except Problem as problem:
            log.warning("a workflow is not told yet how its step ended: %s", problem)
            asked_for = float(problem.facts.get("retry_after_s", 2**attempt))
            await asyncio.sleep(min(asked_for, LONGEST_PAUSE_S))
        else:
            return
