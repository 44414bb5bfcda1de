"""What a diagnosis found, worst first."""

from collections.abc import Iterable
from typing import Self

from bot.explain.checks import CheckWords, describe
from bot.model.report import DiagnosticItem, ResultLevel
from bot.model.run import Language
from bot.model.value import Value

# A word that the bot does not know may be worse than a warning.
WORST_FIRST = (ResultLevel.ERROR, ResultLevel.UNKNOWN, ResultLevel.WARNING, ResultLevel.NORMAL)


class Finding(Value):
    """A check, and what to say of it."""

    level: ResultLevel
    words: CheckWords

    @property
    def needs_attention(self) -> bool:
        return self.level is not ResultLevel.NORMAL

    @property
    def is_unproven(self) -> bool:
        """Normal, and yet there is something to do: the normal says nothing."""
        return self.level is ResultLevel.NORMAL and self.words.next_step is not None


class Findings(Value):
    """The checks of a report: those that need attention, then normal ones that prove nothing, then the rest."""

    ordered: tuple[Finding, ...]

    @classmethod
    def of(cls, items: Iterable[DiagnosticItem], language: Language) -> Self:
        found = [Finding(level=item.level, words=describe(item, language)) for item in items]
        return cls(ordered=tuple(sorted(found, key=_badness)))

    @property
    def attention(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.ordered if finding.needs_attention)

    @property
    def unproven(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.ordered if finding.is_unproven)

    def told(self, count: int) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
        """Part the first `count` into those that are told in full, and those that are normal and no more."""
        in_full = tuple(each for each in self.ordered[:count] if each.needs_attention or each.is_unproven)
        return in_full, self.ordered[len(in_full) : count]


def _badness(finding: Finding) -> tuple[int, bool]:
    return WORST_FIRST.index(finding.level), not finding.is_unproven
