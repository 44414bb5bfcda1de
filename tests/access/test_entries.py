import traceback
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.access.entries import Entry, nearest, parse, shown
from bot.model.ids import RegionId
from bot.model.problem import Problem

FILE = Path("access.yml")


def _parse(text: str) -> Entry:
    return parse(text.encode(), FILE)


def _refusal(text: str) -> dict[str, str]:
    with pytest.raises(Problem) as raised:
        _walk(_parse(text))
    assert raised.value.code == "settings.access_file"
    assert raised.value.facts["file"] == "access.yml"
    assert not raised.value.facts["hint"].endswith(".")
    return raised.value.facts


def _walk(entry: Entry) -> None:
    for _, value in entry.pairs():
        value.text()


def test_entries_know_their_way_and_line() -> None:
    [(_, outer)] = _parse("\nouter:\n  inner: [a, b]\n").pairs()
    [(key, inner)] = outer.pairs()
    second = inner.items()[1]

    assert key.text() == "inner"
    assert second.text() == "b"
    assert second.way == "outer.inner[1]"
    assert second.refusal("what", "hint").facts["line"] == "3"


def test_a_mark_at_the_beginning_is_no_content() -> None:
    [(key, _)] = parse(b"\xef\xbb\xbfkey: value", FILE).pairs()

    assert key.text() == "key"


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        pytest.param("12", "a number", id="integer"),
        pytest.param("1.5", "a number", id="float"),
        pytest.param("no", "a truth value", id="the Norway problem"),
        pytest.param("", "nothing", id="nothing"),
        pytest.param("2026-01-02", "a date", id="date"),
        pytest.param("[a]", "a list", id="list"),
        pytest.param("{a: b}", "a mapping", id="mapping"),
        pytest.param("!secret abc", "something of a special kind", id="tag"),
        pytest.param("!!python/object:os.system {}", "something of a special kind", id="object"),
    ],
)
def test_only_text_is_text(value: str, kind: str) -> None:
    facts = _refusal(f"key: {value}\n")

    assert facts["what"] == f"key: {kind} where text belongs"
    assert facts["line"] == "1"


def test_what_looks_like_a_number_is_text_in_quotes() -> None:
    [(_, value)] = _parse("key: '12'").pairs()

    assert value.text() == "12"


def test_a_key_that_is_not_text_is_refused() -> None:
    assert _refusal("12: value")["what"] == "a number where text belongs"


def test_merge_keys_are_refused() -> None:
    assert "something of a special kind" in _refusal("<<: {a: b}")["what"]


def test_a_list_is_not_a_mapping() -> None:
    assert _refusal("[a, b]")["what"] == "a list where a mapping belongs"


def test_a_mapping_is_not_a_list() -> None:
    with pytest.raises(Problem) as raised:
        _parse("a: b").items()

    assert raised.value.facts["what"] == "a mapping where a list belongs"


def test_a_second_line_for_the_same_key_is_refused_with_both_lines() -> None:
    facts = _refusal("key: a\nother: b\nkey: c\n")

    assert facts["what"] == "key is there twice"
    assert facts["line"] == "3"
    assert facts["hint"] == "Keep one: line 1 or this one"


def test_an_unknown_key_is_refused_with_the_one_that_was_meant() -> None:
    with pytest.raises(Problem) as raised:
        _parse("a: 1\nidentitis: {}").fields(required=["a"], optional=["identities"])

    assert raised.value.facts["what"] == "the key identitis is not known"
    assert raised.value.facts["line"] == "2"
    assert raised.value.facts["hint"] == "Did you mean identities?"


def test_a_missing_key_is_named() -> None:
    with pytest.raises(Problem) as raised:
        _parse("a: 1").fields(required=["a", "b"])

    assert raised.value.facts["what"] == "the key b is missing"


def test_an_identifier_is_refused_without_its_value() -> None:
    [(_, value)] = _parse("region: planted-Secret").pairs()
    with pytest.raises(Problem) as raised:
        value.identifier(RegionId, what="this is not a region's ID", hint="cn-hangzhou")

    assert raised.value.facts["what"] == "region: this is not a region's ID"
    assert "planted" not in str(raised.value.facts)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        pytest.param("", "the file is empty", id="empty"),
        pytest.param("# nothing\n", "the file is empty", id="only a comment"),
        pytest.param("a: b: c\n", "this is not YAML: mapping values are not allowed in this context", id="colons"),
        pytest.param("a: 'b\n", "this is not YAML: found unexpected end of stream", id="open quote"),
        pytest.param("a: b\n---\nc: d\n", "this is not YAML: but found another document", id="two documents"),
        pytest.param("a: \x00\n", "there is a character that YAML does not allow", id="NUL"),
        pytest.param("a: &x [1]\nb: *x\n", "anchors (&) and aliases (*) are not read here", id="anchor"),
        pytest.param("a: *x\n", "anchors (&) and aliases (*) are not read here", id="alias alone"),
        pytest.param("[" * 13 + "]" * 13, "nested too deeply", id="deep"),
        pytest.param("[" * 100_000, "nested too deeply", id="deep enough to end a recursion"),
    ],
)
def test_what_is_not_plain_yaml_is_refused(text: str, what: str) -> None:
    assert _refusal(text)["what"] == what


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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("U0123", "U0123", id="plain"),
        pytest.param("two words", "'two words'", id="spaces"),
        pytest.param("", "''", id="empty"),
        pytest.param("a\x1b[31m\u202e", r"'a\x1b[31m\u202e'", id="control and direction"),
        pytest.param("x" * 100, "x" * 59 + "…", id="long"),
    ],
)
def test_values_are_shown_short_and_escaped(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_a_hint_lists_what_is_known_when_nothing_is_near() -> None:
    assert nearest("zzz", ["b", "a"]) == "Known here: a, b"


def test_a_hint_says_when_nothing_is_known() -> None:
    assert nearest("zzz", []) == "None is known here"
