"""The one exception of this emulator: Slack's `ok: false` with its error string."""

import math
from collections.abc import Sequence
from typing import Any

MOST_REASONS = 20


class Refused(Exception):
    """A call is refused; `details` are further fields of the answer."""

    def __init__(self, error: str, **details: Any) -> None:
        self.error = error
        self.details = details
        super().__init__(error)

    @classmethod
    def because(cls, error: str, flaws: Sequence[str]) -> "Refused":
        """Refuse with the reasons where Slack puts them (docs.slack.dev/apis/web-api/#responses)."""
        return cls(error, response_metadata={"messages": [f"[ERROR] {flaw}" for flaw in flaws[:MOST_REASONS]]})

    @property
    def status(self) -> int:
        """Slack says no with HTTP 200."""
        return 200

    @property
    def headers(self) -> dict[str, str]:
        return {}

    def answer(self) -> dict[str, Any]:
        return {"ok": False, "error": self.error, **self.details}


class TooOften(Refused):
    """A call comes too soon: HTTP 429 with whole seconds in Retry-After (/apis/web-api/rate-limits)."""

    def __init__(self, wait_s: float) -> None:
        super().__init__("ratelimited")
        self._wait_s = wait_s

    @property
    def status(self) -> int:
        return 429

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(max(1, math.ceil(self._wait_s)))}
