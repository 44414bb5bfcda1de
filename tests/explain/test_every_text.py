"""Every text that people read is in the catalogue, whole in each language, and nothing asks for one that is not.

What is looked for is held to find it: a text that is missing, in one language alone, or in the source.
"""

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

import bot
from bot.explain.catalogue import CLOUD_FILES, OWN_FILES, entries
from bot.explain.phrases import phrases_of
from bot.explain.sentences import names
from bot.listeners.regions import PLACES
from bot.model.run import Language

ROOT = Path(bot.__path__[0])
LANGUAGES = frozenset(get_args(Language))

CATALOGUE = sorted(path for path in Path(str(files("bot.explain"))).rglob("*.toml"))
PHRASES = {path.stem for path in CATALOGUE if path.parent.name == "phrases"}
KEYS = {key for name in PHRASES for key in phrases_of(name)}
CODES = {key for name in (*OWN_FILES, *CLOUD_FILES) for key in entries((name,))}
CODES |= {
    f"tunnel.{key}" for path in CATALOGUE if path.stem == "tunnels" for key in tomllib.loads(path.read_text())
}

# The emulators are no part of the bot: their page and their refusals are for developers.
SOURCES = sorted(path for path in ROOT.rglob("*.py") if "emulators" not in path.parts)

# Whoever says something in Slack: in these folders, or with what makes messages. Nobody has words of their own.
SHOWS = re.compile(r"^from bot\.slack\.(blocks|message|messages|views) import", re.MULTILINE)
# Files of words that are only recognized: in the cloud's logs, and in what people type.
RECOGNIZE_WORDS = {ROOT / "alibaba" / "redaction.py", ROOT / "listeners" / "wording.py"}
SPEAKERS = [
    path
    for path in SOURCES
    if (path.parent.name in {"slack", "listeners"} or SHOWS.search(path.read_text(encoding="utf-8")))
    and path not in RECOGNIZE_WORDS
]

CHINESE = re.compile(r"[\u3400-\u9fff]")
AMERICAN = re.compile(r"(organi|authori|recogni|summari)z|analyz|behavior|\bcolor\b|canceled", re.IGNORECASE)
SENTENCE = re.compile(r"[A-Za-z]{2,}[,.:;]? [A-Za-z]{2,}")

# Commands that are copied as they are, and headings that Slack itself has given.
COPIED = re.compile(r"^ ?/?(vpn-diagnose|aliyun vpc|vpn-)")

# Sentences that nobody is told: what is sealed, what is compared with what was typed, names of quotas.
NOT_SAID = frozenset({"asks for a channel", "posts in a channel", *PLACES.values()})

# What makes text for Slack; what is in the typewriter face (`code`) are commands and IDs.
RENDERERS = frozenset(
    {"bold", "glue", "header", "line", "notification", "plain_text", "section", "small_print", "together", "words"}
)


