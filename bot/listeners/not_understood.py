"""Somebody did something of which we know no more than who it was, if that: they are told what became of it."""

from typing import Any

from bot.listeners.clicks import Whom
from bot.listeners.intake import Intake
from bot.listeners.payloads import Interaction
from bot.listeners.telling import tell_problem_soon
from bot.model.problem import Problem


def tell_whoever_did(body: dict[str, Any], problem: Problem, intake: Intake) -> None:
    """Begin to tell them in their direct messages; nobody is told if nobody is named."""
    somebody = somebody_of(body)
    if somebody is not None:
        tell_problem_soon(intake, somebody, problem.details)


def somebody_of(body: dict[str, Any]) -> Whom | None:
    """Return who it was that did something, to be told in their direct messages."""
    try:
        return Whom(Interaction.read(body).requester, None)
    except Problem:
        return None
