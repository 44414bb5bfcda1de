"""Foreign text stays text, whatever is in it."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack.escape import escape, one_line, visible

ANY_TEXT = st.text(st.characters(codec=None), max_size=200)


@pytest.mark.parametrize(
    "text",
    ["<!channel>", "<@U0ALICE>", "<!subteam^S0ONCALL>", "<https://evil.example|console>", "a & <b>"],
)
def test_no_reference_or_link_can_be_forged(text: str) -> None:
    escaped = escape(text)

    assert "<" not in escaped
    assert ">" not in escaped
    assert "&" not in escaped.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")


def test_marks_of_formatting_become_lookalikes() -> None:
    assert escape("*bold* ~gone~ `code` _italic_") == "∗bold∗ ∼gone∼ ˋcodeˋ ˍitalicˍ"


def test_an_underscore_inside_of_a_name_stays() -> None:
    assert escape("param_error") == "param_error"


def test_an_emoji_by_name_is_not_drawn() -> None:
    assert not re.search(r":[\w+'-]+:", escape("done :tada: :+1::skin-tone-2:"))


def test_an_address_with_a_port_is_left_as_it_is() -> None:
    assert escape("192.168.1.1:500 answered") == "192.168.1.1:500 answered"


def test_text_cannot_be_reordered_or_hidden() -> None:
    assert visible("a\u202eb\u2066c\u200bd\ue000e\x00f\x1b[31mg") == "abcdef[31mg"


def test_a_lone_surrogate_does_not_reach_the_wire() -> None:
    assert visible("a\ud800b").encode() == b"ab"


def test_joined_emoji_and_right_to_left_letters_stay() -> None:
    assert visible("👩‍🚒 שלום 网关") == "👩‍🚒 שלום 网关"


def test_lines_become_one() -> None:
    assert one_line(" first\r\nsecond\u2028third\x0b\tfourth ") == "first second third fourth"


@settings(deadline=None)
@given(ANY_TEXT)
def test_escaped_text_has_nothing_that_slack_parses(text: str) -> None:
    escaped = escape(text)

    assert not re.search(r"[<>*~`\n\r]|&(?!amp;|lt;|gt;)|:[\w+'-]+:", escaped)
    assert not re.search(r"(?<!\w)_|_(?!\w)", escaped)
    escaped.encode()


@settings(deadline=None)
@given(ANY_TEXT)
def test_one_line_is_one_line_and_is_stable(text: str) -> None:
    once = one_line(text)

    assert len(once.splitlines()) <= 1
    assert one_line(once) == once
