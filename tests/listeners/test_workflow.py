"""A workflow comes to the bot's step: taken in for who started it, or ended with what stands in the way."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.emulators.slack.player import Player
from bot.explain.problems import explain
from bot.listeners.errands import Errands
from bot.listeners.intake import Intake
from bot.listeners.unknown import declined_reply
from bot.model.audit import Attempt
from bot.model.ids import ChannelId
from bot.model.problem import Problem, ProblemDetails
from bot.store.runs import Runs

Play = Callable[[Intake], Awaitable[Player]]
Json = dict[str, Any]

STEP = {"channel_id": "C0INCIDENT", "gateway_id": "vpn-1abc", "connection_id": "vco-1abc", "region": "cn-hangzhou"}


def title(code: str, language: Any = "en") -> str:
    return explain(ProblemDetails(code=code), language).title


async def failed(player: Player) -> str:
    """Wait until the only step has failed, and give what the workflow was told."""

    async def over() -> list[str]:
        return [each["error"] for each in await player.executions() if each["state"] == "failed"]

    (error,) = await player.until(over)
    return error


async def test_a_step_is_on_the_disk_when_it_is_acknowledged(player: Player, runs: Runs) -> None:
    outcome = await player.start_workflow(STEP)
    (run,) = await runs.newest(2)

    assert outcome["status"] == 200
    assert run.function_execution_id == outcome["execution_id"]
    assert (run.requester.user_id, run.conversation.channel_id) == ("U0ALICE", "C0INCIDENT")


@pytest.mark.parametrize(
    ("user", "changes", "code"),
    [
        pytest.param("U0MALLORY", {}, "access.not_mapped", id="not mapped"),
        pytest.param("U0ALICE", {"channel_id": "C0OPEN"}, "access.channel_not_allowed", id="not in this channel"),
        pytest.param("U0ALICE", {"gateway_id": "vpn-payments1"}, "access.guardrail", id="denied by the guardrail"),
        pytest.param("U0ALICE", {"channel_id": "incident"}, "form.channel_malformed", id="no channel"),
    ],
)
async def test_whoever_may_not_is_told_so_by_the_workflow_and_written_down(
    play: Play, intake: Intake, user: str, changes: Json, code: str
) -> None:
    refused: list[tuple[Attempt, str]] = []

    async def report(attempt: Attempt, problem: ProblemDetails) -> None:
        refused.append((attempt, problem.code))

    player = await play(replace(intake, report_refusal=report))
    await player.start_workflow(STEP | changes, user=user)

    assert title(code) in await failed(player)
    ((attempt, reported),) = refused
    assert (attempt.requester.user_id, reported) == (user, code)


async def test_nobody_is_written_down_as_somebody(play: Play, intake: Intake) -> None:
    refused: list[Attempt] = []

    async def report(attempt: Attempt, problem: ProblemDetails) -> None:
        del problem
        refused.append(attempt)

    player = await play(replace(intake, report_refusal=report))
    await _forged(player)

    assert title("access.workflow_nobody") in await failed(player)
    assert [attempt.requester.user_id for attempt in refused] == ["USLACKBOT"]
    assert refused[0].channel_id != ChannelId("C0INCIDENT")


async def _forged(player: Player) -> None:
    """Bring a step that says by itself who started it, in the place of one that somebody did start."""
    begun = await player.start_workflow(STEP)
    function = {
        "callback_id": "diagnose_vpn_gateway",
        "input_parameters": [{"name": "started_by", "type": "slack#/types/user_id"}],
    }
    event = {
        "type": "function_executed",
        "function": function,
        "inputs": STEP | {"started_by": "U0ALICE"},
        "function_execution_id": begun["execution_id"],
    }
    payload = {"type": "event_callback", "team_id": "T0EMULATED", "event_id": "Ev0", "event": event}
    await player.delivery(envelope={"type": "events_api", "payload": payload})


async def test_a_step_in_an_unknown_shape_is_ended(player: Player) -> None:
    await player.start_workflow(STEP | {"gateway_id": {"is": "no text"}})

    assert title("bot.payload_unknown") in await failed(player)


async def test_the_workflow_is_told_when_nothing_can_be_stored(play: Play, unwritable: Intake) -> None:
    player = await play(unwritable)
    await player.start_workflow(STEP)

    assert title("bot.not_stored") in await failed(player)


async def test_the_workflow_is_told_when_something_goes_wrong_that_nobody_foresaw(
    play: Play, intake: Intake
) -> None:
    def fails() -> None:
        raise LookupError

    player = await play(replace(intake, wake=fails))
    await player.start_workflow(STEP)

    assert title("bot.unexpected") in await failed(player)


async def test_a_step_that_is_too_much_is_ended_and_not_left_waiting(play: Play, intake: Intake) -> None:
    player = await play(intake)
    begun = await player.start_workflow(STEP)
    event = {
        "type": "function_executed",
        "function": {"callback_id": "diagnose_vpn_gateway"},
        "function_execution_id": begun["execution_id"],
    }

    assert declined_reply(Problem("bot.overloaded"), {"type": "event_callback", "event": event}, intake) is None
    assert title("bot.overloaded") in await failed(player)


@pytest.mark.parametrize("kind", ["http_503", "reset_before", "reset_after"])
async def test_a_step_is_ended_though_slack_does_not_answer_at_once(player: Player, kind: str) -> None:
    await player.fault("functions.completeError", kind)
    await player.start_workflow(STEP, user="U0MALLORY")

    assert title("access.not_mapped") in await failed(player)


async def test_the_step_of_another_app_is_let_be(player: Player) -> None:
    event = {"type": "function_executed", "function": {"callback_id": "other"}, "function_execution_id": "Fx1"}
    payload = {"type": "event_callback", "team_id": "T0EMULATED", "event": event}
    answer = await player.delivery(envelope={"type": "events_api", "payload": payload})

    assert answer["acks"][0]["status"] == 200
    assert await player.calls("functions.completeError") == []


async def test_steps_that_cannot_be_ended_yet_leave_room_for_peoples_answers(play: Play, intake: Intake) -> None:
    player = await play(replace(intake, words=Errands(most=2)))
    await player.fault("functions.completeError", "throttle", seconds=30, times=2)
    for _ in range(2):
        await player.start_workflow(STEP, user="U0MALLORY")
    await player.mention("help")

    async def told() -> list[Json]:
        return await player.private_messages(user="U0ALICE")

    assert await player.until(told)
