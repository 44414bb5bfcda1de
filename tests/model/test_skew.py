"""The clock here against the clock there."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.model.skew import ahead_by

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("date", "ahead"),
    [
        ("Fri, 02 Jan 2026 12:00:00 GMT", timedelta()),
        ("Fri, 02 Jan 2026 11:44:59 GMT", timedelta(minutes=15, seconds=1)),
        ("Fri, 02 Jan 2026 20:10:00 +0800", -timedelta(minutes=10)),
    ],
)
def test_the_difference_is_ours_less_theirs(date: str, ahead: timedelta) -> None:
    assert ahead_by(NOON, date) == ahead


@pytest.mark.parametrize(
    "date", ["", "soon", "Fri, 02 Jan 2026 12:00:00", "Fri, 99 Jan 2026 12:00:00 GMT", "1", "\u5317", "0" * 5000]
)
def test_what_is_no_date_tells_nothing(date: str) -> None:
    assert ahead_by(NOON, date) is None
