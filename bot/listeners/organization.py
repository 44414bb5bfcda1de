"""Which organization (Enterprise Grid) somebody acts in: whoever acts in another than the bot's own is refused.

Slack names it in a command and in what is done to buttons, menus and forms; where it names none, the workspace and
the account decide alone. It names none in events: those say whose the author is.
"""

from collections.abc import Iterator
from typing import Any

from bot.listeners.clicks import presser_of
from bot.listeners.command import attempted
from bot.listeners.command_text import read_command
from bot.listeners.intake import Intake
from bot.listeners.not_understood import somebody_of
from bot.listeners.payloads import Arrived, Payload, SlashCommand
from bot.listeners.pickers import CHOOSE
from bot.model.audit import DIAGNOSE, Attempt
from bot.model.problem import Problem
from bot.slack.buttons import ACTION_IDS
from bot.slack.views import MENUS

# What the audit trail calls what is pressed or chosen; everything else asks for a diagnosis.
_OPERATIONS = {name: name for name in ACTION_IDS} | dict.fromkeys(MENUS, CHOOSE)


class _Acted(Payload):
    action_id: str


class _AnyAct(Arrived):
    """A press or a choice, and what a menu asks for, which names its field itself."""

    actions: tuple[_Acted, ...] = ()
    action_id: str = ""


async def why_elsewhere(body: dict[str, Any], intake: Intake) -> Problem | None:
    """Return what is to be told to somebody who acts in another organization, once it is audited; None: nobody."""
    if all(named in (None, "", intake.enterprise_id) for named in _organizations(body)):
        return None
    problem = Problem("access.other_organization")
    attempt = _attempt(body, intake)
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


def _attempt(body: dict[str, Any], intake: Intake) -> Attempt | None:
    if "command" not in body:
        whom = presser_of(body) or somebody_of(body)
        return None if whom is None else Attempt(whom.requester, whom.channel_id, _operation(body))
    try:
        command = SlashCommand.read(body)
    except Problem:
        return None
    return attempted(command, read_command(command.text, intake.all_regions, intake.region_for(command.requester)))


def _operation(body: dict[str, Any]) -> str:
    try:
        act = _AnyAct.read(body)
    except Problem:
        return DIAGNOSE
    name = act.actions[0].action_id if act.actions else act.action_id
    return _OPERATIONS.get(name, DIAGNOSE)
