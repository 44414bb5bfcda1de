"""Reads the catalogue of problems, `problems/*.toml`, a namespace at a time, when a code of it is first asked for.

An entry's key is a code; `Operation:Code` is the meaning of a code in one operation alone, and a key with
asterisks is a family (`Missing*`). A code of ours is in the file of its namespace, one of Alibaba Cloud's in
`CLOUD_FILES`:

    ["InvalidSecurityToken.Expired"]
    also = ["*SecurityToken.Expired"]  # codes and families that mean the same
    retry = "later"               # never (if left out) or later: is the same call worth repeating?
    ends = "failed"               # failed (if left out), or refused: the answer is no, and that is a decision
    closes_channel = true         # no (if left out): the bot cannot write there, the asker is told in private
    mended_by = "wait"            # who can mend it: a key of phrases/mended_by.toml
    source = "https://…"          # where the vendor says so
    en.title = "…"                # and en.happened, en.next; the same in zh

In the sentences `{fact}` is a fact of the problem; `[: {fact}]` is left out if the problem does not have it, and
`[{fact}|something]` then becomes what is behind the bar.
"""

import tomllib
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from bot.model.problem import ProblemDetails
from bot.model.run import Language
from bot.model.value import Value

MendedBy = Literal[
    "access_keeper",
    "account_owner",
    "alibaba_cloud",
    "asker",
    "bot_admin",
    "bot_team",
    "network_team",
    "ram_admin",
    "slack_admin",
    "wait",
    "workflow_builder",
]

OWN_FILES = ("access", "bot", "cloud", "form", "settings", "slack")
CLOUD_FILES = ("vpc", "sts", "permission", "gateway")


class Sentences(Value):
    """What is said in one language: a title without facts, what happened, and what to do next."""

    title: str
    happened: str
    next: str


class Entry(Value):
    """A code's meaning; see the module's docstring."""

    also: tuple[str, ...] = ()
    retry: Literal["never", "later"] = "never"
    ends: Literal["refused", "failed"] = "failed"
    closes_channel: bool = False
    mended_by: MendedBy
    source: str | None = None
    en: Sentences
    zh: Sentences

    def in_language(self, language: Language) -> Sentences:
        return self.en if language == "en" else self.zh


def entry_for(details: ProblemDetails) -> Entry:
    """Return what is known about a problem: its own entry, else its family's; there is always one.

    A denial whose kind is known has the fact `explained_by` (bot.explain.denials), the key of one of ours.
    """
    explained_by = details.facts.get("explained_by", "")
    if explained_by in entries(("access",)):
        return _entry(explained_by, ("access",))
    names = CLOUD_FILES if details.is_from_the_cloud else (details.code.partition(".")[0],)
    key = _key_of(details.code, names)
    if key is None:
        return _entry("bot.uncatalogued", ("bot",))
    in_operation = f"{details.facts.get('operation', '')}:{key}"
    return _entry(_keys(names).get(in_operation, key), names)


@cache
def entries(names: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Return the entries of some files as they are written, by key."""
    merged: dict[str, dict[str, Any]] = {}
    for name in names:
        file = files("bot.explain") / "problems" / f"{name}.toml"
        merged |= tomllib.loads(file.read_text(encoding="utf-8"))
    return merged


@cache
def _keys(names: tuple[str, ...]) -> dict[str, str]:
    """Return the key of the entry of every code and family."""
    return {code: key for key, entry in entries(names).items() for code in (key, *entry.get("also", ()))}


@cache
def _families(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the codes with asterisks, the narrowest first."""
    return tuple(sorted((code for code in _keys(names) if "*" in code), key=len, reverse=True))


def _key_of(code: str, names: tuple[str, ...]) -> str | None:
    families = (family for family in _families(names) if fnmatchcase(code, family))
    return _keys(names).get(code) or _keys(names).get(next(families, ""))


@cache
def _entry(key: str, names: tuple[str, ...]) -> Entry:
    return Entry.model_validate(entries(names)[key])
