"""Values that come to an end: held by key, renewed ahead of it, and by one request at once.

Nobody waits for a renewal while there is something good to go on with. One that fails because the other side is
away costs nothing before the old value's end; one that is refused is a decision, and ends the old value too.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from datetime import datetime, timedelta
from typing import Generic, NamedTuple, TypeVar

from bot.explain.problems import treatment
from bot.model.problem import Problem, ProblemDetails

log = logging.getLogger(__name__)

Key = TypeVar("Key", bound=Hashable)
Kept = TypeVar("Kept")

LEAST_BETWEEN = timedelta(seconds=15)
"""Between two renewals ahead of the end: one that failed, or brought nothing newer, is not repeated at once."""


class Fresh(NamedTuple, Generic[Kept]):
    """A value that is sought anew from `renew_at` on, and not given any more from `ends_at` on."""

    value: Kept
    renew_at: datetime
    ends_at: datetime


class Renewing(Generic[Key, Kept]):
    """`make` gives a new value; it is never called twice at once for the same key."""

    def __init__(
        self,
        make: Callable[[Key], Awaitable[Fresh[Kept]]],
        clock: Callable[[], datetime],
        name: str,
        most_held: int = 1,
    ) -> None:
        """Hold at most so many values: the one that was not asked for for longest makes room."""
        self._make = make
        self._clock = clock
        self._name = name
        self._most_held = most_held
        self._held: OrderedDict[Key, Fresh[Kept]] = OrderedDict()
        self._renewals: dict[Key, asyncio.Task[Kept | ProblemDetails]] = {}

    async def get(self, key: Key) -> Kept:
        """Give what is held and still good, or wait for a new one; raises Problem as `make` does."""
        held, now = self._held.get(key), self._clock()
        if held is None or now >= held.ends_at:
            return await self._renewed(key)
        self._held.move_to_end(key)
        if now >= held.renew_at and key not in self._renewals:
            self._begin(key)
        return held.value

    def held(self, key: Key) -> Kept | None:
        """Give what is held and still good, and ask for nothing; None if there is nothing."""
        held = self._held.get(key)
        return held.value if held is not None and self._clock() < held.ends_at else None

    def forget(self, applies: Callable[[Key, Kept], bool]) -> None:
        """Hold no longer the values that this applies to."""
        for key in [key for key, fresh in self._held.items() if applies(key, fresh.value)]:
            del self._held[key]

    async def close(self) -> None:
        """Give up what is under way and hold nothing."""
        renewals = list(self._renewals.values())
        for renewal in renewals:
            renewal.cancel()
        await asyncio.gather(*renewals, return_exceptions=True)
        self._held.clear()

    async def _renewed(self, key: Key) -> Kept:
        # A waiter that is cancelled leaves the renewal to the others.
        outcome = await asyncio.shield(self._renewals.get(key) or self._begin(key))
        if isinstance(outcome, ProblemDetails):
            raise Problem.of(outcome)  # each waiter its own: one exception raised 200 times has 200 tracebacks
        return outcome

    def _begin(self, key: Key) -> asyncio.Task[Kept | ProblemDetails]:
        renewal = asyncio.create_task(self._renew(key), name=f"renew {self._name}")
        self._renewals[key] = renewal
        renewal.add_done_callback(lambda _: self._renewals.pop(key))
        return renewal

    async def _renew(self, key: Key) -> Kept | ProblemDetails:
        try:
            fresh = await self._make(key)
        except Problem as problem:
            self._failed(key, problem)
            return problem.details
        not_before = self._clock() + LEAST_BETWEEN
        self._held[key] = fresh._replace(renew_at=max(fresh.renew_at, not_before))
        self._held.move_to_end(key)
        if len(self._held) > self._most_held:
            self._held.popitem(last=False)
        return fresh.value

    def _failed(self, key: Key, problem: Problem) -> None:
        held = self._held.pop(key, None)
        if held is None:
            return
        if treatment(problem.details).retry == "later":
            self._held[key] = held._replace(renew_at=self._clock() + LEAST_BETWEEN)
        log.warning("%s is not renewed: %s", self._name, problem)
