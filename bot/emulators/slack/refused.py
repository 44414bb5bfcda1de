"""The one exception of this emulator: Slack's `ok: false` with its error string."""

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

    def answer(self) -> dict[str, Any]:
        return {"ok": False, "error": self.error, **self.details}
