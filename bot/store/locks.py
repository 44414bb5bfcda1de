"""Locks that the bots of one PostgreSQL take one after the other, each until its transaction ends.

On SQLite there is one who writes. Rows and keys are locks as well: a transaction takes `WATCHES` before any of
them and `AUDIT_CHAIN` after all, or two bots wait for each other for ever. What needs the first says so by
`needs`, for the writer does work of several kinds in one transaction.
"""

from collections.abc import Callable, Iterable
from enum import IntEnum
from typing import Any, TypeVar

from sqlalchemy import Connection, func, select

from bot.store.dialect import is_postgresql

# Milliseconds within which a bot that holds a lock has to go on: one that hangs there loses its transaction, and
# the others can still answer those who wait.
GO_ON_WITHIN_MS = 1500


Work = TypeVar("Work", bound=Callable[..., Any])


class Lock(IntEnum):
    """What is locked, as the key of an advisory lock."""

    WATCHES = 0x76706E2D77
    AUDIT_CHAIN = 0x76706E2D61


def take(connection: Connection, lock: Lock) -> None:
    """Wait for whoever has the lock; all later statements see what they have written, this one does not."""
    if is_postgresql(connection):
        go_on = func.set_config("idle_in_transaction_session_timeout", str(GO_ON_WITHIN_MS), True)  # noqa: FBT003 - PostgreSQL's
        connection.execute(select(func.pg_advisory_xact_lock(lock.value), go_on))


_NEEDED: dict[Callable[..., Any], Lock] = {}


def needs(lock: Lock) -> Callable[[Work], Work]:
    """Have the writer take a lock for this work before anything else is done in the transaction."""

    def noted(work: Work) -> Work:
        _NEEDED[work] = lock
        return work

    return noted


def take_needed(connection: Connection, works: Iterable[Callable[..., Any]]) -> None:
    """Take what these kinds of work need, as the first thing in a transaction."""
    for lock in sorted({_NEEDED[work] for work in works if work in _NEEDED}):
        take(connection, lock)
