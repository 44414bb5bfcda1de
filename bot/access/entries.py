"""A settings file as entries that know their line, and every mistake told with what would be right."""

import difflib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import yaml

from bot.model.ids import Identifier
from bot.model.problem import Problem

AnyIdentifier = TypeVar("AnyIdentifier", bound=Identifier)

_LONGEST_SHOWN = 60

NOT_SHOWN = "(not shown)"
"""Stands for a value that may be a secret in the wrong place: messages go to the log and to /readyz."""

# What IDs, names, addresses, references and ARNs are made of.
_PLAIN = re.compile(r"[\w .:@/*?#+-]*")

# Slack's IDs, with a workspace or a mark before them; regions; RAM's names; where a secret is kept; addresses of
# people; wildcards.
_IN_A_FORM = re.compile(
    r"#?([A-Z][A-Z0-9]{0,14}/)?[A-Z][A-Z0-9]{0,14}|[a-z]{2}-[a-z]{1,12}(-[0-9])?|acs:\w+(:.*)?|(env|file):.*"
    r"|[\w.+-]+@[\w-]+(\.[\w-]+)+|[*?]+|"
)

# The words of the format.
_WORDS = (
    *("version", "workspaces", "identities", "users", "groups", "channels", "allow", "shared"),
    *("assume_role", "external_id", "access_key", "regions", "guardrail"),
)

# Tokens of Slack, keys and tokens of Alibaba Cloud; what is longer than any ID.
_SECRET = re.compile(r"(?i:xox|xapp)|LTAI|STS\.|[0-9A-Fa-f]{20}|[A-Za-z0-9]{28}")
# What is as dense as keys are: so long without a break, and with a letter of each case and a digit in it.
_UNBROKEN = re.compile(r"[A-Za-z0-9+/=]{16,}")
_IN_A_KEY = (re.compile("[A-Z]"), re.compile("[a-z]"), re.compile("[0-9]"))

_TEXT = "tag:yaml.org,2002:str"
_KINDS = {
    _TEXT: "text",
    "tag:yaml.org,2002:null": "nothing",
    "tag:yaml.org,2002:int": "a number",
    "tag:yaml.org,2002:float": "a number",
    "tag:yaml.org,2002:bool": "a truth value",
    "tag:yaml.org,2002:timestamp": "a date",
    "tag:yaml.org,2002:seq": "a list",
    "tag:yaml.org,2002:map": "a mapping",
    "tag:yaml.org,2002:merge": "a merge key (<<)",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of the file, with the way to it (`identities.lab.access_key`)."""

    file: Path
    node: yaml.Node
    way: str

    def refusal(self, what: str, hint: str) -> Problem:
        """Make the problem that this entry is; neither text may hold a value that could be a secret."""
        place = f"{self.way}: {what}" if self.way else what
        return file_problem(self.file, place, hint, line=self.node.start_mark.line + 1)

    def literal(self) -> str | None:
        """Give the text of a single value as it is written, whatever YAML takes it for; None for anything else."""
        return self.node.value if isinstance(self.node, yaml.ScalarNode) else None

    def text(self) -> str:
        if isinstance(self.node, yaml.ScalarNode) and self.node.tag == _TEXT:
            return str(self.node.value)
        hint = "Write text there, in quotes if YAML would take it for something else"
        raise self.refusal(f"{self._kind} where text belongs", hint)

    def items(self) -> list["Entry"]:
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.refusal(
                f"{self._kind} where a list belongs", "Write a list: [first, second], or [] for none"
            )
        return [Entry(self.file, node, f"{self.way}[{number}]") for number, node in enumerate(self.node.value)]

    def pairs(self) -> Iterator[tuple["Entry", "Entry"]]:
        """Give keys, which are text and differ from each other, with their values."""
        if not isinstance(self.node, yaml.MappingNode):
            hint = "Write lines of the form `key: value`, or {} for none"
            raise self.refusal(f"{self._kind} where a mapping belongs", hint)
        first_lines: dict[str, int] = {}
        for key_node, value_node in self.node.value:
            key = Entry(self.file, key_node, self.way)
            name = key.text()
            if name in first_lines:
                raise key.refusal(
                    f"{shown(name, _WORDS)} is there twice", f"Keep one: line {first_lines[name]} or this one"
                )
            first_lines[name] = key_node.start_mark.line + 1
            yield key, Entry(self.file, value_node, f"{self.way}.{named(name)}".lstrip("."))

    def fields(self, *, required: Collection[str], optional: Collection[str] = ()) -> dict[str, "Entry"]:
        """Give the values by their keys; every required key is there, and none that is not known."""
        fields: dict[str, Entry] = {}
        known = [*required, *optional]
        for key, value in self.pairs():
            name = key.text()
            if name not in required and name not in optional:
                raise key.refusal(f"the key {shown(name, known)} is not known", nearest(name, known))
            fields[name] = value
        for name in required:
            if name not in fields:
                raise self.refusal(f"the key {name} is missing", f"Add `{name}:` as access.example.yml has it")
        return fields

    def distinct(self) -> list["Entry"]:
        """Give the items of a list in which no text is there twice."""
        first_lines: dict[str, int] = {}
        items = self.items()
        for item in items:
            name, line = item.text(), item.node.start_mark.line + 1
            if name in first_lines:
                raise item.refusal(
                    f"{shown(name)} is there twice", f"Keep one: on line {first_lines[name]} or here"
                )
            first_lines[name] = line
        return items

    def identifier(self, form: type[AnyIdentifier], *, what: str, hint: str) -> AnyIdentifier:
        """Read an identifier; `what` says what it is not ("is not a role's ARN") and the value is not shown."""
        try:
            return form(self.text())
        except ValueError as error:
            raise self.refusal(what, hint) from error

    @property
    def _kind(self) -> str:
        return _KINDS.get(self.node.tag, "something of a special kind")


def file_problem(file: Path, what: str, hint: str, *, line: int | None = None) -> Problem:
    """Make the problem with a settings file; both texts are clauses, without a full stop at the end."""
    place = {} if line is None else {"line": line}
    return Problem("settings.access_file", file=str(file), what=what, hint=hint, **place)


def shown(text: str, known: Collection[str] = ()) -> str:
    """Show a value of the file in a message if it can be nothing but an ID, an address or a word of the format.

    A word that is like one of `known` is a slip of the pen; any other may be a password: only its line is told.
    """
    if _IN_A_FORM.fullmatch(text) or difflib.get_close_matches(text, known, n=1):
        return named(text)
    return NOT_SHOWN


def named(text: str) -> str:
    """Show a name, which stands where names belong, unless it looks like a token or a key."""
    if len(text) > _LONGEST_SHOWN or not _PLAIN.fullmatch(text) or may_be_secret(text):
        return NOT_SHOWN
    return text if " " not in text and text else repr(text)


def may_be_secret(text: str) -> bool:
    """Tell whether there is something in the text that looks like a token or a key; linear in its length."""
    return _SECRET.search(text) is not None or any(map(_is_dense, _UNBROKEN.findall(text)))


def _is_dense(unbroken: str) -> bool:
    return all(kind.search(unbroken) for kind in _IN_A_KEY)


def nearest(name: str, known: Collection[str]) -> str:
    """Make the hint for a name that is not known."""
    guess = difflib.get_close_matches(name, known, n=1)
    if guess:
        return f"Perhaps {guess[0]} was meant"
    return f"Known here: {', '.join(sorted(known)[:20])}" if known else "None is known here"
