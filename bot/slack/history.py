"""Looking for what we may have posted: a history is read once for all runs that wait for the same.

Slack lets a workspace's histories be read 50 times a minute. After an outage hundreds of runs may have to look in
one channel, so whoever asks is answered from a reading that began after they first asked: what they may have
posted before that is in it, or is not there. That stays true until they post.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from bot.model.ids import ChannelId, RunId
from bot.model.problem import Problem
from bot.slack.pacing import PATIENCE_S
from bot.slack.shapes import Page, Part, Said

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

# A history is read on so many pages at most: in a channel that says more than 2,000 things while we are away, a
# second root message is the lesser evil.
PAGE_SIZE = 200
MOST_PAGES = 10

# How many histories are remembered, and how many runs wait for one; beyond that the oldest are forgotten, and look
# for themselves.
MOST_HISTORIES = 1000
MOST_ASKING = 2000

# Seconds after which a run that was put off is not waited for any more. If nobody else had it meanwhile, it has
# been saved and claimed once: its version has risen by two.
PUT_OFF_S = 3600.0
OWN_RISES = 2

# Seconds after which to come back while another run reads on.
COME_BACK_S = 1.0


class Place(NamedTuple):
    """A thread, or (`thread_ts` None) what stands in the channel beside all threads."""

    channel: ChannelId
    thread_ts: str | None


class Sought(NamedTuple):
    """A part of a run that may have been posted at `oldest` (seconds since 1970, by Slack's clock) or later.

    `version` is that of the run, which tells whether somebody else had it meanwhile.
    """

    run_id: RunId
    part: Part
    oldest: float
    version: int

    @property
    def key(self) -> tuple[RunId, Part]:
        return self.run_id, self.part


class Asked(NamedTuple):
    """A question, when it was put `first`, and when it was put again the last time."""

    sought: Sought
    first: float
    last: float


@dataclass(slots=True)
class Reading:
    """One reading of a history from `oldest` on; `found` are the messages of ours that it met."""

    began: float
    oldest: float
    cursor: str = ""
    pages: int = 0
    ended: bool = False
    found: dict[tuple[RunId, Part], str] = field(default_factory=dict)

    @property
    def was_cut_short(self) -> bool:
        return self.ended and bool(self.cursor)

    def answers(self, asked: Asked) -> bool:
        """Tell whether what this reading has not met is not there."""
        if not self.ended or self.began < asked.first or self.oldest > asked.sought.oldest:
            return False
        return self.oldest == asked.sought.oldest or not self.was_cut_short

    def add(self, page: Page, own: Callable[[Said], bool]) -> None:
        for said in filter(own, page.messages):
            if (key := said.part) is not None:
                self.found[key] = said.ts
        self.pages += 1
        self.cursor = page.response_metadata.next_cursor
        self.ended = not self.cursor or self.pages == MOST_PAGES


class History:
    """What is known of one place, and who waits for knowing more."""

    def __init__(self) -> None:
        self.reading: Reading | None = None
        self._asking: OrderedDict[tuple[RunId, Part], Asked] = OrderedDict()
        self._turn = asyncio.Lock()

    def ask(self, sought: Sought, now: float) -> Asked:
        """Note the question and return it with the time at which it was first put."""
        earlier = self._asking.pop(sought.key, None)
        first = earlier.first if earlier is not None and _is_still_true(earlier, sought) else now
        asked = self._asking[sought.key] = Asked(sought, first, now)
        while len(self._asking) > MOST_ASKING or next(iter(self._asking.values())).last < now - PUT_OFF_S:
            self._asking.popitem(last=False)
        return asked

    def forget(self, key: tuple[RunId, Part]) -> None:
        self._asking.pop(key, None)

    def next_reading(self, asked: Asked, now: float) -> Reading:
        """Return the reading that goes on, else a new one for all who wait; if that was cut short, for one."""
        last = self.reading
        if last is not None and last.pages and not last.ended:
            return last
        alone = last is not None and last.was_cut_short and last.began >= asked.first
        wanted = [asked] if alone else self._asking.values()
        self.reading = Reading(now, min(one.sought.oldest for one in wanted))
        return self.reading

    @asynccontextmanager
    async def reading_alone(self) -> "AsyncIterator[None]":
        """Let one run read at a time; raises `Problem("slack.busy")` when another one takes long."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._turn.acquire()
        except TimeoutError as error:
            raise Problem("slack.busy", retry_after_s=COME_BACK_S) from error
        try:
            yield
        finally:
            self._turn.release()


class Histories:
    """The histories of a workspace; `read` gets a page, from `oldest` (seconds since 1970) and a cursor on."""

    def __init__(
        self, read: Callable[[Place, float, str], Awaitable[Page]], monotonic: Callable[[], float]
    ) -> None:
        self._read = read
        self._monotonic = monotonic
        self._histories: OrderedDict[Place, History] = OrderedDict()

    async def find(self, place: Place, sought: Sought, own: Callable[[Said], bool]) -> str | None:
        """Give the `ts` of what was sought, None if it is not there.

        Raises the `Problem`s of `read`, and `Problem("slack.busy")` if another run reads there now.
        """
        history = self._history(place)
        asked = history.ask(sought, self._monotonic())
        try:
            return await self._answer(history, place, asked, own)
        except Problem as problem:
            if problem.code != "slack.busy":
                history.reading = None
            raise

    def posting(self, key: tuple[RunId, Part] | None) -> None:
        """Note that this is posted now: what was known of it is not true any more."""
        if key is not None:
            for history in self._histories.values():
                history.forget(key)

    async def _answer(
        self, history: History, place: Place, asked: Asked, own: Callable[[Said], bool]
    ) -> str | None:
        while True:
            async with history.reading_alone():
                known = history.reading
                if known is not None and (ts := known.found.get(asked.sought.key)):
                    return ts
                if known is not None and known.answers(asked):
                    return None
                reading = history.next_reading(asked, self._monotonic())
                reading.add(await self._page(place, reading), own)

    async def _page(self, place: Place, reading: Reading) -> Page:
        try:
            return await self._read(place, reading.oldest, reading.cursor)
        except Problem as problem:
            if problem.code != "slack.invalid_cursor":
                raise
            reading.pages, reading.cursor = 0, ""  # Slack has forgotten where we were: from the beginning, later
            raise Problem("slack.busy", retry_after_s=COME_BACK_S) from problem

    def _history(self, place: Place) -> History:
        history = self._histories.setdefault(place, History())
        self._histories.move_to_end(place)
        if len(self._histories) > MOST_HISTORIES:
            self._histories.popitem(last=False)
        return history


def _is_still_true(earlier: Asked, sought: Sought) -> bool:
    """Tell whether nobody can have posted it since it was first asked for."""
    return sought.version - earlier.sought.version <= OWN_RISES
