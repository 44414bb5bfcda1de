"""How often Slack lets itself be called: by method and workspace, and posts also by channel."""

from collections import OrderedDict, deque
from collections.abc import Callable
from datetime import datetime

from bot.emulators.slack.limits import POSTS_A_MINUTE, POSTS_AT_ONCE, POSTS_PER_S

MOST_COUNTED = 10_000

_WINDOW_S = 60.0


class Rates:
    """Counts calls; `times` is how many times as often as Slack itself allows, None lets everything pass.

    Windows roll: no 60 seconds ever see more calls than a minute allows. A channel takes a few posts at once and
    then one a second (a token bucket, kept as the moment at which it will be full again).
    """

    def __init__(self, clock: Callable[[], datetime], times: float | None = 1.0) -> None:
        self._clock = clock
        self.times = times
        self.forget()

    def forget(self) -> None:
        self._calls: OrderedDict[str, deque[float]] = OrderedDict()
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def wait_s(self, method: str, a_minute: int) -> float:
        """Count a call of the method and return 0, or return the seconds until it is allowed again."""
        if self.times is None:
            return 0.0
        now = self._now(self.times)
        calls = self._calls.setdefault(method, deque())
        while calls and calls[0] <= now - _WINDOW_S:
            calls.popleft()
        if len(calls) >= a_minute:
            return (calls[0] + _WINDOW_S - now) / self.times
        calls.append(now)
        return 0.0

    def post_wait_s(self, channel: str) -> float:
        """Do the same for a post into a channel, which is one of the workspace's posts too."""
        if self.times is None:
            return 0.0
        now = self._now(self.times)
        full_at = max(self._full_at.get(channel, now), now)
        early_s = full_at - (POSTS_AT_ONCE - 1) / POSTS_PER_S - now
        if early_s > 0:
            return early_s / self.times
        wait_s = self.wait_s("posts", POSTS_A_MINUTE)
        if wait_s == 0:
            self._full_at[channel] = full_at + 1 / POSTS_PER_S
            self._full_at.move_to_end(channel)
            if len(self._full_at) > MOST_COUNTED:
                self._full_at.popitem(last=False)
        return wait_s

    def _now(self, times: float) -> float:
        return self._clock().timestamp() * times
