"""The grammar of the text behind `/vpn-diagnose`: what the words say, in whatever order they were typed."""

import difflib
import re

from bot.listeners.history_text import HISTORY, LAST, History, Last, read_history
from bot.listeners.pasted import as_meant
from bot.listeners.reading import read_form, shown, tidy
from bot.listeners.regions import nearest_region, region_named
from bot.listeners.wording import BREAK, ENDS, FIELD_OF_KEY, Field, is_like_address, meaningful, spaced
from bot.model.ids import RegionId
from bot.model.problem import Problem, ProblemDetails
from bot.model.request import DiagnosisRequest
from bot.model.value import Value
from bot.slack.views import FormValues

# `-help` is what is left of `--help` where a phone made one dash of two.
_HELP = {"help", "--help", "-help", "-h", "?"}
_WHO_AM_I = {"whoami", "who-am-i"}

# What a first word may be a slip of, and how alike the two are at least (difflib's ratio). A short word in which
# two letters changed places is less alike, as `hlep` is; but so are other words, such as `heap`.
_SUB_COMMANDS = ("help", "whoami", HISTORY, LAST)
_ALIKE = 0.8
_SWAPPED = {
    command[:at] + command[at + 1] + command[at] + command[at + 2 :]: command
    for command in _SUB_COMMANDS
    for at in range(len(command) - 1)
}

# Characters. A command that says all there is to say has about 250; a longer text is not read at all, whatever
# reading it would cost.
LONGEST_TEXT = 4_000

# Five kinds of words make a command; a page that was pasted is not compared with every region, word by word.
MOST_WORDS = 50

# Brackets, and arrows: as they are typed, as phones draw them, and as Slack names them.
_BETWEEN_WORDS = re.compile(r"((?:[\s,;、→➡➜⇒\ufe0f()\[\]{}【】「」《》]|--?>|=>|:arrow_right:)+)")
_KEYS = "|".join(FIELD_OF_KEY)
# A blank before a value belongs to the sign; one before the next key says that there is no value.
_BEFORE_VALUE = re.compile(rf"=[ \n](?!(?:{_KEYS})=)", re.IGNORECASE)
_BEFORE_SIGN = re.compile(r"[ \n]=")
# As in `source: 10.8.0.1`; an IPv6 address begins with none of these.
_COLON = re.compile(rf"(?<![^\s,;(\[{{])({_KEYS})[ \n]?:", re.IGNORECASE)
# What ends a sentence, and the signs of bold, italic and struck out text.
_SENTENCE_ENDS = ".!?。"
_STYLES = "*_~"
# What a line of a list or of a quotation begins with, and what is left of a colon behind a bracket.
_MARKS = {"•", "-", "*", ">", ":"}


class Help(Value):
    """The person asks how the command is used."""


class WhoAmI(Value):
    """The person asks which identity they have, and what it can do."""


class TooLong(Value):
    """The text is so long that it was not read."""


class OpenForm(Value):
    """What was typed is right but not all that is needed: the form takes it from here."""

    initial: FormValues


class Start(Value):
    """All that is needed was typed."""

    request: DiagnosisRequest


class Mistakes(Value):
    """What is wrong, a problem for each wrong word, in the order in which they were typed."""

    problems: tuple[ProblemDetails, ...]


Read = Help | WhoAmI | History | Last | OpenForm | Start | Mistakes | TooLong


def read_command(text: str, known: frozenset[str], default_region: RegionId | None) -> Read:
    """Read the command's text; `default_region` stands in where no region was typed."""
    if len(text) > LONGEST_TEXT:
        return TooLong()
    words = meaningful(_words(text))
    asked = _asked_besides(words)
    if asked is not None:
        return asked
    typed, mistakes = _placed(words, known)
    given: dict[str, str | None] = {"region": default_region}
    given |= {field: value or None for field, (_, value) in typed.items()}
    initial = FormValues.model_validate(given)
    read = read_form(initial, known)
    if isinstance(read, DiagnosisRequest):
        return Mistakes(problems=_in_order(mistakes)) if mistakes else Start(request=read)
    # A field that nothing was typed for is not a mistake: the form asks for it.
    for field, (position, _) in typed.items():
        if field in read.by_field:
            mistakes[position] = read.by_field[field]
    return Mistakes(problems=_in_order(mistakes)) if mistakes else OpenForm(initial=initial)


