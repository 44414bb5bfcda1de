"""Somebody did something that reached us in no shape that we know: they are told so, if it says who they are."""

from typing import Any

from bot.listeners.clicks import Whom
from bot.listeners.intake import Intake
from bot.listeners.payloads import Interaction
from bot.listeners.telling import tell_problem_soon
from bot.model.problem import Problem


def tell_whoever_did(body: dict[str, Any], problem: Problem, intake: Intake) -> None:
    """Begin to tell them in their direct messages; nobody is told if nobody is named."""
    try:
        somebody = Interaction.read(body)
    except Problem:
        return
    tell_problem_soon(intake, Whom(somebody.requester, None), problem.details)
