"""A clock that is off: said from a minute on, and refused where nothing would work."""

from datetime import timedelta

import pytest

from bot.app.clocks import Clocks, Remote

TAKES = timedelta(minutes=15)


def clocks(ahead: timedelta | None, takes: timedelta | None = TAKES) -> Clocks:
    return Clocks([Remote("Slack", lambda: None, takes), Remote("Alibaba Cloud", lambda: ahead, takes)])


@pytest.mark.parametrize("ahead_s", [None, 0, 59, -59])
def test_a_clock_that_is_right_or_not_known_is_not_spoken_of(ahead_s: float | None) -> None:
    off = clocks(None if ahead_s is None else timedelta(seconds=ahead_s))

    assert (off.why_told(), off.why_refused()) == (None, None)


@pytest.mark.parametrize("ahead_s", [60, 900])
def test_a_clock_that_is_off_is_told_while_it_still_works(ahead_s: float) -> None:
    off = clocks(timedelta(seconds=ahead_s))

    assert off.why_refused() is None
    told = f"this machine's clock is {ahead_s} s ahead of Alibaba Cloud's; nothing works beyond 900 s"
    assert off.why_told() == told


def test_a_clock_that_is_too_far_off_is_refused_by_how_much() -> None:
    off = clocks(timedelta(seconds=-901))

    assert "901 s behind Alibaba Cloud's" in str(off.why_refused())


def test_where_any_difference_works_none_is_refused() -> None:
    off = clocks(timedelta(hours=2), takes=None)

    assert off.why_refused() is None
    assert off.why_told() == "this machine's clock is 7200 s ahead of Alibaba Cloud's"
