"""What is done after an acknowledgement, because it takes longer than Slack waits for one: bounded in number."""

import asyncio
import logging
import traceback
from collections import Counter
from collections.abc import Coroutine, Hashable
from typing import Any

from bot.model.problem import Problem

log = logging.getLogger(__name__)

MOST = 20
"""Errands of one kind under way at once; each holds a few calls to Slack or to the cloud."""

# Seconds that those who stop the bot wait for what is under way: most of it is one word to somebody.
CLOSE_WITHIN_S = 3.0


class Errands:
    """Errands under way, at most one for each `who`, and `most` of a kind whatever the other kinds do."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._under_way: dict[Hashable, asyncio.Task[None]] = {}
        self._of_kind: Counter[str] = Counter()
        self._given_up: set[asyncio.Task[None]] = set()

    def begin(self, who: Hashable, errand: Coroutine[Any, Any, None], kind: str) -> None:
        """Begin an errand, unless the same is under way; Problem("bot.overloaded") if too many of its kind are.

        There are few kinds, and none is what somebody typed.
        """
        if who in self._under_way or self._of_kind[kind] >= self._most:
            errand.close()
            if who in self._under_way:
                return
            raise Problem("bot.overloaded")
        task = asyncio.create_task(errand)
        self._under_way[who] = task
        self._of_kind[kind] += 1
        task.add_done_callback(lambda done: self._ended(who, kind, done))

    def begin_anew(self, who: Hashable, errand: Coroutine[Any, Any, None], kind: str) -> None:
        """Begin an errand as `begin` does, but in the place of the same one under way, which is given up."""
        if who in self._under_way:
            earlier = self._under_way.pop(who)
            self._of_kind[kind] -= 1
            self._given_up.add(earlier)
            earlier.cancel()
        self.begin(who, errand, kind)

    async def close(self, within_s: float = CLOSE_WITHIN_S) -> None:
        """Wait for what is under way, for so long at most, and give up the rest."""
        under_way = {*self._under_way.values(), *self._given_up}
        if under_way:
            _, late = await asyncio.wait(under_way, timeout=within_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _ended(self, who: Hashable, kind: str, task: asyncio.Task[None]) -> None:
        if task in self._given_up:
            self._given_up.discard(task)
        else:
            del self._under_way[who]
            self._of_kind[kind] -= 1
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Problem):
            log.warning("an answer was not told: %s", error)
        elif error is not None:
            log_accident("in an errand", error)


def log_accident(where: str, error: BaseException) -> None:
    """Log the frames and the kind of an error that nobody foresaw, and not its text: that may quote a person."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    log.error("unexpected %s %s\n%s", type(error).__name__, where, frames)
