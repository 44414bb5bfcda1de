"""Fills the form once it is open, and again with each choice: what the next menu needs, and what is wrong.

The form itself carries what was chosen, in its private_metadata, for the menus that depend on it: the bot may be
asked by way of another replica, or after a restart. The cloud is waited for by nobody here.
"""

import asyncio
import contextlib
import logging
from typing import Any

from bot.explain.phrases import phrase
from bot.listeners.form_origin import FormOrigin
from bot.listeners.intake import Intake
from bot.listeners.notices import Chosen, notices
from bot.listeners.payloads import ChoiceInForm
from bot.listeners.pickers import CHOOSE
from bot.listeners.replies import Reply
from bot.model.audit import Attempt
from bot.model.problem import Problem
from bot.model.request import Requester
from bot.model.value import Value
from bot.slack.channel_choice import asking_for_channel
from bot.slack.modals import Modal
from bot.slack.views import FormValues, diagnose_form

log = logging.getLogger(__name__)

# Seconds that a form waits for what the notices say before it is told what was chosen, which the next menu needs.
AT_ONCE_S = 0.2


class Form(Value):
    """A form of somebody's, and what stands in it."""

    requester: Requester
    origin: FormOrigin
    values: FormValues

    def chosen(self, intake: Intake) -> Chosen:
        return Chosen.of(self.values, intake.all_regions)

    def carrying(self, intake: Intake) -> "Form":
        """Return the form that carries what is chosen in it."""
        chosen = self.chosen(intake)
        return self.changed(origin=self.origin.choosing(chosen.region, chosen.gateway_id))

    def view(self, intake: Intake, said: tuple[str, ...] = ()) -> dict[str, Any]:
        """Render it, with `said` above the fields."""
        language = intake.language_for(self.requester)
        used = "menu.notice_used_anywhere" if self.origin.asks_for_channel else "menu.notice_used"
        form = diagnose_form(
            language=language,
            private_metadata=self.origin.model_dump_json(exclude_defaults=True),
            initial=self.values,
            regions=intake.access.regions(self.requester),
            notices=said,
            small=phrase(used, language) if self.origin.from_last else None,
        )
        return asking_for_channel(form, language) if self.origin.asks_for_channel else form


def fill_later(intake: Intake, form: Form, modal: Modal) -> None:
    """Fill a form that was just opened, after the ack."""
    turn = intake.filling.take_turn(modal)
    intake.filling.begin(modal, _fill(intake, form, modal, turn, carries=form.origin))


async def choice_reply(body: dict[str, Any], intake: Intake) -> Reply | None:
    """Take note of a choice in the form, after the ack, which says nothing."""
    try:
        choice = ChoiceInForm.read(body)
    except Problem as problem:
        log.info("a choice was not understood (%s)", problem.code)
        return None
    attempt = Attempt(choice.requester, None, CHOOSE)
    try:
        origin = FormOrigin.read(choice.view.private_metadata, choice.requester.user_id, intake.form_key)
        attempt = attempt._replace(channel_id=origin.channel_id)
        if origin.channel_id is not None:
            intake.admit(choice.requester, origin.channel_id)
    except Problem as problem:
        # Whoever sends the form is told; a choice has no answer.
        await intake.report_refusal(attempt, problem.details)
        return None
    form = Form(requester=choice.requester, origin=origin, values=choice.values).carrying(intake)
    modal = Modal(id=choice.view.id, hash=choice.view.hash)
    turn = intake.filling.take_turn(modal)
    intake.filling.begin(modal, _fill(intake, form, modal, turn, carries=origin, is_changed=True))
    return None


async def _fill(
    intake: Intake, form: Form, modal: Modal, turn: int, carries: FormOrigin, *, is_changed: bool = False
) -> None:
    """Show what is found to be wrong; before that, if it takes a while, let the form carry what was chosen."""
    looking = asyncio.create_task(_found(intake, form))
    try:
        await asyncio.wait({looking}, timeout=AT_ONCE_S)
        if not looking.done() and carries != form.origin:
            await intake.filling.show(intake.slack, modal, turn, form.view(intake))
        said = await looking
    finally:
        looking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait({looking})
    if said or is_changed:
        await intake.filling.show(intake.slack, modal, turn, form.view(intake, said))


async def _found(intake: Intake, form: Form) -> tuple[str, ...]:
    """Decide again, and look as this person; nothing is said of a cloud that does not answer."""
    attempt = Attempt(form.requester, form.origin.channel_id, CHOOSE)
    try:
        looker = await intake.access.looker(form.requester, form.origin.channel_id)
        if intake.listings is None:
            return ()
        language = intake.language_for(form.requester)
        said = await notices(intake.listings, looker, form.chosen(intake), language)
    except Problem as problem:
        await intake.report_refusal(attempt, problem.details)
        log.info("a form is not filled (%s)", problem.code)
        return ()
    if said:
        await intake.report_reading(attempt._replace(as_whom=intake.access.as_whom(looker.who)))
    return said
