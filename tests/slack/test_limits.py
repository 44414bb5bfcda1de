"""Cutting is honest and exact."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack.blocks import table
from bot.slack.limits import (
    Block,
    cut,
    fits,
    fits_view,
    length,
    most_that_fits,
    size,
)


def test_a_text_within_the_limit_is_not_touched() -> None:
    assert cut("1234", 4) == "1234"


def test_a_cut_text_says_that_it_is_cut() -> None:
    assert cut("12345", 4) == "123…"


def test_no_blank_is_left_before_the_sign() -> None:
    assert cut("ab cdef", 4) == "ab…"


def test_an_emoji_is_counted_as_two_and_never_halved() -> None:
    assert length("🔥") == 2
    assert cut("🔥🔥🔥", 4) == "🔥…"


@settings(deadline=None)
@given(st.text(max_size=50), st.integers(1, 50))
def test_a_cut_text_is_within_the_limit(text: str, limit: int) -> None:
    assert length(cut(text, limit)) <= limit


def test_containers_count_towards_the_size() -> None:
    blocks: list[Block] = [{"type": "divider"}]

    assert size(blocks) == len('[{"type":"divider"}]')


def test_chinese_is_counted_by_its_characters_and_not_by_its_escapes() -> None:
    assert size([{"t": "网关"}]) == len('[{"t":"网关"}]')


def test_everything_is_shown_when_it_fits() -> None:
    assert most_that_fits(3, _lines) == _lines(3)


def test_as_many_blocks_are_shown_as_slack_takes() -> None:
    shown = most_that_fits(700, _lines)

    assert len(shown) == 48  # of 50, two are kept for remarks


@settings(deadline=None)
@given(st.integers(0, 60), st.integers(1, 3000))
def test_one_more_would_not_have_fitted(count: int, each: int) -> None:
    def render(n: int) -> list[Block]:
        return [{"t": "x" * each} for _ in range(n)]

    shown = most_that_fits(count, render)

    assert fits(shown)
    assert len(shown) == count or not fits(render(len(shown) + 1))
    assert len(json.dumps(shown, separators=(",", ":"))) <= 12_000


def test_a_table_of_too_many_characters_does_not_fit() -> None:
    long_row = ("x" * 500, "y" * 500)

    assert fits([table(*[long_row] * 10)])
    assert not fits([table(*[long_row] * 10, ("x",))])


def test_a_table_of_too_many_rows_does_not_fit() -> None:
    assert fits([table(*[("x",)] * 100)])
    assert not fits([table(*[("x",)] * 101)])


def test_a_second_table_does_not_fit() -> None:
    assert not fits([table(("x",)), table(("y",))])


def test_a_view_takes_a_hundred_blocks() -> None:
    assert fits_view(_lines(100))
    assert not fits_view(_lines(101))
    assert len(most_that_fits(700, _lines, fits_view)) == 100


def _lines(n: int) -> list[Block]:
    return [{"type": "divider"} for _ in range(n)]
