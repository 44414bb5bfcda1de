"""The time, as the composition root gives it to the store."""

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)
