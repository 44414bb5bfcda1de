"""How many unfinished runs there may be: of a person, on a gateway, in all; more are refused early and politely.

What is in the database is counted in the background, at most once a second and only while somebody asks; what was
taken in since comes on top. So no request waits for a count, but for one that would be refused by an old one.
"""

import asyncio
import logging
import time
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from sqlalchemy.exc import SQLAlchemyError

from bot.model.ids import RunId, VpnGatewayId
from bot.model.problem import Problem
from bot.model.request import Requester
from bot.model.value import Value
from bot.store.occupancy import Occupancy

log = logging.getLogger(__name__)

# Seconds after which a count is old, and that somebody waits for a new one before being refused.
COUNT_EVERY_S = 1.0
WAIT_FOR_COUNT_S = 0.5

# How many deliveries are known to have been taken in without asking the database.
MOST_KNOWN = 10_000

Person = tuple[str, str]


class Most(Value):
    """The most unfinished runs."""

    of_person: int = 200
    on_gateway: int = 500
    overall: int = 10_000


class _Place:
    """Room for one run; `stored_at` is when it was on the disk, None until then."""

    def __init__(self, person: Person, gateway_id: str) -> None:
        self.person = person
        self.gateway_id = gateway_id
        self.stored_at: float | None = None


async def _nothing_delivered(delivery: str) -> None:
    del delivery


class Limits:
    """Room for runs; `unfinished` counts those in the database.

    `delivered` gives the run that a delivery led to earlier, which may have been with another bot.
    """

    def __init__(
        self,
        most: Most,
        unfinished: Callable[[], Awaitable[Occupancy]],
        delivered: Callable[[str], Awaitable[RunId | None]] = _nothing_delivered,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = most
        self._unfinished = unfinished
        self._delivered = delivered
        self._monotonic = monotonic
        self._occupancy = Occupancy()
        self._counted_at = self._asked_at = -float("inf")
        self._counting: asyncio.Task[None] | None = None
        self._since: set[_Place] = set()
        self._known: OrderedDict[str, None] = OrderedDict()
        self._sum_up()

    @asynccontextmanager
    async def room_for(self, requester: Requester, gateway_id: VpnGatewayId, delivery: str) -> AsyncIterator[None]:
        """Keep room for a run while the block stores it.

        Raises `Problem` `bot.too_many_yours`, `bot.too_many_gateway` or `bot.too_many`, but never for a delivery
        that was taken in before.
        """
        place = _Place((requester.team_id, requester.user_id), gateway_id)
        self._count_if_old()
        full = await self._full(place)
        if full is not None and not await self._was_taken_in(delivery):
            raise full
        self._add(place, delivery)
        try:
            yield
        except BaseException:
            self._remove(place, delivery)
            raise
        place.stored_at = self._monotonic()

    async def count(self) -> None:
        """Count what is in the database; raises what `unfinished` does."""
        began = self._monotonic()
        self._occupancy = await self._unfinished()
        self._counted_at = began
        self._since = {place for place in self._since if place.stored_at is None or place.stored_at >= began}
        self._sum_up()

    async def close(self) -> None:
        """Stop counting."""
        if self._counting is not None:
            self._counting.cancel()
            await asyncio.wait({self._counting})

    def _count_if_old(self) -> None:
        now = self._monotonic()
        if now - self._asked_at >= COUNT_EVERY_S and (self._counting is None or self._counting.done()):
            self._asked_at = now
            self._counting = asyncio.create_task(self.count())
            self._counting.add_done_callback(_log_failure)

    async def _full(self, place: _Place) -> Problem | None:
        full = self._full_by_now(place)
        is_old = self._monotonic() - self._counted_at >= COUNT_EVERY_S
        if full is not None and is_old and self._counting is not None:
            await asyncio.wait({self._counting}, timeout=WAIT_FOR_COUNT_S)
            full = self._full_by_now(place)
        return full

    def _full_by_now(self, place: _Place) -> Problem | None:
        most, known = self._most, self._occupancy
        if known.by_person.get(place.person, 0) + self._by_person[place.person] >= most.of_person:
            return Problem("bot.too_many_yours", most=most.of_person)
        if known.by_gateway.get(place.gateway_id, 0) + self._by_gateway[place.gateway_id] >= most.on_gateway:
            return Problem("bot.too_many_gateway", most=most.on_gateway, gateway_id=place.gateway_id)
        if known.overall + len(self._since) >= most.overall:
            return Problem("bot.too_many", most=most.overall)
        return None

    async def _was_taken_in(self, delivery: str) -> bool:
        try:
            return delivery in self._known or await self._delivered(delivery) is not None
        except SQLAlchemyError:
            return False  # then nothing can be stored either

    def _add(self, place: _Place, delivery: str) -> None:
        self._since.add(place)
        self._by_person[place.person] += 1
        self._by_gateway[place.gateway_id] += 1
        self._known[delivery] = None
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)

    def _remove(self, place: _Place, delivery: str) -> None:
        self._since.discard(place)
        self._by_person[place.person] -= 1
        self._by_gateway[place.gateway_id] -= 1
        self._known.pop(delivery, None)

    def _sum_up(self) -> None:
        self._by_person = Counter(place.person for place in self._since)
        self._by_gateway = Counter(place.gateway_id for place in self._since)


def _log_failure(counting: asyncio.Task[None]) -> None:
    if not counting.cancelled() and (error := counting.exception()) is not None:
        log.warning("unfinished runs could not be counted (%s); the last count holds", type(error).__name__)
