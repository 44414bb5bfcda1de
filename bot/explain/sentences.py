"""Puts facts into sentences: cleaned of what could hide or forge text, and cut to keep the whole to a bound."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence

from bot.model.problem import LONGEST_FACT

_FACT = re.compile(r"\{(\w+)\}")
_OPTIONAL = re.compile(r"\[([^\[\]|]*)\|?([^\[\]|]*)\]")
_CUT = "…"

# Of an ARN, acs:SERVICE:REGION:ACCOUNT:KIND/NAME, what stands before the kind is known to those whose it is.
_ARN_START = re.compile(r"\bacs:[a-z0-9-]*:[a-z0-9*-]*:[0-9*]*:(?=[a-z])")

# Chinese puts no blank between sentences: these full stops are as wide as a letter and bring their own.
_WIDE_STOPS = ("。", "？", "！")

# Control, format (bidirectional overrides among them), surrogate, private and unassigned characters.
_INVISIBLE = "C"


def cleaned(text: str) -> str:
    """Return foreign text on one line, without characters that nobody sees; it may still look like markup.

    No more than `LONGEST_FACT` characters of it are read: no sentence has room for more, and a description can be
    100 kB long.
    """
    text = text[:LONGEST_FACT]
    visible = (" " if unicodedata.category(character).startswith(_INVISIBLE) else character for character in text)
    return " ".join("".join(visible).split())


def cut(text: str, longest: int) -> str:
    """Return the text in at most `longest` characters, with an ellipsis where something is missing."""
    return text if len(text) <= longest else text[: max(longest - 1, 0)] + _CUT


def filled(template: str, facts: Mapping[str, str]) -> str:
    """Put facts in place of `{name}`.

    `[: {name}]` is left out if the fact is missing, `[{name}|something]` becomes what is behind the bar.
    """
    chosen = _OPTIONAL.sub(lambda part: part[1] if names(part[1]) <= facts.keys() else part[2], template)
    return _FACT.sub(lambda fact: facts.get(fact[1], _CUT), chosen)


def names(template: str) -> set[str]:
    """Return the names of the facts that a template speaks of."""
    return set(_FACT.findall(template))


def names_needed(template: str) -> set[str]:
    """Return the names of the facts without which a template cannot be said: those outside of square brackets."""
    return names(_OPTIONAL.sub(" ", template))


def together(sentences: Iterable[str | None]) -> str:
    """Put sentences one after another, as their language does; those that are not there leave nothing."""
    said = ""
    for sentence in filter(None, sentences):
        gap = "" if not said or said.endswith(_WIDE_STOPS) else " "
        said += gap + sentence
    return said


def filled_within(
    longest: int, templates: Sequence[str], facts: Mapping[str, str], whole: Collection[str] = ()
) -> list[str]:
    """Fill templates that are read one after another, with spaces between them in at most `longest` characters.

    The longest facts are cut first; the templates with the facts that are left `whole` must be short enough.
    """

    def with_facts_up_to(size: int) -> list[str]:
        short = {name: text if name in whole else _shortened(text, size) for name, text in facts.items()}
        return [filled(template, short) for template in templates]

    def length(size: int) -> int:
        return len(" ".join(with_facts_up_to(size)))

    return with_facts_up_to(bisect_right(range(1, longest + 1), longest, key=length))


def _shortened(text: str, longest: int) -> str:
    """Return a fact in at most `longest` characters; a name, which has no blanks, keeps both of its ends."""
    if len(text) <= longest:
        return text
    text = _ARN_START.sub("", text)
    if len(text) <= longest or " " in text:
        return cut(text, longest)
    end = (longest - 1) // 2
    return cut(text, longest - end) + text[len(text) - end :]
