"""How much of a quota questions may use that nobody waits for: those that look at a diagnosis go first.

A question that could not be asked at once would take a place in the line that all calls of its kind stand in, and
leave it unused: with fifty people starting together, each of them would wait for all those places.
"""

import time
from collections.abc import Callable
from typing import NamedTuple

from bot.alibaba.operation import Operation
from bot.model.credential import Credential
from bot.model.ids import RegionId
from bot.turns import Lines, Quota, Turns

AT_ONCE, IN_THE_LONG_RUN = 0.5, 0.25
"""The parts of a quota that are used, of what may pass at once and of what may pass a second."""


class _Line(NamedTuple):
    """Where a quota is counted."""

    quota: Quota
    account: str
    region: RegionId | None


class Sparing:
    """Counts the questions that were asked; times are seconds of `monotonic`."""

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        at_once: float = AT_ONCE,
        in_the_long_run: float = IN_THE_LONG_RUN,
    ) -> None:
        """Use these parts of each quota; whoever is alone with the cloud may use all of it."""

        def part_of(line: _Line) -> Turns:
            quota = line.quota
            most = max(1, round(quota.at_once * at_once))
            return Turns(quota.changed(at_once=most, per_s=quota.per_s * in_the_long_run), patience_s=0)

        self._monotonic = monotonic
        self._lines: Lines[_Line] = Lines(part_of)

    def lets(self, operation: Operation, credential: Credential, region: RegionId | None) -> bool:
        """Tell whether a question may be asked now, and count it if so."""
        account = credential.account_id or credential.access_key_id
        turns, now = self._lines.of(_Line(operation.quota, account, region)), self._monotonic()
        if turns.spare(now) < 1:
            return False
        turns.take(None, now)
        return True
