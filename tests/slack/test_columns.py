"""Columns are counted as a typewriter face draws them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack.columns import columns, cut_to_columns


@pytest.mark.parametrize(
    ("text", "wide"),
    [
        pytest.param("vpn-1", 5, id="Latin"),
        pytest.param("网关", 4, id="Chinese"),
        pytest.param("✅", 2, id="an emoji"),
        pytest.param("⚠️", 2, id="a sign drawn as an emoji"),
        pytest.param("e\u0301", 1, id="an accent of its own"),
        pytest.param("│", 1, id="a line of a box"),
    ],
)
def test_signs_are_as_wide_as_they_are_drawn(text: str, wide: int) -> None:
    assert columns(text) == wide


def test_what_fits_is_not_touched() -> None:
    assert cut_to_columns("网关 1", 6) == "网关 1"


def test_what_is_cut_says_so_and_halves_no_sign() -> None:
    assert cut_to_columns("网关网关", 6) == "网关…"
    assert cut_to_columns("ab cd ef", 4) == "ab…"


@settings(deadline=None)
@given(st.text(max_size=40), st.integers(1, 40))
def test_a_cut_text_is_never_wider(text: str, most: int) -> None:
    assert columns(cut_to_columns(text, most)) <= most
