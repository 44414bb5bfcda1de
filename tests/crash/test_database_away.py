"""A database that is away, full or read-only: what it cannot take is refused in words, and then it goes on."""

import resource
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.crash.site import BotProcess, all_ended, started, what_is_wrong
from tests.journeys.world import BROKEN, HEALTHY, World, living
from tests.postgres import Server

NOT_KEPT = "could not write to its database"
NO_LIMIT = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with living(tmp_path, diagnosis_s=1.5) as alive:
        yield alive


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server(durable=True)
    yield server
    server.stop()


async def answer_to(world: World, text: str) -> str:
    """Send the command and return what the person sees at once, or the error that Slack shows."""
    answer = await world.player.command(text)
    return str(answer.get("payload") or answer["error"])


async def until_taken(world: World) -> None:
    """Ask until a request is taken in; a database that is back is used again within seconds."""

    async def taken() -> bool:
        return NOT_KEPT not in await answer_to(world, BROKEN)

    await world.player.until(taken, 5)


async def test_postgresql_that_crashes_in_the_middle_costs_nothing(world: World, server: Server) -> None:
    async with started(world, world.environ(VPN_DIAGNOSE_DATABASE_URL=server.new_database())):
        await world.player.command(HEALTHY)
        await world.player.until(world.player.messages)
        server.crash()
        refused = await answer_to(world, BROKEN)
        server.start()
        await until_taken(world)
        roots = await all_ended(world, 2)

    assert NOT_KEPT in refused
    assert what_is_wrong(roots, await world.cloud_calls()) == []


async def test_postgresql_that_only_reads_refuses_and_recovers(world: World, server: Server) -> None:
    url = server.new_database()
    async with started(world, world.environ(VPN_DIAGNOSE_DATABASE_URL=url)):
        server.only_read(url, yes=True)
        refused = await answer_to(world, HEALTHY)
        server.only_read(url, yes=False)
        await until_taken(world)
        roots = await all_ended(world, 1)

    assert NOT_KEPT in refused
    assert what_is_wrong(roots, await world.cloud_calls()) == []


async def test_a_full_disk_refuses_and_recovers(world: World) -> None:
    async with started(world, world.environ()) as bot:
        await world.player.command(HEALTHY)
        await world.player.until(world.player.messages)
        with full_disk(bot):
            refused = await answer_to(world, BROKEN)
        await until_taken(world)
        roots = await all_ended(world, 2)

    assert NOT_KEPT in refused
    assert what_is_wrong(roots, await world.cloud_calls()) == []


class full_disk:  # noqa: N801 - used like a function
    """No file of the bot's can grow, or be written, while the block runs: each write fails (setrlimit(2))."""

    def __init__(self, bot: BotProcess) -> None:
        self._bot = bot

    def __enter__(self) -> None:
        resource.prlimit(self._bot.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

    def __exit__(self, *_: object) -> None:
        resource.prlimit(self._bot.pid, resource.RLIMIT_FSIZE, NO_LIMIT)
