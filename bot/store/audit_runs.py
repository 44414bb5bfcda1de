"""Holding the audit trail against the runs that are stored, which tells also that its end was cut off.

A run and its entry are written in one transaction, and runs are removed when they are old while entries stay. So a
run without its entry says that the entry was removed, unless the run is older than the trail.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from bot.model.audit import DIAGNOSE, AuditEvent
from bot.model.run import ENDINGS
from bot.store.audit_rows import Row

# Only bots that keep a trail store runs in this format or a later one (see `FORMAT` in `bot.store.rows`).
_SINCE_FORMAT = 2


class StoredRun(NamedTuple):
    """What is stored of a run, as far as the trail has to tell of it; the time in seconds since 1970."""

    id: str
    created_at: float
    state: str
    format: int


class Untold(NamedTuple):
    """A run that is stored, and the event of which no entry tells."""

    run_id: str
    event: str


class RunsHeld:
    """The runs whose entries were not met yet, while the trail is read from its beginning."""

    def __init__(self, runs: Iterable[StoredRun]) -> None:
        self._unaccepted = {run.id: run for run in runs}
        self._unended = {run.id: run for run in self._unaccepted.values() if run.state in ENDINGS}
        self._since: float | None = None

    def meet(self, row: Row) -> None:
        """Take the next entry."""
        if self._since is None:
            self._since = _seconds(row["at"])
        if row["event"] == AuditEvent.ACCEPTED:
            self._unaccepted.pop(row["run_id"], None)
        ended = self._unended.get(row["run_id"])
        if ended is not None and row["event"] == ended.state and row["operation"] == DIAGNOSE:
            del self._unended[ended.id]

    def untold(self) -> list[Untold]:
        """Return the runs that lack an entry, oldest first, each once."""
        oldest_first = sorted(self._lacking(), key=lambda run: run.created_at)
        return [Untold(run.id, event) for run in oldest_first if (event := self._lacks(run)) is not None]

    def older(self) -> int:
        """Return how many runs lack an entry, and may because they are older than the first one."""
        return sum(self._lacks(run) is None for run in self._lacking())

    def _lacking(self) -> Iterable[StoredRun]:
        return (self._unended | self._unaccepted).values()

    def _lacks(self, run: StoredRun) -> str | None:
        """Return the first event that should be there, None if the run is older than the trail."""
        is_older = self._since is not None and run.created_at < self._since
        if run.id in self._unaccepted and not is_older:
            return AuditEvent.ACCEPTED.value
        # An older one that a bot with a trail has saved since has its end there.
        if run.id in self._unended and not (is_older and run.format < _SINCE_FORMAT):
            return run.state
        return None


def _seconds(at: object) -> float:
    """Return an entry's time; what an intruder made of it is as if the trail had always been there."""
    try:
        return datetime.fromisoformat(str(at)).timestamp()
    except (ValueError, OverflowError):
        return float("-inf")
