"""A clock that can be moved while the emulator runs, so that minutes and hours need not be waited for."""

from collections.abc import Callable
from datetime import datetime, timedelta

# Seconds, in either direction: about a hundred years.
FARTHEST_S = 3.2e9


class MovedClock:
    """Another clock (UTC), and how many seconds this one is ahead of it."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.ahead_s = 0.0

    def __call__(self) -> datetime:
        return self._clock() + timedelta(seconds=self.ahead_s)

    def move(self, seconds: float) -> None:
        """Move the clock from where it is; raises ValueError when it would come too far from the other one."""
        if abs(self.ahead_s + seconds) > FARTHEST_S:
            raise ValueError(f"the clock can be moved by {FARTHEST_S:.0f} seconds altogether")
        self.ahead_s += seconds

    def reset(self) -> None:
        self.ahead_s = 0.0
