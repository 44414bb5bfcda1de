"""Locks that the bots of one PostgreSQL take one after the other, each until its transaction ends.

On SQLite there is one who writes. Whoever takes several takes them in the order in which they stand here, or two
bots wait for each other for ever.
"""

from enum import IntEnum

from sqlalchemy import Connection, func, select

from bot.store.dialect import is_postgresql

# Milliseconds within which a bot that holds a lock has to go on: one that hangs there loses its transaction, and
# the others can still answer those who wait.
GO_ON_WITHIN_MS = 1500


class Lock(IntEnum):
    """What is locked, as the key of an advisory lock."""

    WATCHES = 0x76706E2D77
    AUDIT_CHAIN = 0x76706E2D61


def take(connection: Connection, lock: Lock) -> None:
    """Wait for whoever has the lock; the next statement, and only that, sees what they have written."""
    if is_postgresql(connection):
        go_on = func.set_config("idle_in_transaction_session_timeout", str(GO_ON_WITHIN_MS), True)  # noqa: FBT003 - PostgreSQL's
        connection.execute(select(func.pg_advisory_xact_lock(lock.value), go_on))
