"""A command or an interaction that names another organization than the bot's own is refused; events name none."""

from dataclasses import replace
from typing import Any

import pytest

from bot.listeners.intake import Intake
from bot.listeners.organization import why_elsewhere
from bot.model.audit import DIAGNOSE, Attempt
from bot.model.ids import TeamId
from bot.model.problem import ProblemDetails
from bot.slack.home import OPEN_FORM
from bot.slack.views import MENUS

Json = dict[str, Any]

COMMAND: Json = {
    "command": "/vpn-diagnose",
    "team_id": "T0EMULATED",
    "user_id": "U0ALICE",
    "channel_id": "C0INCIDENT",
    "trigger_id": "1.a",
}
PRESS: Json = {
    "type": "block_actions",
    "team": {"id": "T0EMULATED"},
    "user": {"id": "U0ALICE", "team_id": "T0EMULATED"},
    "container": {"channel_id": "C0INCIDENT"},
}

ELSEWHERE = [
    pytest.param(COMMAND | {"enterprise_id": "E0FOREIGN", "is_enterprise_install": "true"}, id="a command"),
    pytest.param(COMMAND | {"enterprise_id": ["E0OWN"]}, id="a list"),
    pytest.param(PRESS | {"enterprise": {"id": "E0FOREIGN"}}, id="a press"),
    pytest.param(PRESS | {"enterprise": "E0FOREIGN"}, id="a press, without an object"),
    pytest.param(PRESS | {"enterprise": {"id": "E0OWN"}, "enterprise_id": "E0FOREIGN"}, id="two of them"),
    pytest.param(PRESS | {"team": {"id": "T0EMULATED", "enterprise_id": "E0FOREIGN"}}, id="of the workspace"),
    pytest.param({"enterprise_id": "E0FOREIGN"}, id="nobody's"),
]


@pytest.mark.parametrize("own", [None, "E0OWN"])
@pytest.mark.parametrize("body", ELSEWHERE)
async def test_who_acts_in_another_organization_is_refused(intake: Intake, body: Json, own: str | None) -> None:
    problem = await why_elsewhere(body, replace(intake, enterprise_id=TeamId(own) if own else None))

    assert problem is not None
    assert problem.code == "access.other_organization"


@pytest.mark.parametrize(
    ("body", "own"),
    [
        pytest.param(COMMAND, "E0OWN", id="none is named"),
        pytest.param(COMMAND | {"enterprise_id": None}, None, id="null"),
        pytest.param(COMMAND | {"enterprise_id": ""}, None, id="the empty text"),
        pytest.param(COMMAND | {"enterprise_id": "E0OWN"}, "E0OWN", id="a command in our own"),
        pytest.param(PRESS | {"enterprise": None}, None, id="a press in none"),
        pytest.param(PRESS | {"enterprise": {"id": "E0OWN"}}, "E0OWN", id="a press in our own"),
        pytest.param(
            {"type": "event_callback", "enterprise_id": "E0HOST"}, "E0OWN", id="an event, of its channel"
        ),
    ],
)
async def test_who_does_not_is_decided_about_as_ever(intake: Intake, body: Json, own: str | None) -> None:
    assert await why_elsewhere(body, replace(intake, enterprise_id=TeamId(own) if own else None)) is None


@pytest.mark.parametrize("body", [COMMAND | {"enterprise_id": "E0FOREIGN"}, PRESS | {"enterprise": {"id": "E0X"}}])
async def test_the_refusal_is_audited(intake: Intake, body: Json) -> None:
    kept: list[tuple[Attempt, str]] = []

    async def keep(attempt: Attempt, problem: ProblemDetails) -> None:
        kept.append((attempt, problem.code))

    await why_elsewhere(body, replace(intake, report_refusal=keep))

    [(attempt, code)] = kept
    assert (attempt.requester.user_id, attempt.channel_id) == ("U0ALICE", "C0INCIDENT")
    assert code == "access.other_organization"


@pytest.mark.parametrize(
    ("body", "operation"),
    [
        pytest.param(COMMAND | {"text": "whoami"}, "whoami", id="words"),
        pytest.param(COMMAND | {"text": "last"}, "last", id="other words"),
        pytest.param(COMMAND | {"text": "vpn-a vco-b"}, DIAGNOSE, id="a diagnosis in words"),
        pytest.param(COMMAND, DIAGNOSE, id="the form"),
        pytest.param(PRESS | {"actions": [{"action_id": "watch"}]}, "watch", id="a button"),
        pytest.param(PRESS | {"actions": [{"action_id": MENUS[0]}]}, "choose", id="a menu"),
        pytest.param(PRESS | {"actions": [{"action_id": OPEN_FORM}]}, DIAGNOSE, id="the button of the form"),
        pytest.param(
            PRESS | {"type": "block_suggestion", "action_id": MENUS[0]}, "choose", id="what a menu offers"
        ),
        pytest.param(PRESS | {"actions": [{"action_id": "of another app"}]}, DIAGNOSE, id="nobody's button"),
        pytest.param(PRESS | {"actions": [{"action_id": ["watch"]}]}, DIAGNOSE, id="no name"),
        pytest.param(PRESS | {"actions": "watch"}, DIAGNOSE, id="no button"),
        pytest.param(PRESS | {"type": "view_submission"}, DIAGNOSE, id="what was filled in"),
    ],
)
async def test_what_was_typed_or_pressed_is_audited(intake: Intake, body: Json, operation: str) -> None:
    attempts: list[Attempt] = []

    async def keep(attempt: Attempt, problem: ProblemDetails) -> None:
        del problem
        attempts.append(attempt)

    await why_elsewhere(body | {"enterprise_id": "E0FOREIGN"}, replace(intake, report_refusal=keep))

    assert [attempt.operation for attempt in attempts] == [operation]
