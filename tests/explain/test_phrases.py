"""Phrases are there in both languages, speak of the same facts, and keep to Slack's limits."""

import ast
import re
from importlib.resources import files
from pathlib import Path

import pytest

import bot
from bot.explain.phrases import phrase, phrases_of, template
from bot.explain.sentences import names, names_needed
from bot.model.run import Language

FILES = sorted(
    entry.name.removesuffix(".toml")
    for entry in (files("bot.explain") / "phrases").iterdir()
    if entry.name.endswith(".toml")
)
KEYS = [key for name in FILES for key in phrases_of(name)]
LANGUAGES: tuple[Language, ...] = ("en", "zh")

# In Chinese phrases: what has no Chinese form.
NAMES = re.compile(
    r"/invite @vpn-diagnose|/vpn-diagnose|access\.yml|cn-hangzhou|(vpn|vco)-\w*|(source|destination|region)="
    r"|DiagnoseId|RequestId|Slack|RAM|VPN|VPC|IPsec|IP|ID|JSON|aliyun|ping"
)


def variants(key: str, language: Language) -> list[str]:
    return sorted({template(key, language, count=count) for count in (1, 2)})


def example(key: str, language: Language) -> str:
    return phrase(key, language, **dict.fromkeys(names(" ".join(variants(key, language))), 7))


@pytest.mark.parametrize("key", KEYS)
def test_a_phrase_lies_in_the_file_of_its_name_in_both_languages(key: str) -> None:
    written = phrases_of(key.partition(".")[0])[key]

    assert set(written) == {"en", "zh"}


@pytest.mark.parametrize("key", KEYS)
def test_both_languages_speak_of_the_same_facts(key: str) -> None:
    facts = {frozenset(names(text)) for language in LANGUAGES for text in variants(key, language)}

    assert len(facts) == 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", KEYS)
def test_every_phrase_can_be_said(key: str, language: Language) -> None:
    text = example(key, language)

    assert text
    assert not re.search(r"[{}\[\]<>*`~]|\s\s", text)


@pytest.mark.parametrize("key", KEYS)
def test_no_english_is_left_in_chinese(key: str) -> None:
    for text in variants(key, "zh"):
        rest = NAMES.sub("", re.sub(r"\{\w+\}", "", text))

        assert not re.search(r"[A-Za-z]{2}", rest), rest


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_form_keeps_to_slacks_limits(language: Language) -> None:
    for key in ("form.title", "form.submit", "form.close"):
        assert len(phrase(key, language)) <= 24
    for key in phrases_of("form"):
        if key.endswith("_placeholder"):
            assert len(phrase(key, language)) <= 150


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "key", [key for key in phrases_of("root") if key.startswith("root.ended_") or "running" in key]
)
def test_a_notification_says_gateway_and_state_in_100_characters(key: str, language: Language) -> None:
    # Titles are of problems, the longest that a run can end with is about as long as this.
    facts = dict.fromkeys(names(" ".join(variants(key, language))), "7") | {
        "title": "The answer could not be understood"
    }
    state = phrase(key, language, **facts)

    assert len(phrase("root.text", language, gateway_id="vpn-bp1q8bu141iiqrdzb2ab7", state=state)) <= 100


def test_one_is_said_in_the_singular() -> None:
    one = phrase("report.headline_attention", "en", count=1, total=7, names="Route conflicts")
    two = phrase(
        "report.headline_attention", "en", count=2, total=7, names="Route conflicts, Private connectivity"
    )

    assert one == "1 of 7 checks needs attention: Route conflicts"
    assert two == "2 of 7 checks need attention: Route conflicts, Private connectivity"


def test_facts_are_not_read_as_templates() -> None:
    assert phrase("root.text", "en", gateway_id="{state}", state="[x]") == "{state}: [x]"


@pytest.mark.parametrize("key", ["form.no_such_key", "nowhere.at_all", "bare", "../problems/bot.title"])
def test_an_unknown_key_is_an_error(key: str) -> None:
    with pytest.raises(KeyError):
        phrase(key, "en")


def test_an_optional_fact_may_be_missing() -> None:
    assert phrase("path.note_answers", "en", address="10.8.0.1") == "10.8.0.1 answers"
    assert phrase("path.note_answers", "en") == "answers"


def test_a_missing_fact_is_an_error() -> None:
    with pytest.raises(KeyError, match="diagnose_id"):
        phrase("started.text", "en", gateway_id="vpn-1")


def phrases_in_the_source() -> list[tuple[str, set[str]]]:
    """Every phrase with a literal key that stands in the bot's own Python, with the facts that it is given."""
    return [
        (call.args[0].value, {fact.arg for fact in call.keywords if fact.arg})
        for file in sorted(Path(bot.__path__[0]).rglob("*.py"))
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "phrase" and call.args
        if isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
        if all(fact.arg for fact in call.keywords)
    ]


@pytest.mark.parametrize(("key", "facts"), phrases_in_the_source())
def test_every_phrase_that_the_bot_says_gets_its_facts(key: str, facts: set[str]) -> None:
    assert names_needed(template(key, "en")) <= facts
