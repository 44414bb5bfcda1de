"""Opening the database: which one it is, its tables as the code needs them, its time and its writer."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.model.problem import Problem
from bot.store.address import postgresql_dsn, sqlite_file
from bot.store.errors import in_one_kind
from bot.store.postgres import postgres_engine
from bot.store.presence import present
from bot.store.schema import bring_up_to_date
from bot.store.sqlite import held, sqlite_engine
from bot.store.writer import Writer

__all__ = ["Database", "open_database", "sqlite_file"]

T = TypeVar("T")


def _utc() -> datetime:
    return datetime.now(UTC)


class Database:
    """An open database.

    `shared`: other bots may use it at this moment. `writer` is the only one who writes.
    """

    def __init__(self, engine: AsyncEngine, clock: Callable[[], datetime], dsn: str | None = None) -> None:
        self.engine = engine
        self.writer = Writer(engine)
        self._clock = clock
        self._ahead = timedelta()
        self._dsn = dsn

    @property
    def shared(self) -> bool:
        return self._dsn is not None

    def clock(self) -> datetime:
        """Return the time in UTC that goes for runs: on PostgreSQL that of the database, as last heard."""
        return self._clock() + self._ahead

    def set_time(self, seconds: float) -> None:
        """Take note of the database's time, in seconds since 1970."""
        self._ahead = datetime.fromtimestamp(seconds, UTC) - self._clock()

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Read beside the writer; raises `SQLAlchemyError`."""
        with in_one_kind():
            async with self.engine.connect() as connection:
                return await connection.run_sync(work)

    @asynccontextmanager
    async def present(self, owner: str, wake: Callable[[], None]) -> AsyncIterator[None]:
        """Be known as alive to the other bots, and call `wake` when one of them says that a run is due."""
        if self._dsn is None:
            yield
            return
        async with present(self._dsn, owner, wake):
            yield


@asynccontextmanager
async def open_database(url: str, clock: Callable[[], datetime] = _utc) -> AsyncIterator[Database]:
    """Open the database behind `url`, bring its tables up to date, and close it at the end.

    `sqlite:///FILE`, or `postgresql://…` as PostgreSQL's own tools write it. Raises
    `Problem("settings.database_…")` where it cannot be used: wrong address, no rights, not there, or (SQLite)
    in use by another bot.
    """
    dsn = postgresql_dsn(url)
    if dsn is not None:
        async with _working(Database(postgres_engine(dsn), clock, dsn), None) as database:
            yield database
        return
    file = sqlite_file(url)
    with held(file):
        async with _working(Database(sqlite_engine(file), clock), file) as database:
            yield database


@asynccontextmanager
async def _working(database: Database, file: Path | None) -> AsyncIterator[Database]:
    try:
        await _bring_up_to_date(database, file)
        writing = asyncio.create_task(database.writer.run())
        try:
            yield database
        finally:
            database.writer.close()
            await writing
    finally:
        await database.engine.dispose()


async def _bring_up_to_date(database: Database, file: Path | None) -> None:
    try:
        with in_one_kind():
            await bring_up_to_date(database.engine)
    except SQLAlchemyError as error:
        reason = type(error).__name__
        if file is None:
            raise Problem("settings.database_unreachable", reason=reason) from error
        raise Problem("settings.database_unusable", file=str(file), reason=reason) from error
