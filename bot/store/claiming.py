"""Claiming the runs that are due, for the time of a lease."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Double, bindparam, cast, extract, func, or_, select, update
from sqlalchemy.sql.dml import ReturningUpdate

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
    """The rows that were claimed, and by how much the database's time is ahead of our clock."""

    rows: Sequence[AnyRow]
    ahead: timedelta


_READ = ("id", "version", "interrupted", "lease_until", "format", "document")


def _claim_at(at: ColumnElement[float], *more: ColumnElement[Any]) -> ReturningUpdate[Any]:
    due = (
        select(runs.c.id)
        .where(runs.c.due_at <= at, or_(runs.c.lease_until.is_(None), runs.c.lease_until <= at))
        .where(runs.c.format <= FORMAT)
        .order_by(runs.c.due_at)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True)  # PostgreSQL: what another bot is taking at this moment is left to it
        .cte("due")
    )
    return (
        update(runs)
        .where(runs.c.id == due.c.id)
        .values(
            interrupted=runs.c.lease_owner.is_not(None),
            lease_owner=bindparam("owner"),
            lease_until=at + bindparam("lease_s", type_=Double),
            version=runs.c.version + 1,
        )
        .returning(*(runs.c[name] for name in _READ), *more)
    )


def _epoch(time: ColumnElement[Any]) -> ColumnElement[float]:
    return cast(extract("epoch", time), Double)


_AT = bindparam("at", type_=Double)
_NOW = _epoch(func.clock_timestamp())

_CLAIM = _claim_at(_AT)

# Whoever's clock was put forward must not end others' leases: never later than the server says it is.
_CLAIM_ON_POSTGRESQL = _claim_at(
    func.least(_AT, _epoch(func.statement_timestamp()), type_=Double), _NOW.label("now")
)


def claim(connection: Connection, wanted: Sequence[Wanted]) -> list[Taken]:
    """Take for each as many of the runs longest due as it wants, if there are so many."""
    return [_claim(connection, one) for one in wanted]


def _claim(connection: Connection, wanted: Wanted) -> Taken:
    statement = _CLAIM_ON_POSTGRESQL if is_postgresql(connection) else _CLAIM
    values = {"at": wanted.at, "owner": wanted.owner, "lease_s": wanted.lease_s, "most": wanted.limit}
    rows = connection.execute(statement, values).all()
    if rows and is_postgresql(connection):
        return Taken(rows, _ahead(rows[0].now, wanted.clock))
    return Taken(rows, time_ahead(connection, wanted.clock))


def time_ahead(connection: Connection, clock: Callable[[], datetime]) -> timedelta:
    """Return by how much the time that goes for runs is ahead of `clock`: PostgreSQL's own, or nothing."""
    if not is_postgresql(connection):
        return timedelta()
    return _ahead(connection.execute(select(_NOW)).scalar_one(), clock)


def _ahead(seconds: float, clock: Callable[[], datetime]) -> timedelta:
    return datetime.fromtimestamp(seconds, UTC) - clock()
