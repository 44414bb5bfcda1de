"""The catalogue of problems is complete, written alike in both languages, and short enough to be said."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import bot
from bot.explain.catalogue import CLOUD_FILES, OWN_FILES, Entry, Sentences, entries, entry_for
from bot.explain.phrases import phrases_of
from bot.explain.problems import LONGEST_EXPLANATION, explain
from bot.explain.sentences import filled, names
from bot.model.problem import OWN_NAMESPACES, ProblemDetails
from bot.model.run import Language

LANGUAGES: tuple[Language, ...] = ("en", "zh")
FILES = [(name,) for name in OWN_FILES] + [CLOUD_FILES]
HERE = Path(__file__).parent
DOCUMENTED = tomllib.loads((HERE / "cloud_codes.toml").read_text(encoding="utf-8"))
SLACK_ERRORS = (HERE / "slack_errors.txt").read_text(encoding="utf-8").split()

# Room for the longest reference, and the spaces before it and between the sentences.
ROOM_FOR_REFERENCE = 52

# In Chinese texts: names, commands, settings and addresses that have no Chinese form.
NAMES = re.compile(
    r"/vpn-diagnose( help)?|vpn-diagnose (settings|emulate alibaba)|/invite @vpn-diagnose|@?vpn-diagnose\b"
    r"|access(\.example)?\.yml|manifest\.yml|sqlite:///file\.db|postgresql://…|PostgreSQL|\[postgres\]|\.env|(status|api)\.aliyun\.com(/troubleshoot)?|slack-status\.com"
    r"|acs:ram::|:role/|sts\.aliyuncs\.com|sts:AssumeRole|vpc:\w+|connections:write|usergroups:read|users:read|cn-hangzhou"
    r"|Bot User OAuth Token|OAuth & Permissions|Basic Information|App Home|Messages|Socket Mode|Unix"
    r"|[A-Z]+(_[A-Z]+)+|--(port|network)|(vpn|vco|xoxb|xapp)-|(source|destination|region)=|AccessKey( ID| Secret)?"
    r"|SecurityToken|STS\.…|SignatureNonce|ClientToken|ResourceType|DiagnoseId|RequestId|Deny|allow|channels|users|workspaces"
    r"|guardrail|audience|Slack|RAM|STS|VPN|VPC|IPsec|IKE|IPv4|IPv6|IP|ID|API|ARN|OIDC|HTTPS?|TLS|NTP|URL|UDP|ICMP"
    r"|SA|DH|MTU|MSS|mtr|ping|https"
)


def all_entries() -> Iterator[tuple[str, Entry]]:
    for group in FILES:
        for key, written in entries(group).items():
            yield key, Entry.model_validate(written)


ENTRIES = dict(all_entries())


def longest(said: Sentences) -> int:
    """The length of happened and next when no fact is there, or each is as short as can be."""
    everything = dict.fromkeys(names(said.happened) | names(said.next), "…")
    return max(len(filled(said.happened, facts)) + len(filled(said.next, facts)) for facts in ({}, everything))


@pytest.mark.parametrize("operation", DOCUMENTED)
def test_every_documented_code_is_in_the_catalogue(operation: str) -> None:
    catch_all = Entry.model_validate(entries(CLOUD_FILES)["*"])

    for code in DOCUMENTED[operation]["codes"]:
        entry = entry_for(ProblemDetails(code=code, facts={"operation": operation}))

        assert entry != catch_all, code


@pytest.mark.parametrize("error", SLACK_ERRORS)
def test_every_error_of_slack_that_the_bot_can_meet_is_in_the_catalogue(error: str) -> None:
    catch_all = Entry.model_validate(entries(("slack",))["slack.*"])

    assert entry_for(ProblemDetails(code=f"slack.{error}")) != catch_all


def test_our_files_are_our_namespaces() -> None:
    assert frozenset(OWN_FILES) == OWN_NAMESPACES
    assert all(key.startswith(f"{name}.") for name in OWN_FILES for key in entries((name,)))


def test_every_code_has_one_entry() -> None:
    codes = [code for key, entry in all_entries() for code in (key, *entry.also)]

    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("key", ENTRIES)
def test_both_languages_speak_of_the_same_facts(key: str) -> None:
    entry = ENTRIES[key]

    assert names(entry.en.happened) == names(entry.zh.happened)
    assert names(entry.en.next) == names(entry.zh.next)
    assert not names(entry.en.title)
    assert not names(entry.zh.title)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", ENTRIES)
def test_every_text_leaves_room_for_the_reference(key: str, language: Language) -> None:
    said = ENTRIES[key].in_language(language)

    assert longest(said) <= LONGEST_EXPLANATION - ROOM_FOR_REFERENCE


@pytest.mark.parametrize("key", [key for key in ENTRIES if key.startswith(("access.", "bot."))])
def test_titles_that_a_form_may_have_to_show_are_short_enough_for_it(key: str) -> None:
    # Slack: a modal's title is at most 24 characters (docs.slack.dev/reference/views/modal-views).
    assert len(ENTRIES[key].en.title) <= 24
    assert len(ENTRIES[key].zh.title) <= 24


@pytest.mark.parametrize("key", ENTRIES)
def test_texts_are_whole_sentences_without_markup(key: str) -> None:
    entry = ENTRIES[key]

    for said, stop in ((entry.en, (".", "?")), (entry.zh, ("。", "？"))):
        for text in (said.happened, said.next):
            for facts in ({}, dict.fromkeys(names(text), "X")):
                sentence = filled(text, facts)
                assert sentence.endswith(stop)
                assert not re.search(r"[][{}<>*`~|]|\b_|_\b|\\|\s\s|\s[,;:]|\s\.(\s|$)|^[a-z]", sentence), sentence


@pytest.mark.parametrize("key", ENTRIES)
def test_no_english_is_left_in_chinese(key: str) -> None:
    said = ENTRIES[key].zh

    for text in (said.title, said.happened, said.next):
        rest = NAMES.sub("", re.sub(r"\{\w+\}", "", text))

        assert not re.search(r"[A-Za-z]{2}", rest), rest
        assert re.search(r"[一-鿿]", text), text


@pytest.mark.parametrize("key", [key for key in ENTRIES if not key.startswith(tuple(OWN_NAMESPACES))])
def test_what_the_cloud_says_has_a_source(key: str) -> None:
    assert (ENTRIES[key].source or "").startswith("https://")


def test_whoever_can_mend_something_has_a_name() -> None:
    assert {f"mended_by.{entry.mended_by}" for entry in ENTRIES.values()} <= phrases_of("mended_by").keys()


def codes_in_the_source() -> dict[str, str]:
    """Every code of ours that stands in the bot's own Python, with the file where it does."""
    package = Path(bot.__path__[0])
    code = re.compile(rf"({'|'.join(sorted(OWN_NAMESPACES - {'slack'}))})\.[a-z_]+")
    return {
        text.value: file.name
        for file in sorted(package.rglob("*.py"))
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func) in {"Problem", "ProblemDetails"}
        for text in ast.walk(call)
        if isinstance(text, ast.Constant) and isinstance(text.value, str) and code.fullmatch(text.value)
    }


