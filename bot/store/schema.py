"""Bringing the tables up to date, under a lock, so that bots which start together do it once."""

import logging
from typing import Any

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.dialect import is_postgresql
from bot.store.tables import metadata

log = logging.getLogger(__name__)

# The versions of the tables, oldest first; each has a migration beside this file.
REVISIONS = ("0001", "0002")

# The key of PostgreSQL's advisory lock for changing tables.
_LOCK = 0x76706E2D64


async def bring_up_to_date(engine: AsyncEngine) -> None:
    """Create the tables, or migrate them to what the code needs; tables of a newer bot are left as they are."""
    async with engine.connect() as connection:
        await connection.run_sync(_bring_up_to_date)


def _bring_up_to_date(connection: Connection) -> None:
    with connection.begin():
        if _revision(connection) == REVISIONS[-1]:
            return
    with connection.begin():
        _lock(connection)
        _change(connection)


def _change(connection: Connection) -> None:
    revision = _revision(connection)
    if revision is None and not inspect(connection).has_table("runs"):
        metadata.create_all(connection)
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": REVISIONS[-1]})
    elif revision is None or revision in REVISIONS[:-1]:
        from bot.store.migrations import migrate

        migrate(connection, since=revision)
    elif revision != REVISIONS[-1]:
        log.warning("the database is of a newer bot (%s): its tables are left as they are", revision)


def _lock(connection: Connection) -> None:
    if is_postgresql(connection):
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _revision(connection: Connection) -> Any:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
