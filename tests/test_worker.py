"""The worker: claim, advance, save, and survive what goes wrong."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from bot.diagnosis import Diagnosis
from bot.model.ids import RunId
from bot.model.run import Run, RunState
from bot.setbacks import Pace
from bot.store.database import Database
from bot.store.runs import Runs
from bot.store.tables import runs as table
from bot.worker import Worker

RunBuilder = Callable[..., Run]
Step = Callable[[Run, datetime], Awaitable[Run]]


class Scripted(Diagnosis):
    """A plot whose steps a test writes; what follows an accident is the real one's."""

    def __init__(self, step: Step) -> None:
        no_part: Any = None
        super().__init__(no_part, no_part, no_part, no_part, Pace(poll_every_s=1, give_up_after_s=60), no_part)
        self.step = step

    async def advance(self, run: Run, now: datetime, *, interrupted: bool) -> Run:
        del interrupted
        return await self.step(run, now)


@asynccontextmanager
async def working(
    runs: Runs, step: Step, *, lease_s: float = 60, step_within_s: float = 60
) -> AsyncIterator[Worker]:
    worker = Worker(
        runs,
        Scripted(step),
        owner="test",
        lease_s=lease_s,
        clock=lambda: datetime.now(UTC),
        new_error_id=lambda: "e-1",
        give_way=at_once,
        step_within_s=step_within_s,
    )
    task = asyncio.create_task(worker.work())
    try:
        yield worker
    finally:
        worker.stop()
        await task


async def at_once() -> None:
    """Nothing more urgent is under way."""


async def until_done(runs: Runs, run_id: RunId) -> Run:
    async with asyncio.timeout(10):
        while (run := await runs.get(run_id)) is None or run.due_at is not None:  # noqa: ASYNC110 - seen from outside
            await asyncio.sleep(0.01)
    return run


async def ends(run: Run, now: datetime) -> Run:
    del now
    return run.changed(state=RunState.REPORTED, due_at=None)


async def test_a_new_run_is_taken_up_when_the_worker_is_woken(runs: Runs, a_run: RunBuilder) -> None:
    async with working(runs, ends) as worker:
        run_id = await runs.add(a_run(), "trigger:1")
        worker.wake()

        assert (await until_done(runs, run_id)).state is RunState.REPORTED


async def test_steps_follow_each_other_until_the_run_has_to_wait(runs: Runs, a_run: RunBuilder) -> None:
    states = []

    async def step(run: Run, now: datetime) -> Run:
        states.append(run.state)
        if run.state is RunState.SUBMITTED:
            return run.changed(state=RunState.DIAGNOSING, due_at=now)
        return await ends(run, now)

    run_id = await runs.add(a_run(), "trigger:1")
    async with working(runs, step):
        await until_done(runs, run_id)

    assert states == [RunState.SUBMITTED, RunState.DIAGNOSING]


async def test_a_run_that_waits_is_taken_up_again_when_it_falls_due(runs: Runs, a_run: RunBuilder) -> None:
    steps: list[RunId] = []

    async def step(run: Run, now: datetime) -> Run:
        steps.append(run.id)
        return run.changed(due_at=now + timedelta(seconds=0.05) if len(steps) < 3 else None)

    run_id = await runs.add(a_run(), "trigger:1")
    async with working(runs, step):
        await until_done(runs, run_id)

    assert steps == [run_id] * 3


async def test_an_unforeseen_error_ends_in_the_log_and_the_run_under_one_id(
    runs: Runs, a_run: RunBuilder, caplog: pytest.LogCaptureFixture
) -> None:
    async def step(run: Run, now: datetime) -> Run:
        if run.state is RunState.SUBMITTED:
            raise ZeroDivisionError
        return await ends(run, now) if run.state is RunState.DIAGNOSING else run.changed(due_at=None)

    run_id = await runs.add(a_run(attempt=2), "trigger:1")
    async with working(runs, step):
        run = await until_done(runs, run_id)

    assert run.state is RunState.FAILED
    assert run.problem is not None
    assert run.problem.facts == {"error_id": "e-1"}
    assert "unexpected error e-1" in caplog.text
    assert "ZeroDivisionError" in caplog.text


async def test_the_first_unforeseen_errors_are_only_waited_out(runs: Runs, a_run: RunBuilder) -> None:
    attempts = []

    async def step(run: Run, now: datetime) -> Run:
        attempts.append(run.attempt)
        if run.attempt == 0:
            raise ZeroDivisionError
        return await ends(run, now)

    run_id = await runs.add(a_run(), "trigger:1")
    async with working(runs, step):
        run = await until_done(runs, run_id)

    assert attempts == [0, 1]
    assert run.state is RunState.REPORTED


