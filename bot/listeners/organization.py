"""Which organization (Enterprise Grid) somebody acts in: whoever acts in another than the bot's own is refused.

Slack names it in a command and in what is done to buttons, menus and forms; where it names none, the workspace and
the account decide alone. It names none in events: those say whose the author is.
"""

from collections.abc import Iterator
from typing import Any

from bot.listeners.clicks import presser_of
from bot.listeners.intake import Intake
from bot.listeners.not_understood import somebody_of
from bot.listeners.payloads import SlashCommand
from bot.model.audit import Attempt
from bot.model.problem import Problem


async def why_elsewhere(body: dict[str, Any], intake: Intake) -> Problem | None:
    """Return what is to be told to somebody who acts in another organization, once it is audited; None: nobody."""
    if all(named in (None, "", intake.enterprise_id) for named in _organizations(body)):
        return None
    problem = Problem("access.other_organization")
    attempt = _attempt(body)
    if attempt is not None:
        await intake.report_refusal(attempt, problem.details)
    return problem


def _organizations(body: dict[str, Any]) -> Iterator[Any]:
    """Give every organization that a command or an interaction names; what is in no known shape is one too."""
    if body.get("type") == "event_callback":
        return
    yield body.get("enterprise_id")
    enterprise, team = body.get("enterprise"), body.get("team")
    yield enterprise.get("id") if isinstance(enterprise, dict) else enterprise
    yield team.get("enterprise_id") if isinstance(team, dict) else None


def _attempt(body: dict[str, Any]) -> Attempt | None:
    if "command" not in body:
        whom = presser_of(body) or somebody_of(body)
        return None if whom is None else Attempt(whom.requester, whom.channel_id)
    try:
        command = SlashCommand.read(body)
    except Problem:
        return None
    return Attempt(command.requester, command.channel_id)
