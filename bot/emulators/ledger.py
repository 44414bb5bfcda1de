"""The ledger of an emulator: what was called, by whom, with what outcome; the oldest entries make room."""

import asyncio
from collections import deque
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import Field

from bot.model.value import Value

MOST_KEPT = 5_000


class Call(Value):
    """One call; `outcome` is "ok" or the vendor's error code, `caller` whom the server took it to be from.

    `facts` are arguments worth asserting on; never a secret.
    """

    number: int
    at: datetime
    operation: str
    caller: str
    outcome: str
    facts: dict[str, Any] = Field(default_factory=dict)


class Ledger:
    """Calls in the order in which they were answered, numbered from 1 since the last clearing."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=MOST_KEPT)
        self._count = 0
        self._news = asyncio.Event()

    def record(self, at: datetime, operation: str, caller: str, outcome: str, facts: Mapping[str, Any]) -> None:
        self._count += 1
        self._calls.append(
            Call(number=self._count, at=at, operation=operation, caller=caller, outcome=outcome, facts=dict(facts))
        )
        self._tell()

    def calls(self, operation: str | None = None, after: int = 0) -> tuple[Call, ...]:
        """All calls that are kept, or those of one operation, or those after a number."""
        return tuple(call for call in self._calls if operation in (None, call.operation) and call.number > after)

    @property
    def count(self) -> int:
        """How many calls there were since the last clearing, kept or not."""
        return self._count

    async def change(self, known: int) -> int:
        """Wait until the count is no longer the one that is known, and give it."""
        while self._count == known:
            await self._news.wait()
        return self._count

    def clear(self) -> None:
        self._calls.clear()
        self._count = 0
        self._tell()

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()
