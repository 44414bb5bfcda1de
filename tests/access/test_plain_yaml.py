import traceback
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.access.plain_yaml import parse
from bot.model.problem import Problem

FILE = Path("access.yml")


def _refusal(text: str) -> dict[str, str]:
    with pytest.raises(Problem) as raised:
        parse(text.encode(), FILE)
    assert raised.value.code == "settings.access_file"
    assert raised.value.facts["file"] == "access.yml"
    assert not raised.value.facts["hint"].endswith(".")
    return raised.value.facts


def test_a_mark_at_the_beginning_is_no_content() -> None:
    [(key, _)] = parse(b"\xef\xbb\xbfkey: value", FILE).pairs()

    assert key.text() == "key"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        pytest.param("", "the file is empty", id="empty"),
        pytest.param("# nothing\n", "the file is empty", id="only a comment"),
        pytest.param("a: b: c\n", "this is not YAML: mapping values are not allowed in this context", id="colons"),
        pytest.param("a: 'b\n", "this is not YAML: found unexpected end of stream", id="open quote"),
        pytest.param("a: b\n---\nc: d\n", "this is not YAML: but found another document", id="two documents"),
        pytest.param("a: &x [1]\nb: *x\n", "anchors (&) and aliases (*) are not read here", id="anchor"),
        pytest.param("a: *x\n", "anchors (&) and aliases (*) are not read here", id="alias alone"),
        pytest.param("[" * 13 + "]" * 13, "nested too deeply", id="deep"),
        pytest.param("[" * 100_000, "nested too deeply", id="deep enough to end a recursion"),
    ],
)
def test_what_is_not_plain_yaml_is_refused(text: str, what: str) -> None:
    assert _refusal(text)["what"] == what


@pytest.mark.parametrize(
    ("content", "line"),
    [("a: b\nc: d\x00\n", 2), ("\x1b[2J", 1), ("a: b\r\nc: \x7f\r\n", 2), ("\ufffea: b", 1)],
    ids=["NUL", "terminal", "CRLF", "reversed mark"],
)
def test_a_character_that_cannot_be_seen_is_refused_with_its_line(content: str, line: int) -> None:
    facts = _refusal(content)

    assert facts["what"] == "there is a character that YAML does not allow"
    assert facts["line"] == str(line)


def test_a_tab_is_named_where_one_may_be_the_mistake() -> None:
    facts = _refusal("a:\n\tb: c\n")

    assert facts["line"] == "2"
    assert "tab" in facts["hint"]


@pytest.mark.parametrize("value", ["!secret abc", "!!python/object:os.system {}", "!!str 12", "!!set {a}", "! x"])
def test_a_tag_is_refused(value: str) -> None:
    facts = _refusal(f"a: b\nkey: {value}\n")

    assert facts["what"] == "tags (!) are not read here"
    assert facts["line"] == "2"


def test_a_bomb_of_aliases_is_refused_before_it_goes_off() -> None:
    levels = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 20))

    assert "anchors" in _refusal(f"l0: &l0 [lol]\n{levels}\n")["what"]


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(Problem) as raised:
        parse(b"a: \xff", FILE)

    assert raised.value.facts["what"] == "the file is not UTF-8 text"


@pytest.mark.parametrize("content", [b"secret: planted: b", b"secret: planted\xff"], ids=["syntax", "encoding"])
def test_a_traceback_does_not_quote_the_file(content: bytes) -> None:
    with pytest.raises(Problem) as raised:
        parse(content, FILE)

    assert "planted" not in "".join(traceback.format_exception(raised.value))
    assert raised.value.__cause__ is None


@given(st.binary(max_size=200))
def test_any_bytes_are_an_entry_or_a_problem(content: bytes) -> None:
    assert _outcome(content) in {"entry", "settings.access_file"}


def _outcome(content: bytes) -> str:
    try:
        parse(content, FILE)
    except Problem as problem:
        return problem.code
    return "entry"
