"""How often calls may pass: a token bucket that keeps the turn of whoever has to come back later.

A bucket that forgets those it turned away serves whoever comes at the right moment. Here they are given a turn
each, one after the other, so that with many runs every one of them is served equally seldom, and none never.
"""

import math

from bot.model.value import Value

# Seconds that a turn is kept for somebody who comes late, and how many people are given one.
KEPT_S = 5.0
MOST_TURNS = 1000

# Seconds of the longest silence after the cloud has said that it was too much.
LONGEST_SILENCE_S = 60.0


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
        """The most calls that ever fall into one window: turns that are kept may be taken together."""
        return self.at_once + math.ceil(self.per_s * (self.window_s + KEPT_S))


class Turns:
    """The turns of one quota; times are seconds of any clock that never goes back.

    It is a token bucket, kept as the moment at which it will be full again (GCRA): a token is a turn whose time
    has come, a turn that was given is a token already spent.
    """

    def __init__(self, quota: Quota, patience_s: float) -> None:
        """Let callers who have to wait at most `patience_s` wait, and give the others a turn to come back for."""
        self._interval_s = 1 / quota.per_s
        self._depth_s = (quota.at_once - 1) * self._interval_s
        self._patience_s = patience_s
        self._full_at = -math.inf
        self._silent_until = -math.inf
        self._given: dict[int, float] = {}  # in the order of their times

    @property
    def given(self) -> int:
        """How many turns wait for somebody to come back."""
        return len(self._given)

    def ask(self, who: int, now: float) -> float:
        """Return in how many seconds it is the turn of `who`.

        Up to the patience the turn is taken: wait, then call. Beyond it, come back then, as the same `who`.
        """
        self._drop_the_missed(now)
        turn = self._given.get(who)
        if turn is None:
            return self._new_turn(who, now)
        if turn - now <= self._patience_s:
            del self._given[who]
        return max(turn - now, 0.0)

    def hold_off(self, for_s: float, now: float) -> None:
        """Let nobody pass for a while (a minute at most): the cloud said that it was too much."""
        begins = max(self._silent_until, now)
        longer_s = now + min(for_s, LONGEST_SILENCE_S) - begins
        if longer_s <= 0:
            return
        # Time stands still for the bucket, or whatever it gained meanwhile would be let through together.
        self._silent_until = begins + longer_s
        self._full_at = max(self._full_at, begins) + longer_s
        # Whoever is late already goes to the end of the line, for the same reason.
        self._given = {who: turn + longer_s for who, turn in self._given.items() if turn >= now}

    def _new_turn(self, who: int, now: float) -> float:
        begins = max(self._silent_until, now)
        full_at = max(self._full_at, begins)
        turn = max(full_at - self._depth_s, begins)
        if turn - now > self._patience_s:
            if len(self._given) >= MOST_TURNS:
                return turn - now
            self._given[who] = turn
        self._full_at = full_at + self._interval_s
        return turn - now

    def _drop_the_missed(self, now: float) -> None:
        while self._given and (first := next(iter(self._given.items())))[1] < now - KEPT_S:
            del self._given[first[0]]
