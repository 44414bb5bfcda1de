"""The runs of bots that are no more: their leases end at once, not only when their time is over.

On SQLite the file's lock says that nobody else is alive. On PostgreSQL each bot holds an advisory lock for as
long as its session lasts, also while it is stopped or busy; a lock that can be had is a dead bot's.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, Function, func, select, update
from sqlalchemy.types import BigInteger

from bot.store.dialect import is_postgresql
from bot.store.tables import runs


def take_over(connection: Connection, owners: Sequence[str]) -> list[int]:
    """End the leases of the dead, seen from each owner, and answer with how many there were."""
    return [_take_over(connection, owner) for owner in owners]


def _take_over(connection: Connection, owner: str) -> int:
    others = select(runs.c.lease_owner).where(
        runs.c.due_at.is_not(None), runs.c.lease_owner != owner, runs.c.lease_until > 0
    )
    names = connection.execute(others.distinct()).scalars().all()
    dead = [name for name in names if not is_postgresql(connection) or _is_dead(connection, name)]
    if not dead:
        return 0
    ended = connection.execute(
        update(runs).where(runs.c.lease_owner.in_(dead), runs.c.due_at.is_not(None)).values(lease_until=0.0)
    )
    return ended.rowcount


def _is_dead(connection: Connection, owner: str) -> bool:
    # Shared, so that two bots that look at the same time do not take each other for the living owner.
    free = select(func.pg_try_advisory_xact_lock_shared(presence_key(owner)))
    return bool(connection.execute(free).scalar_one())


def presence_key(owner: str) -> "Function[int]":
    """Return the key of the advisory lock that says that this owner lives, for PostgreSQL to compute."""
    return func.hashtextextended(f"vpn-diagnose {owner}", 0, type_=BigInteger)
