"""What no listener knows, and what went wrong in one: acknowledged all the same, so that nobody waits in vain."""

import logging
import traceback
from typing import Any

from slack_bolt.error import BoltUnhandledRequestError

from bot.listeners.intake import Intake
from bot.listeners.replies import Reply, form_problem_reply, problem_reply
from bot.model.problem import Problem, ProblemDetails

log = logging.getLogger(__name__)


def error_reply(error: Exception, body: dict[str, Any], intake: Intake) -> Reply | None:
    """Return what the ack says after `error`; None for what nobody is waiting for, such as an event."""
    if isinstance(error, BoltUnhandledRequestError):
        return _said(_unknown(body), body, intake)
    error_id = intake.entropy(4).hex()
    # The frames and the kind of the error, and not its text: that may quote what the person typed.
    frames = "".join(traceback.format_tb(error.__traceback__))
    log.error("unexpected %s in a listener, error id %s\n%s", type(error).__name__, error_id, frames)
    return _said(ProblemDetails(code="bot.unexpected", facts={"error_id": error_id}), body, intake)


def _unknown(body: dict[str, Any]) -> ProblemDetails:
    name = body.get("command")
    if isinstance(name, str):
        return Problem("bot.unknown_command", command=name).details
    return ProblemDetails(code="bot.unknown_interaction")


def _said(details: ProblemDetails, body: dict[str, Any], intake: Intake) -> Reply | None:
    if "command" in body:
        return problem_reply(details, intake.language)
    if body.get("type") == "view_submission":
        return form_problem_reply(details, intake.language)
    return None
