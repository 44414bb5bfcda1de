"""What has been kept long enough goes, each kind by its own rule."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Table, func, select, update

from bot.model.ids import RunId
from bot.model.run import Run, RunState
from bot.store.audit_table import audit
from bot.store.database import Database
from bot.store.runs import Runs
from bot.store.signatures import Signatures
from bot.store.tables import deliveries, signatures
from bot.store.tables import runs as table

RunBuilder = Callable[..., Run]
NOON = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)
DAY_S = 86_400.0


async def left(database: Database, of: Table) -> int:
    count = select(func.count()).select_from(of)
    return await database.read(lambda connection: connection.scalar(count)) or 0


async def ended(database: Database, runs: Runs, run: Run, at: datetime) -> RunId:
    await runs.add(run, f"trigger:{run.id}")
    end = update(table).where(table.c.id == run.id).values(ended_at=at.timestamp(), due_at=None)
    await database.write(lambda connection: connection.execute(end))
    return run.id


async def test_runs_go_so_long_after_their_end_and_not_before(
    database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    old = await ended(database, runs, a_run(), NOON - timedelta(days=31))
    recent = await ended(database, runs, a_run(), NOON - timedelta(days=29))
    waiting = a_run(created_at=NOON - timedelta(days=100))
    await runs.add(waiting, "trigger:1")

    removed = await runs.sweep(NOON, 30 * DAY_S, 30 * DAY_S, batch=100)

    assert await runs.get(old) is None
    assert await runs.get(recent) is not None
    assert await runs.get(waiting.id) is not None
    assert removed == 2  # the old run, and the delivery of the one that waits


async def test_a_run_that_an_older_bot_ended_goes_so_long_after_its_question(
    runs: Runs, a_run: RunBuilder
) -> None:
    old = a_run(created_at=NOON - timedelta(days=31), due_at=None, state=RunState.FAILED)
    recent = a_run(created_at=NOON - timedelta(days=29), due_at=None, state=RunState.REPORTED)
    untold = a_run(created_at=NOON - timedelta(days=31), state=RunState.FAILED)
    for run in (old, recent, untold):
        await runs.add(run, f"trigger:{run.id}")  # without a time of its end, as that bot saved it

    await runs.sweep(NOON, 30 * DAY_S, 30 * DAY_S, batch=100)

    kept = [await runs.get(run.id) for run in (old, recent, untold)]
    assert kept == [None, recent, untold]


async def test_deliveries_are_kept_for_an_hour_whatever_the_setting_is(runs: Runs, a_run: RunBuilder) -> None:
    await runs.add(a_run(created_at=NOON - timedelta(minutes=59)), "recent")
    await runs.add(a_run(created_at=NOON - timedelta(minutes=61)), "old")

    await runs.sweep(NOON, DAY_S, 0, batch=100)

    assert await runs.delivered("recent") is not None
    assert await runs.delivered("old") is None


async def test_signatures_are_kept_for_as_long_as_their_bytes_could_be_let_in(
    database: Database, runs: Runs
) -> None:
    known = Signatures(database)
    await known.first_use("v0=recent", NOON - timedelta(minutes=9))
    await known.first_use("v0=of-a-bot-whose-clock-is-slow", NOON - timedelta(minutes=19))
    await known.first_use("v0=old", NOON - timedelta(minutes=21))

    removed = await runs.sweep(NOON, DAY_S, DAY_S, batch=100)

    assert removed == 1
    assert not await known.first_use("v0=recent", NOON)
    assert not await known.first_use("v0=of-a-bot-whose-clock-is-slow", NOON)
    assert await left(database, signatures) == 2


async def test_no_more_goes_at_once_than_a_batch(database: Database, runs: Runs, a_run: RunBuilder) -> None:
    for number in range(5):
        await runs.add(a_run(created_at=NOON - timedelta(days=2)), f"trigger:{number}")

    removed = [await runs.sweep(NOON, DAY_S, DAY_S, batch=2) for _ in range(4)]

    assert removed == [2, 2, 1, 0]
    assert await left(database, deliveries) == 0


async def test_nothing_goes_with_a_run_that_is_not_in_its_own_table(
    database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    run_id = await ended(database, runs, a_run(created_at=NOON), NOON - timedelta(days=31))

    await runs.sweep(NOON, 30 * DAY_S, DAY_S, batch=100)

    audited = await database.read(lambda connection: connection.scalars(select(audit.c.run_id)).all())
    assert await runs.get(run_id) is None
    assert audited == [run_id]
    assert await runs.delivered(f"trigger:{run_id}") == run_id
