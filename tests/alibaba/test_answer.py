"""Foreign JSON never raises anything but ValueError, and never hands on what cannot be stored."""

import math
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alibaba.answer import (
    epoch_of,
    flag_of,
    id_of,
    integer_of,
    list_of,
    moment_of,
    number_of,
    parsed,
    request_id_of,
    text_of,
)
from bot.model.ids import RegionId

ANYTHING: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text()) | st.just({})
)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html>",
        "{",
        "[" * 100_000,
        "NaN",
        '{"a": Infinity}',
        "1" * 5000,
        '"\\ud800"',
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
    ],
    ids=["empty", "HTML", "truncated", "deep", "NaN", "Infinity", "huge", "surrogate", "not UTF-8", "BOM"],
)
def test_what_is_not_json_is_a_value_error(text: bytes | str) -> None:
    with pytest.raises(ValueError, match="line 1 column"):
        parsed(text)


@pytest.mark.parametrize(
    ("value", "count"),
    [
        *[(7, 7), ("7", 7), (" 07 ", 7), (7.0, 7), (0, 0)],
        *[(-1, None), ("-1", None), (7.5, None), ("7.5", None), (True, None), (None, None), ([], None)],
        *[(10**30, None), ("9" * 40, None), (math.inf, None), ("\u0667", None)],
    ],
)
def test_a_count_is_a_whole_number_from_zero_up_also_as_text(value: Any, count: int | None) -> None:
    assert integer_of(value) == count


@pytest.mark.parametrize(
    ("value", "number"),
    [
        *[(7, 7.0), (0.5, 0.5), ("0.5", 0.5), ("100.0%", 100.0), ("20 %", 20.0), (-1, -1.0), ("-1.0", -1.0)],
        *[(math.nan, None), (math.inf, None), ("nan", None), ("1e3", None), (10**400, None), (True, None)],
        *[("", None), (None, None), ({}, None), ("\u0667", None)],
    ],
)
def test_a_number_is_finite_also_as_text(value: Any, number: float | None) -> None:
    assert number_of(value) == number


@pytest.mark.parametrize("text", ["2022-12-15T05:28:57Z", "2022-12-15T13:28:57+08:00", "2022-12-15 05:28:57"])
def test_a_time_is_utc(text: str) -> None:
    assert moment_of(text) == datetime(2022, 12, 15, 5, 28, 57, tzinfo=UTC)


@pytest.mark.parametrize("value", [None, "", "soon", 1671082137000, "0001-01-01T00:00:00+08:00", [], "2022-13-01"])
def test_what_is_no_time_is_none(value: Any) -> None:
    assert moment_of(value) is None


@pytest.mark.parametrize(
    ("value", "items"),
    [
        *[([1], [1]), ({"Region": [1]}, [1]), ({"Region": []}, []), ({"Region": None}, [])],
        *[(None, []), ("", []), ({}, []), (7, None), ("x", None), ({"a": [1], "b": [2]}, None)],
    ],
)
def test_a_list_may_be_flat_or_wrapped_or_missing(value: Any, items: list[Any] | None) -> None:
    assert list_of(value) == items


@pytest.mark.parametrize("longest", [1000, 20])
def test_text_is_free_of_tokens_also_where_it_is_cut(longest: int) -> None:
    assert text_of("of the office xoxb-1234567890-planted", longest) == "of the office (hidden)"[:longest]


def test_text_is_cut_and_free_of_nul() -> None:
    assert text_of("a\x00b" * 1000, 4) == "a\ufffdba"
    assert text_of(7) is None


@pytest.mark.parametrize("value", [None, 7, "", "two\nlines", "x" * 101, "<script>"])
def test_a_request_id_that_would_break_a_log_line_is_none(value: Any) -> None:
    assert request_id_of({"RequestId": value}) is None


def test_a_request_id_is_found_in_both_spellings() -> None:
    assert request_id_of({"RequestId": "0ED8D006-F706"}) == request_id_of({"requestId": "0ED8D006-F706"})


@given(ANYTHING)
def test_no_value_makes_a_reader_fail(value: Any) -> None:
    for reader in (text_of, integer_of, number_of, moment_of, list_of):
        reader(value)


@given(st.binary())
def test_no_bytes_raise_anything_but_value_error(data: bytes) -> None:
    with suppress(ValueError):
        parsed(data)


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (1492753580000, datetime(2017, 4, 21, 5, 46, 20, tzinfo=UTC)),
        ("1492753580000", datetime(2017, 4, 21, 5, 46, 20, tzinfo=UTC)),
        (None, None),
        ("", None),
        ("soon", None),
        (-1, None),
        (2**53, None),
        (True, None),
        ([], None),
    ],
    ids=repr,
)
def test_times_of_resources_are_milliseconds(value: Any, moment: datetime | None) -> None:
    assert epoch_of(value) == moment


@pytest.mark.parametrize(
    ("value", "flag"),
    [(True, True), ("enable", True), (" True ", True), (False, False), ("DISABLE", False), ("", None), (1, None)],
    ids=repr,
)
def test_a_flag_is_a_word_or_json(value: Any, flag: bool | None) -> None:  # noqa: FBT001 -- a table
    assert flag_of(value) is flag


@pytest.mark.parametrize("value", [None, 7, "Hangzhou", ["cn-hangzhou"], {}], ids=repr)
def test_what_has_no_form_of_an_id_is_none(value: Any) -> None:
    assert id_of(RegionId, value) is None
