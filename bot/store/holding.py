"""Holding on to claimed runs: is the lease still ours, and for longer."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select, update

from bot.model.ids import RunId
from bot.model.run import Run
from bot.store.errors import FencedError
from bot.store.rows import AnyRow
from bot.store.tables import runs


class Hold(NamedTuple):
    """A run as we believe to hold it; `at` in seconds since 1970."""

    run: Run
    at: float
    lease_s: float

    @property
    def run_id(self) -> RunId:
        return self.run.id

    @property
    def version(self) -> int:
        return self.run.version

    @property
    def new_end(self) -> float:
        return self.at + self.lease_s


_NOW = select(runs.c.id, runs.c.version, runs.c.lease_until).where(runs.c.id.in_(bindparam("ids", expanding=True)))

_EXTEND = (
    update(runs)
    .where(runs.c.id == bindparam("run_id"), runs.c.version == bindparam("held_version"))
    .values(lease_until=bindparam("new_end"))
    .returning(runs.c.id)
)


def hold(connection: Connection, holds: Sequence[Hold]) -> list[float | Exception]:
    """Answer each with the end of its lease, extended if half of it is over; `FencedError` if not ours."""
    rows = {row.id: row for row in connection.execute(_NOW, {"ids": [one.run_id for one in holds]})}
    ends = [_end(connection, rows.get(one.run_id), one) for one in holds]
    return [FencedError(one.run_id) if end is None else end for one, end in zip(holds, ends, strict=True)]


def _end(connection: Connection, row: AnyRow | None, one: Hold) -> float | None:
    """Return when the lease ends, None if it is no longer ours."""
    if row is None or row.version != one.version or row.lease_until is None or row.lease_until <= one.at:
        return None
    if not is_past_half(row.lease_until, one):
        return float(row.lease_until)  # only looked at: no commit to the disk before each effect
    extended = {"run_id": one.run_id, "held_version": one.version, "new_end": one.new_end}
    return None if connection.execute(_EXTEND, extended).one_or_none() is None else one.new_end


def is_past_half(lease_until: float, one: Hold) -> bool:
    return lease_until - one.at < one.lease_s / 2
