"""Claiming the runs that are due, for the time of a lease."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, or_, select, update

from bot.store.dialect import is_postgresql
from bot.store.rows import FORMAT, AnyRow
from bot.store.tables import runs


class Wanted(NamedTuple):
    """Who claims how much, at what time (seconds since 1970) and for how long; `clock` is the clock of our own."""

    clock: Callable[[], datetime]
    at: float
    owner: str
    lease_s: float
    limit: int


class Taken(NamedTuple):
    """The rows that were claimed at `at`, and by how much the database's time is ahead of our clock."""

    rows: Sequence[AnyRow]
    at: float
    ahead: timedelta


_AT = bindparam("at", type_=runs.c.due_at.type)

_DUE = (
    select(runs.c.id)
    .where(
        runs.c.due_at <= _AT,
        or_(runs.c.lease_until.is_(None), runs.c.lease_until <= _AT),
        runs.c.format <= FORMAT,
    )
    .order_by(runs.c.due_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)  # PostgreSQL: what another bot is taking at this moment is left to it
    .cte("due")
)

_CLAIM = (
    update(runs)
    .where(runs.c.id == _DUE.c.id)
    .values(
        interrupted=runs.c.lease_owner.is_not(None),
        lease_owner=bindparam("owner"),
        lease_until=bindparam("until"),
        version=runs.c.version + 1,
    )
    .returning(runs.c.id, runs.c.version, runs.c.interrupted, runs.c.format, runs.c.document)
)


def claim(connection: Connection, wanted: Sequence[Wanted]) -> list[Taken]:
    """Take for each as many of the runs longest due as it wants, if there are so many."""
    return [_claim(connection, one) for one in wanted]


def _claim(connection: Connection, wanted: Wanted) -> Taken:
    ahead = time_ahead(connection, wanted.clock)
    at = wanted.at
    if is_postgresql(connection):  # whoever's clock was put forward must not end others' leases
        at = min(at, (wanted.clock() + ahead).timestamp())
    rows = connection.execute(
        _CLAIM, {"at": at, "owner": wanted.owner, "until": at + wanted.lease_s, "most": wanted.limit}
    ).all()
    return Taken(rows, at, ahead)


def time_ahead(connection: Connection, clock: Callable[[], datetime]) -> timedelta:
    """Return by how much the time that goes for runs is ahead of `clock`: PostgreSQL's own, or nothing."""
    if not is_postgresql(connection):
        return timedelta()
    seconds = connection.execute(select(func.extract("epoch", func.clock_timestamp()))).scalar_one()
    return datetime.fromtimestamp(float(seconds), UTC) - clock()
