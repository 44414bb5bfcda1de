"""The worker: claims a due run, advances it step by step, saves it after each, until told to stop."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from bot.setbacks import after_accident
from bot.store.runs import Claim, FencedError

if TYPE_CHECKING:
    from bot.diagnosis import Diagnosis
    from bot.model.run import Run
    from bot.store.runs import Runs

log = logging.getLogger(__name__)

# How many runs one worker advances at the same time.
SLOTS = 16

# Time in seconds after which the database is asked again although nothing woke the worker and nothing fell due.
IDLE_S = 5.0

# Time in seconds to leave a database alone that did not answer, and that a stop waits for the steps under way.
DATABASE_PAUSE_S = 1.0
DRAIN_S = 10.0


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
    ) -> None:
        self._runs = runs
        self._diagnosis = diagnosis
        self._owner = owner
        self._lease = timedelta(seconds=lease_s)
        self._clock = clock
        self._new_error_id = new_error_id
        self._give_way = give_way
        self._woken = asyncio.Event()
        self._stopping = False
        self._tasks: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        self._woken.set()

    async def work(self) -> None:
        """Work until `stop` is called; then finish the steps under way, within `DRAIN_S` seconds."""
        while not self._stopping:
            self._woken.clear()
            try:
                pause_s = await self._claim_and_start()
            except SQLAlchemyError:
                log.exception("the database does not answer; trying again in %s s", DATABASE_PAUSE_S)
                pause_s = DATABASE_PAUSE_S
            await self._sleep(pause_s)
        await self._drain()

    def stop(self) -> None:
        self._stopping = True
        self._woken.set()

    async def _claim_and_start(self) -> float:
        """Start what is due, as far as there are slots, and return for how many seconds nothing more will be."""
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
                await self._give_way()
                run = await self._step(run, interrupted=interrupted)
                goes_on = run.due_at is not None and run.due_at <= self._clock() and not self._stopping
                run = await self._runs.save(run, lease_until=self._clock() + self._lease if goes_on else None)
                interrupted = False
                if not goes_on:
                    return
        except FencedError:
            log.warning("run %s was taken over by another worker; leaving it alone", run.id)
        except SQLAlchemyError:
            log.exception("run %s could not be saved; its lease ends at its time", run.id)

    async def _step(self, run: "Run", *, interrupted: bool) -> "Run":
        try:
            async with asyncio.timeout(self._lease.total_seconds() * 0.8):
                return await self._diagnosis.advance(run, self._clock(), interrupted=interrupted)
        except Exception:
            error_id = self._new_error_id()
            log.exception("run %s: unexpected error %s", run.id, error_id)
            return after_accident(run, error_id, self._clock())
