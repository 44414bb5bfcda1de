"""Two bots on one PostgreSQL: what Slack brings to both is done once, also while the database comes and goes."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.crash.site import all_ended, ask, started, what_is_wrong
from tests.journeys.world import BROKEN, HEALTHY, World, living
from tests.postgres import Server, a_database_url

# Seconds that the database is away each time, and that it is there in between.
AWAY_S = (0.3, 1.0, 2.0)
THERE_S = 3.0


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with living(tmp_path, diagnosis_s=1) as alive:
        yield alive


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server(durable=True)
    yield server
    server.stop()


async def test_what_is_brought_eleven_times_to_two_bots_at_once_is_done_once(world: World) -> None:
    environ = world.environ(VPN_DIAGNOSE_DATABASE_URL=a_database_url())
    async with started(world, environ), started(world, environ):
        await world.player.command(HEALTHY)
        await asyncio.gather(*(world.player.delivery(redeliver=1) for _ in range(10)))
        roots = await all_ended(world, 1)

    assert len(roots) == 1
    assert what_is_wrong(roots, await world.cloud_calls()) == []
    assert sum(1 for call in await world.cloud_calls() if call["facts"].get("accepted_start")) == 1


@pytest.mark.long
async def test_a_database_that_comes_and_goes_costs_no_run_that_was_acknowledged(
    world: World, server: Server
) -> None:
    environ = world.environ(VPN_DIAGNOSE_DATABASE_URL=server.new_database())
    acked = 0
    async with started(world, environ), started(world, environ):
        for away_s in AWAY_S:
            acked += await ask_for_a_report(world)
            server.pause()
            await asyncio.sleep(away_s)
            server.resume()
            await asyncio.sleep(THERE_S)
            server.crash()
            await asyncio.sleep(away_s)
            server.start()
            await asyncio.sleep(THERE_S)
        roots = await all_ended(world, acked)

    assert acked > 0
    assert what_is_wrong(roots, await world.cloud_calls()) == []


async def ask_for_a_report(world: World) -> int:
    """Ask about two gateways, and count what was acknowledged."""
    return sum([await ask(world, text) for text in (HEALTHY, BROKEN)])
