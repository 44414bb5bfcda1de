"""Claiming what is due."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import pytest
from sqlalchemy import Connection, event, insert, text, update
from sqlalchemy.engine import Engine

from bot.model.run import Run
from bot.store.database import Database, open_database
from bot.store.rows import FORMAT, new_row
from bot.store.runs import Runs
from bot.store.tables import runs as table
from tests.store.clock import now

NOON = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)
RunBuilder = Callable[..., Run]


@pytest.fixture
def plans() -> Iterator[list[str]]:
    """Collect how the database goes about each claim."""
    collected: list[str] = []

    def explain(connection: Connection, cursor: object, statement: str, parameters: object, *_: object) -> None:
        del cursor
        if statement.startswith("WITH due"):
            how = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
            rows = connection.exec_driver_sql(f"{how} {statement}", parameters)  # type: ignore[arg-type]
            collected.append("\n".join(str(row[-1]) for row in rows))

    event.listen(Engine, "before_cursor_execute", explain)
    yield collected
    event.remove(Engine, "before_cursor_execute", explain)


async def store(database: Database, runs: list[Run]) -> None:
    rows = [new_row(run) for run in runs]
    await database.write(lambda connection: connection.execute(insert(table), rows))


async def test_two_claimers_at_once_never_get_the_same_run(
    database: Database, runs: Runs, other_runs: Runs, a_run: RunBuilder
) -> None:
    await store(database, [a_run() for _ in range(100)])

    claims = await asyncio.gather(
        *(bot.claim_due(NOON, owner, 60, 3) for bot, owner in ((runs, "us"), (other_runs, "them")) * 20)
    )

    claimed = [claim.run.id for taken in claims for claim in taken]
    assert len(claimed) == len(set(claimed)) == 100


async def test_a_claim_reads_no_more_than_it_takes(
    database: Database, runs: Runs, a_run: RunBuilder, plans: list[str]
) -> None:
    waiting = [a_run(due_at=NOON + timedelta(hours=1)) for _ in range(200)]
    await store(database, [a_run(due_at=None) for _ in range(2000)] + waiting + [a_run() for _ in range(50)])
    if database.shared:
        await database.write(lambda connection: connection.execute(text("ANALYZE")))

    await runs.claim_due(NOON, "us", 60, 16)

    (plan,) = plans
    assert "runs_due" in plan
    assert "SCAN runs" not in plan
    assert "Seq Scan on runs" not in plan
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan


async def test_what_another_bot_is_taking_at_this_moment_is_left_to_it(
    postgres_url: str, a_run: RunBuilder
) -> None:
    taken, free = a_run(due_at=NOON - timedelta(hours=1)), a_run()
    async with open_database(postgres_url, now) as database:
        await store(database, [taken, free])
        session: Any = await asyncpg.connect(postgres_url)
        async with session.transaction():
            await session.execute("SELECT id FROM runs WHERE id = $1 FOR UPDATE", taken.id)
            claims = await Runs(database).claim_due(NOON, "us", 60, 1)
        await session.close()

    assert [claim.run.id for claim in claims] == [free.id]


async def test_what_a_newer_bot_stored_is_left_to_it(database: Database, runs: Runs, a_run: RunBuilder) -> None:
    newer, ours = a_run(due_at=NOON - timedelta(hours=1)), a_run()
    await store(database, [newer, ours])
    mark = update(table).where(table.c.id == newer.id).values(format=FORMAT + 1)
    await database.write(lambda connection: connection.execute(mark))

    claims = await runs.claim_due(NOON, "us", 60, 10)

    assert [claim.run.id for claim in claims] == [ours.id]
    assert await runs.next_due() is None
    assert [run.id for run in await runs.newest(10)] == [ours.id]


async def test_on_postgresql_the_time_is_the_databases(postgres_url: str, a_run: RunBuilder) -> None:
    async with open_database(postgres_url, lambda: now() + timedelta(hours=2)) as fast:
        assert abs(fast.clock() - now()) < timedelta(seconds=10)

        fast.ahead = timedelta()
        await Runs(fast).claim_due(fast.clock(), "us", 60, 1)

        assert abs(fast.clock() - now()) < timedelta(seconds=10)
        await Runs(fast).add(a_run(), "trigger:1")


async def test_a_clock_that_was_put_forward_ends_nobodys_lease(postgres_url: str, a_run: RunBuilder) -> None:
    async with open_database(postgres_url, now) as database:
        runs = Runs(database)
        await runs.add(a_run(), "trigger:1")
        await runs.claim_due(database.clock(), "us", 60, 1)

        taken = await runs.claim_due(database.clock() + timedelta(hours=2), "them", 60, 1)

    assert taken == ()


async def test_on_sqlite_the_time_is_what_the_clock_says(database: Database) -> None:
    if not database.shared:
        assert database.ahead == timedelta()
