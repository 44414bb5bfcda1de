"""Is it still ours, right before an effect that others can see?"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.model.run import Run
from bot.store.database import Database, open_database
from bot.store.runs import FencedError, Runs
from bot.store.tables import runs as table

RunBuilder = Callable[..., Run]


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def __call__(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.ahead_s)


async def lease_ends(database: Database) -> float:
    find = select(table.c.lease_until)
    return await database.read(lambda connection: connection.scalar(find)) or 0.0


async def test_a_run_that_we_have_is_ours(database: Database, runs: Runs, a_run: RunBuilder) -> None:
    await runs.add(a_run(), "trigger:1")
    (claim,) = await runs.claim_due(database.clock(), "us", 60, 1)

    await runs.still_ours(claim.run)
    saved = await runs.save(claim.run, lease_until=database.clock() + timedelta(seconds=60))
    await runs.still_ours(saved)


async def test_a_run_that_was_handed_back_is_not(database: Database, runs: Runs, a_run: RunBuilder) -> None:
    await runs.add(a_run(), "trigger:1")
    (claim,) = await runs.claim_due(database.clock(), "us", 60, 1)
    saved = await runs.save(claim.run, lease_until=None)

    with pytest.raises(FencedError):
        await runs.still_ours(saved)


async def test_a_run_that_was_never_claimed_is_not(runs: Runs, a_run: RunBuilder) -> None:
    run = a_run()
    await runs.add(run, "trigger:1")

    with pytest.raises(FencedError):
        await runs.still_ours(run)


async def test_a_lease_that_ran_out_is_not(database: Database, runs: Runs, a_run: RunBuilder) -> None:
    await runs.add(a_run(), "trigger:1")
    (claim,) = await runs.claim_due(database.clock(), "us", 0, 1)

    with pytest.raises(FencedError):
        await runs.still_ours(claim.run)


async def test_an_old_copy_of_a_run_that_we_took_again_is_not(
    database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    await runs.add(a_run(), "trigger:1")
    (old,) = await runs.claim_due(database.clock(), "us", 0, 1)
    (new,) = await runs.claim_due(database.clock(), "us", 60, 1)

    await runs.still_ours(new.run)
    with pytest.raises(FencedError):
        await runs.still_ours(old.run)


async def test_a_run_that_another_took_from_us_is_not_although_our_lease_goes_on(
    postgres_url: str, a_run: RunBuilder
) -> None:
    clock = Clock()
    async with open_database(postgres_url, clock) as here, open_database(postgres_url, clock) as there:
        ours, theirs = Runs(here), Runs(there)
        await ours.add(a_run(), "trigger:1")
        (claim,) = await ours.claim_due(here.clock(), "us", 60, 1)
        await there.write(lambda connection: connection.execute(table.update().values(lease_until=0)))
        await theirs.claim_due(there.clock(), "them", 60, 1)

        with pytest.raises(FencedError):
            await ours.still_ours(claim.run)


async def test_a_lease_is_extended_once_half_of_it_is_over(url: str, a_run: RunBuilder) -> None:
    clock = Clock()
    async with open_database(url, clock) as database:
        runs = Runs(database)
        await runs.add(a_run(), "trigger:1")
        (claim,) = await runs.claim_due(database.clock(), "us", 60, 1)
        at_first = await lease_ends(database)

        clock.ahead_s = 20
        await runs.still_ours(claim.run)
        assert await lease_ends(database) == at_first

        clock.ahead_s = 40
        await runs.still_ours(claim.run)
        assert 39 < await lease_ends(database) - at_first < 60

        clock.ahead_s = 80  # beyond the first lease, within the extended one
        await runs.still_ours(claim.run)


async def test_on_a_file_of_our_own_nothing_is_asked_of_the_database(
    database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    if database.shared:
        return
    await runs.add(a_run(), "trigger:1")
    (claim,) = await runs.claim_due(database.clock(), "us", 60, 1)
    await database.write(lambda connection: connection.exec_driver_sql("DROP TABLE runs"))

    await runs.still_ours(claim.run)


async def test_claims_that_nobody_came_back_for_are_forgotten(url: str, a_run: RunBuilder) -> None:
    clock = Clock()
    async with open_database(url, clock) as database:
        runs = Runs(database)
        await runs.add(a_run(), "trigger:1")
        await runs.claim_due(database.clock(), "us", 1, 1)
        await database.write(lambda connection: connection.execute(table.update().values(due_at=None)))

        clock.ahead_s = 100
        await runs.claim_due(clock(), "us", 1, 1)

        assert runs._held == {}
