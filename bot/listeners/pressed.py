"""A press on a button under a report that the presser may see, and the word that they hear of it."""

from typing import NamedTuple

from bot.explain.phrases import phrase
from bot.listeners.clicks import Press
from bot.listeners.intake import Intake
from bot.listeners.telling import tell_soon
from bot.model.request import Conversation
from bot.model.run import Run
from bot.slack.sentence import sentence


class Pressed(NamedTuple):
    """A press about a run that the presser may see, and may ask for in `place`."""

    press: Press
    run: Run
    place: Conversation


def say(pressed: Pressed, intake: Intake, key: str, **facts: int) -> None:
    """Tell the presser alone what came of it."""
    language = intake.language_for(pressed.press.requester)
    said = phrase(key, language, button=phrase("button.stop_watching", language), **facts)
    tell_soon(intake, pressed.press.whom, sentence(said))
