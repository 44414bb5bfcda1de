"""The runs of bots that are no more: their leases end at once, not only when their time is over.

On SQLite the file's lock says that nobody else is alive. On PostgreSQL each bot holds an advisory lock for as
long as its session lasts, also while it is stopped or busy; a lock that can be had is a dead bot's.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, func, select, update
from sqlalchemy.types import BigInteger

from bot.store.dialect import is_postgresql
from bot.store.tables import runs


class Look(NamedTuple):
    """Who looks for the dead, and when (seconds since 1970)."""

    owner: str
    at: float


def take_over(connection: Connection, looks: Sequence[Look]) -> list[int]:
    """End the leases of the dead, and answer with how many there were."""
    return [_take_over(connection, look) for look in looks]


def _take_over(connection: Connection, look: Look) -> int:
    others = select(runs.c.lease_owner).where(
        runs.c.due_at <= look.at, runs.c.lease_owner != look.owner, runs.c.lease_until > 0
    )
    names = connection.execute(others.distinct()).scalars().all()
    dead = [name for name in names if not is_postgresql(connection) or _is_dead(connection, name)]
    if not dead:
        return 0
    ended = connection.execute(
        update(runs).where(runs.c.due_at <= look.at, runs.c.lease_owner.in_(dead)).values(lease_until=0.0)
    )
    return ended.rowcount


def _is_dead(connection: Connection, owner: str) -> bool:
    lock = func.pg_try_advisory_xact_lock(func.hashtextextended(f"vpn-diagnose {owner}", 0, type_=BigInteger))
    return bool(connection.execute(select(lock)).scalar_one())
