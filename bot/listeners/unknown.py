"""What no listener knows, and what went wrong in one: acknowledged all the same, so that nobody waits in vain."""

import logging
import traceback
from typing import Any

from slack_bolt.error import BoltUnhandledRequestError

from bot.listeners.clicks import presser_of
from bot.listeners.function_payload import execution_of
from bot.listeners.intake import Intake
from bot.listeners.payloads import SlashCommand, Submission
from bot.listeners.pickers import refused_menu
from bot.listeners.replies import Reply, form_problem_reply, problem_reply
from bot.listeners.telling import tell_problem_soon
from bot.listeners.workflow import end_with
from bot.model.problem import Problem, ProblemDetails
from bot.model.run import Language
from bot.slack.views import CALLBACK_ID, MENUS

log = logging.getLogger(__name__)


def error_reply(error: Exception, body: dict[str, Any], intake: Intake) -> Reply | None:
    """Return what the ack says after `error`; None for what nobody is waiting for, such as an event."""
    if isinstance(error, BoltUnhandledRequestError):
        details = _unknown(body)
        _tell_presser(details, body, intake)
        return _said(details, body, _language(body, intake))
    error_id = intake.entropy(4).hex()
    # The frames and the kind of the error, and not its text: that may quote what the person typed.
    frames = "".join(traceback.format_tb(error.__traceback__))
    log.error("unexpected %s in a listener, error id %s\n%s", type(error).__name__, error_id, frames)
    details = ProblemDetails(code="bot.unexpected", facts={"error_id": error_id})
    _tell_presser(details, body, intake)
    _end_step(details, body, intake)
    return _said(details, body, _language(body, intake))


def declined_reply(problem: Problem, body: dict[str, Any], intake: Intake) -> Reply | None:
    """Return what the ack says of `body`, with which no listener was troubled because of `problem`.

    Our form stays open with all that was typed, so that it can be sent again. None as for `error_reply`.
    """
    _end_step(problem.details, body, intake)
    _tell_presser(problem.details, body, intake)
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


def _tell_presser(details: ProblemDetails, body: dict[str, Any], intake: Intake) -> None:
    """Tell whoever pressed a button in a message: the ack of a press has no words."""
    whom = presser_of(body)
    if whom is not None and whom.channel_id is not None:
        tell_problem_soon(intake, whom, details)


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
