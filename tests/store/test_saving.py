"""Saving after a step."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import pytest
from sqlalchemy import func, select

from bot.model.run import Run, RunState
from bot.store.database import Database, open_database
from bot.store.runs import Claim, FencedError, Runs
from bot.store.tables import leads
from bot.store.tables import runs as table
from tests.store.clock import now

RunBuilder = Callable[..., Run]
MINUTE = timedelta(minutes=1)


async def claimed(runs: Runs, database: Database, *new: Run, owner: str = "us", lease_s: float = 60) -> list[Run]:
    for run in new:
        await runs.add(run, f"trigger:{run.id}")
    claims = await runs.claim_due(database.clock(), owner, lease_s, len(new))
    return sorted((claim.run for claim in claims), key=lambda run: run.id)


async def claim(runs: Runs, database: Database) -> tuple[Claim, ...]:
    return await runs.claim_due(database.clock(), "us", 60, 100)


async def test_many_saved_together_get_each_their_own(
    database: Database, runs: Runs, other_runs: Runs, a_run: RunBuilder
) -> None:
    ours = await claimed(runs, database, *(a_run() for _ in range(20)))
    stale = ours[7].changed(version=0)

    saved = await asyncio.gather(
        *(runs.save(run.changed(diagnose_id=f"vpndgn-{run.id}", due_at=None), lease_until=None) for run in ours),
        runs.save(stale, lease_until=None),
        return_exceptions=True,
    )

    assert isinstance(saved[-1], FencedError)
    for run in ours:
        after = await other_runs.get(run.id)
        assert after is not None
        assert (after.diagnose_id, after.version) == (f"vpndgn-{run.id}", run.version + 1)


async def test_a_save_whose_answer_was_lost_can_be_repeated(
    database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    (run,) = await claimed(runs, database, a_run())
    step = run.changed(diagnose_id="vpndgn-1")
    await write_behind(database, step)

    saved = await runs.save(step, lease_until=database.clock() + MINUTE)

    assert saved.version == run.version + 1
    assert (await runs.save(saved, lease_until=None)).version == run.version + 2


async def write_behind(database: Database, step: Run) -> None:
    """Save a step so that whoever saves it does not know."""
    await Runs(database).save(step, lease_until=database.clock() + MINUTE)


async def test_what_another_has_claimed_is_not_taken_for_a_save_of_ours(
    database: Database, runs: Runs, other_runs: Runs, a_run: RunBuilder
) -> None:
    (run,) = await claimed(runs, database, a_run(), lease_s=0)
    await other_runs.claim_due(database.clock(), "them", 60, 1)

    with pytest.raises(FencedError):
        await runs.save(run, lease_until=database.clock() + MINUTE)
    with pytest.raises(FencedError):
        await runs.save(run, lease_until=None)


async def test_what_we_have_claimed_again_is_not_saved_from_an_old_copy(
    database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    (run,) = await claimed(runs, database, a_run(), lease_s=0)
    await claim(runs, database)

    with pytest.raises(FencedError):
        await runs.save(run, lease_until=database.clock() + MINUTE)


async def test_those_that_follow_fall_due_when_their_leader_comes_on(
    database: Database, other: Database, runs: Runs, a_run: RunBuilder
) -> None:
    woken: list[str] = []
    later = now() + timedelta(hours=1)
    leader = a_run()
    follower, stranger, done = a_run(due_at=later, follows=leader.id), a_run(due_at=later), a_run(due_at=None)
    await asyncio.gather(*(runs.add(run, f"trigger:{run.id}") for run in (follower, stranger, done)))
    (leading,) = await claimed(runs, database, leader)

    async with other.present("them", lambda: woken.append("woken")), asyncio.timeout(10):
        same = await runs.save(leading, lease_until=database.clock() + MINUTE)
        assert await claim(runs, database) == ()
        assert woken == []

        await runs.save(same.changed(state=RunState.DIAGNOSING), lease_until=database.clock() + MINUTE)
        assert [found.run.id for found in await claim(runs, database)] == [follower.id]
        while not woken:  # noqa: ASYNC110 - called by the database's connection
            await asyncio.sleep(0.01)


async def test_a_follower_that_is_being_worked_on_is_left_alone(
    database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    leader = a_run()
    leading, follower = await claimed(runs, database, leader, a_run(follows=leader.id))
    later = now() + timedelta(hours=1)
    follower = await runs.save(follower.changed(due_at=later), lease_until=later)

    await runs.save(leading.changed(state=RunState.DIAGNOSING, due_at=None), lease_until=None)

    assert await due_at(database, follower) == later.timestamp()


async def due_at(database: Database, run: Run) -> float | None:
    find = select(table.c.due_at).where(table.c.id == run.id)
    return await database.read(lambda connection: connection.scalar(find))


async def test_a_save_waits_for_whoever_is_taking_the_run_and_is_fenced(
    postgres_url: str, a_run: RunBuilder
) -> None:
    async with open_database(postgres_url, now) as database:
        runs = Runs(database)
        (run,) = await claimed(runs, database, a_run())
        session: Any = await asyncpg.connect(postgres_url)
        async with session.transaction():
            await session.execute("UPDATE runs SET version = version + 1")
            saving = asyncio.create_task(runs.save(run, lease_until=None))
            await asyncio.sleep(0.2)

            assert not saving.done()
        with pytest.raises(FencedError):
            await saving
        await session.close()


async def test_a_run_follows_from_the_save_that_says_so(database: Database, runs: Runs, a_run: RunBuilder) -> None:
    leader, follower = await claimed(runs, database, a_run(), a_run())
    later = now() + timedelta(hours=1)
    await runs.save(follower.changed(follows=leader.id, due_at=later), lease_until=None)

    await runs.save(leader.changed(state=RunState.DIAGNOSING, due_at=later), lease_until=None)

    assert [found.run.id for found in await claim(runs, database)] == [follower.id]


async def test_a_run_that_has_ended_leads_no_more(database: Database, runs: Runs, a_run: RunBuilder) -> None:
    (run,) = await claimed(runs, database, a_run())
    await runs.lead(run)

    await runs.save(run.changed(state=RunState.REPORTED), lease_until=None)

    count = select(func.count()).select_from(leads)
    assert await database.read(lambda connection: connection.scalar(count)) == 0


async def test_when_nothing_is_left_to_do_is_noted(database: Database, runs: Runs, a_run: RunBuilder) -> None:
    told, untold = await claimed(runs, database, a_run(), a_run())
    await runs.save(told.changed(state=RunState.REPORTED, due_at=None), lease_until=None)
    await runs.save(untold.changed(state=RunState.REPORTED), lease_until=None)

    find = select(table.c.id, table.c.ended_at)
    ended = dict(await database.read(lambda connection: [tuple(row) for row in connection.execute(find)]))
    assert ended[untold.id] is None
    assert abs((ended[told.id] or 0) - now().timestamp()) < 10
