"""Facts in sentences: cleaned, optional, bounded."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from bot.explain.sentences import cleaned, cut, filled, filled_within, together
from bot.model.problem import LONGEST_FACT


def test_what_is_in_brackets_goes_with_its_fact() -> None:
    assert filled("Not found[: {id}].", {"id": "vpn-1"}) == "Not found: vpn-1."
    assert filled("Not found[: {id}].", {}) == "Not found."


def test_what_is_behind_the_bar_takes_the_place_of_a_missing_fact() -> None:
    assert filled("[{operation}|The call] failed.", {"operation": "AssumeRole"}) == "AssumeRole failed."
    assert filled("[{operation}|The call] failed.", {}) == "The call failed."


def test_a_missing_fact_outside_of_brackets_leaves_an_ellipsis() -> None:
    assert filled("Not found: {id}.", {}) == "Not found: …."


def test_facts_are_not_read_as_templates() -> None:
    assert filled("{first} {second}", {"first": "{second}[x]", "second": "2"}) == "{second}[x] 2"


def test_control_and_bidirectional_characters_are_taken_out() -> None:
    assert cleaned("a\nb\x1b[31m\u202ec\u2066\x00d") == "a b [31m c d"


@given(st.text())
def test_cleaned_text_is_one_visible_line(text: str) -> None:
    result = cleaned(text)

    assert not any(unicodedata.category(character).startswith("C") for character in result)
    assert result.split() == result.split(" ") or not result


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_a_cut_says_that_it_is_one(text: str, longest: int) -> None:
    result = cut(text, longest)

    assert len(result) <= longest
    assert result == text or result.endswith("…")


def test_only_the_longest_facts_are_cut() -> None:
    short, long = filled_within(30, ["{id}", "said {message}"], {"id": "vpn-12345", "message": "x y" * 100})

    assert short == "vpn-12345"
    assert long == "said x yx yx yx yx …"


def test_a_name_that_is_too_long_keeps_both_of_its_ends() -> None:
    assert filled_within(15, ["{id}"], {"id": "role/vpn-diagnose-oncall"}) == ["role/vp…-oncall"]
    assert filled_within(1, ["{id}"], {"id": "role/vpn-diagnose-oncall"}) == ["…"]


def test_an_arn_loses_what_everybody_knows_before_anything_is_cut() -> None:
    arn = "acs:ram::1234567890123456:role/vpn-diagnose-oncall"

    assert filled_within(len(arn), ["{arn}"], {"arn": arn}) == [arn]
    assert filled_within(len(arn) - 1, ["{arn}"], {"arn": arn}) == ["role/vpn-diagnose-oncall"]
    assert filled_within(40, ["{arn}"], {"arn": "acs:vpc:cn-hangzhou:*:vpngateway/vpn-1a2b3c"}) == [
        "vpngateway/vpn-1a2b3c"
    ]


def test_what_must_be_said_whole_is_not_cut() -> None:
    facts = {"kind": "ImplicitDeny", "message": "x y" * 100}

    assert filled_within(30, ["{message}", "({kind})"], facts, whole={"kind"}) == [
        "x yx yx yx yx …",
        "(ImplicitDeny)",
    ]


@given(st.dictionaries(st.sampled_from(["a", "b"]), st.text(max_size=400)))
def test_filled_templates_keep_to_the_bound(facts: dict[str, str]) -> None:
    texts = filled_within(100, ["one {a} two {b}", "[three {a}]", "four"], facts)

    assert len(" ".join(texts)) <= 100


def test_sentences_that_are_not_there_leave_no_blank() -> None:
    assert together(["One.", None, "", "Two."]) == "One. Two."


def test_a_full_stop_of_chinese_has_its_blank_in_it() -> None:
    assert together(["一。", "二？", "三！", "四"]) == "一。二？三！四"


def test_no_more_of_a_text_is_read_than_a_sentence_has_room_for() -> None:
    assert cleaned("x" * 10_000_000) == "x" * LONGEST_FACT