def _asked_besides(words: list[str]) -> Help | WhoAmI | History | Last | Mistakes | None:
    """Read what asks for something else than a diagnosis; None if nothing does."""
    if len(words) == 1 and words[0].lower() in _HELP:
        return Help()
    if len(words) == 1 and words[0].lower() in _WHO_AM_I:
        return WhoAmI()
    try:
        return read_history(words)
    except Problem as problem:
        return Mistakes(problems=(problem.details,))


def _words(text: str) -> list[str]:
    # One blank at most between words: a pattern that tries blanks at every place takes the square of their number.
    lines = (" ".join(line.split()) for line in spaced(as_meant(text)).splitlines())
    typed = "\n".join(line for line in lines if line)
    joined = _BEFORE_VALUE.sub("=", _BEFORE_SIGN.sub("=", _COLON.sub(r"\1=", typed)))
    return [word for part in _BETWEEN_WORDS.split(joined) for word in _read_part(part)]


def _read_part(part: str) -> list[str]:
    """Read a word, or what is between two: a blank is nothing, and all else is a break."""
    if part in {"", " "}:
        return []
    word = _bare(part)
    if not word or part in _MARKS or _BETWEEN_WORDS.fullmatch(part):
        return [BREAK]
    return [word, BREAK] if any(sign in part for sign in _SENTENCE_ENDS) else [word]


def _bare(word: str) -> str:
    """Take off what is around a word that was typed in a sentence or pasted out of one."""
    inner = tidy(word)
    while len(inner) > 2 and inner[0] == inner[-1] and inner[0] in _STYLES:  # noqa: PLR2004 - a sign at each end
        inner = inner[1:-1]
    ended = inner if inner.endswith("::") else inner.removesuffix(":")  # which an IPv6 address may end in
    return tidy(ended.rstrip(_SENTENCE_ENDS)) or inner


def _placed(
    words: list[str], known: frozenset[str]
) -> tuple[dict[Field, tuple[int, str]], dict[int, ProblemDetails]]:
    """Give each word its field; returns position and value by field, and what is wrong by position.

    The value is empty for a key with nothing behind it.
    """
    typed: dict[Field, tuple[int, str]] = {}
    mistakes: dict[int, ProblemDetails] = {}
    keyed = {position for position, word in enumerate(words) if _key(word) in FIELD_OF_KEY}
    # Words with a key first, so that a bare address takes the end that is still free.
    for position in sorted(range(len(words)), key=lambda position: position not in keyed):
        word = words[position]
        field = _field_of(word, set(typed), known) if position < MOST_WORDS else None
        if field is None:
            mistakes[position] = _not_placed(position, words)
        elif field in typed:
            mistakes[position] = Problem("form.word_repeated", value=shown(word)).details
        else:
            value = tidy(word.partition("=")[2]) if position in keyed else word
            typed[field] = (position, (field == "region" and region_named(value, known)) or value)
    return typed, mistakes


def _not_placed(position: int, words: list[str]) -> ProblemDetails:
    word = words[position]
    if word.lower() in _SUB_COMMANDS:
        return Problem("form.sub_command_not_alone", value=word).details
    if word.lower() in ENDS:
        return Problem("form.end_unclear", value=word).details
    meant = _slip_of(word.lower()) if position == 0 else None
    return Problem("form.word_unknown", value=shown(word), **({"suggestion": meant} if meant else {})).details


def _slip_of(word: str) -> str | None:
    alike = difflib.get_close_matches(word, _SUB_COMMANDS, n=1, cutoff=_ALIKE)
    return alike[0] if alike else _SWAPPED.get(word)


def _key(word: str) -> str:
    key, equals, _ = word.partition("=")
    return key.lower() if equals else ""


def _field_of(word: str, taken: set[Field], known: frozenset[str]) -> Field | None:
    if _key(word) in FIELD_OF_KEY:
        return FIELD_OF_KEY[_key(word)]
    lowered = word.lower()
    if lowered.startswith("vpn-"):
        return "gateway_id"
    if lowered.startswith("vco-"):
        return "connection_id"
    if is_like_address(word):
        return "destination_ip" if "source_ip" in taken else "source_ip"
    if RegionId.form.fullmatch(lowered) or region_named(word, known) or nearest_region(word, known):
        return "region"
    return None


def _in_order(mistakes: dict[int, ProblemDetails]) -> tuple[ProblemDetails, ...]:
    return tuple(mistakes[position] for position in sorted(mistakes))
