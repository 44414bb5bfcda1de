"""Bringing the tables up to date, under a lock, so that bots which start together do it once."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import Connection, inspect, text

from bot.store.audit_table import metadata
from bot.store.dialect import is_postgresql

log = logging.getLogger(__name__)

# The versions of the tables, oldest first; each has a migration beside this file.
REVISIONS = ("0001", "0002", "0003", "0004", "0005")

# The key of PostgreSQL's advisory lock for changing tables.
_LOCK = 0x76706E2D64

Do = Callable[[Callable[[Connection], Any]], Awaitable[Any]]


async def bring_up_to_date(read: Do, change_tables: Do) -> None:
    """Create the tables, or migrate them to what the code needs; tables of a newer bot are left as they are."""
    if await read(revision_of) != REVISIONS[-1]:
        await change_tables(_change)


def _change(connection: Connection) -> None:
    _lock(connection)
    revision = revision_of(connection)  # another bot may have changed them while we waited
    if revision is None and not inspect(connection).has_table("runs"):
        _create(connection)
    elif revision is None or revision in REVISIONS[:-1]:
        from bot.store.migrations import migrate

        log.info("bringing the database's tables from version %s to %s", revision or "0001", REVISIONS[-1])
        migrate(connection, since=revision)
    elif revision != REVISIONS[-1]:
        log.warning("the database is of a newer bot (%s): its tables are left as they are", revision)


def _create(connection: Connection) -> None:
    """Create everything in its newest version; a test holds that the migrations lead to the same."""
    metadata.create_all(connection)
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": REVISIONS[-1]})


def _lock(connection: Connection) -> None:
    """Wait for a bot that is changing the tables; on SQLite the file's lock has kept it out."""
    if is_postgresql(connection):
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def revision_of(connection: Connection) -> Any:
    """Return the version of the tables, None if it is not noted."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
