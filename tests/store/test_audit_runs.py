"""A run that is stored without its entries says that they were removed."""

# ruff: noqa: S608 - the statements are an intruder's

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.model.run import Run, RunState
from bot.store.audit import Audit
from bot.store.audit_check import MOST_FAULTS, Verdict, verify
from bot.store.audit_reading import audit_trail
from bot.store.audit_runs import Untold
from bot.store.database import Database
from bot.store.runs import Runs
from tests.store.audited import NOON, an_entry, tamper, write_down

RunBuilder = Callable[..., Run]


async def checked(url: str) -> Verdict:
    async with audit_trail(url) as trail:
        runs = await trail.runs()
        return await verify(trail.rows(), {}, runs)


async def ended(runs: Runs, database: Database, run: Run, state: RunState = RunState.FAILED) -> Run:
    await runs.add(run, f"trigger:{run.id}")
    (claim,) = await runs.claim_due(database.clock(), "us", 60, 1)
    return await runs.save(claim.run.changed(state=state, due_at=None), lease_until=None)


async def remove(database: Database, which: str) -> None:
    await tamper(database, f"DELETE FROM audit WHERE {which}")


@pytest.mark.parametrize("state", [RunState.REPORTED, RunState.REFUSED, RunState.FAILED])
async def test_runs_with_all_their_entries_are_good(
    state: RunState, url: str, database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    await ended(runs, database, a_run(), state)
    await runs.add(a_run(), "trigger:going on")

    verdict = await checked(url)

    assert (verdict.rows, verdict.number, verdict.untold, verdict.older) == (3, 0, (), 0)


async def test_an_acceptance_that_was_cut_off_at_the_end_is_missed(
    url: str, database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    await write_down(database, 1)
    run = a_run()
    await runs.add(run, "trigger:1")

    await remove(database, "seq = 2")
    verdict = await checked(url)

    assert (verdict.faults, verdict.number) == ((), 1)
    assert verdict.untold == (Untold(run.id, "accepted"),)


@pytest.mark.parametrize("state", [RunState.REPORTED, RunState.REFUSED, RunState.FAILED])
async def test_an_ending_that_was_cut_off_at_the_end_is_missed(
    state: RunState, url: str, database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    run = await ended(runs, database, a_run(), state)

    await remove(database, "seq = 2")

    assert (await checked(url)).untold == (Untold(run.id, state.value),)


async def test_a_refused_press_about_a_run_is_not_taken_for_its_end(
    url: str, database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    run = await ended(runs, database, a_run(), RunState.REFUSED)

    await remove(database, "seq = 2")
    await Audit(database).append(an_entry(run_id=run.id, operation="run_again"))

    assert (await checked(url)).untold == (Untold(run.id, "refused"),)


async def test_an_empty_trail_beside_runs_is_a_fault_for_each_of_them(
    url: str, database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    first = await ended(runs, database, a_run())
    second = await ended(runs, database, a_run(created_at=NOON + timedelta(seconds=1)))

    await remove(database, "seq > 0")
    verdict = await checked(url)

    assert (verdict.rows, verdict.number) == (0, 2)
    assert verdict.untold == (Untold(first.id, "accepted"), Untold(second.id, "accepted"))


async def test_a_trail_that_was_emptied_and_begun_anew_lacks_the_ends_from_before(
    url: str, database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    before = await ended(runs, database, a_run())
    later = a_run(created_at=NOON + timedelta(hours=1))

    await remove(database, "seq > 0")
    await runs.add(later, "trigger:later")

    assert (await checked(url)).untold == (Untold(before.id, "failed"),)


async def test_runs_from_before_there_was_a_trail_are_counted_and_no_fault(
    url: str, database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    await ended(runs, database, a_run(created_at=NOON - timedelta(days=1)))
    await remove(database, "seq > 0")
    old = text("UPDATE runs SET format = 1")
    await database.write(lambda connection: connection.execute(old))
    await runs.add(a_run(), "trigger:1")

    verdict = await checked(url)

    assert (verdict.number, verdict.older) == (0, 1)


async def test_a_run_that_was_going_on_when_the_trail_began_has_only_its_end_there(
    url: str, database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    run = a_run(created_at=NOON - timedelta(days=1))
    await runs.add(run, "trigger:1")
    await remove(database, "seq > 0")
    await write_down(database, 1)
    (claim,) = await runs.claim_due(database.clock(), "us", 60, 1)
    await runs.save(claim.run.changed(state=RunState.FAILED, due_at=None), lease_until=None)

    assert (await checked(url)).number == 0


async def test_entries_of_runs_that_were_swept_are_good(
    url: str, database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    await ended(runs, database, a_run())
    await runs.sweep(database.clock() + timedelta(days=100), 1, 1, batch=10)

    verdict = await checked(url)

    assert await runs.newest(1) == ()
    assert (verdict.rows, verdict.number) == (2, 0)


async def test_a_time_that_an_intruder_made_up_excuses_no_run(
    url: str, database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    await write_down(database, 1)
    run = a_run()
    await runs.add(run, "trigger:1")

    await remove(database, "seq = 2")
    await tamper(database, "UPDATE audit SET at = 'tomorrow'")

    assert (await checked(url)).untold == (Untold(run.id, "accepted"),)


async def test_of_many_runs_the_first_are_named_and_all_are_counted(
    url: str, database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    for number in range(MOST_FAULTS + 2):
        await runs.add(a_run(), f"trigger:{number}")

    await remove(database, "seq > 0")
    verdict = await checked(url)

    assert (len(verdict.untold), verdict.number) == (MOST_FAULTS, MOST_FAULTS + 2)
