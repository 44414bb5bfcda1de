"""The bot's Home: who its visitor is to the bot, the way to the form, and their last runs; new at each visit.

It is drawn after the ack, which has no words, without a call to the cloud. Whoever may not use the bot reads why.
"""

import asyncio
import logging
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from bot.access.identity import RoleToAssume
from bot.listeners.happenings import HomeOpened
from bot.listeners.history import link_of
from bot.listeners.intake import Intake
from bot.listeners.replies import Reply
from bot.model.audit import Attempt
from bot.model.problem import Problem, ProblemDetails
from bot.model.request import Requester
from bot.slack.history_list import Past
from bot.slack.home import Me, home_view
from bot.slack.publishing import publish_home

log = logging.getLogger(__name__)

HOME_OPENED = "app_home_opened"
"""The event's type."""

HOME = "home"
"""The operation, as the audit trail names it."""

# Runs that are listed.
MOST_RUNS = 10

# Seconds for all of it; whoever waits longer sees the Home as it was, and a new one at the next visit.
WITHIN_S = 20.0


async def home_reply(body: dict[str, Any], intake: Intake) -> Reply | None:
    """Begin to draw the Home; while that is under way further visits change nothing."""
    try:
        opened = HomeOpened.read(body)
        if opened.is_home:
            _begin(opened.requester, intake)
    except Problem as problem:
        log.warning("a Home was not drawn (%s)", problem.code)
    return None


def tell_visitor(body: dict[str, Any], details: ProblemDetails, intake: Intake) -> None:
    """Begin to say in the Home what keeps it from being drawn, to whoever opened it."""
    try:
        opened = HomeOpened.read(body)
        if opened.is_home:
            intake.words.begin((HOME, opened.requester), _say(opened.requester, details, intake), HOME)
    except Problem as problem:
        log.warning("a Home does not say what stands in the way (%s)", problem.code)


def _begin(requester: Requester, intake: Intake) -> None:
    try:
        intake.errands.begin((HOME, requester), _drawn(requester, intake), HOME)
    except Problem as problem:
        intake.words.begin((HOME, requester), _say(requester, problem.details, intake), HOME)


async def _drawn(requester: Requester, intake: Intake) -> None:
    """Draw it, or say in it what kept us from that."""
    try:
        await _draw(requester, intake)
    except (Problem, SQLAlchemyError) as error:
        log.warning("a Home says only what stands in the way: %s", type(error).__name__)
        details = error.details if isinstance(error, Problem) else ProblemDetails(code="bot.too_slow")
        await _say(requester, details, intake)


async def _say(requester: Requester, details: ProblemDetails, intake: Intake) -> None:
    view = home_view(Me(problem=details), (), intake.language_for(requester))
    await publish_home(intake.slack, requester.user_id, view)


async def _draw(requester: Requester, intake: Intake) -> None:
    try:
        async with asyncio.timeout(WITHIN_S):
            await intake.learn_who(requester)
            me = await _me(requester, intake)
            past = await _past(requester, intake) if me.problem is None else ()
            view = home_view(me, past, intake.language_for(requester))
            await publish_home(intake.slack, requester.user_id, view)
    except TimeoutError as error:
        raise Problem("bot.too_slow") from error


async def _me(requester: Requester, intake: Intake) -> Me:
    """Decide who this is, by access.yml and by Slack's word; what stands in the way is kept in the audit trail."""
    attempt = Attempt(requester, None, HOME)
    try:
        identity = await intake.access.admit_anywhere(requester)
    except Problem as problem:
        await intake.report_refusal(attempt, problem.details)
        return Me(problem=problem.details)
    await intake.report_reading(attempt)
    role = identity.source.role_arn if isinstance(identity.source, RoleToAssume) else None
    return Me(identity=identity.name, principal=role, regions=identity.regions)


async def _past(requester: Requester, intake: Intake) -> tuple[Past, ...]:
    runs = await intake.past.of_person(requester, MOST_RUNS)
    links = await asyncio.gather(*(link_of(run, intake) for run in runs))
    return tuple(Past(run=run, permalink=link, tunnels=run.tunnels) for run, link in zip(runs, links, strict=True))
