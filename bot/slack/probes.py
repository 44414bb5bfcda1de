"""What a check of connectivity found, ready to be said."""

from typing import Self

from bot.explain.checks import milliseconds, percent
from bot.explain.sentences import cleaned
from bot.model.report import Connectivity, DiagnosticItem, ResultLevel
from bot.model.value import Value
from bot.slack.columns import cut_to_columns

# An IPv4 address takes 15; what is longer is no address that was asked for.
LONGEST_ADDRESS = 20


class Probes(Value):
    """The level, None if the check is not there or its level is not known; and what was measured."""

    level: ResultLevel | None = None
    source: str | None = None
    target: str | None = None
    loss: str | None = None
    rtt: str | None = None

    @classmethod
    def of(cls, item: DiagnosticItem | None) -> Self:
        if item is None or item.level is ResultLevel.UNKNOWN:
            return cls()
        if not isinstance(item.detail, Connectivity):
            return cls(level=item.level)
        found = item.detail
        return cls(
            level=item.level,
            source=_address(found.source_ip),
            target=_address(found.target_ip),
            loss=percent(found.loss_percent),
            rtt=None if found.rtt_ms is None else milliseconds(found.rtt_ms),
        )

    @property
    def come_back(self) -> bool:
        """Tell whether probes came back, be it with losses."""
        return self.level in {ResultLevel.NORMAL, ResultLevel.WARNING}


def _address(text: str | None) -> str | None:
    return cut_to_columns(cleaned(text or ""), LONGEST_ADDRESS) or None
