"""Turns a problem into sentences for a person, and says how the bot is to treat it."""

from typing import Literal

from bot.explain.catalogue import entry_for
from bot.explain.phrases import phrase, template
from bot.explain.sentences import cleaned, cut, filled, filled_within, together
from bot.model.problem import LONGEST_FACT, ProblemDetails
from bot.model.run import Language
from bot.model.value import Value

# A person reads this at night on a phone: what happened, the next step and the reference together.
LONGEST_EXPLANATION = 300

# "RequestId " and a UUID have room in it.
_LONGEST_REFERENCE = 50

# The vendor's words, as AccessDeniedDetail has them (see bot.alibaba.refusal).
_KINDS_OF_DENIAL = frozenset({"ExplicitDeny", "ImplicitDeny"})

# From this HTTP status on the fault is the server's own, and may pass.
_SERVER_FAULT = 500


class Explanation(Value):
    """A problem for people, as plain text: never markup, though foreign words in it may look like some.

    `mended_by` is who can mend it, in words; `reference` the vendor's RequestId or the id under which the log has
    it. `happened`, `next_step` and `reference`, read one after another, are at most 300 characters.
    """

    title: str
    happened: str
    next_step: str
    mended_by: str
    reference: str | None = None

    @property
    def in_full(self) -> str:
        """What happened, what to do and the reference, as one text."""
        return together((self.happened, self.next_step, self.reference))


class Treatment(Value):
    """Whether the same step is worth repeating, and how a run ends that this problem ends.

    `closes_channel`: the bot cannot write where it was asked; the asker can still be told in a direct message.
    """

    retry: Literal["never", "later"]
    ends: Literal["refused", "failed"]
    closes_channel: bool = False


def explain(details: ProblemDetails, language: Language) -> Explanation:
    """Say what happened, what to do and who can do it, for every code and whatever facts are missing."""
    entry = entry_for(details)
    said = entry.in_language(language)
    facts = _facts(details)
    reference = _reference(facts, language)
    room = LONGEST_EXPLANATION - (len(reference) + 1 if reference else 0)
    happened, next_step = filled_within(room, (said.happened, said.next), facts, _said_whole(facts))
    return Explanation(
        title=said.title,
        happened=happened,
        next_step=next_step,
        mended_by=phrase(f"mended_by.{entry.mended_by}", language),
        reference=reference,
    )


def treatment(details: ProblemDetails) -> Treatment:
    """Return how to treat a problem; any fault of a server (HTTP 5xx) is worth another attempt."""
    entry = entry_for(details)
    status = details.facts.get("http_status", "")
    passing = status.isdecimal() and int(status) >= _SERVER_FAULT
    retry = "later" if passing else entry.retry
    return Treatment(retry=retry, ends=entry.ends, closes_channel=entry.closes_channel)


def _facts(details: ProblemDetails) -> dict[str, str]:
    """Return the facts as they can stand in a sentence, which has a full stop of its own; empty ones are none."""
    raw = details.facts | {"code": details.code}
    facts = {name: cleaned(text[:LONGEST_FACT]).rstrip(" .。") for name, text in raw.items()}
    return {name: text for name, text in facts.items() if text}


def _said_whole(facts: dict[str, str]) -> tuple[str, ...]:
    """Name the facts that half a word would change: whether a denial was explicit decides what is to be done."""
    return ("denied_kind",) if facts.get("denied_kind") in _KINDS_OF_DENIAL else ()


def _reference(facts: dict[str, str], language: Language) -> str | None:
    for name in ("request_id", "error_id"):
        if name in facts:
            return cut(filled(template(f"problem.{name}", language), facts), _LONGEST_REFERENCE)
    return None
