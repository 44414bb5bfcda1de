"""How often calls may pass: a token bucket with a line before it, which people leave and come back to.

A bucket that forgets those it turned away serves whoever comes at the right moment. Here each of them has a place
in a line and is told when to come back: with many runs every one of them is served equally seldom, and none never.
Whoever comes late holds up nobody and loses nothing but the time: those behind pass meanwhile.
"""

import math
from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from itertools import takewhile
from typing import Generic, TypeVar, cast

from bot.model.value import Value

# Seconds that a place is kept for somebody who comes late, and how many people stand in a line.
KEPT_S = 30.0
MOST_TURNS = 1000

# Seconds of the longest silence after the other side has said that it was too much.
LONGEST_SILENCE_S = 60.0

# How many quotas are remembered; those longest unused are forgotten first.
MOST_REMEMBERED = 1000

Key = TypeVar("Key", bound=Hashable)


class Quota(Value):
    """The vendor's limit of `documented` calls in `window_s` seconds, and what of it is used.

    `at_once` calls may pass together, `per_s` a second in the long run.
    """

    name: str
    documented: int
    window_s: float
    at_once: int
    per_s: float

    @property
    def most_in_a_window(self) -> int:
        """The most calls that ever fall into one window."""
        return self.at_once + math.ceil(self.per_s * self.window_s)


class Turns:
    """The turns of one quota; times are seconds of any clock that never goes back.

    The bucket is kept as the moment at which it will be full again (GCRA), `_soon` are the times at which those
    will call who did not have to leave. The line is in the order of coming, with the time that each was told; with
    `by_name` it is in the order of names, and whoever comes before others delays them beyond what they were told.
    """

    def __init__(
        self,
        quota: Quota,
        patience_s: float,
        longest_silence_s: float = LONGEST_SILENCE_S,
        *,
        by_name: bool = False,
    ) -> None:
        """Let callers who have to wait at most `patience_s` wait, and give the others a place in the line.

        Who is to stand in a line `by_name` is a text.
        """
        self._by_name = by_name
        self._interval_s = 1 / quota.per_s
        self._depth_s = (quota.at_once - 1) * self._interval_s
        self._patience_s = patience_s
        self._longest_silence_s = longest_silence_s
        self._full_at = -math.inf
        self._silent_until = -math.inf
        self._line: dict[Hashable, float] = {}
        self._soon: list[float] = []

    @property
    def given(self) -> int:
        """How many people are to come back."""
        return len(self._line)

    def ask(self, who: Hashable, now: float) -> float:
        """Return in how many seconds it is the turn of `who`.

        Up to the patience the turn is taken: wait, then call. Beyond it, come back then, as the same `who`.
        """
        wait_s = self.wait_s(who, now)
        if wait_s <= self._patience_s:
            self.take(who, now + wait_s)
        else:
            self.keep(who, now + wait_s)
        return wait_s

    def wait_s(self, who: Hashable, now: float) -> float:
        """Return in how many seconds it would be the turn of `who`; nobody's turn is taken by that."""
        self._settle(now)
        begins = max(self._silent_until, now)
        free_at = max(self._full_at, begins) - self._depth_s + self._ahead_of(who, now) * self._interval_s
        return max(free_at, begins, self._line.get(who, now)) - now

    def spare(self, now: float) -> int:
        """Return how many calls could pass at once without delaying anybody who has a turn."""
        self._settle(now)
        if now < self._silent_until:
            return 0
        gained_s = now - max(self._full_at, now) + self._depth_s
        free = math.floor(gained_s / self._interval_s + 1e-9) + 1
        return max(free - len(self._line) - len(self._soon), 0)

    def take(self, who: Hashable, at: float) -> None:
        """Use up a turn for a call at that time, whether it was free or not."""
        self._line.pop(who, None)
        insort(self._soon, at)

    def keep(self, who: Hashable, until: float) -> None:
        """Let `who` come back then: to the old place in the line, else to its end, if there is room."""
        if who in self._line or len(self._line) < MOST_TURNS:
            self._line[who] = until

    def keep_first(self, who: Hashable, until: float) -> None:
        """Let `who` come back then, before all others: the turn that was taken did not count."""
        self._line = {who: until} | {other: at for other, at in self._line.items() if other != who}

    def hold_off(self, for_s: float, now: float) -> None:
        """Let nobody pass for a while (at most the longest silence): the other side said that it was too much."""
        begins = max(self._silent_until, now)
        longer_s = now + min(for_s, self._longest_silence_s) - begins
        if longer_s <= 0:
            return
        # Time stands still for the bucket, or whatever it gained meanwhile would be let through together.
        self._silent_until = begins + longer_s
        self._full_at = max(self._full_at, begins) + longer_s
        self._line = {who: max(at, now) + longer_s for who, at in self._line.items()}

    def silent_s(self, now: float) -> float:
        """Return for how many seconds nobody passes because the other side said so."""
        return max(self._silent_until - now, 0.0)

    def _ahead_of(self, who: Hashable, now: float) -> int:
        """Count who comes before: the line before their place in it, and those who call before their time."""
        told = self._line.get(who)
        soon = len(self._soon) if told is None else bisect_left(self._soon, told)
        # Whoever is late does not hold up those behind.
        return soon + sum(told is None or at > now for at in self._line_before(who))

    def _line_before(self, who: Hashable) -> Iterator[float]:
        """Give the times that those before somebody were told."""
        if self._by_name:
            names, name = cast("dict[str, float]", self._line), str(who)
            return (at for other, at in names.items() if other < name)
        return (at for _, at in takewhile(lambda place: place[0] != who, self._line.items()))

    def _settle(self, now: float) -> None:
        while self._soon and self._soon[0] <= now:
            self._full_at = max(self._full_at, self._soon.pop(0)) + self._interval_s
        while self._line and (first := next(iter(self._line.items())))[1] < now - KEPT_S:
            del self._line[first[0]]


class Lines(Generic[Key]):
    """The turns of many quotas of a kind, as those of every channel; the longest unused are forgotten."""

    def __init__(self, new: Callable[[Key], Turns]) -> None:
        self._new = new
        self._turns: OrderedDict[Key, Turns] = OrderedDict()

    def __len__(self) -> int:
        return len(self._turns)

    def of(self, key: Key) -> Turns:
        turns = self._turns.get(key)
        if turns is None:
            turns = self._turns[key] = self._new(key)
            if len(self._turns) > MOST_REMEMBERED:
                self._turns.popitem(last=False)
        self._turns.move_to_end(key)
        return turns
