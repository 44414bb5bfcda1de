"""Turns a check of a diagnosis into words: what its level means, what was measured, what to do next."""

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any, assert_never

from bot.explain.sentences import cleaned, cut, filled
from bot.model.report import (
    ConfigConsistency,
    ConfigDifference,
    Connectivity,
    Detail,
    DiagnosticItem,
    Overlap,
    Quota,
    ResultLevel,
    RouteConflict,
    Unreadable,
)
from bot.model.run import Language
from bot.model.value import Value

# The vendor's text of a check has no bound; of the routes or settings in it these many are named.
MOST_MEASURED = 8
LONGEST_MEASURED = 200

# Addresses and levels inside of a sentence.
_LONGEST_FACT = 60

_ALL = 100  # percent

# How another route lies to ours, in the vendor's words, and the line that says so.
_OVERLAPS = {"same": "overlap_same", "contains": "overlap_outside", "contained": "overlap_inside"}


class CheckWords(Value):
    """A check in words, as plain text; `next_step` is None when there is nothing to do."""

    title: str
    meaning: str
    facts: tuple[str, ...]
    next_step: str | None


def describe(item: DiagnosticItem, language: Language) -> CheckWords:
    """Say what a check found; a check that is not known goes by the vendor's name for it."""
    situation = _situation(item)[language]
    facts = {name: cut(text, _LONGEST_FACT) for name, text in _facts(item).items()}
    next_step = situation.get("next")
    return CheckWords(
        title=_title(item.name, language),
        meaning=filled(situation["meaning"], facts),
        facts=_bounded([_line(kind, measured, language) for kind, measured in _told_of(item)], language),
        next_step=filled(next_step, facts) if next_step else None,
    )


def percent(share: float) -> str:
    """Write a share with one decimal; what is neither none nor all is never rounded to it."""
    if 0 < share < _ALL:
        share = min(max(share, 0.1), 99.9)
    return f"{round(share, 1):g}"


def milliseconds(duration: float) -> str:
    """Write a round-trip time with one decimal."""
    return f"{round(duration, 1):g}"


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads((files("bot.explain") / "checks.toml").read_text(encoding="utf-8"))


def _title(name: str, language: Language) -> str:
    known = _texts()["check"].get(name)
    return str(known[language]["title"]) if known else cut(cleaned(name), _LONGEST_FACT)


def _situation(item: DiagnosticItem) -> dict[Language, dict[str, str]]:
    """Return the texts for a check at its level."""
    known = _texts()["check"].get(item.name, {})
    key = "normal_unproven" if _proves_nothing(item) else item.level.value
    situation: dict[Language, dict[str, str]] = known.get(key) or _texts()["other"][item.level.value]
    return situation


def _proves_nothing(item: DiagnosticItem) -> bool:
    """Whether this is the normal that Alibaba Cloud gives when it could not see the peer's settings."""
    seen = isinstance(item.detail, ConfigConsistency) and item.detail.peer_known
    return item.name == "VcoConfigConsistency" and item.level is ResultLevel.NORMAL and not seen


def _facts(item: DiagnosticItem) -> dict[str, str]:
    """Return the facts that sentences speak of."""
    facts = {"level_text": item.level_text}
    if isinstance(item.detail, Connectivity):
        facts |= {
            "target": item.detail.target_ip,
            "source": item.detail.source_ip or "",
            "loss": percent(item.detail.loss_percent),
        }
    return _present(facts)


def _told_of(item: DiagnosticItem) -> Iterator[tuple[str, dict[str, str]]]:
    """Give what was measured; that all is lacking of an end that was not seen is not: it reads like defects."""
    is_unseen = _proves_nothing(item) and isinstance(item.detail, ConfigConsistency)
    return iter(()) if is_unseen else _measured(item.detail)


def _measured(detail: Detail) -> Iterator[tuple[str, dict[str, str]]]:
    """Give what was measured, each as the kind of its line and the facts in it."""
    match detail:
        case RouteConflict(routes=routes, overlaps=overlaps, remarks=remarks):
            yield from (_overlap(overlap) for overlap in overlaps)
            told = {route for overlap in overlaps for route in (overlap.ours, overlap.other)}
            yield from (("route", {"route": route}) for route in routes if route not in told)
            yield from (("remark", {"text": remark}) for remark in remarks)
        case Quota():
            yield "quota", _quota(detail)
        case ConfigConsistency(differing=differing, lacking=lacking):
            yield from (("differing", _difference(difference)) for difference in differing)
            yield from (("lacking", {"setting": setting}) for setting in lacking)
        case Connectivity():
            yield from _connectivity(detail)
        case Unreadable(text=text):
            yield "remark", {"text": text}
        case _:
            assert_never(detail)


def _quota(quota: Quota) -> dict[str, str]:
    share = percent(100 * quota.used / quota.quantity) if quota.quantity > 0 else ""
    return {"used": str(quota.used), "quantity": str(quota.quantity), "percent": share}


def _overlap(overlap: Overlap) -> tuple[str, dict[str, str]]:
    facts = {name: str(value) for name, value in overlap}
    return _OVERLAPS.get(overlap.relation, "overlap"), facts


def _difference(difference: ConfigDifference) -> dict[str, str]:
    return {
        "setting": difference.setting,
        "cloud_side": difference.cloud_side or "",
        "peer_side": difference.peer_side or "",
    }


def _connectivity(probes: Connectivity) -> Iterator[tuple[str, dict[str, str]]]:
    yield "path", {"source": probes.source_ip or "", "target": probes.target_ip}
    yield "loss", {"loss": percent(probes.loss_percent)}
    if probes.rtt_ms is not None:
        yield "rtt", {"rtt": milliseconds(probes.rtt_ms)}
    elif probes.loss_percent >= _ALL:
        yield "no_answer", {}


def _present(facts: dict[str, str]) -> dict[str, str]:
    return {name: text for name, raw in facts.items() if (text := cleaned(raw))}


def _line(kind: str, measured: dict[str, str], language: Language) -> str:
    return cut(filled(_texts()["measured"][language][kind], _present(measured)), LONGEST_MEASURED)


def _bounded(lines: list[str], language: Language) -> tuple[str, ...]:
    more = len(lines) - MOST_MEASURED
    if more <= 0:
        return tuple(lines)
    return (*lines[:MOST_MEASURED], _line("more", {"count": str(more)}, language))
