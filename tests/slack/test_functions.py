"""How a step of a workflow is told to have ended, with Slack played by the emulator."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bot.emulators.serving import serving
from bot.emulators.slack import SlackEmulator
from bot.emulators.slack.player import Player
from bot.explain.problems import explain
from bot.model.ids import ChannelId
from bot.model.problem import Problem, ProblemDetails
from bot.model.run import Posted, Run
from bot.slack.api import SlackApi
from bot.slack.client import build_client
from bot.slack.functions import complete_step, fail_step, step_problem
from bot.slack.message import Message
from tests.slack.scenes import BROKEN, HEALTHY, a_failed_run, a_refused_run, a_reported_run

STEP = {"channel_id": "C0INCIDENT", "gateway_id": "vpn-1", "connection_id": "vco-1"}
INCIDENT = ChannelId("C0INCIDENT")


@pytest.fixture
async def player() -> AsyncIterator[Player]:
    emulator = SlackEmulator(ack_within_s=0.1)
    async with serving(emulator.web_app()) as url, aiohttp.ClientSession() as session:
        yield Player(url, session)


@pytest.fixture
async def api(player: Player) -> AsyncIterator[SlackApi]:
    async with aiohttp.ClientSession() as session:
        yield SlackApi(build_client("xoxb-emulator", f"{player.base_url}/api/", session))


@pytest.fixture
async def step(player: Player) -> str:
    """Return a step that runs; no app is there to hear of it."""
    return str((await player.start_workflow(STEP))["execution_id"])


async def told(player: Player) -> dict[str, Any]:
    (execution,) = await player.executions()
    return execution


def waited_for(run: Run, step: str | None, posted: Posted | None = None) -> Run:
    return run.changed(function_execution_id=step, posted=posted or run.posted)


async def test_a_report_lets_the_workflow_go_on_with_it(api: SlackApi, player: Player, step: str) -> None:
    root = await api.post_message(INCIDENT, Message(text="root", blocks=[]))
    run = a_reported_run(BROKEN)
    await complete_step(api, waited_for(run, step, Posted(channel_id=root.channel_id, root_ts=root.ts)))

    outputs = (await told(player))["outputs"]
    assert run.report is not None
    assert outputs["diagnose_id"] == run.report.diagnose_id
    assert 0 < outputs["needs_attention"] < outputs["total"]
    assert outputs["verdict"].startswith("❌ ")
    assert outputs["permalink"].endswith(f"p{root.ts.replace('.', '')}")


async def test_a_good_report_says_so(api: SlackApi, player: Player, step: str) -> None:
    await complete_step(api, waited_for(a_reported_run(HEALTHY), step, Posted()))

    outputs = (await told(player))["outputs"]
    assert (outputs["needs_attention"], outputs["verdict"][:1]) == (0, "✅")


async def test_a_link_that_slack_does_not_give_is_left_out(api: SlackApi, player: Player, step: str) -> None:
    posted = Posted(channel_id=INCIDENT, root_ts="1.000001")
    await complete_step(api, waited_for(a_reported_run(HEALTHY), step, posted))

    assert "permalink" not in (await told(player))["outputs"]


@pytest.mark.parametrize("run", [a_refused_run(), a_failed_run("cloud.unreachable")], ids=["refused", "failed"])
async def test_a_run_that_ended_badly_ends_the_step_with_its_sentence(
    api: SlackApi, player: Player, step: str, run: Run
) -> None:
    await complete_step(api, waited_for(run, step))

    assert run.problem is not None
    assert explain(run.problem, "en").title in (await told(player))["error"]


async def test_a_step_that_has_ended_ends_once_more_without_harm(api: SlackApi, player: Player, step: str) -> None:
    await complete_step(api, waited_for(a_reported_run(HEALTHY), step))
    await complete_step(api, waited_for(a_reported_run(HEALTHY), step))
    await fail_step(api, step, "too late")
    await fail_step(api, "Fx0NOBODY", "not there")

    assert (await told(player))["state"] == "completed"


async def test_what_does_not_pass_is_logged_and_held_against_nobody(
    api: SlackApi, player: Player, step: str, caplog: pytest.LogCaptureFixture
) -> None:
    await player.fault("functions.completeSuccess", "error", error="parameter_validation_failed")
    await complete_step(api, waited_for(a_reported_run(HEALTHY), step))

    assert "parameter_validation_failed" in caplog.text


async def test_what_passes_is_worth_another_attempt(api: SlackApi, player: Player, step: str) -> None:
    await player.fault("functions.completeSuccess", "http_503")

    with pytest.raises(Problem):
        await complete_step(api, waited_for(a_reported_run(HEALTHY), step))


async def test_without_a_workflow_nobody_is_told(api: SlackApi, player: Player) -> None:
    await complete_step(api, waited_for(a_reported_run(HEALTHY), None))

    assert await player.calls() == []


def test_a_problem_is_said_in_sentences_in_both_languages() -> None:
    details = ProblemDetails(code="access.workflow_nobody")

    assert step_problem(details, "en").startswith("Nobody started this. Slack does not say")
    assert step_problem(details, "zh").startswith("无法确认发起人。Slack没有说明")
