"""What waits for an ending is told in the end, also where Slack, played by the emulator, takes no message."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast

import aiohttp
import pytest

from bot.app.sources import now
from bot.diagnosis import Diagnosis
from bot.emulators.serving import serving
from bot.emulators.slack import SlackEmulator
from bot.emulators.slack.player import Player
from bot.model.ids import ChannelId
from bot.model.run import LeftRoot, Posted, Run
from bot.setbacks import Pace
from bot.slack.api import SlackApi
from bot.slack.client import build_client
from bot.slack.thread import Thread
from bot.telling import STEP_WAITS
from tests.journeys.world import part_of
from tests.slack.parsed_by_slack import texts
from tests.slack.scenes import BROKEN, a_reported_run

STEP = {"channel_id": "C0INCIDENT", "gateway_id": "vpn-1", "connection_id": "vco-1"}
PACE = Pace(poll_every_s=3, give_up_after_s=300)
ENOUGH = 30


class Place(NamedTuple):
    private: bool


class Everywhere:
    """Stands for what is known of channels: whether others read along in all of them."""

    def __init__(self, *, private: bool = False) -> None:
        self._place = Place(private)

    async def place(self, channel_id: ChannelId) -> Place:
        del channel_id
        return self._place

    def language(self, requester: object) -> None:
        del requester


class Scene:
    """A run that has ended, and the plot that tells it, a step at a time."""

    def __init__(self, player: Player, api: SlackApi) -> None:
        self.player = player
        self.thread = Thread(api)

    async def played(self, run: Run, at: datetime, *, private: bool = False) -> Run:
        """Do all steps that become due, each as soon as it does; what Slack paces waits in earnest."""
        nothing = cast("Any", None)
        access = cast("Any", Everywhere(private=private))
        plot = Diagnosis(access, nothing, self.thread, nothing, PACE, nothing)
        for _ in range(ENOUGH):
            if run.due_at is None:
                break
            at = max(at, run.due_at)
            run = await plot.advance(run, at, interrupted=False)
        return run

    async def parts(self, channel_id: ChannelId | None) -> list[str | None]:
        roots = await self.player.messages(cast("str", channel_id))
        return [part_of(reply) for root in roots for reply in root["replies"]]

    async def in_a_workflow(self) -> Run:
        step = str((await self.player.start_workflow(STEP))["execution_id"])
        return (await self.in_its_thread()).changed(function_execution_id=step)

    async def in_its_thread(self) -> Run:
        at = now()
        run = a_reported_run(BROKEN, created_at=at, due_at=at, posted=Posted())
        root = await self.thread.post_root(run, look_first=False)
        return run.changed(posted=Posted(channel_id=root.channel_id, root_ts=root.ts, started_ts="1.0"))

    async def moved(self) -> Run:
        """Give a run that has left its channel after its root message, and has another one in private."""
        run = await self.in_its_thread()
        left = LeftRoot(channel_id=cast("ChannelId", run.posted.channel_id), ts=run.posted.root_ts)
        run = run.changed(moved_to_dm=True, moved_because="slack.is_archived", left_root=left, posted=Posted())
        root = await self.thread.post_root(run, look_first=False)
        return run.changed(posted=Posted(channel_id=root.channel_id, root_ts=root.ts, started_ts="1.0"))


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with (
        serving(SlackEmulator(ack_within_s=0.1).web_app()) as url,
        aiohttp.ClientSession() as session,
        aiohttp.ClientSession() as ours,
    ):
        player = Player(url, session)
        await player.rates(None)
        yield Scene(player, SlackApi(build_client("xoxb-emulator", f"{url}/api/", ours), clock=now))


async def test_a_workflow_goes_on_after_an_hour_though_its_thread_cannot_be_told(scene: Scene) -> None:
    run = await scene.in_a_workflow()
    await scene.player.fault("chat.postMessage", "http_503", times=99)
    after = await scene.played(run, run.asked_at + STEP_WAITS + timedelta(seconds=1))

    assert after.posted.completed
    assert after.posted.ending_ts is None
    (execution,) = await scene.player.executions()
    assert execution["outputs"]["verdict"].startswith("❌")


async def test_before_that_it_waits_for_the_thread(scene: Scene) -> None:
    run = await scene.in_a_workflow()
    await scene.player.fault("chat.postMessage", "reset_before", times=2)
    after = await scene.played(run, run.asked_at)

    assert after.posted.completed
    (execution,) = await scene.player.executions()
    assert execution["outputs"]["permalink"]


async def test_a_step_that_cannot_be_ended_holds_up_no_ending(scene: Scene) -> None:
    run = await scene.in_a_workflow()
    await scene.player.fault("functions.completeSuccess", "http_503", times=99)
    after = await scene.played(run, run.asked_at + STEP_WAITS + timedelta(seconds=1))

    assert after.posted.ending_ts is not None
    assert not after.posted.completed


async def test_a_message_that_was_left_and_cannot_be_edited_holds_up_no_ending(scene: Scene) -> None:
    run = (await scene.moved()).changed(attempt=3)
    await scene.player.fault("chat.update", "http_503", times=99)
    after = await scene.played(run, run.asked_at)

    assert after.posted.ending_ts is not None


@pytest.mark.parametrize("attempt", [0, 2, 3])
async def test_an_ending_whose_answer_was_lost_is_not_told_again_for_what_was_left(
    scene: Scene, attempt: int
) -> None:
    run = (await scene.moved()).changed(attempt=attempt)
    await scene.player.fault("chat.postMessage", "reset_after")
    after = await scene.played(run, run.asked_at)

    assert after.left_root is None
    assert await scene.parts(after.posted.channel_id) == ["ending"]


async def test_nor_for_a_workflow_whose_hour_passes_meanwhile(scene: Scene) -> None:
    run = (await scene.in_a_workflow()).changed(attempt=2)
    await scene.player.fault("chat.postMessage", "reset_after")
    after = await scene.played(run, run.asked_at + STEP_WAITS - timedelta(seconds=1))

    assert after.posted.completed
    assert await scene.parts(after.posted.channel_id) == ["ending"]


@pytest.mark.parametrize("private", [False, True])
async def test_how_it_ended_is_said_in_a_channel_that_was_left_only_if_no_others_read_along(
    scene: Scene, *, private: bool
) -> None:
    run = await scene.moved()
    left = run.left_root
    assert left is not None
    after = await scene.played(run, run.asked_at, private=private)

    assert after.left_root is None
    (root,) = await scene.player.messages(left.channel_id)
    assert ("need attention" in texts(root["blocks"])) is not private
    assert "went" in texts(root["blocks"]) or "goes to whoever asked" in texts(root["blocks"])
