"""What is done after an acknowledgement, because it takes longer than Slack waits for one: bounded in number."""

import asyncio
import logging
import traceback
from collections.abc import Coroutine, Hashable
from typing import Any

from bot.model.problem import Problem

log = logging.getLogger(__name__)

MOST = 20
"""Errands under way at once; each holds a few calls to the cloud."""


class Errands:
    """Errands under way, at most one for each `who`."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._under_way: dict[Hashable, asyncio.Task[None]] = {}

    def begin(self, who: Hashable, errand: Coroutine[Any, Any, None]) -> None:
        """Begin an errand, unless the same is under way; Problem("bot.overloaded") if there are too many."""
        if who in self._under_way or len(self._under_way) >= self._most:
            errand.close()
            if who in self._under_way:
                return
            raise Problem("bot.overloaded")
        task = asyncio.create_task(errand)
        self._under_way[who] = task
        task.add_done_callback(lambda done: self._ended(who, done))

    async def close(self) -> None:
        """Give up what is under way."""
        under_way = list(self._under_way.values())
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    def _ended(self, who: Hashable, task: asyncio.Task[None]) -> None:
        del self._under_way[who]
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Problem):
            log.warning("an answer was not told: %s", error)
        elif error is not None:
            log_accident("in an errand", error)


def log_accident(where: str, error: BaseException) -> None:
    """Log the frames and the kind of an error that nobody foresaw, and not its text: that may quote a person."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    log.error("unexpected %s %s\n%s", type(error).__name__, where, frames)
