from pathlib import Path

import pytest

from bot.access.entries import Entry, may_be_secret, nearest, shown
from bot.access.plain_yaml import parse
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
        pytest.param("=", "something of a special kind", id="the value key of YAML 1.1"),
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
    assert _refusal("<<: {a: b}")["what"] == "a merge key (<<) where text belongs"


def test_a_list_is_not_a_mapping() -> None:
    assert _refusal("[a, b]")["what"] == "a list where a mapping belongs"


def test_a_mapping_is_not_a_list() -> None:
    with pytest.raises(Problem) as raised:
        _parse("a: b").items()

    assert raised.value.facts["what"] == "a mapping where a list belongs"


def test_a_second_line_for_the_same_key_is_refused_with_both_lines() -> None:
    facts = _refusal("key: a\nother: b\nkey: c\n")

    assert facts["what"] == "(not shown) is there twice"
    assert facts["line"] == "3"
    assert facts["hint"] == "Keep one: line 1 or this one"


def test_an_unknown_key_is_refused_with_the_one_that_was_meant() -> None:
    with pytest.raises(Problem) as raised:
        _parse("a: 1\nidentitis: {}").fields(required=["a"], optional=["identities"])

    assert raised.value.facts["what"] == "the key identitis is not known"
    assert raised.value.facts["line"] == "2"
    assert raised.value.facts["hint"] == "Perhaps identities was meant"


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


def test_the_same_item_twice_is_refused_with_both_lines() -> None:
    with pytest.raises(Problem) as raised:
        _parse("- a\n- b\n- 'a'\n").distinct()

    assert raised.value.facts["what"] == "[2]: (not shown) is there twice"
    assert (raised.value.facts["line"], raised.value.facts["hint"]) == ("3", "Keep one: on line 1 or here")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("U0123", "U0123", id="plain"),
        pytest.param("two words", "(not shown)", id="spaces"),
        pytest.param("password", "(not shown)", id="a word"),
        pytest.param("cn-hangzhou", None, id="region"),
        pytest.param("", "''", id="empty"),
        pytest.param("alice@example.com", "alice@example.com", id="e-mail"),
        pytest.param("acs:vpc:*:*:vpngatway/vpn-hub0000000000000001", None, id="resource"),
        pytest.param("env:NETWORK_ONCALL_ACCESS_KEY_SECRET", None, id="reference"),
        pytest.param("a\x1b[31m\u202e", "(not shown)", id="control and direction"),
        pytest.param("x y " * 20, "(not shown)", id="long"),
    ],
)
def test_values_are_shown_that_can_be_nothing_but_ids_and_addresses(text: str, expected: str | None) -> None:
    assert shown(text) == (text if expected is None else expected)


def test_a_word_is_shown_that_is_like_a_known_one() -> None:
    assert shown("identitis", ["identities", "users"]) == "identitis"
    assert shown("password", ["identities", "users"]) == "(not shown)"


@pytest.mark.parametrize(
    "secret",
    [
        pytest.param("xoxb-1-a", id="Slack token"),
        pytest.param("the-xoxe.xoxp-1-a", id="Slack token inside"),
        pytest.param("xapp-1-A0-1-a", id="Slack app token"),
        pytest.param("LTAI5tPLANTED", id="access key ID"),
        pytest.param("STS.NTplanted", id="ID of a session's key"),
        pytest.param("PLANTEDsecretPLANTEDsecret1234", id="access key secret"),
        pytest.param("name:aB3dE6gH9/kL2nO+q=", id="base64"),
        pytest.param("0123456789abcdef0123456789abcdef", id="hex"),
        pytest.param("planted!", id="no character of an ID"),
    ],
)
def test_what_may_be_a_secret_is_shown_nowhere(secret: str) -> None:
    twice = _refusal(f"'{secret}': one\n'{secret}': two\n")
    inside = _refusal(f"'{secret}': 12\n")

    assert shown(secret) == "(not shown)"
    assert secret not in f"{twice}{inside}"
    assert (twice["line"], inside["line"]) == ("2", "1")


def test_looking_for_a_secret_takes_linear_time() -> None:
    for hostile in ("/" * 200_000, "a/" * 100_000, "A1/" * 70_000, f"{'a' * 15}-" * 10_000):
        assert not may_be_secret(hostile)


def test_a_hint_lists_what_is_known_when_nothing_is_near() -> None:
    assert nearest("zzz", ["b", "a"]) == "Known here: a, b"


def test_a_hint_says_when_nothing_is_known() -> None:
    assert nearest("zzz", []) == "None is known here"
