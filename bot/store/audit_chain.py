"""Adding to the audit trail: one chain for each database, however many bots write to it.

The lock is taken as the last thing in a transaction, when it holds all else that it needs: two bots that wait for
each other's rows never wait for each other here as well.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select

from bot.model.audit import AuditEntry
from bot.store.audit_rows import BEFORE_THE_FIRST, rows_of
from bot.store.audit_table import audit
from bot.store.dialect import is_postgresql

# The key of PostgreSQL's advisory lock for the end of the chain.
_LOCK = 0x76706E2D61

# Milliseconds within which a bot that holds the lock has to go on: one that hangs there loses its transaction, and
# the others can still answer those who wait.
GO_ON_WITHIN_MS = 1500

_TAKE_LOCK = select(
    func.pg_advisory_xact_lock(_LOCK),
    func.set_config("idle_in_transaction_session_timeout", str(GO_ON_WITHIN_MS), True),  # noqa: FBT003 - PostgreSQL's
)
_APPEND = insert(audit)
_HEAD = select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)


class Head(NamedTuple):
    """The last entry: its number, and the hash that it was given."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


def head(connection: Connection) -> Head | None:
    """Return the last entry, None if there is none."""
    row = connection.execute(_HEAD).one_or_none()
    return None if row is None else Head(row.seq, row.hash)


def has(connection: Connection, head: Head) -> bool:
    """Return whether the entry that was the last one once is still there."""
    same = select(audit.c.seq).where(audit.c.seq == head.seq, audit.c.hash == head.hash)
    return connection.execute(same).one_or_none() is not None


def append(connection: Connection, entries: Sequence[AuditEntry]) -> None:
    """Add entries within the transaction that is under way, whose last statement this is."""
    if is_postgresql(connection):
        connection.execute(_TAKE_LOCK)  # a statement of its own, so that the next one sees what we waited for
    last = head(connection) or Head(0, BEFORE_THE_FIRST)
    connection.execute(_APPEND, rows_of(entries, last.seq, last.hash))
