import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.emulators.alibaba.yaml_document import LONGEST_TEXT, Mistake, parse


def test_every_part_knows_its_line() -> None:
    document = parse("# a comment\na:\n  b: 1\nc:\n  - x\n  - {d: 2}\n")

    assert document.data == {"a": {"b": 1}, "c": ["x", {"d": 2}]}
    assert [document.line_of(place) for place in [("a",), ("a", "b"), ("c", 0), ("c", 1, "d")]] == [2, 3, 5, 6]


def test_the_line_of_what_is_missing_is_the_line_around_it() -> None:
    document = parse("a:\n  b: {c: 1}\n")

    assert document.line_of(("a", "b", "not there", "nor this")) == 2


def test_plain_words_are_read_as_yaml_does_and_odd_numbers_stay_text() -> None:
    document = parse("[1, 1.5, true, off, null, 'quoted', 1:30, 0x1F, 2026-01-01]")

    assert document.data == [1, 1.5, True, False, None, "quoted", "1:30", "0x1F", "2026-01-01"]


def test_an_empty_document_is_nothing() -> None:
    assert parse("# only a comment\n").data is None


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "twice"),
        ("a: &x [1]\nb: *x\n", 2, "aliases"),
        ("a:\n - 1\n  b: [\n", 3, ""),
        ("{a: 1\n", 2, ""),
        ("? [1, 2]\n: 3\n", 1, "one word"),
        ("a: \x01\n", 1, "character"),
        ("a: 1\n---\nb: 2\n", 2, "another document"),
        ("[" * 1_000 + "]" * 1_000, 1, "deep"),
        ("a" * (LONGEST_TEXT + 1), 1, "longer"),
    ],
    ids=["double", "alias", "bad", "cut", "list as a key", "control", "second document", "deep", "long"],
)
def test_a_mistake_says_its_line(text: str, line: int, word: str) -> None:
    with pytest.raises(Mistake) as caught:
        parse(text)

    assert caught.value.line == line
    assert word in caught.value.what


@given(st.text(alphabet="ab:-[]{}&*!?|>'\"#,\n \t0<", max_size=60))
def test_any_text_is_a_document_or_a_mistake(text: str) -> None:
    with contextlib.suppress(Mistake):
        document = parse(text)

        assert document.line_of(("not there",)) == 1
