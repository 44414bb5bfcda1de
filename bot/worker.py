"""The worker: claims a due run, advances it step by step, saves it after each, until told to stop."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from bot.setbacks import after_accident
from bot.store.runs import Claim, FencedError

if TYPE_CHECKING:
    from bot.diagnosis import Diagnosis
    from bot.model.ids import RunId
    from bot.model.run import Run
    from bot.store.runs import Runs

log = logging.getLogger(__name__)

# How many runs one worker advances at the same time. What they save together is one commit: with 32 twice as
# many whole runs a second are done on PostgreSQL as with 16 (benchmarks/whole_runs.py).
SLOTS = 32

# Time in seconds after which the database is asked again although nothing woke the worker and nothing fell due.
IDLE_S = 2.0

# Time in seconds to leave a database alone that did not answer, and that a stop waits for the steps under way.
DATABASE_PAUSE_S = 1.0
DATABASE_PAUSE = timedelta(seconds=DATABASE_PAUSE_S)
DRAIN_S = 10.0

# Time in seconds for one step. Each call in it is bounded too; this is for what nobody thought of.
STEP_WITHIN_S = 60.0

# A lease is renewed so many times within its life while its run is worked on.
RENEWALS = 3


class Worker:
    """Advances runs in the background; `wake` tells it that a new one is there.

    `clock` gives the time in UTC, `new_error_id` a short word for the log and the thread when something
    unforeseen happened;
    `give_way` waits while something more urgent is under way.
    """

    def __init__(
        self,
        runs: "Runs",
        diagnosis: "Diagnosis",
        *,
        owner: str,
        lease_s: float,
        clock: Callable[[], datetime],
        new_error_id: Callable[[], str],
        give_way: Callable[[], Awaitable[None]],
        step_within_s: float = STEP_WITHIN_S,
    ) -> None:
        self._runs = runs
        self._diagnosis = diagnosis
        self._owner = owner
        self._lease = timedelta(seconds=lease_s)
        self._clock = clock
        self._new_error_id = new_error_id
        self._give_way = give_way
        self._step_within_s = step_within_s
        self._woken = asyncio.Event()
        self._stopping = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: dict[RunId, Run] = {}
        self._next_look = datetime.min.replace(tzinfo=UTC)

    def wake(self) -> None:
        self._woken.set()

    async def work(self) -> None:
        """Work until `stop` is called; then finish the steps under way, within `DRAIN_S` seconds."""
        renewing = asyncio.create_task(self._renew_leases())
        try:
            while not self._stopping:
                self._woken.clear()
                try:
                    pause_s = await self._claim_and_start()
                except SQLAlchemyError:
                    log.exception("the database does not answer; trying again in %s s", DATABASE_PAUSE_S)
                    pause_s = DATABASE_PAUSE_S
                await self._sleep(pause_s)
            await self._drain()
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)

    def stop(self) -> None:
        self._stopping = True
        self._woken.set()

    async def _claim_and_start(self) -> float:
        """Start what is due, as far as there are slots, and return for how many seconds nothing more will be."""
        await self._take_over_the_dead()
        free = SLOTS - len(self._tasks)
        if free == 0:
            return IDLE_S  # the task that ends first wakes us
        claims = await self._runs.claim_due(self._clock(), self._owner, self._lease.total_seconds(), free)
        for claim in claims:
            task = asyncio.create_task(self._take(claim))
            self._tasks.add(task)
            task.add_done_callback(self._ended)
        due_at = await self._runs.next_due()
        if due_at is None:
            return IDLE_S
        return min(max((due_at - self._clock()).total_seconds(), 0.0), IDLE_S)

    async def _take_over_the_dead(self) -> None:
        """End the leases of bots that are no more, so that their runs fall due now; looked for now and then."""
        if self._clock() < self._next_look:
            return
        number = await self._runs.take_over_the_dead(self._owner)
        self._next_look = self._clock() + timedelta(seconds=IDLE_S)
        if number:
            log.info("taking up %d interrupted runs", number)

    async def _renew_leases(self) -> None:
        """Renew the leases of the runs that are worked on, so that a slow step is not taken for a dead bot's."""
        while True:
            await asyncio.sleep(self._lease.total_seconds() / RENEWALS)
            for run in list(self._held.values()):
                try:
                    await self._runs.still_ours(run)
                except FencedError:
                    log.info("run %s is no longer ours", run.id)
                except SQLAlchemyError:
                    log.warning("run %s: its lease could not be renewed", run.id)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._woken.set()

    async def _sleep(self, pause_s: float) -> None:
        try:
            async with asyncio.timeout(pause_s):
                await self._woken.wait()
        except TimeoutError:
            pass

    async def _drain(self) -> None:
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=DRAIN_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _take(self, claim: Claim) -> None:
        """Advance a claimed run until it has to wait, saving it after each step."""
        run, interrupted = claim.run, claim.interrupted
        try:
            while True:
                self._held[run.id] = run
                await self._give_way()
                run = await self._step(run, interrupted=interrupted)
                goes_on = run.due_at is not None and run.due_at <= self._clock() and not self._stopping
                run = await self._save(run, goes_on=goes_on)
                interrupted = False
                if not goes_on:
                    return
        except FencedError:
            log.warning("run %s was taken over by another worker; leaving it alone", run.id)
        except SQLAlchemyError:
            log.exception("run %s could not be saved; its lease ends at its time", run.id)
        finally:
            self._held.pop(run.id, None)

    async def _save(self, run: "Run", *, goes_on: bool) -> "Run":
        """Save what a step has done; as nobody else knows of it, again and again while the database is away.

        Raises `SQLAlchemyError` once the lease would have run out, and `FencedError`.
        """
        until = self._clock() + self._lease
        while True:
            try:
                return await self._runs.save(run, lease_until=self._clock() + self._lease if goes_on else None)
            except SQLAlchemyError:
                if self._clock() >= until:
                    raise
                log.warning("run %s: the database does not take it; trying again", run.id)
            await asyncio.sleep(DATABASE_PAUSE_S)

    async def _step(self, run: "Run", *, interrupted: bool) -> "Run":
        try:
            async with asyncio.timeout(self._step_within_s):
                return await self._diagnosis.advance(run, self._clock(), interrupted=interrupted)
        except FencedError:
            raise
        except SQLAlchemyError:
            log.warning("run %s: the database was away in the middle of a step, which comes again", run.id)
            return run.changed(attempt=max(run.attempt, 1), due_at=self._clock() + DATABASE_PAUSE)
        except Exception:
            error_id = self._new_error_id()
            log.exception("run %s: unexpected error %s", run.id, error_id)
            return after_accident(run, error_id, self._clock())
