"""Watching a connection: again and again, quietly, until something changes, somebody stops it, or time is up.

Whatever a step has done is done once, however often the bot dies right after it: in these tests it may die after
every step, before anything of it is saved.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.access.tunnels_seen import see_tunnels
from bot.app.parts import Parts, parts_of
from bot.app.sources import now
from bot.diagnosis import Diagnosis
from bot.model.ids import ChannelId, RunId, TeamId, UserId
from bot.model.request import Conversation, DiagnosisRequest, Requester
from bot.model.run import Run
from bot.setbacks import Pace
from bot.settings import Settings
from bot.slack.thread import Thread
from bot.watching import begin_watch, stop_watch
from tests.journeys.world import ACCESS_FILE, HEALTHY, World, living, part_of
from tests.slack.parsed_by_slack import texts

Json = dict[str, Any]

ALICE = Requester(team_id=TeamId("T0EMULATED"), user_id=UserId("U0ALICE"))
GATEWAY, CONNECTION, REGION = HEALTHY.split()
EVERY = timedelta(seconds=0.4)
LONG = timedelta(seconds=30)


class Bot:
    """A bot without a door; `dies` lets it die after every step, and be started again."""

    def __init__(self, world: World, parts: Parts, *, dies: bool) -> None:
        self.world = world
        self.runs = parts.runs
        self._dies = dies
        self._plot = Diagnosis(
            parts.access,
            parts.vpn,
            Thread(parts.slack, parts.runs.still_ours),
            parts.runs,
            Pace(poll_every_s=0.1, give_up_after_s=60),
            partial(see_tunnels, parts.probes),
        )

    async def live(self) -> None:
        while True:
            for claim in await self.runs.claim_due(now(), "test", 60, 10):
                await self.runs.save(await self._step(claim.run), lease_until=None)
            await asyncio.sleep(0.02)

    async def _step(self, run: Run) -> Run:
        if self._dies:
            await self._plot.advance(run, now(), interrupted=False)  # done, and nobody remembers
            run = await self._plot.advance(run, now(), interrupted=True)
        return await self._plot.advance(run, now(), interrupted=False)

    async def until(self, is_so: Callable[[list[Json]], bool]) -> list[Json]:
        """Wait until it is so of the messages that a watch has posted into the thread, and return them."""

        async def said() -> list[Json]:
            (root,) = await self.world.player.messages()
            told = [one for one in root["replies"] if part_of(one) in {"ending", "watch_end"}]
            return told if is_so(told) else []

        return await self.world.player.until(said, 30)

    async def report(self) -> Run:
        """Diagnose once, as everybody does, and return the run with its report."""
        request = DiagnosisRequest.model_validate(
            {"region": REGION, "gateway_id": GATEWAY, "connection_id": CONNECTION}
        )
        at = now()
        run_id = RunId.made(at, bytes(10))
        asked = Run(
            id=run_id,
            requester=ALICE,
            conversation=Conversation(channel_id=ChannelId("C0INCIDENT")),
            request=request,
            language="en",
            created_at=at,
            due_at=at,
        )
        await self.runs.add(asked, "command")

        async def told() -> list[Run]:
            run = await self.runs.get(run_id)
            return [] if run is None or run.due_at is not None else [run]

        (run,) = await self.world.player.until(told, 20)
        return run

    async def watch(self, seen: Run, lasts: timedelta) -> Run:
        at = now()
        run_id = RunId.made(at, b"\x01" * 10)
        return await begin_watch(self.runs, seen, ALICE, run_id, at, f"press:{run_id}", every=EVERY, lasts=lasts)

    async def asked(self) -> list[Run]:
        """Return the quiet runs that have asked the cloud."""
        return [run for run in await self.runs.newest(50) if run.watch is not None and run.diagnose_id is not None]

    async def until_asked(self, times: int) -> None:
        async def often_enough() -> bool:
            return len(await self.asked()) >= times

        await self.world.player.until(often_enough, 20)


@pytest.fixture(params=[False, True], ids=["lives", "dies after every step"])
async def bot(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bot]:
    async with alive(tmp_path, dies=request.param) as living_bot:
        yield living_bot


@asynccontextmanager
async def alive(folder: Path, *, dies: bool) -> AsyncIterator[Bot]:
    async with living(folder, diagnosis_s=0.05) as world, AsyncExitStack() as stack:
        environ = world.environ()
        parts = await parts_of(Settings.read(environ), environ, stack)
        bot = Bot(world, parts, dies=dies)
        tasks = [asyncio.create_task(bot.live()), asyncio.create_task(parts.access.keep_current())]
        try:
            yield bot
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(one, asyncio.CancelledError) for one in ended), ended


async def turn_route(world: World, *, on: bool) -> None:
    """Put a route in the tunnel's way, or take it away."""
    order = {"switch": "route", "connection": CONNECTION, "on": on}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{world.alibaba_url}/_emulator/switches", json=order) as response,
    ):
        assert response.status == 200, await response.text()


