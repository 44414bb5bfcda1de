"""A bot without a door: its plot at work on what a test puts into the store, and dying when a test wants it to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.access.tunnels_seen import see_tunnels
from bot.app.parts import Parts, parts_of
from bot.app.sources import now
from bot.diagnosis import Diagnosis
from bot.model.ids import ChannelId, RunId, TeamId, UserId
from bot.model.request import Conversation, DiagnosisRequest, Requester
from bot.model.run import Posted, Run
from bot.setbacks import Pace
from bot.settings import Settings
from bot.slack.thread import Thread
from bot.store.rows import run_of
from bot.store.tables import runs as table
from tests.journeys.world import HEALTHY, World, living, part_of

Json = dict[str, Any]

ALICE = Requester(team_id=TeamId("T0EMULATED"), user_id=UserId("U0ALICE"))
GATEWAY, CONNECTION, REGION = HEALTHY.split()
PACE = Pace(poll_every_s=0.1, give_up_after_s=60)


def a_question(requester: Requester, entropy: bytes = bytes(10), addresses: dict[str, str] | None = None) -> Run:
    """Make a run that asks about the healthy connection."""
    at = now()
    question = {"region": REGION, "gateway_id": GATEWAY, "connection_id": CONNECTION}
    return Run(
        id=RunId.made(at, entropy),
        requester=requester,
        conversation=Conversation(channel_id=ChannelId("C0INCIDENT")),
        request=DiagnosisRequest.model_validate(question | {"addresses": addresses or None}),
        language="en",
        created_at=at,
        due_at=at,
    )


class Bot:
    """A bot without a door; `dies` lets it die after every step, and be started again."""

    def __init__(self, world: World, parts: Parts, pace: Pace, *, dies: bool) -> None:
        self.world = world
        self.runs = parts.runs
        self._database = parts.database
        self._dies = dies
        self._slack = parts.slack
        self._plot = Diagnosis(
            parts.access,
            parts.vpn,
            Thread(parts.slack, parts.runs.still_ours),
            parts.runs,
            pace,
            partial(see_tunnels, parts.probes),
        )

    async def live(self) -> None:
        while True:
            for claim in await self.runs.claim_due(now(), "test", 60, 10):
                await self.runs.save(await self.step(claim.run), lease_until=None)
            await asyncio.sleep(0.02)

    async def step(self, run: Run) -> Run:
        if self._dies:
            await self._plot.advance(run, now(), interrupted=False)  # done, and nobody remembers
            run = await self._plot.advance(run, now(), interrupted=True)
        return await self._plot.advance(run, now(), interrupted=False)

    async def with_root(self, run: Run) -> Run:
        """Post the root message of a run that the store does not have yet."""
        root = await Thread(self._slack).post_root(run, look_first=False)
        return run.changed(posted=Posted(channel_id=root.channel_id, root_ts=root.ts))

    async def until(self, is_so: Callable[[list[Json]], bool]) -> list[Json]:
        """Wait until it is so of the messages that a watch has posted into the thread, and return them."""

        async def said() -> list[Json]:
            (root,) = await self.world.player.messages()
            told = [one for one in root["replies"] if part_of(one) in {"ending", "watch_end"}]
            return told if is_so(told) else []

        return await self.world.player.until(said, 30)

    async def report(self, **addresses: str) -> Run:
        """Diagnose once, as everybody does, and return the run with its report."""
        asked = a_question(ALICE, addresses=addresses)
        await self.runs.add(asked, "command")

        return await self.ended(asked)

    async def ended(self, asked: Run) -> Run:
        """Wait until a run has ended and all of it is told."""

        async def told() -> list[Run]:
            run = await self.runs.get(asked.id)
            return [] if run is None or run.due_at is not None else [run]

        (run,) = await self.world.player.until(told, 20)
        return run

    async def asked(self) -> list[Run]:
        """Return the quiet runs that have asked the cloud."""
        rows = await self._database.read(lambda connection: connection.execute(select(table)).all())
        stored = [run_of(row) for row in rows]
        return [run for run in stored if run.watch is not None and run.diagnose_id is not None]

    async def until_asked(self, times: int) -> None:
        async def often_enough() -> bool:
            return len(await self.asked()) >= times

        await self.world.player.until(often_enough, 20)


@asynccontextmanager
async def alive(
    folder: Path, *, pace: Pace = PACE, dies: bool = False, works: bool = True, diagnosis_s: float = 0.05
) -> AsyncIterator[Bot]:
    async with living(folder, diagnosis_s=diagnosis_s) as world, AsyncExitStack() as stack:
        variables = world.environ()
        parts = await parts_of(Settings.read(variables), variables, stack)
        bot = Bot(world, parts, pace, dies=dies)
        tasks = [asyncio.create_task(parts.access.keep_current())]
        tasks += [asyncio.create_task(bot.live())] if works else []
        try:
            yield bot
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(one, asyncio.CancelledError) for one in ended), ended
