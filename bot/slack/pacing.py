"""Who may call Slack now: posts by channel, other methods by workspace, each kept below what Slack allows.

Runs come back: `slack.busy` with `retry_after_s` says when, and a place is kept in the line. People who wait for
an answer pass at once, as long as Slack has not asked for silence. A 429 silences its method alone, and of
chat.postMessage only its channel.

slack.busy         the next turn is too far away to wait for: come back in `retry_after_s`
slack.ratelimited  Slack said 429 to this method a moment ago, and nobody comes back for it
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager
from typing import NamedTuple

from bot.model.problem import Problem
from bot.turns import Lines, Quota, Turns

log = logging.getLogger(__name__)

POST, UPDATE = "chat.postMessage", "chat.update"

# docs.slack.dev/apis/web-api/rate-limits, read November 2026: a post a second in a channel, short bursts allowed,
# and "several hundred messages per minute" in a workspace, which is taken for 300; tier 2 is 20 calls a minute of
# a method and workspace, tier 3 is 50, tier 4 is 100.
IN_CHANNEL = Quota(name="posts in a channel", documented=60, window_s=60, at_once=5, per_s=0.9)
POSTS = Quota(name="posts", documented=300, window_s=60, at_once=30, per_s=4.4)
TIER_2 = Quota(name="tier 2", documented=20, window_s=60, at_once=10, per_s=0.15)
TIER_3 = Quota(name="tier 3", documented=50, window_s=60, at_once=10, per_s=0.65)
TIER_4 = Quota(name="tier 4", documented=100, window_s=60, at_once=30, per_s=1.1)

# Methods by which runs are told: the turns go to the oldest run first, so that one run after the other is told
# from its beginning to its end. The IDs of runs are in the order of their age.
_TELLING = frozenset({POST, UPDATE})

# Methods that are not of tier 4, the others that are called here (each method's page).
_QUOTAS = {
    POST: POSTS,
    UPDATE: TIER_3,
    "conversations.history": TIER_3,
    "conversations.open": TIER_3,
    "conversations.replies": TIER_3,
    "functions.completeError": TIER_3,
    "functions.completeSuccess": TIER_3,
    "usergroups.users.list": TIER_2,
}

# Seconds that a run waits within a step: one channel's line must not hold up the runs of another.
PATIENCE_S = 0.25

# Seconds of silence after a 429 that names no time, the least that is kept after any, and the most: an answer that
# asks for more than ten minutes does not come from Slack.
SILENCE_S = 5.0
LEAST_SILENCE_S = 1.0
LONGEST_SILENCE_S = 600.0

# Edits that are left for endings when one that only shows progress wants to pass.
LEFT_FOR_ENDINGS = 5


async def _always() -> None:
    """Have nothing to check."""


class Caller(NamedTuple):
    """Whoever makes a call; `who` comes back as the same for the turn that is kept, None does not come back.

    For posts and edits it is the run's ID.

    `check` is awaited when the turn has come, right before the call, which is not made if it raises.
    """

    who: Hashable | None = None
    check: Callable[[], Awaitable[None]] = _always


PERSON = Caller()


class Pacing:
    """The turns of every method and channel of one workspace; all tasks share it.

    `times` is how many times faster than Slack the other side is, which only an emulator can be.
    """

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        times: float = 1.0,
    ) -> None:
        self._monotonic = monotonic
        self._pause = pause
        self._times = times
        self._methods = Lines[str](
            lambda method: self._turns(_QUOTAS.get(method, TIER_4), oldest_first=method in _TELLING)
        )
        self._channels = Lines[str](lambda _channel: self._turns(IN_CHANNEL, oldest_first=True))

    @asynccontextmanager
    async def admitted(self, method: str, caller: Caller, channel: str = "") -> AsyncIterator[None]:
        """Wait a moment for the caller's turn, then watch how the call in the block ends.

        `channel` is where a post goes. Raises `Problem("slack.busy")` for who comes back, for others
        `Problem("slack.ratelimited")`.
        """
        turns = self._of(method, channel)
        await self._wait(turns, method, caller.who)
        await caller.check()
        try:
            yield
        except Problem as problem:
            if problem.code not in {"slack.ratelimited", "slack.rate_limited"}:
                raise
            raise self._silenced(turns[0], method, caller.who, problem) from problem

    def has_room(self, method: str) -> bool:
        """Tell whether a call that need not be made would take nothing from those that must."""
        return self._methods.of(method).spare(self._monotonic()) > LEFT_FOR_ENDINGS

    def _of(self, method: str, channel: str) -> tuple[Turns, ...]:
        """Return the turns that a call needs, first those that a 429 silences."""
        if method == POST:
            return self._channels.of(channel), self._methods.of(POST)
        return (self._methods.of(method),)

    async def _wait(self, turns: tuple[Turns, ...], method: str, who: Hashable | None) -> None:
        now = self._monotonic()
        if who is None:
            wait_s = max(one.silent_s(now) for one in turns)
            if wait_s > 0:
                raise Problem("slack.ratelimited", operation=method, retry_after_s=f"{wait_s:.2f}")
        else:
            waits = [one.wait_s(who, now) for one in turns]
            wait_s = max(waits)
            if wait_s > PATIENCE_S:
                for one, its_wait_s in zip(turns, waits, strict=True):
                    # Whoever waits for a channel does not stand in the workspace's way as well.
                    if its_wait_s > PATIENCE_S:
                        one.keep(who, now + wait_s)
                raise _busy(method, wait_s)
        for one in turns:
            one.take(who, now + wait_s)
        if wait_s > 0:
            await self._pause(wait_s)

    def _silenced(self, turns: Turns, method: str, who: Hashable | None, problem: Problem) -> Problem:
        """Keep the silence that Slack asked for; return what is to be raised."""
        now = self._monotonic()
        asked_s = float(problem.facts.get("retry_after_s", SILENCE_S))
        wait_s = min(max(asked_s, LEAST_SILENCE_S), LONGEST_SILENCE_S)
        log.warning("Slack takes no %s for %g s", method, wait_s)
        turns.hold_off(wait_s, now)
        if who is None:
            return problem
        turns.keep_first(who, now + wait_s)
        return _busy(method, turns.silent_s(now))

    def _turns(self, quota: Quota, *, oldest_first: bool) -> Turns:
        scaled = quota.changed(per_s=quota.per_s * self._times, window_s=quota.window_s / self._times)
        return Turns(scaled, PATIENCE_S, LONGEST_SILENCE_S, by_name=oldest_first)


def _busy(method: str, wait_s: float) -> Problem:
    return Problem("slack.busy", operation=method, retry_after_s=f"{wait_s:.2f}")
