"""The button that opens the form, for those who asked in a way that opens none, and what it brings along.

What opens a form is a trigger, and a mention has none: its author is shown the button alone.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.explain.phrases import phrase
from bot.listeners.clicks import Whom
from bot.listeners.form_origin import FormOrigin
from bot.listeners.intake import Intake
from bot.listeners.not_understood import tell_whoever_did
from bot.listeners.opening import open_form
from bot.listeners.payloads import Interaction, OneUse, Payload
from bot.listeners.replies import Reply
from bot.listeners.telling import tell_problem_soon
from bot.model.audit import Attempt
from bot.model.ids import ChannelId
from bot.model.problem import Problem
from bot.model.run import Language
from bot.slack.blocks import line, plain_text, rich_text, words
from bot.slack.home import OPEN_FORM
from bot.slack.limits import BUTTON_TEXT, BUTTON_VALUE, Block, length
from bot.slack.message import Message, notification
from bot.slack.views import FormValues

OPEN_OFFERED_FORM = "open_offered_form"
"""The button's `action_id`."""


class _Offer(BaseModel):
    """What the button carries: where the answer goes, sealed, and what the form begins with."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    origin: str
    values: FormValues = FormValues()

    def text(self) -> str:
        return self.model_dump_json(exclude_defaults=True)


class _Button(Payload):
    action_id: OneUse
    value: str = ""


class _Place(Payload):
    channel_id: ChannelId | None = None
    thread_ts: str | None = None


class Press(Interaction):
    """A press of a button that opens the form, in a message or on the bot's Home."""

    trigger_id: OneUse
    actions: tuple[_Button]
    container: _Place = _Place()

    @property
    def whom(self) -> Whom:
        return Whom(self.requester, self.container.channel_id, self.container.thread_ts)


def offer_message(origin: FormOrigin, values: FormValues, language: Language) -> Message:
    """Say that the form can be opened, with the button to do so."""
    said = phrase("mention.open_form", language)
    blocks = [rich_text(line(words(said))), offer_button(origin, values, language)]
    return Message(text=notification(said), blocks=blocks)


def offer_button(origin: FormOrigin, values: FormValues, language: Language) -> Block:
    """Make the button alone, for the end of a message to the same person."""
    sealed = origin.model_dump_json(exclude_defaults=True)
    value = _Offer(origin=sealed, values=values).text()
    if length(value) > BUTTON_VALUE:  # what was typed is far longer than any ID
        value = _Offer(origin=sealed).text()
    button = {
        "type": "button",
        "action_id": OPEN_OFFERED_FORM,
        "text": plain_text(phrase("home.open_form", language), BUTTON_TEXT),
        "style": "primary",
        "value": value,
    }
    return {"type": "actions", "elements": [button]}


async def open_form_reply(body: dict[str, Any], intake: Intake) -> Reply | None:
    """Open the form for whoever presses, if the button is theirs; the ack of a press has no words."""
    try:
        press = Press.read(body)
    except Problem as problem:
        tell_whoever_did(body, problem, intake)
        return None
    await intake.learn_who(press.requester)
    attempt = Attempt(press.requester, press.container.channel_id)
    try:
        origin, values = _offered(press, intake)
        attempt = attempt._replace(channel_id=origin.channel_id)
        if origin.channel_id is not None:
            intake.admit(press.requester, origin.channel_id)
        await open_form(intake, press.requester, press.trigger_id, origin, values)
    except Problem as problem:
        await intake.report_refusal(attempt, problem.details)
        tell_problem_soon(intake, press.whom, problem.details)
    return None


def _offered(press: Press, intake: Intake) -> tuple[FormOrigin, FormValues]:
    """Return what the button carries; that on the Home carries nothing, and its form asks where to answer."""
    user_id = press.requester.user_id
    if press.actions[0].action_id == OPEN_FORM:
        values = FormValues(region=intake.region_for(press.requester))
        return FormOrigin.sealed(None, user_id, intake.form_key), values
    try:
        offer = _Offer.model_validate_json(press.actions[0].value)
    except ValidationError:
        raise Problem("bot.form_outdated") from None
    return FormOrigin.read(offer.origin, user_id, intake.form_key), offer.values
