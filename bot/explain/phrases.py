"""Every text of forms and messages that is neither a problem nor a check, by key and in both languages.

A key begins with the name of its file in `phrases/` (`form.title` is in form.toml); each file says what its keys
are for and which facts they take; what is in square brackets is left out with its fact. A phrase that differs when
`count` is one has `en.one` and `en.other`.
"""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from bot.explain.sentences import filled, names_needed
from bot.model.run import Language


def phrase(key: str, language: Language, **facts: str | int) -> str:
    """Return the phrase with its facts; raises KeyError for a key that is not there, or a fact that is missing.

    The facts are put in as they are: foreign text has to be cleaned and bounded by who shows it.
    """
    text = template(key, language, count=facts.get("count"))
    missing = names_needed(text) - facts.keys()
    if missing:
        raise KeyError(key, *sorted(missing))
    return filled(text, {name: str(fact) for name, fact in facts.items()})


def template(key: str, language: Language, count: str | int | None = None) -> str:
    """Return the phrase as it is written, with `{fact}` where facts go."""
    written = phrases_of(key.partition(".")[0])[key][language]
    if isinstance(written, str):
        return written
    return str(written["one" if count == 1 else "other"])


@cache
def phrases_of(name: str) -> dict[str, dict[Language, Any]]:
    """Return the phrases of one file as they are written, by key; KeyError if there is no such file."""
    file = files("bot.explain") / "phrases" / f"{name}.toml"
    if not file.is_file():
        raise KeyError(name)
    return tomllib.loads(file.read_text(encoding="utf-8"))
