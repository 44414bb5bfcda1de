"""Checking the audit trail: which rows were changed, removed or put elsewhere since they were written.

What the chain alone cannot tell: that its end was cut off, or that all of it was written anew. Both are told by an
end that was noted elsewhere earlier; the first also by the runs that are stored, see `bot.store.audit_runs`.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

from bot.store.audit_chain import Head
from bot.store.audit_rows import BEFORE_THE_FIRST, Row, digest
from bot.store.audit_runs import RunsHeld, StoredRun, Untold

# So many faults are kept and looked into; of the others only the number is.
MOST_FAULTS = 20

# How far from where it stands a changed row is tried for the number that it was written under.
NEAR = 1000


class FaultKind(StrEnum):
    """What is wrong with a row, or where rows should be."""

    CHANGED = "changed"
    MOVED = "moved"  # it was written under another number
    MISSING = "missing"
    DETACHED = "detached"  # it names another hash than the row before it has
    STRAY = "stray"  # it has a number that no bot gives
    OTHER = "other"  # it is not the one that is expected under this number


class Fault(NamedTuple):
    """A fault at the row of this number, for MISSING up to `other`; MOVED: it was row `other`."""

    kind: FaultKind
    seq: int
    other: int | None = None


class Verdict(NamedTuple):
    """How many rows were checked, the last of them, the first faults, and how many faults there are.

    `untold` are the first runs without an entry, which count as faults; `older` is how many may be without because
    they are older than the first.
    """

    rows: int
    head: Head | None
    faults: tuple[Fault, ...]
    number: int
    untold: tuple[Untold, ...] = ()
    older: int = 0


async def verify(rows: AsyncIterator[Row], expected: Mapping[int, str], runs: Iterable[StoredRun] = ()) -> Verdict:
    """Check every row; `expected` are hashes by number, as they were noted earlier.

    `runs` are those that are stored, read before the first row: every entry of theirs is then among the rows.
    """
    chain, held = _Chain(expected), RunsHeld(runs)
    faults: list[Fault] = []
    async for row in rows:
        found = chain.add(row)
        held.meet(row)
        faults += [_looked_into(row, fault) for fault in found[: MOST_FAULTS - len(faults)]]
    faults += chain.end()
    untold = held.untold()
    return Verdict(
        chain.rows,
        chain.last if chain.rows else None,
        tuple(faults),
        chain.faults + len(untold),
        tuple(untold[:MOST_FAULTS]),
        held.older(),
    )


class _Chain:
    """The chain as far as it was read."""

    def __init__(self, expected: Mapping[int, str]) -> None:
        self.rows = 0
        self.faults = 0
        self.last = Head(0, BEFORE_THE_FIRST)
        self._is_sound = True
        self._expected = expected

    def add(self, row: Row) -> list[Fault]:
        """Take the next row, and say what is wrong with it or before it."""
        found = list(self._found(row))
        self.rows += 1
        self.faults += len(found)
        self.last = Head(row["seq"], row["hash"])
        self._is_sound = all(fault.kind is not FaultKind.CHANGED for fault in found)
        return found

    def end(self) -> list[Fault]:
        """Say whether rows are missing that were noted earlier."""
        noted = max(self._expected, default=0)
        if noted <= self.last.seq:
            return []
        self.faults += 1
        return [Fault(FaultKind.MISSING, self.last.seq + 1, noted)]

    def _found(self, row: Row) -> Iterator[Fault]:
        seq = row["seq"]
        if seq < 1:
            yield Fault(FaultKind.STRAY, seq)
            return
        follows = max(self.last.seq, 0) + 1
        if seq > follows:
            yield Fault(FaultKind.MISSING, follows, seq - 1)
        if _is_changed(row):
            yield Fault(FaultKind.CHANGED, seq)
        elif seq == follows and self._is_sound and row["previous"] != self._hash_before(seq):
            yield Fault(FaultKind.DETACHED, seq)
        if self._expected.get(seq, row["hash"]) != row["hash"]:
            yield Fault(FaultKind.OTHER, seq)

    def _hash_before(self, seq: int) -> str:
        return BEFORE_THE_FIRST if seq == 1 else self.last.hash


def _is_changed(row: Row) -> bool:
    try:
        return bool(digest(row) != row["hash"])
    except (TypeError, UnicodeEncodeError):  # SQLite takes bytes into a column of text, and text that is none
        return True


def _looked_into(row: Row, fault: Fault) -> Fault:
    """Tell a row that stands in the wrong place from one that was changed."""
    if fault.kind is not FaultKind.CHANGED:
        return fault
    near = range(fault.seq - NEAR, fault.seq + NEAR + 1)
    was = next((number for number in near if not _is_changed({**row, "seq": number})), None)
    return fault if was is None else Fault(FaultKind.MOVED, fault.seq, was)