def said_in(table: Mapping[str, Any], at: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each part of a file that is there by language, with its place."""
    if LANGUAGES & table.keys():
        yield at, {name: table[name] for name in sorted(LANGUAGES & table.keys())}
        return
    for name, inner in table.items():
        if isinstance(inner, dict):
            yield from said_in(inner, f"{at}/{name}")


def texts_of(said: Any) -> list[str]:
    """Return the texts of one language, of which a phrase has several if it counts."""
    if isinstance(said, str):
        return [said]
    inner = said.values() if isinstance(said, dict) else said if isinstance(said, list) else ()
    return [text for each in inner for text in texts_of(each)]


def flaws(by_language: Mapping[str, Any]) -> list[str]:
    """Say what is wrong with one part: a language that is missing, says nothing, or speaks of other facts."""
    missing = [f"not in {language}" for language in sorted(LANGUAGES - by_language.keys())]
    texts = {language: texts_of(said) for language, said in by_language.items()}
    empty = [f"empty in {language}" for language, said in texts.items() if not said or not all(said)]
    facts = {frozenset(name for text in said for name in names(text)) for said in texts.values()}
    return missing + empty + (["other facts"] if len(facts) > 1 else [])


@pytest.mark.parametrize("path", CATALOGUE, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_text_is_there_in_each_language_with_the_same_facts(path: Path) -> None:
    parts = dict(said_in(tomllib.loads(path.read_text(encoding="utf-8"))))

    assert parts
    assert {at: wrong for at, said in parts.items() if (wrong := flaws(said))} == {}


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"en": "You have {count}"}, ["not in zh"]),
        ({"en": "You have {count}", "zh": ""}, ["empty in zh", "other facts"]),
        ({"en": "You have {count}", "zh": "您有{number}"}, ["other facts"]),
        ({"en": {"one": "{count} is", "other": "{count} are"}, "zh": "有{count}"}, []),
    ],
)
def test_a_text_that_is_missing_in_one_language_is_found(said: dict[str, Any], wrong: list[str]) -> None:
    assert flaws(said) == wrong


def asked_for(source: str) -> tuple[set[str], set[str]]:
    """Return the keys of phrases that stand in a source, and the beginnings of those that are put together."""
    key = re.compile(rf"({'|'.join(sorted(PHRASES))})\.[a-z0-9_]+")
    beginning = re.compile(rf"({'|'.join(sorted(PHRASES))})\.[a-z0-9_]*")
    tree = ast.parse(source)
    put_together = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    parts = {id(part) for node in put_together for part in node.values}
    strings = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts
    ]
    starts = {str(node.values[0].value) for node in put_together if isinstance(node.values[0], ast.Constant)}
    starts |= {each for each in strings if each.endswith("_")}
    whole = {each for each in strings if key.fullmatch(each)} - starts
    return whole, {each for each in starts if beginning.fullmatch(each)}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_key_in_the_source_is_in_the_catalogue(path: Path) -> None:
    keys, beginnings = asked_for(path.read_text(encoding="utf-8"))

    assert keys - KEYS - CODES == set()
    assert {start for start in beginnings if not any(key.startswith(start) for key in KEYS | CODES)} == set()


def test_a_key_that_is_not_there_is_found() -> None:
    keys, beginnings = asked_for(
        'phrase("form.no_such_key" if x else "form.title", l); phrase(f"level.no_{x}", l)'
    )

    assert (keys - KEYS, beginnings) == ({"form.no_such_key"}, {"level.no_"})


def patterns(source: str) -> set[str]:
    """Return the keys that a source can ask for, as patterns: whole ones, and those that are put together."""
    any_name = "[a-z0-9_]+"
    keys, beginnings = asked_for(source)
    made = {
        "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else any_name for part in node.values)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.JoinedStr)
    }
    return (
        {re.escape(key) for key in keys}
        | made
        | {re.escape(start) + any_name for start in beginnings if start[-1] == "_"}
    )


def test_every_phrase_is_asked_for_somewhere() -> None:
    asked = {pattern for path in SOURCES for pattern in patterns(path.read_text(encoding="utf-8"))}
    known = re.compile("|".join(sorted(pattern for pattern in asked if pattern.partition(r"\.")[0] in PHRASES)))

    assert {key for key in KEYS if not known.fullmatch(key)} == set()


def test_a_phrase_that_nobody_asks_for_is_found() -> None:
    (pattern,) = patterns('phrase(f"form.{name}_label", language)')

    assert re.fullmatch(pattern, "form.region_label")
    assert not re.fullmatch(pattern, "form.region_hint")


def own_words(source: str) -> list[str]:
    """Return what a source says in words of its own: a sentence or Chinese anywhere, a word where text is made."""
    tree = ast.parse(source)
    unread = {id(inner) for node in ast.walk(tree) for inner in _unread(node)}
    made = {id(inner) for node in ast.walk(tree) for inner in _made_into_text(node)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in unread
        if _is_said(node.value, is_text=id(node) in made)
    ]


def _is_said(text: str, *, is_text: bool) -> bool:
    if COPIED.match(text) or text in NOT_SAID:
        return False
    return bool(CHINESE.search(text) or SENTENCE.search(text) or (is_text and re.search(r"[A-Za-z]{2}", text)))


def _made_into_text(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the literals that a call makes into text, also those behind a condition."""
    if not isinstance(node, ast.Call) or ast.unparse(node.func).rpartition(".")[2] not in RENDERERS:
        return
    for argument in [*node.args, *(each.value for each in node.keywords)]:
        chosen = [argument.body, argument.orelse] if isinstance(argument, ast.IfExp) else [argument]
        yield from (
            part for each in chosen for part in (each.values if isinstance(each, ast.JoinedStr) else [each])
        )


def _unread(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what nobody reads in Slack: bare strings, patterns, what is raised or logged, and type annotations."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node.value
    if isinstance(node, ast.Raise):
        yield from ast.walk(node)
    if isinstance(node, ast.Call) and ast.unparse(node.func).startswith(("log", "re.")):
        yield from ast.walk(node)
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "message":
        yield from ast.walk(node)


@pytest.mark.parametrize("path", SPEAKERS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_nobody_who_speaks_has_words_of_their_own(path: Path) -> None:
    assert own_words(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "path",
    [path for path in SOURCES if path not in RECOGNIZE_WORDS],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_there_is_no_chinese_in_the_source(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    unread = {id(inner) for node in ast.walk(tree) for inner in _unread(node)}
    strings = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in unread
    ]

    assert [text for text in strings if CHINESE.search(text)] == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('words("Running")', ["Running"]),
        ('line(bold("Two words"))', ["Two words"]),
        ('plain_text(f"还有{n}", 75)', ["还有"]),
        ('plain_text("Close" if done else phrase("form.close", l))', ["Close"]),
        ('blocks.section("Done")', ["Done"]),
        ('reply = {"text": "It is running"}', ["It is running"]),
        ('"""A docstring of words."""', []),
        ('log.info("the words of a log")', []),
        ('words(phrase("form.title", language))', []),
        ('glue(" · ")', []),
        ('code("/vpn-diagnose help")', []),
    ],
)
def test_a_text_that_stands_in_the_source_is_found(source: str, found: list[str]) -> None:
    assert own_words(source) == found


# What Slack shows of the manifest: it has one text for all, so these are in English alone.
SHOWN_BY_SLACK = frozenset({"name", "display_name", "description", "usage_hint", "title"})


def shown_of(part: Any, name: str = "") -> Iterator[str]:
    if isinstance(part, dict):
        for key, inner in part.items():
            yield from shown_of(inner, key)
    elif isinstance(part, list):
        for inner in part:
            yield from shown_of(inner)
    elif name in SHOWN_BY_SLACK:
        yield str(part)
    elif isinstance(part, str) and SENTENCE.search(part):
        yield f"{name}: {part}"


def test_only_what_slack_takes_in_one_language_is_outside_the_catalogue() -> None:
    manifest = yaml.safe_load((ROOT.parent / "manifest.yml").read_text(encoding="utf-8"))
    shown = list(shown_of(manifest))

    assert shown
    assert [text for text in shown if CHINESE.search(text) or text.partition(": ")[0] == "text"] == []


@pytest.mark.parametrize("path", CATALOGUE, ids=lambda path: path.stem)
def test_english_is_spelled_in_one_way(path: Path) -> None:
    said = [line for line in path.read_text(encoding="utf-8").splitlines() if re.match(r"en\b", line)]

    assert not [line for line in said if AMERICAN.search(line)]
