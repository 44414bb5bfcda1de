"""What no listener knows, what is too much for any, and what went wrong in one: acknowledged, never silently."""

import logging
import traceback
from typing import Any

from slack_bolt.error import BoltUnhandledRequestError

from bot.listeners.clicks import Whom, presser_of
from bot.listeners.function_payload import execution_of
from bot.listeners.home import HOME_OPENED, tell_visitor
from bot.listeners.intake import Intake
from bot.listeners.mention import MENTIONED, author_of
from bot.listeners.not_understood import somebody_of
from bot.listeners.payloads import SlashCommand, Submission
from bot.listeners.pickers import refused_menu
from bot.listeners.replies import Reply, form_problem_reply, problem_reply
from bot.listeners.telling import tell_problem_soon
from bot.listeners.workflow import end_with
from bot.model.problem import Problem, ProblemDetails
from bot.model.run import Language
from bot.slack.views import CALLBACK_ID, MENUS

log = logging.getLogger(__name__)

# On a message, and without one.
_SHORTCUTS = ("message_action", "shortcut")  # compared, not hashed: a type may be anything


def error_reply(error: Exception, body: dict[str, Any], intake: Intake) -> Reply | None:
    """Return what the ack says after `error`; None where it has no words: who can be told aside, is."""
    if isinstance(error, BoltUnhandledRequestError):
        details = _unknown(body)
        _tell_aside(details, body, intake)
        return _said(details, body, _language(body, intake))
    error_id = intake.entropy(4).hex()
    # The frames and the kind of the error, and not its text: that may quote what the person typed.
    frames = "".join(traceback.format_tb(error.__traceback__))
    log.error("unexpected %s in a listener, error id %s\n%s", type(error).__name__, error_id, frames)
    details = ProblemDetails(code="bot.unexpected", facts={"error_id": error_id})
    _tell_aside(details, body, intake)
    _end_step(details, body, intake)
    return _said(details, body, _language(body, intake))


def declined_reply(problem: Problem, body: dict[str, Any], intake: Intake) -> Reply | None:
    """Return what the ack says of `body`, with which no listener was troubled because of `problem`.

    Our form stays open with all that was typed, so that it can be sent again. None as for `error_reply`.
    """
    _end_step(problem.details, body, intake)
    _tell_aside(problem.details, body, intake)
    language = _language(body, intake)
    view = body.get("view")
    is_ours = isinstance(view, dict) and view.get("callback_id") == CALLBACK_ID
    if body.get("type") == "view_submission" and not is_ours:
        return _said(_unknown(body), body, language)
    return _said(problem.details, body, language)


def _end_step(details: ProblemDetails, body: dict[str, Any], intake: Intake) -> None:
    """End the step of a workflow, if this came from one: it would wait for ever."""
    execution_id = execution_of(body)
    if execution_id is not None:
        end_with(details, execution_id, intake.language, intake)


def _tell_aside(details: ProblemDetails, body: dict[str, Any], intake: Intake) -> None:
    """Tell whoever did something of which the ack has no words."""
    if _event(body) == HOME_OPENED:
        tell_visitor(body, details, intake)
        return
    whom = author_of(body) if _event(body) == MENTIONED else _actor(body)
    if whom is not None:
        tell_problem_soon(intake, whom, details)


def _actor(body: dict[str, Any]) -> Whom | None:
    """Return who pressed something or used a shortcut; of a choice in the form they hear when they send it."""
    if body.get("type") in _SHORTCUTS:
        return somebody_of(body)
    match body.get("actions"):
        case [{"action_id": str(action_id)}, *_] if action_id in MENUS:
            return None
        case _:
            return presser_of(body)


def _event(body: dict[str, Any]) -> object:
    event = body.get("event")
    return event.get("type") if isinstance(event, dict) else None


def _language(body: dict[str, Any], intake: Intake) -> Language:
    """Give the language of whoever sent this, the bot's own if it is in no shape that is known."""
    read = SlashCommand.read if "command" in body else Submission.read
    try:
        return intake.language_for(read(body).requester)
    except Problem:
        return intake.language


def _unknown(body: dict[str, Any]) -> ProblemDetails:
    name = body.get("command")
    if isinstance(name, str):
        return Problem("bot.unknown_command", command=name).details
    return ProblemDetails(code="bot.unknown_interaction")


def _said(details: ProblemDetails, body: dict[str, Any], language: Language) -> Reply | None:
    if "command" in body:
        return problem_reply(details, language)
    if body.get("type") == "view_submission":
        return form_problem_reply(details, language)
    if body.get("type") == "block_suggestion" and body.get("action_id") in MENUS:
        return refused_menu(details, body, language)
    return None
