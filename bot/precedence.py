"""Lets what people wait for go first: acknowledgements are due in 3 seconds, the steps of a run in minutes."""

import asyncio
from collections.abc import Callable

# Seconds without a request after which steps may start. Under a storm of requests one step starts in every
# `LONGEST_WAIT_S`: runs go on, and no acknowledgement waits behind more than one of them.
CALM_S = 0.02
LONGEST_WAIT_S = 0.1


class Precedence:
    """`timer` gives seconds that never run backwards."""

    def __init__(self, timer: Callable[[], float]) -> None:
        self._timer = timer
        self._last_request = float("-inf")
        self._turn = asyncio.Lock()

    def request_seen(self) -> None:
        """Say that a request has come in, or has been answered."""
        self._last_request = self._timer()

    async def give_way(self) -> None:
        """Wait for one's turn, and then until no request came for `CALM_S`, at most `LONGEST_WAIT_S` seconds."""
        async with self._turn:
            until = self._timer() + LONGEST_WAIT_S
            while self._timer() < until and self._timer() - self._last_request < CALM_S:  # noqa: ASYNC110 - calm is time
                await asyncio.sleep(CALM_S)