def buttons(message: Json) -> list[str]:
    return [
        element["action_id"]
        for block in message["blocks"]
        for element in block.get("elements", ())
        if "action_id" in element
    ]


async def test_only_what_changes_is_told(bot: Bot) -> None:
    seen = await bot.report()
    await bot.watch(seen, lasts=LONG)
    await bot.until_asked(2)
    await turn_route(bot.world, on=True)
    await bot.until(lambda said: len(said) == 2)
    await turn_route(bot.world, on=False)
    await bot.until(lambda said: len(said) == 3)
    await bot.until_asked(len(await bot.asked()) + 2)
    await stop_watch(bot.runs, seen, ALICE, now())
    said = await bot.until(lambda said: part_of(said[-1]) == "watch_end")

    assert [part_of(one) for one in said] == ["ending", "ending", "ending", "watch_end"]
    broken, mended, _ = (texts(one["blocks"]) for one in said[1:])
    assert "the verdict has changed" in broken
    assert "1 worse" in broken
    assert "1 better" in mended
    assert {run.identity for run in await bot.asked()} == {"oncall"}


async def test_without_a_change_only_the_end_is_told(bot: Bot) -> None:
    seen = await bot.report()
    await bot.watch(seen, lasts=3 * EVERY)

    said = await bot.until(lambda said: len(said) == 2)

    assert "The verdict has not changed" in texts(said[1]["blocks"])
    assert "watch" in buttons(said[0]), "it can be watched again"
    (root,) = await bot.world.player.messages()
    assert len(root["replies"]) == 3, "started, the report, the end"


async def test_a_stop_is_heard_at_any_time_and_confirmed_once(bot: Bot) -> None:
    seen = await bot.report()
    await bot.watch(seen, lasts=LONG)
    await bot.until(lambda said: "stop_watching" in buttons(said[0]))
    await bot.until_asked(1)

    assert await stop_watch(bot.runs, seen, ALICE, now())
    assert not await stop_watch(bot.runs, seen, ALICE, now())
    said = await bot.until(lambda said: len(said) == 2)
    number = len(await bot.asked())
    await asyncio.sleep(3 * EVERY.total_seconds())

    assert "The watch was stopped" in texts(said[1]["blocks"])
    assert len(await bot.asked()) == number
    assert len(await bot.until(bool)) == 2
    await bot.until(lambda said: "watch" in buttons(said[0]))


async def test_whoever_may_not_any_more_is_told_that_the_watch_has_ended(bot: Bot) -> None:
    seen = await bot.report()
    await bot.watch(seen, lasts=LONG)
    bot.world.write_access(ACCESS_FILE.replace("oncall, U0BOB", "readonly, U0BOB"))

    said = await bot.until(lambda said: len(said) == 2)

    assert "The watch has ended early" in texts(said[1]["blocks"])


async def test_what_passes_by_itself_does_not_end_the_watch(bot: Bot) -> None:
    seen = await bot.report()
    await bot.world.cloud_fault("DiagnoseVpnGateway", "throttle", times=3)
    await bot.watch(seen, lasts=5 * EVERY)

    said = await bot.until(lambda said: len(said) == 2)

    assert "The verdict has not changed" in texts(said[1]["blocks"])
