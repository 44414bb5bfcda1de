"""Lets what people wait for go first: acknowledgements are due in 3 seconds, the steps of a run in minutes."""

import asyncio
from collections.abc import Callable

# Seconds without a request after which a step may start, and the longest that one waits for such a moment: under a
# storm of requests runs go on, slowly.
CALM_S = 0.02
LONGEST_WAIT_S = 1.0


class Precedence:
    """`timer` gives seconds that never run backwards."""

    def __init__(self, timer: Callable[[], float]) -> None:
        self._timer = timer
        self._last_request = float("-inf")

    def request_seen(self) -> None:
        """Say that a request has come in, or has been answered."""
        self._last_request = self._timer()

    async def give_way(self) -> None:
        """Wait until no request came for `CALM_S` seconds, at most `LONGEST_WAIT_S`."""
        until = self._timer() + LONGEST_WAIT_S
        while (now := self._timer()) < until and now - self._last_request < CALM_S:  # noqa: ASYNC110 - calm is time
            await asyncio.sleep(CALM_S)
