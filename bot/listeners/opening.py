"""Opens the form, for everybody who may fill it in and from wherever they ask for it."""

import asyncio
import logging

from bot.explain.problems import treatment
from bot.listeners.filling import Form, fill_later
from bot.listeners.form_origin import FormOrigin
from bot.listeners.intake import Intake
from bot.listeners.last_here import last_here, values_of
from bot.model.problem import Problem
from bot.model.request import Requester
from bot.slack.modals import open_modal
from bot.slack.views import FormValues

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
            form = await _begun(intake, requester, origin, initial)
            modal = await open_modal(intake.slack, trigger_id, form.view(intake))
    except TimeoutError as error:
        raise Problem("slack.timeout", operation=operation) from error
    fill_later(intake, form, modal)


async def _admit(intake: Intake, requester: Requester, origin: FormOrigin) -> None:
    if origin.channel_id is None:
        await intake.access.admit_anywhere(requester)  # the channel is decided about when the form is sent
    else:
        await intake.access.admit_for_good(requester, origin.channel_id)


async def _begun(intake: Intake, requester: Requester, origin: FormOrigin, initial: FormValues) -> Form:
    """Return the form as it opens: with what was asked for or, if that was nothing, with the last values here."""
    if initial in {FormValues(region=intake.region_for(requester)), FormValues()}:
        last = await last_here(intake, requester, origin.channel_id)
        if last is not None:
            initial, origin = values_of(last), origin.model_copy(update={"from_last": True})
    return Form(requester=requester, origin=origin, values=initial).carrying(intake)
