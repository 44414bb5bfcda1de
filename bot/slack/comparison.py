"""Two reports of one connection, check by check: what became better or worse, and what was measured."""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import Self

from bot.model.ids import TunnelId
from bot.model.report import Connectivity, Detail, DiagnosisReport, DiagnosticItem
from bot.model.run import Language
from bot.model.tunnels import Tunnels
from bot.model.value import Value
from bot.slack.findings import WORST_FIRST, Finding, Findings
from bot.slack.verdict import NO_TUNNELS

# Round-trip times vary by themselves: by so much they are the same.
SAME_RTT_MS = 5.0
SAME_RTT_RATIO = 1.5


class Change(StrEnum):
    """What became of a check, in the order in which it is told."""

    WORSE = "worse"
    NEW = "new"
    GONE = "gone"
    BETTER = "better"
    CHANGED = "changed"
    SAME = "same"


class Compared(Value):
    """One check in both reports; None in the report that does not have it. `lost` and `gained` are facts."""

    change: Change
    before: Finding | None
    now: Finding | None
    lost: tuple[str, ...] = ()
    gained: tuple[str, ...] = ()

    @property
    def finding(self) -> Finding:
        """The check as it is now, or as it was."""
        found = self.now or self.before
        if found is None:
            message = "a comparison of nothing"
            raise ValueError(message)
        return found


class Comparison(Value):
    """Every check of two reports, worst news first."""

    checks: tuple[Compared, ...]

    @classmethod
    def of(cls, before: DiagnosisReport, now: DiagnosisReport, language: Language) -> Self:
        was, is_ = _by_name(before.items), _by_name(now.items)
        compared = [_compared(was.get(key), is_.get(key), language) for key in {**is_, **was}]
        return cls(checks=tuple(sorted(compared, key=_importance)))

    def of_change(self, change: Change) -> tuple[Compared, ...]:
        return tuple(each for each in self.checks if each.change is change)

    @property
    def nothing_changed(self) -> bool:
        return all(each.change is Change.SAME for each in self.checks)


def same_verdict(
    before: DiagnosisReport,
    now: DiagnosisReport,
    tunnels_before: Tunnels = NO_TUNNELS,
    tunnels_now: Tunnels = NO_TUNNELS,
) -> bool:
    """Tell whether the same is said of every check and tunnel, whatever was measured: a watch is silent then."""
    same_tunnels = _ups(tunnels_before) == _ups(tunnels_now)  # the cloud promises no order
    return same_tunnels and _levels(before.items) == _levels(now.items)


def _ups(tunnels: Tunnels) -> Counter[tuple[TunnelId | None, bool | None]]:
    return Counter((tunnel.tunnel_id, tunnel.up) for tunnel in tunnels.each)


def _levels(items: Iterable[DiagnosticItem]) -> Counter[tuple[str, int, bool]]:
    return Counter((item.name, *_badness(_finding(item, "en"))) for item in items)


def _finding(item: DiagnosticItem, language: Language) -> Finding:
    return Findings.of([item], language).ordered[0]


def _by_name(items: Iterable[DiagnosticItem]) -> dict[tuple[str, int], DiagnosticItem]:
    """Find each check by its name; of several with one name the first is compared with the first, and so on."""
    seen: Counter[str] = Counter()
    found: dict[tuple[str, int], DiagnosticItem] = {}
    for item in items:
        found[item.name, seen[item.name]] = item
        seen[item.name] += 1
    return found


def _compared(was: DiagnosticItem | None, is_: DiagnosticItem | None, language: Language) -> Compared:
    before = None if was is None else _finding(was, language)
    now = None if is_ is None else _finding(is_, language)
    facts_before = () if before is None else before.words.facts
    facts_now = () if now is None else now.words.facts
    alike = was is not None and is_ is not None and _alike(was.detail, is_.detail)
    return Compared(
        change=_change(before, now, alike=alike),
        before=before,
        now=now,
        lost=tuple(fact for fact in facts_before if fact not in facts_now),
        gained=tuple(fact for fact in facts_now if fact not in facts_before),
    )


def _change(before: Finding | None, now: Finding | None, *, alike: bool) -> Change:
    if before is None:
        return Change.NEW
    if now is None:
        return Change.GONE
    if _badness(before) != _badness(now):
        return Change.WORSE if _badness(now) > _badness(before) else Change.BETTER
    return Change.SAME if alike else Change.CHANGED


def _alike(before: Detail, now: Detail) -> bool:
    """Tell whether the same was measured, but for round-trip times that are about the same."""
    if not isinstance(before, Connectivity) or not isinstance(now, Connectivity):
        return before == now
    return before.changed(rtt_ms=None) == now.changed(rtt_ms=None) and _same_rtt(before.rtt_ms, now.rtt_ms)


def _same_rtt(before: float | None, now: float | None) -> bool:
    if before is None or now is None:
        return before is now
    shorter, longer = sorted((before, now))
    return longer - shorter <= SAME_RTT_MS or longer <= SAME_RTT_RATIO * shorter


def _badness(finding: Finding) -> tuple[int, bool]:
    """Rank a check: the higher the worse; a normal that proves nothing is worse than one that does."""
    return -WORST_FIRST.index(finding.level), finding.is_unproven


def _importance(compared: Compared) -> tuple[int, int]:
    return list(Change).index(compared.change), WORST_FIRST.index(compared.finding.level)
