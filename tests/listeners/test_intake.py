"""A request is decided, given room, stored, and only then accepted."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.listeners.command import command_reply
from bot.listeners.intake import Intake
from bot.listeners.limits import Limits, Most
from bot.model.ids import ChannelId, TeamId, UserId
from bot.model.problem import Problem
from bot.model.request import Conversation, DiagnosisRequest, Requester
from bot.store.runs import Runs

ALICE = Requester(team_id=TeamId("T0EMULATED"), user_id=UserId("U0ALICE"))
GUEST = Requester(team_id=TeamId("T0EMULATED"), user_id=UserId("U0GUEST"))
INCIDENT = Conversation(channel_id=ChannelId("C0INCIDENT"))
COMMAND: dict[str, Any] = {
    "command": "/vpn-diagnose", "text": "vpn-healthy0000000000001 vco-healthy0000000000001",
    "team_id": "T0EMULATED", "user_id": "U0ALICE", "channel_id": "C0INCIDENT", "trigger_id": "1.2.3",
}  # fmt: skip

Request = Callable[..., DiagnosisRequest]


@pytest.fixture
def limited(intake: Intake, runs: Runs) -> Intake:
    """Return an intake that has room for one run of a person and for two in all."""
    return replace(intake, limits=Limits(Most(of_person=1, overall=2), runs.unfinished))


async def test_what_is_accepted_is_stored_and_the_worker_woken(
    limited: Intake, runs: Runs, a_request: Request, woken: list[str]
) -> None:
    run_id = await limited.accept(ALICE, INCIDENT, a_request(), "a delivery")

    (run,) = await runs.newest(2)
    assert run.id == run_id
    assert woken == ["woken"]


async def test_what_there_is_no_room_for_is_neither_stored_nor_wakes_anybody(
    limited: Intake, runs: Runs, a_request: Request, woken: list[str]
) -> None:
    await limited.accept(ALICE, INCIDENT, a_request(), "a delivery")

    with pytest.raises(Problem) as raised:
        await limited.accept(ALICE, INCIDENT, a_request(), "another delivery")

    assert raised.value.code == "bot.too_many_yours"
    assert len(await runs.newest(2)) == 1
    assert woken == ["woken"]


async def test_a_redelivery_is_answered_with_its_run_where_there_is_no_room_for_more(
    limited: Intake, runs: Runs, a_request: Request
) -> None:
    first = await limited.accept(ALICE, INCIDENT, a_request(), "a delivery")

    assert await limited.accept(ALICE, INCIDENT, a_request(), "a delivery") == first
    assert len(await runs.newest(2)) == 1


async def test_who_may_not_is_told_that_and_not_that_there_is_no_room(limited: Intake, a_request: Request) -> None:
    await limited.accept(ALICE, INCIDENT, a_request(), "a delivery")

    with pytest.raises(Problem, match=r"^access\."):
        await limited.accept(ALICE, Conversation(channel_id=ChannelId("C0OPEN")), a_request(), "another")


async def test_runs_of_an_earlier_process_count(limited: Intake, runs: Runs, a_request: Request) -> None:
    await limited.accept(ALICE, INCIDENT, a_request(), "a delivery")
    later = Limits(Most(of_person=1), runs.unfinished)
    await later.count()

    with pytest.raises(Problem, match=r"bot\.too_many_yours"):
        await replace(limited, limits=later).accept(ALICE, INCIDENT, a_request(), "another delivery")


async def test_too_many_is_said_to_the_one_who_typed_and_to_nobody_else(limited: Intake) -> None:
    await command_reply(COMMAND, limited)

    reply = await command_reply(COMMAND | {"trigger_id": "4.5.6"}, limited)

    assert reply is not None
    assert reply["response_type"] == "ephemeral"
    assert reply["text"].startswith("Too many of yours: 1 diagnoses")
