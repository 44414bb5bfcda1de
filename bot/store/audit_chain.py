"""Adding to the audit trail: one chain for each database, however many bots write to it.

The lock is taken as the last thing in a transaction, when it holds all else that it needs: two bots that wait for
each other's rows never wait for each other here as well.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from bot.model.audit import AuditEntry
from bot.store.audit_rows import BEFORE_THE_FIRST, rows_of
from bot.store.audit_table import audit
from bot.store.locks import Lock, take

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
    take(connection, Lock.AUDIT_CHAIN)
    last = head(connection) or Head(0, BEFORE_THE_FIRST)
    connection.execute(_APPEND, rows_of(entries, last.seq, last.hash))
