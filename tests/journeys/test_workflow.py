"""A workflow with the bot's step in it: who started it decides, and the workflow hears how it ended."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.emulators.slack.player import thread_text
from bot.explain.problems import explain
from bot.model.problem import ProblemDetails
from tests.journeys.test_restart import killed, report_is_there, served
from tests.journeys.world import BROKEN, HEALTHY, World

Json = dict[str, Any]


def filled_in(typed: str, **more: str) -> Json:
    """Give what a builder fills in for a gateway, its connection and a region."""
    gateway, connection, region = typed.split()
    step = {"channel_id": "C0INCIDENT", "gateway_id": gateway, "connection_id": connection, "region": region}
    return step | more


async def ended(world: World, number: int = 1) -> Json:
    """Wait until so many steps have ended, and give the last."""

    async def over() -> list[Json]:
        seen = [each for each in await world.player.executions() if each["state"] != "running"]
        return seen if len(seen) >= number else []

    return (await world.player.until(over, 20))[-1]


def title(code: str) -> str:
    return explain(ProblemDetails(code=code), "en").title


async def test_a_workflow_goes_on_with_what_was_found(world: World) -> None:
    async with world.bot():
        await world.player.start_workflow(filled_in(BROKEN))
        step = await ended(world)
        root = await world.ending()

    outputs = step["outputs"]
    assert step["state"] == "completed"
    assert outputs["diagnose_id"] in thread_text([root], root["ts"])
    assert outputs["needs_attention"] > 0
    assert outputs["total"] == 6  # no addresses, so the path between them is not tested
    assert outputs["verdict"].startswith("❌")
    assert root["ts"].replace(".", "") in outputs["permalink"]


async def test_a_workflow_goes_on_by_http_too(world: World) -> None:
    async with world.bot(SLACK_APP_TOKEN="", SLACK_SIGNING_SECRET="emulator-signing-secret"):
        await world.player.start_workflow(filled_in(HEALTHY))
        step = await ended(world)

    assert (step["state"], step["outputs"]["needs_attention"]) == ("completed", 0)


async def test_the_cloud_sees_whoever_started_it(world: World) -> None:
    async with world.bot():
        await world.player.start_workflow(filled_in(HEALTHY))
        await ended(world)

    (start,) = await world.cloud_calls("DiagnoseVpnGateway")
    assert "vpn-diagnose-oncall" in str(start)
    assert "U0ALICE" in str(start)


async def test_the_region_may_be_left_out_where_there_is_one_to_take(world: World) -> None:
    step = filled_in(HEALTHY)
    del step["region"]
    async with world.bot(VPN_DIAGNOSE_DEFAULT_REGION="cn-hangzhou"):
        await world.player.start_workflow(step)
        assert (await ended(world))["state"] == "completed"


async def test_whoever_is_not_mapped_ends_the_step_with_that_and_nothing_runs(world: World) -> None:
    async with world.bot():
        await world.player.start_workflow(filled_in(HEALTHY), user="U0MALLORY")
        step = await ended(world)

    assert step["state"] == "failed"
    assert title("access.not_mapped") in step["error"]
    assert await world.cloud_calls() == []
    assert await world.player.messages() == []


async def test_what_ram_denies_is_said_in_the_thread_and_to_the_workflow(world: World) -> None:
    async with world.bot():
        await world.player.start_workflow(filled_in(HEALTHY), user="U0BOB")
        step = await ended(world)
        root = await world.ending()

    assert step["state"] == "failed"
    assert "vpc:GetVpnGatewayDiagnoseResult" in step["error"]
    assert "⛔" in thread_text([root], root["ts"])
    assert await world.cloud_calls("DiagnoseVpnGateway") == []


async def test_mistakes_end_the_step_and_name_them(world: World) -> None:
    async with world.bot():
        await world.player.start_workflow(filled_in("vco-healthy0000000000001 nonsense cn-hangzou"))
        step = await ended(world)

    assert step["state"] == "failed"
    for said in ("cn-hangzhou", "vco-healthy0000000000001", "nonsense"):
        assert said in step["error"]
    assert await world.cloud_calls() == []


async def delivered(world: World, **changes: Any) -> Json:
    """Bring a step with other inputs than Slack would, of a workflow that somebody else has started."""
    begun = await world.player.start_workflow(filled_in(HEALTHY), user="U0MALLORY")
    event = {
        "type": "function_executed",
        "function": {
            "callback_id": "diagnose_vpn_gateway",
            "input_parameters": [
                {"name": "started_by", "type": changes.pop("declared", "slack#/types/user_context")}
            ],
        },
        "inputs": filled_in(HEALTHY) | changes,
        "function_execution_id": begun["execution_id"],
    }
    payload = {"type": "event_callback", "team_id": "T0EMULATED", "event_id": "Ev0FORGED", "event": event}
    return await world.player.delivery(envelope={"type": "events_api", "payload": payload})


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"started_by": "U0ALICE", "declared": "slack#/types/user_id"}, id="a person's ID, typed in"),
        pytest.param({"started_by": "U0ALICE"}, id="an ID where Slack's word belongs"),
        pytest.param({"started_by": {"id": "U0ALICE"}}, id="a word that Slack has not given"),
        pytest.param(
            {"started_by": {"id": "U0ALICE", "secret": "x"}, "declared": "object"}, id="an object of their own"
        ),
        pytest.param({"user_id": "U0ALICE"}, id="another field"),
        pytest.param({}, id="nobody"),
    ],
)
async def test_a_builder_cannot_ask_as_somebody_else(world: World, changes: Json) -> None:
    async with world.bot():
        await delivered(world, **changes)
        step = await ended(world)

    assert step["state"] == "failed"
    assert title("access.not_mapped") in step["error"] or title("access.workflow_nobody") in step["error"]
    assert await world.cloud_calls() == []
    assert await world.player.messages() == []


async def test_what_slack_brings_again_starts_nothing_again(world: World) -> None:
    async with world.bot():
        await world.player.start_workflow(filled_in(HEALTHY))
        await world.player.delivery(redeliver=3)
        await ended(world)
    async with world.bot():
        await world.player.delivery(redeliver=2)
        await asyncio.sleep(0.3)

    assert len(await world.cloud_calls("DiagnoseVpnGateway")) == 1
    assert len(await world.player.messages()) == 1
    assert len(await world.player.calls("functions.completeSuccess")) == 1


async def test_a_step_whose_end_was_told_without_our_knowing_is_told_again_without_harm(world: World) -> None:
    await world.player.fault("functions.completeSuccess", "reset_after")
    async with world.bot():
        await world.player.start_workflow(filled_in(HEALTHY))
        await ended(world)
        await world.player.until(lambda: told_twice(world), 20)
        await world.ending()

    assert [call["outcome"] for call in await world.player.calls("functions.completeSuccess")][-1] == (
        "execution_not_in_running_state"
    )


async def told_twice(world: World) -> bool:
    return len(await world.player.calls("functions.completeSuccess")) >= 2


async def test_a_bot_killed_between_the_report_and_the_step_s_end_ends_the_step_when_it_is_back(
    world: World, tmp_path: Path
) -> None:
    await world.player.fault("functions.completeSuccess", "hang", seconds=60)
    log = tmp_path / "bot.log"
    async with served(world, log) as process:
        await world.player.start_workflow(filled_in(HEALTHY))
        await world.player.until(lambda: report_is_there(world), 20)
        await killed(process)
        running = [each["state"] for each in await world.player.executions()]
    async with served(world, log):
        step = await ended(world)

    assert (running, step["state"]) == (["running"], "completed")
    assert len(await world.cloud_calls("DiagnoseVpnGateway")) == 1
    assert len(await world.player.messages()) == 1
