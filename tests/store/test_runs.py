"""Runs as rows."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from bot.model.ids import TeamId, UserId
from bot.model.problem import Problem
from bot.model.request import Requester
from bot.model.run import Run, RunState
from bot.store.database import Database
from bot.store.runs import FencedError, Runs
from bot.store.tables import runs as table
from tests.store.quiet import LATER, quiet

NOON = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)
RunBuilder = Callable[..., Run]


async def test_what_is_stored_comes_back_as_it_was(runs: Runs, a_run: RunBuilder) -> None:
    run = a_run()

    await runs.add(run, "trigger:1")

    assert await runs.get(run.id) == run


async def test_a_delivery_seen_before_stores_nothing(runs: Runs, a_run: RunBuilder) -> None:
    first, again = a_run(), a_run()
    await runs.add(first, "trigger:1")

    answered = await runs.add(again, "trigger:1")

    assert answered == first.id
    assert await runs.get(again.id) is None


async def test_a_run_cannot_be_stored_twice_under_two_deliveries(runs: Runs, a_run: RunBuilder) -> None:
    run = a_run()
    await runs.add(run, "trigger:1")

    with pytest.raises(Problem, match=r"bot\.not_stored"):
        await runs.add(run, "trigger:2")


async def test_only_what_is_due_is_claimed_and_the_longest_due_first(runs: Runs, a_run: RunBuilder) -> None:
    late, early = a_run(due_at=NOON - timedelta(seconds=1)), a_run(due_at=NOON - timedelta(seconds=9))
    for run in (late, early, a_run(due_at=NOON + timedelta(seconds=1)), a_run(due_at=None)):
        await runs.add(run, f"trigger:{run.id}")

    (first,) = await runs.claim_due(NOON, "us", lease_s=60, limit=1)
    (second,) = await runs.claim_due(NOON, "us", lease_s=60, limit=10)

    assert (first.run.id, second.run.id) == (early.id, late.id)
    assert [first.interrupted, second.interrupted] == [False, False]


async def test_a_claim_takes_no_more_than_asked_for(runs: Runs, a_run: RunBuilder) -> None:
    for _ in range(3):
        run = a_run()
        await runs.add(run, f"trigger:{run.id}")

    claims = await runs.claim_due(NOON, "us", lease_s=60, limit=2)

    assert len(claims) == 2


async def test_a_claimed_run_is_nobody_elses_until_the_lease_ends(runs: Runs, a_run: RunBuilder) -> None:
    await runs.add(a_run(), "trigger:1")
    await runs.claim_due(NOON, "us", lease_s=60, limit=10)

    during = await runs.claim_due(NOON + timedelta(seconds=59), "them", lease_s=60, limit=10)
    after = await runs.claim_due(NOON + timedelta(seconds=60), "them", lease_s=60, limit=10)

    assert during == ()
    assert [claim.interrupted for claim in after] == [True]


async def test_the_old_owner_of_a_lease_is_fenced_out(runs: Runs, a_run: RunBuilder) -> None:
    await runs.add(a_run(), "trigger:1")
    (ours,) = await runs.claim_due(NOON, "us", lease_s=1, limit=1)
    await runs.claim_due(NOON + timedelta(seconds=2), "them", lease_s=60, limit=1)

    with pytest.raises(FencedError):
        await runs.save(ours.run, lease_until=None)


async def test_a_saved_run_is_handed_back(runs: Runs, a_run: RunBuilder) -> None:
    await runs.add(a_run(), "trigger:1")
    (claim,) = await runs.claim_due(NOON, "us", lease_s=60, limit=1)
    changed = claim.run.model_copy(update={"state": RunState.DIAGNOSING, "diagnose_id": "vpndgn-1"})

    saved = await runs.save(changed, lease_until=None)
    (again,) = await runs.claim_due(NOON, "them", lease_s=60, limit=1)

    assert saved.version == claim.run.version + 1
    assert again.run.diagnose_id == "vpndgn-1"
    assert not again.interrupted


async def test_a_save_between_two_steps_keeps_the_lease(runs: Runs, a_run: RunBuilder) -> None:
    await runs.add(a_run(), "trigger:1")
    (claim,) = await runs.claim_due(NOON, "us", lease_s=60, limit=1)

    await runs.save(claim.run, lease_until=NOON + timedelta(seconds=90))
    others = await runs.claim_due(NOON + timedelta(seconds=70), "them", lease_s=60, limit=1)

    assert others == ()


async def test_the_next_due_time_is_that_of_runs_nobody_holds(runs: Runs, a_run: RunBuilder) -> None:
    later = NOON + timedelta(seconds=7)
    await runs.add(a_run(), "trigger:1")
    await runs.claim_due(NOON, "us", lease_s=60, limit=1)
    await runs.add(a_run(due_at=later), "trigger:2")

    assert await runs.next_due() == later


async def test_the_newest_runs_come_first(runs: Runs, a_run: RunBuilder) -> None:
    old, new = a_run(), a_run(created_at=NOON + timedelta(hours=1))
    await runs.add(old, "trigger:1")
    await runs.add(new, "trigger:2")

    assert [run.id for run in await runs.newest(5)] == [new.id, old.id]


async def test_a_row_that_cannot_be_read_holds_up_no_other(
    database: Database, runs: Runs, a_run: RunBuilder, caplog: pytest.LogCaptureFixture
) -> None:
    spoiled, good = a_run(due_at=NOON - timedelta(hours=1)), a_run()
    await runs.add(spoiled, "trigger:1")
    await runs.add(good, "trigger:2")
    spoil = update(table).where(table.c.id == spoiled.id).values(document='{"secret": 1}')
    await database.write(lambda connection: connection.execute(spoil))

    claims = await runs.claim_due(NOON, "us", lease_s=60, limit=10)

    assert [claim.run.id for claim in claims] == [good.id]
    assert spoiled.id in caplog.text
    assert "secret" not in caplog.text


async def test_an_error_of_the_database_tells_nothing_of_what_was_asked(
    database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    await database.write(lambda connection: connection.exec_driver_sql("ALTER TABLE runs RENAME TO away"))

    with pytest.raises(Problem, match=r"bot\.not_stored") as caught:
        await runs.add(a_run(), "trigger:1")

    assert "vpn-healthy" not in str(caught.value.__cause__)
    assert "U0ALICE" not in str(caught.value.__cause__)


async def test_it_is_known_when_somebody_last_asked(runs: Runs, a_run: RunBuilder) -> None:
    other = Requester(team_id=TeamId("T0EMULATED"), user_id=UserId("U0BOB"))
    later = NOON + timedelta(hours=1)
    await runs.add(a_run(), "trigger:1")
    await runs.add(a_run(created_at=later), "trigger:2")

    assert await runs.last_asked(a_run().requester) == later
    assert await runs.last_asked(other) is None


async def test_what_a_watch_repeats_in_silence_counts_as_no_question(runs: Runs, a_run: RunBuilder) -> None:
    asked = a_run()
    await runs.add(asked, "trigger:1")
    await runs.begin_watch(quiet(a_run, created_at=LATER), "press:1")

    assert await runs.last_asked(asked.requester) == NOON
    assert await runs.newest(5) == (asked,)


async def test_a_report_that_came_after_the_question_is_found(runs: Runs, a_run: RunBuilder) -> None:
    reported = a_run(state=RunState.REPORTED, reported_at=NOON + timedelta(seconds=10))
    await runs.add(reported, "trigger:1")

    asked_before = await runs.reported_since(a_run(created_at=NOON + timedelta(seconds=5)))
    asked_after = await runs.reported_since(a_run(created_at=NOON + timedelta(seconds=15)))

    assert asked_before is not None
    assert asked_before.id == reported.id
    assert asked_after is None