async def test_a_step_that_hangs_is_cut_off_and_comes_again(runs: Runs, a_run: RunBuilder) -> None:
    hung: list[RunId] = []

    async def step(run: Run, now: datetime) -> Run:
        if not hung:
            hung.append(run.id)
            await asyncio.sleep(3600)
        return await ends(run, now)

    run_id = await runs.add(a_run(), "trigger:1")
    async with working(runs, step, step_within_s=0.1):
        run = await until_done(runs, run_id)

    assert run.state is RunState.REPORTED


async def test_a_step_may_take_longer_than_a_lease(runs: Runs, a_run: RunBuilder) -> None:
    steps: list[RunId] = []

    async def step(run: Run, now: datetime) -> Run:
        steps.append(run.id)
        await asyncio.sleep(0.6)
        assert await runs.claim_due(datetime.now(UTC), "another", 60, 1) == ()
        return await ends(run, now)

    run_id = await runs.add(a_run(), "trigger:1")
    async with working(runs, step, lease_s=0.3):
        run = await until_done(runs, run_id)

    assert run.state is RunState.REPORTED
    assert steps == [run_id]


async def test_a_database_that_is_away_in_the_middle_of_a_step_costs_no_run(runs: Runs, a_run: RunBuilder) -> None:
    attempts: list[int] = []

    async def step(run: Run, now: datetime) -> Run:
        attempts.append(run.attempt)
        if len(attempts) == 1:
            raise OperationalError("SELECT", {}, Exception("gone"))
        return await ends(run, now)

    run_id = await runs.add(a_run(), "trigger:1")
    async with working(runs, step):
        run = await until_done(runs, run_id)

    assert run.state is RunState.REPORTED
    assert attempts == [0, 1], "the second time it must look for what the first may have done"


class Forgetful(Runs):
    """A database that does not take the first saves."""

    failures = 2

    async def save(self, run: Run, *, lease_until: datetime | None) -> Run:
        if self.failures:
            self.failures -= 1
            raise OperationalError("UPDATE", {}, Exception("gone"))
        return await super().save(run, lease_until=lease_until)


async def test_what_a_step_has_done_is_saved_as_soon_as_the_database_is_back(
    database: Database, a_run: RunBuilder
) -> None:
    runs = Forgetful(database)
    steps: list[RunId] = []

    async def step(run: Run, now: datetime) -> Run:
        steps.append(run.id)
        return await ends(run, now)

    run_id = await runs.add(a_run(), "trigger:1")
    async with working(runs, step):
        run = await until_done(runs, run_id)

    assert run.state is RunState.REPORTED
    assert steps == [run_id]


async def test_a_run_taken_over_meanwhile_is_left_alone(
    database: Database, runs: Runs, a_run: RunBuilder, caplog: pytest.LogCaptureFixture
) -> None:
    stepped = asyncio.Event()

    async def step(run: Run, now: datetime) -> Run:
        taken = table.update().values(version=table.c.version + 1)
        await database.write(lambda connection: connection.execute(taken))
        stepped.set()
        return await ends(run, now)

    run_id = await runs.add(a_run(), "trigger:1")
    async with working(runs, step), asyncio.timeout(10):
        await stepped.wait()

    run = await runs.get(run_id)
    assert run is not None
    assert run.state is RunState.SUBMITTED
    assert "taken over" in caplog.text


async def test_a_stop_lets_the_step_under_way_finish(runs: Runs, a_run: RunBuilder) -> None:
    begun = asyncio.Event()

    async def step(run: Run, now: datetime) -> Run:
        begun.set()
        await asyncio.sleep(0.1)
        return run.changed(due_at=now, diagnose_id="vpndgn-1")

    run_id = await runs.add(a_run(), "trigger:1")
    async with working(runs, step), asyncio.timeout(10):
        await begun.wait()

    run = await runs.get(run_id)
    (claim,) = await runs.claim_due(datetime.now(UTC), "next", lease_s=60, limit=1)
    assert run is not None
    assert run.diagnose_id == "vpndgn-1"
    assert not claim.interrupted


async def rename(database: Database, table: str, name: str) -> None:
    await database.write(lambda connection: connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {name}"))


async def test_a_database_that_is_gone_for_a_moment_ends_nothing(
    database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    run_id = await runs.add(a_run(), "trigger:1")
    await rename(database, "runs", "away")

    async with working(runs, ends):
        await asyncio.sleep(0.05)
        await rename(database, "away", "runs")
        run = await until_done(runs, run_id)

    assert run.state is RunState.REPORTED
