"""Opens the form, for everybody who may fill it in and from wherever they ask for it."""

import asyncio
import logging
from typing import Any

from bot.explain.problems import treatment
from bot.listeners.form_origin import FormOrigin
from bot.listeners.intake import Intake
from bot.model.problem import Problem
from bot.model.request import Requester
from bot.slack.channel_choice import asking_for_channel
from bot.slack.views import FormValues, diagnose_form

log = logging.getLogger(__name__)

# A trigger opens one form. That it was used tells that Slack has brought the same command again, perhaps to
# another replica, and that the form is there (docs.slack.dev/reference/methods/views.open).
_OPENED_BEFORE = frozenset({"slack.exchanged_trigger_id", "slack.trigger_exchanged"})


async def open_form(
    intake: Intake, requester: Requester, trigger_id: str, origin: FormOrigin, initial: FormValues
) -> None:
    """Open the form with `initial` in it; the answer goes to where `origin` says.

    Nothing happens if the same trigger has opened it before. Raises `Problem` if it does not open.
    """
    try:
        await _open_in_time(intake, requester, trigger_id, origin, initial)
    except Problem as problem:
        if problem.code in _OPENED_BEFORE:
            return
        if problem.code.startswith("access.") or treatment(problem.details).retry == "never":
            raise
        # What these problems say of themselves is for a run, which the bot takes up again by itself.
        log.warning("the form did not open (%s)", problem.code)
        raise Problem("bot.form_not_opened", error=problem.code) from problem


async def _open_in_time(
    intake: Intake, requester: Requester, trigger_id: str, origin: FormOrigin, initial: FormValues
) -> None:
    """Open the form for a full member: it shows what access.yml says of this person's identity."""
    operation = "users.info"
    try:
        async with asyncio.timeout(intake.open_form_timeout_s):
            await _admit(intake, requester, origin)
            operation = "views.open"
            await intake.slack.open_view(trigger_id, _form(intake, requester, origin, initial))
    except TimeoutError as error:
        raise Problem("slack.timeout", operation=operation) from error


async def _admit(intake: Intake, requester: Requester, origin: FormOrigin) -> None:
    if origin.channel_id is None:
        await intake.access.admit_anywhere(requester)  # the channel is decided about when the form is sent
    else:
        await intake.access.admit_for_good(requester, origin.channel_id)


def _form(intake: Intake, requester: Requester, origin: FormOrigin, initial: FormValues) -> dict[str, Any]:
    language = intake.language_for(requester)
    form = diagnose_form(
        language=language,
        private_metadata=origin.model_dump_json(exclude_none=True),
        initial=initial,
        regions=intake.access.regions(requester),
    )
    return asking_for_channel(form, language) if origin.asks_for_channel else form
