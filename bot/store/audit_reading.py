"""Reading the audit trail from beginning to end, also while bots add to it: nothing is locked or changed."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.parse import quote

from sqlalchemy import Connection, NullPool, TextClause, create_engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from bot.model.problem import Problem
from bot.store.address import is_missing_file, postgresql_dsn, sqlite_file
from bot.store.audit_rows import Row
from bot.store.audit_runs import StoredRun

T = TypeVar("T")

# How many rows are in memory at once.
PAGE = 1000

# All columns that are there, also those that only a newer bot knows: they are hashed too.
_FIRST = text("SELECT * FROM audit ORDER BY seq LIMIT :most")
_NEXT = text("SELECT * FROM audit WHERE seq > :after ORDER BY seq LIMIT :most")
# As a number also where an intruder has put something else.
_RUNS = text("SELECT id, CAST(created_at AS DOUBLE PRECISION) AS created_at, state, format FROM runs")


_LAST_USED = text("SELECT identity, max(at) FROM audit WHERE event = 'allowed' GROUP BY identity")


class Readable(Protocol):
    """A database that is only read."""

    async def read(self, work: Callable[[Connection], T]) -> T: ...

    async def close(self) -> None: ...


class AuditTrail:
    """The rows of the audit trail, in their order; every method raises `unusable` where they cannot be read."""

    def __init__(self, database: Readable, unusable: Problem) -> None:
        self._database = database
        self._unusable = unusable

    async def is_there(self) -> bool:
        """Return whether the database has an audit trail."""
        return await self._read(lambda connection: inspect(connection).has_table("audit"))

    async def runs(self) -> list[StoredRun]:
        """Return the runs that are stored beside the trail."""
        return await self._read(lambda connection: [StoredRun(*run) for run in connection.execute(_RUNS)])

    async def last_used(self) -> dict[str, str]:
        """Return when each identity was last allowed to diagnose, in UTC; those that never were are not in it."""
        return await self._read(lambda connection: {one[0]: one[1] for one in connection.execute(_LAST_USED)})

    async def rows(self, after: int | None = None) -> AsyncIterator[Row]:
        """Give every row, or those after a number; a page of them is in memory at a time."""
        page = await self._page(after)
        while page:
            for row in page:
                yield row
            page = await self._page(page[-1]["seq"])

    async def _page(self, after: int | None) -> list[Row]:
        if after is None:
            return await self._rows(_FIRST, most=PAGE)
        return await self._rows(_NEXT, after=after, most=PAGE)

    async def _rows(self, statement: TextClause, **values: object) -> list[Row]:
        def find(connection: Connection) -> list[Row]:
            return [dict(row) for row in connection.execute(statement, values).mappings()]

        return await self._read(find)

    async def _read(self, find: Callable[[Connection], T]) -> T:
        try:
            return await self._database.read(find)
        except SQLAlchemyError as error:
            reason = type(error.__cause__ or error).__name__
            raise Problem(self._unusable.code, **self._unusable.facts, reason=reason) from error


@asynccontextmanager
async def audit_trail(url: str) -> AsyncIterator[AuditTrail]:
    """Open the audit trail in the database behind `url`, whether or not a bot is running.

    Raises `Problem("bot.audit_missing")` if there is none, and `Problem("settings.database_…")` as `open_database`
    does.
    """
    if is_missing_file(url):
        raise Problem("bot.audit_missing")
    database, unusable = _readable(url)
    trail = AuditTrail(database, unusable)
    try:
        if not await trail.is_there():
            raise Problem("bot.audit_missing")
        yield trail
    finally:
        await database.close()


def _readable(url: str) -> tuple[Readable, Problem]:
    """Return the database, and what to say if it cannot be used."""
    dsn = postgresql_dsn(url)
    if dsn is None:
        file = sqlite_file(url)
        return _ReadOnlyFile(file), Problem("settings.database_unusable", file=str(file))
    from bot.store.postgres import PostgresDatabase

    return PostgresDatabase(dsn), Problem("settings.database_unreachable")


class _ReadOnlyFile:
    """A SQLite file that SQLite itself keeps from being changed: it may be the evidence."""

    def __init__(self, file: Path) -> None:
        address = f"file:{quote(str(file))}?mode=ro"
        self._engine = create_engine("sqlite://", creator=lambda: _opened(address), poolclass=NullPool)

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.to_thread(self._read, work)

    async def close(self) -> None:
        self._engine.dispose()

    def _read(self, work: Callable[[Connection], T]) -> T:
        with self._engine.connect() as connection:
            return work(connection)


def _opened(address: str) -> sqlite3.Connection:
    """Open a file whose texts may be none: an intruder's bytes stay what they are, so that their row is named."""
    connection = sqlite3.connect(address, uri=True)
    connection.text_factory = _text
    return connection


def _text(content: bytes) -> str:
    return content.decode(errors="surrogateescape")
