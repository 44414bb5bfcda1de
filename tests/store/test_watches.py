"""Watches in the store: one at a time, stopped for good, carried on once; on both databases, by two bots."""

import asyncio

import pytest

from bot.model.ids import RunId, UserId
from bot.model.request import Requester
from bot.model.run import Run
from bot.store.runs import Runs
from tests.conftest import NOON
from tests.store.quiet import LATER, ORIGIN, RunBuilder, quiet


@pytest.fixture(autouse=True)
async def origin(runs: Runs, a_run: RunBuilder) -> None:
    await runs.add(a_run(id=ORIGIN, due_at=None), "command")


async def end(runs: Runs, run: Run) -> None:
    (claim,) = [one for one in await runs.claim_due(LATER, "bot", 60, 9) if one.run.id == run.id]
    await runs.save(claim.run.changed(due_at=None), lease_until=None)


async def test_of_many_presses_at_once_one_begins_a_watch(runs: Runs, other_runs: Runs, a_run: RunBuilder) -> None:
    presses = [quiet(a_run) for _ in range(10)]

    begun = await asyncio.gather(
        *(
            bot.begin_watch(run, f"press:{run.id}")
            for bot, run in zip((runs, other_runs) * 5, presses, strict=True)
        )
    )

    assert len({run.id for run in begun}) == 1
    assert sum([await runs.get(run.id) is not None for run in presses]) == 1


async def test_everybody_has_a_watch_of_their_own_under_each_report(runs: Runs, a_run: RunBuilder) -> None:
    bob = Requester(team_id=a_run().requester.team_id, user_id=UserId("U0BOB"))
    other = RunId.made(LATER, bytes(10))
    for run in (quiet(a_run), quiet(a_run, requester=bob), quiet(a_run, origin=other)):
        begun = await runs.begin_watch(run, f"press:{run.id}")

        assert begun.id == run.id


async def test_a_press_that_comes_twice_begins_no_second_watch_after_the_first_has_ended(
    runs: Runs, a_run: RunBuilder
) -> None:
    first, again, later = quiet(a_run), quiet(a_run), quiet(a_run)
    await runs.begin_watch(first, "press:1")
    await end(runs, first)

    assert (await runs.begin_watch(again, "press:1")).id == first.id
    assert (await runs.begin_watch(later, "press:2")).id == later.id


async def test_a_stopped_watch_is_stopped_for_whoever_asks_and_falls_due(
    runs: Runs, other_runs: Runs, a_run: RunBuilder
) -> None:
    run = quiet(a_run)
    await runs.begin_watch(run, "press:1")
    assert not await other_runs.watch_was_stopped(run.id)

    assert await runs.stop_watch(ORIGIN, run.requester, NOON)
    assert await other_runs.watch_was_stopped(run.id)
    assert await runs.next_due() == NOON
    assert not await other_runs.stop_watch(ORIGIN, run.requester, NOON), "stopped already"


async def test_nobody_stops_the_watch_of_somebody_else(runs: Runs, a_run: RunBuilder) -> None:
    run = quiet(a_run)
    await runs.begin_watch(run, "press:1")
    bob = Requester(team_id=run.requester.team_id, user_id=UserId("U0BOB"))

    assert not await runs.stop_watch(ORIGIN, bob, NOON)
    assert not await runs.watch_was_stopped(run.id)


async def test_after_a_stop_a_new_watch_begins_beside_what_is_left_of_the_old_one(
    runs: Runs, a_run: RunBuilder
) -> None:
    old, new = quiet(a_run), quiet(a_run)
    await runs.begin_watch(old, "press:1")
    await runs.stop_watch(ORIGIN, old.requester, NOON)

    assert (await runs.begin_watch(new, "press:2")).id == new.id
    assert not await runs.watch_was_stopped(new.id)


async def test_a_watch_is_carried_on_once_and_not_after_it_was_stopped(
    runs: Runs, other_runs: Runs, a_run: RunBuilder
) -> None:
    first = quiet(a_run)
    second, third = quiet(a_run, watch_id=first.id), quiet(a_run, watch_id=first.id)
    await runs.begin_watch(first, "press:1")
    assert not await runs.was_continued(first)

    assert (
        await asyncio.gather(*(bot.continue_watch(second, first.id) for bot in (runs, other_runs))) == [True] * 2
    )
    assert await runs.was_continued(first)
    await runs.stop_watch(ORIGIN, first.requester, NOON)

    assert await runs.continue_watch(second, first.id), "it goes on, and its run knows that it was stopped"
    assert not await runs.continue_watch(third, second.id)
    assert await runs.get(third.id) is None


async def test_a_stop_reaches_the_run_that_carries_on_at_that_moment(
    runs: Runs, other_runs: Runs, a_run: RunBuilder
) -> None:
    for number in range(10):
        await runs.add(report := a_run(due_at=None), f"command:{number}")
        first = quiet(a_run, origin=report.id)
        second = quiet(a_run, watch_id=first.id, origin=report.id)
        await runs.begin_watch(first, f"press:{number}")

        goes_on, _ = await asyncio.gather(
            other_runs.continue_watch(second, first.id),
            runs.stop_watch(report.id, first.requester, NOON),
        )

        assert await runs.watch_was_stopped(first.id)
        stored = await runs.get(second.id)
        assert (stored is not None) == goes_on


async def test_whether_others_watch_the_same_report_is_known(
    runs: Runs, other_runs: Runs, a_run: RunBuilder
) -> None:
    mine = quiet(a_run)
    theirs = quiet(a_run, requester=Requester(team_id=mine.requester.team_id, user_id=UserId("U0BOB")))
    await runs.begin_watch(mine, "press:1")
    assert not await runs.is_watched(ORIGIN, but_by=mine)

    await other_runs.begin_watch(theirs, "press:2")
    assert await runs.is_watched(ORIGIN, but_by=mine)

    await runs.stop_watch(ORIGIN, theirs.requester, NOON)
    assert not await runs.is_watched(ORIGIN, but_by=mine)
