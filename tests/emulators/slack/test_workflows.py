"""Steps of workflows, started by people and ended by apps that are made of the official clients."""

from typing import Any

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.emulators.slack.player import NotPlayed
from tests.emulators.slack.playground import ALICE, INCIDENT, Playground, refusal

Json = dict[str, Any]

INPUTS = {"channel_id": INCIDENT, "gateway_id": "vpn-1", "connection_id": "vco-1"}
OUTPUTS = {"diagnose_id": "vpndgn-1", "verdict": "all good", "needs_attention": 0, "total": 7}


async def started(slack: Playground) -> str:
    """Start a workflow that an app hears of and does not end; gives the execution's ID."""
    async with slack.app():
        outcome = await slack.player.start_workflow(INPUTS)
    return str(outcome["execution_id"])


async def test_an_app_hears_of_a_step_with_who_started_it(slack: Playground) -> None:
    async with slack.app() as taken:
        outcome = await slack.player.start_workflow(INPUTS)

    event = taken[0].payload["event"]
    assert (taken[0].type, event["type"]) == ("events_api", "function_executed")
    assert event["function_execution_id"] == outcome["execution_id"]
    assert event["inputs"]["started_by"]["id"] == ALICE
    assert event["inputs"]["started_by"]["secret"]
    assert {name: event["inputs"][name] for name in INPUTS} == INPUTS
    declared = {parameter["name"]: parameter["type"] for parameter in event["function"]["input_parameters"]}
    assert declared["started_by"] == "slack#/types/user_context"


async def test_there_is_no_field_for_who_started_it(slack: Playground) -> None:
    with pytest.raises(NotPlayed, match="no field for started_by"):
        await slack.player.start_workflow(INPUTS | {"started_by": {"id": "U0BOB", "secret": ""}})


async def test_a_field_that_is_required_has_to_be_filled_in(slack: Playground) -> None:
    with pytest.raises(NotPlayed, match="gateway_id"):
        await slack.player.start_workflow({"channel_id": INCIDENT, "connection_id": "vco-1"})


async def test_a_step_ends_once(slack: Playground) -> None:
    step = await started(slack)
    await slack.web.functions_completeSuccess(function_execution_id=step, outputs=OUTPUTS)

    (execution,) = await slack.player.executions()
    assert (execution["state"], execution["outputs"]) == ("completed", OUTPUTS)
    again = slack.web.functions_completeError(function_execution_id=step, error="no")
    assert (await refusal(again))["error"] == "execution_not_in_running_state"


async def test_a_step_that_is_not_there_cannot_end(slack: Playground) -> None:
    nothing = slack.web.functions_completeError(function_execution_id="Fx0", error="no")

    assert (await refusal(nothing))["error"] == "function_execution_not_found"


@pytest.mark.parametrize(
    "outputs",
    [
        pytest.param({}, id="nothing"),
        pytest.param(OUTPUTS | {"total": "7"}, id="a text for a number"),
        pytest.param(OUTPUTS | {"verdict": 7}, id="a number for a text"),
        pytest.param(OUTPUTS | {"more": "x"}, id="what is not declared"),
    ],
)
async def test_outputs_have_to_be_as_they_are_declared(slack: Playground, outputs: Json) -> None:
    step = await started(slack)
    wrong = slack.web.functions_completeSuccess(function_execution_id=step, outputs=outputs)

    assert (await refusal(wrong))["error"] == "parameter_validation_failed"
    assert [execution["state"] for execution in await slack.player.executions()] == ["running"]


async def test_the_token_of_a_step_is_good_while_it_runs(slack: Playground) -> None:
    async with slack.app() as taken:
        outcome = await slack.player.start_workflow(INPUTS)
    web = AsyncWebClient(taken[0].payload["event"]["bot_access_token"], base_url=f"{slack.url}/api/")

    await web.functions_completeError(function_execution_id=outcome["execution_id"], error="no")

    assert (await refusal(web.auth_test()))["error"] == "invalid_auth"


async def test_slacks_own_framework_takes_a_step_and_ends_it(slack: Playground) -> None:
    app = AsyncApp(client=slack.web, signing_secret="emulator-signing-secret")

    async def diagnose(inputs: Json, complete: Any, fail: Any) -> None:
        if inputs["gateway_id"] == "vpn-1":
            await complete(outputs=OUTPUTS)
        else:
            await fail(error=f"{inputs['started_by']['id']} may not")

    app.function("diagnose_vpn_gateway")(diagnose)
    handler = AsyncSocketModeHandler(app, "xapp-emulator")
    await handler.connect_async()  # type: ignore[no-untyped-call] # slack_bolt leaves it untyped
    await slack.player.until_connected()
    await slack.player.start_workflow(INPUTS)
    await slack.player.start_workflow(INPUTS | {"gateway_id": "vpn-2"})
    ended = await slack.player.until(lambda: _ended(slack, 2))
    await handler.close_async()  # type: ignore[no-untyped-call] # slack_bolt leaves it untyped

    assert [(each["state"], each.get("error")) for each in ended] == [
        ("completed", None),
        ("failed", "U0ALICE may not"),
    ]


async def _ended(slack: Playground, number: int) -> list[Json]:
    seen = await slack.player.executions()
    return seen if [each["state"] for each in seen].count("running") == 0 and len(seen) == number else []
