"""Who may call now: each call is held to the account's quotas, and off a side that does not answer.

cloud.busy          the quota's next turn is too far away to wait for: come back in `retry_after_s`
cloud.circuit_open  the last calls to this place all failed: come back in `retry_after_s`
"""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from bot.alibaba.breaker import CircuitBreaker, CircuitState
from bot.alibaba.operation import Operation
from bot.alibaba.retry import asked_to_wait_s, is_their_failure, is_throttling, outcome_of
from bot.model.ids import RegionId
from bot.model.problem import Problem
from bot.turns import Turns

# Seconds that a call waits for its turn; whoever has to wait longer is served by the worker, which comes back.
PATIENCE_S = 2.0

# Seconds of silence after a throttled call, if the cloud names no time.
SILENCE_S = 1.0

# How many quotas and circuits are remembered; those longest unused are forgotten first.
MOST_REMEMBERED = 1000

Key = TypeVar("Key", bound=Hashable)
Kept = TypeVar("Kept")


class Place(NamedTuple):
    """Where a circuit leads: an account's view of a product in a region (none: its central address).

    `account` is the account's ID, or that of an access key whose account is not known.
    """

    account: str
    product: str
    region: RegionId | None


class Circuit(NamedTuple):
    """A circuit as it is now; `open_for_s` is 0 if it is closed."""

    place: Place
    state: CircuitState
    open_for_s: float


class Traffic:
    """The quotas and circuits of everything that this process calls."""

    def __init__(
        self,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        count: Callable[[str, str], None] = lambda _operation, _outcome: None,
        *,
        share: float = 1.0,
    ) -> None:
        """Take times of day from `clock`, seconds from `monotonic`.

        `count` hears of each attempt, also of those held back: operation and outcome. `share` is the part of every
        quota that this process may use: with N processes for one account, 1/N in each of them.

        Raises ValueError for a share outside of (0, 1].
        """
        if not 0 < share <= 1:
            message = f"a share is above 0 and at most 1, not {share}"
            raise ValueError(message)
        self._share = share
        self._clock = clock
        self._monotonic = monotonic
        self._pause = pause
        self._count = count
        self._turns: OrderedDict[tuple[Place, str], Turns] = OrderedDict()
        self._breakers: OrderedDict[Place, CircuitBreaker] = OrderedDict()

    def circuits(self) -> Iterator[Circuit]:
        """Look at every circuit that is remembered."""
        now = self._monotonic()
        for place, breaker in tuple(self._breakers.items()):
            yield Circuit(place, breaker.state, breaker.open_for_s(now))

    @asynccontextmanager
    async def admitted(self, operation: Operation, place: Place, who: int) -> AsyncIterator[None]:
        """Wait for the turn of `who`, then watch how the attempt in the block ends.

        `who` stands for one intent: who comes back later as the same is given the turn that was kept. Raises
        Problem("cloud.busy") or Problem("cloud.circuit_open"), both with `retry_after_s`.
        """
        try:
            breaker = _remembered(self._breakers, place, CircuitBreaker)
            self._refuse_while_open(breaker, operation, place)
            turns = _remembered(self._turns, (place, operation.quota.name), lambda: self._new_turns(operation))
            await self._wait_for_turn(turns, operation, who)
            self._refuse_while_open(breaker, operation, place)  # it may have opened meanwhile
            with self._watched(breaker, turns):
                yield
        except Problem as problem:
            self._count(operation.name, outcome_of(problem))
            raise
        self._count(operation.name, "ok")

    @contextmanager
    def _watched(self, breaker: CircuitBreaker, turns: Turns) -> Iterator[None]:
        """Let the circuit and the quota learn from how it ends."""
        its_pass = breaker.enter(self._monotonic())
        try:
            yield
        except Problem as problem:
            now = self._monotonic()
            if is_their_failure(problem):
                breaker.failed(its_pass, now)
            else:
                breaker.succeeded(its_pass)
            if is_throttling(problem):
                turns.hold_off(asked_to_wait_s(problem) or SILENCE_S, now)
            raise
        except BaseException:
            breaker.abandoned(its_pass, self._monotonic())
            raise
        breaker.succeeded(its_pass)

    def _new_turns(self, operation: Operation) -> Turns:
        whole = operation.quota
        at_once = max(1, math.floor(whole.at_once * self._share))
        return Turns(whole.changed(at_once=at_once, per_s=whole.per_s * self._share), PATIENCE_S)

    async def _wait_for_turn(self, turns: Turns, operation: Operation, who: int) -> None:
        wait_s = turns.ask(who, self._monotonic())
        if wait_s > PATIENCE_S:
            raise Problem("cloud.busy", operation=operation.name, retry_after_s=f"{wait_s:.1f}")
        if wait_s > 0:
            await self._pause(wait_s)

    def _refuse_while_open(self, breaker: CircuitBreaker, operation: Operation, place: Place) -> None:
        now = self._monotonic()
        wait_s = breaker.wait_s(now)
        if wait_s <= 0:
            return
        since = self._clock() - timedelta(seconds=breaker.open_for_s(now))
        raise Problem(
            "cloud.circuit_open",
            operation=operation.name,
            service=f"{place.product.upper()} {place.region or ''}".strip(),
            since=f"{since:%H:%M:%S} UTC",
            retry_after_s=f"{wait_s:.1f}",
        )


def _remembered(all_of_them: OrderedDict[Key, Kept], key: Key, new: Callable[[], Kept]) -> Kept:
    kept = all_of_them.get(key)
    if kept is None:
        kept = all_of_them[key] = new()
        if len(all_of_them) > MOST_REMEMBERED:
            all_of_them.popitem(last=False)
    all_of_them.move_to_end(key)
    return kept
