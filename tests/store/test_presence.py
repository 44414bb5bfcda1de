"""Being known as alive, and hearing from the other bots."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from bot.model.problem import Problem
from bot.model.run import Run
from bot.store.database import Database, open_database
from bot.store.presence import present
from bot.store.runs import Runs
from tests.store.clock import now

RunBuilder = Callable[..., Run]

END_THE_LISTENER = text(
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND query LIKE 'LISTEN%'"
)


@asynccontextmanager
async def listening(url: str, owner: str, woken: asyncio.Event) -> AsyncIterator[Database]:
    async with open_database(url, now) as database, database.present(owner, woken.set):
        yield database


async def end_the_listener(url: str) -> None:
    async with open_database(url, now) as database, asyncio.timeout(10):
        while await database.read(lambda connection: connection.scalar(END_THE_LISTENER)) == 0:  # noqa: ASYNC110 - the server's state
            await asyncio.sleep(0.01)  # the server notes it after we know of it


async def test_a_new_run_wakes_the_other_bots(postgres_url: str, a_run: RunBuilder) -> None:
    woken = asyncio.Event()
    async with listening(postgres_url, "us", woken), open_database(postgres_url, now) as other:
        assert not woken.is_set()

        await Runs(other).add(a_run(), "trigger:1")

        async with asyncio.timeout(10):
            await woken.wait()


async def test_a_broken_connection_is_had_again_and_what_was_missed_is_looked_for(
    postgres_url: str, a_run: RunBuilder
) -> None:
    woken = asyncio.Event()
    async with listening(postgres_url, "us", woken) as database, open_database(postgres_url, now) as other:
        before = database.sees_the_others
        await end_the_listener(postgres_url)
        async with asyncio.timeout(10):
            await woken.wait()  # for what may have been said meanwhile

        assert before
        assert not database.sees_the_others  # they may have been cut off as well, and be on their way back
        woken.clear()
        await Runs(other).add(a_run(), "trigger:1")
        async with asyncio.timeout(10):
            await woken.wait()


async def test_a_bot_that_has_come_back_is_known_as_alive(postgres_url: str, a_run: RunBuilder) -> None:
    woken = asyncio.Event()
    async with listening(postgres_url, "us", woken) as database, open_database(postgres_url, now) as other:
        await Runs(database).add(a_run(), "trigger:1")
        await Runs(database).claim_due(database.clock(), "us", 60, 1)
        woken.clear()
        await end_the_listener(postgres_url)
        async with asyncio.timeout(10):
            await woken.wait()

        async with other.present("them", woken.set):
            assert await Runs(other).take_over_the_dead("them") == 0


async def test_on_a_file_of_our_own_everybody_is_seen(database: Database) -> None:
    assert database.sees_the_others is not database.shared


async def test_a_server_that_is_not_there_is_said() -> None:
    with pytest.raises(Problem, match=r"settings\.database_unreachable"):
        async with present("postgresql://bot:hunter2@127.0.0.1:1/bot", "us", lambda: None):
            pass
