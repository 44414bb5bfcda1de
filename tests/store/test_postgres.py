"""A PostgreSQL server that something happens to."""

import asyncio
import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.model.problem import Problem
from bot.model.run import Run
from bot.store.database import Database, open_database
from bot.store.errors import DatabaseAwayError
from bot.store.runs import Runs
from tests.postgres import Server
from tests.store.clock import now

RunBuilder = Callable[..., Run]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Return a server that may be broken."""
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def url(server: Server) -> str:
    return server.new_database()


async def stored_at_last(runs: Runs, run: Run) -> None:
    """Try as a person would, for at most 5 seconds, which is what a server that is back may take."""
    async with asyncio.timeout(5):
        while True:
            with contextlib.suppress(Problem):
                await runs.add(run, f"trigger:{run.id}")
                return
            await asyncio.sleep(0.05)


async def test_a_server_that_crashed_is_back_with_all_that_was_accepted(
    server: Server, database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    before, during, after = a_run(), a_run(), a_run()
    await runs.add(before, "trigger:1")
    woken = asyncio.Event()
    async with database.present("us", woken.set):
        server.crash()
        await refused(runs, during)
        server.start()
        await stored_at_last(runs, after)
        async with asyncio.timeout(10):
            await woken.wait()

    assert [await runs.get(run.id) for run in (before, during, after)] == [before, None, after]


async def refused(runs: Runs, run: Run) -> None:
    with pytest.raises(Problem, match=r"bot\.not_stored"):
        await runs.add(run, "trigger:2")
    with pytest.raises(DatabaseAwayError):
        await runs.next_due()


async def test_a_server_that_was_away_while_nobody_asked_is_not_noticed(
    server: Server, runs: Runs, a_run: RunBuilder
) -> None:
    await runs.add(a_run(), "trigger:1")
    await runs.next_due()
    server.crash()
    server.start()

    run = a_run()
    assert await runs.add(run, "trigger:2") == run.id
    assert await runs.get(run.id) == run


async def test_a_server_that_hangs_holds_up_nobody_for_long(
    server: Server, database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    woken = asyncio.Event()
    await runs.add(a_run(), "trigger:1")
    async with database.present("us", woken.set):
        server.pause()
        try:
            await given_up(runs, a_run())
        finally:
            server.resume()
        await stored_at_last(runs, a_run())
        woken.clear()
        await runs.add(a_run(), "trigger:3")

        async with asyncio.timeout(10):
            await woken.wait()


async def given_up(runs: Runs, run: Run) -> None:
    async with asyncio.timeout(4):
        with pytest.raises(Problem, match=r"bot\.not_stored"):
            await runs.add(run, "trigger:2")
    async with asyncio.timeout(10):
        with pytest.raises(SQLAlchemyError):
            await runs.next_due()


async def test_a_server_that_only_reads_is_said_and_left_when_it_writes_again(
    server: Server, url: str, runs: Runs, a_run: RunBuilder
) -> None:
    server.only_read(url, yes=True)
    with pytest.raises(Problem, match=r"bot\.not_stored"):
        await runs.add(a_run(), "trigger:1")

    server.only_read(url, yes=False)
    await stored_at_last(runs, a_run())


async def test_a_session_that_may_only_read_is_given_up_for_another(
    database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    demote = text(
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"
    )  # as a server does that is no longer first
    await database.write(lambda connection: connection.execute(demote))

    with pytest.raises(Problem, match=r"bot\.not_stored"):
        await runs.add(a_run(), "trigger:1")
    await runs.add(a_run(), "trigger:2")


async def test_a_statement_that_waits_for_a_lock_is_given_up(url: str, runs: Runs, a_run: RunBuilder) -> None:
    async with open_database(url, now) as blocker:
        held, release = asyncio.Event(), asyncio.Event()
        holding = asyncio.create_task(hold_the_table(url, held, release))
        await held.wait()
        with pytest.raises(Problem, match=r"bot\.not_stored"):
            await runs.add(a_run(), "trigger:1")
        release.set()
        await holding

        await stored_at_last(Runs(blocker), a_run())


async def hold_the_table(url: str, held: asyncio.Event, release: asyncio.Event) -> None:
    connection: Any = await asyncpg.connect(url)
    async with connection.transaction():
        await connection.execute("LOCK TABLE runs")
        held.set()
        await release.wait()
    await connection.close()


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://bot:hunter2@127.0.0.1:1/bot",
        "postgresql://bot:hunter2@127.0.0.1:{port}/no_such_database",
        "postgresql://nobody:hunter2@127.0.0.1:{port}/postgres",
        "postgresql://bot:hunter2@no-such-host.invalid/bot",
        "postgresql://bot:hunter2@127.0.0.1:not-a-port/bot",
        "postgresql://bot:hunter2@127.0.0.1:{port}/bot?sslmode=no-such-mode",
    ],
)
async def test_why_it_cannot_be_opened_is_said_without_the_password(
    server: Server, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(Problem, match=r"settings\.database_(unreachable|url)") as caught:
        async with open_database(address.format(port=server.port), now):
            pass

    shown = "".join(chain(caught.value)) + caplog.text
    assert "hunter2" not in shown


def chain(error: BaseException | None) -> Iterator[str]:
    """Give every exception that a log would show of this one."""
    while error is not None:
        yield f"{error!r} {error}"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


async def test_a_driver_that_is_not_installed_is_said() -> None:
    program = """
import asyncio, sys
sys.modules["asyncpg"] = None
from tests.store.clock import now
from bot.model.problem import Problem
from bot.store.database import Database, open_database

async def opened():
    async with open_database("postgresql://bot@127.0.0.1:1/bot", now):
        pass

try:
    asyncio.run(opened())
except Problem as problem:
    print(problem.code)
"""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()

    assert said == b"settings.database_driver\n"