@pytest.mark.parametrize(("code", "file"), codes_in_the_source().items())
def test_every_code_that_the_bot_raises_is_in_the_catalogue(code: str, file: str) -> None:
    assert any(code in (key, *entry.also) for key, entry in ENTRIES.items()), file


def words_in_the_source() -> set[str]:
    """Every text that stands by itself in the bot's own Python, as a code of ours does where it is raised."""
    return {
        text.value
        for file in sorted(Path(bot.__path__[0]).rglob("*.py"))
        for text in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(text, ast.Constant) and isinstance(text.value, str)
    }


def test_every_entry_of_ours_is_raised_somewhere() -> None:
    ours = {code for name in OWN_FILES for code in entries((name,)) if name != "slack"}

    assert ours - words_in_the_source() == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_code_that_nobody_knows_is_shown_with_the_vendors_words(language: Language) -> None:
    facts = {
        "message": "The moon is in the wrong house.",
        "request_id": "7ea06492-e259",
        "operation": "DiagnoseVpnGateway",
    }

    said = explain(ProblemDetails(code="Moon.InWrongHouse", facts=facts), language)

    assert "Moon.InWrongHouse" in said.happened
    assert "The moon is in the wrong house" in said.happened
    assert said.reference == "RequestId 7ea06492-e259"
