"""Who waits for a run is told in the end, also where Slack takes no message: Slack is played by the emulator."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, cast

import aiohttp
import pytest

from bot.emulators.serving import serving
from bot.emulators.slack import SlackEmulator
from bot.emulators.slack.player import Player
from bot.model.problem import Problem
from bot.model.run import Posted
from bot.setbacks import Pace
from bot.slack.api import SlackApi
from bot.slack.client import build_client
from bot.slack.thread import Thread
from bot.telling import STEP_WAITS, Telling
from tests.slack.scenes import HEALTHY, a_reported_run

STEP = {"channel_id": "C0INCIDENT", "gateway_id": "vpn-1", "connection_id": "vco-1"}
PACE = Pace(poll_every_s=3, give_up_after_s=300)


@pytest.fixture
async def player() -> AsyncIterator[Player]:
    async with serving(SlackEmulator(ack_within_s=0.1).web_app()) as url, aiohttp.ClientSession() as session:
        yield Player(url, session)


@pytest.fixture
async def telling(player: Player) -> AsyncIterator[Telling]:
    """Give what tells; nobody is asked about channels, as the answers go to the asker."""
    async with aiohttp.ClientSession() as session:
        api = SlackApi(build_client("xoxb-emulator", f"{player.base_url}/api/", session))
        yield Telling(cast("Any", None), Thread(api), PACE)


async def test_a_workflow_waits_for_the_thread_but_not_for_ever(player: Player, telling: Telling) -> None:
    step = str((await player.start_workflow(STEP))["execution_id"])
    run = a_reported_run(HEALTHY).changed(function_execution_id=step, posted=Posted(), moved_to_dm=True)
    for method in ("conversations.open", "chat.postMessage"):
        await player.fault(method, "http_503", times=9)

    with pytest.raises(Problem):
        await telling.tell_ending(run, run.asked_at + STEP_WAITS, look_first=False)
    assert not any(each.get("outputs") for each in await player.executions())
    after = await telling.tell_ending(run, run.asked_at + STEP_WAITS + timedelta(seconds=1), look_first=False)

    assert after.posted == Posted(completed=True)
    (execution,) = await player.executions()
    assert execution["outputs"]["verdict"].startswith("✅")
