"""Opening the database: which one it is, its tables as the code needs them, its time and its writer."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.model.problem import Problem
from bot.store.address import postgresql_dsn, sqlite_file
from bot.store.claiming import time_ahead
from bot.store.schema import bring_up_to_date
from bot.store.sqlite import SqliteFile, held
from bot.store.writer import Writer

if TYPE_CHECKING:
    from bot.store.presence import Presence

T = TypeVar("T")

# Time in seconds that what is waiting to be written is given at the end.
CLOSE_WITHIN_S = 3.0


class Connections(Protocol):
    """Where statements go; work is what they do, in a function of SQLAlchemy's plain `Connection`.

    `shared`: other bots may use the database at this moment.
    """

    shared: bool

    async def write(self, work: Callable[[Connection], T]) -> T: ...

    async def change_tables(self, work: Callable[[Connection], T]) -> T: ...

    async def read(self, work: Callable[[Connection], T]) -> T: ...

    async def close(self) -> None: ...


class Database:
    """An open database."""

    def __init__(
        self, connections: Connections, writer: Writer, clock: Callable[[], datetime], dsn: str | None
    ) -> None:
        self.writer = writer
        self._connections = connections
        self.own_clock = clock
        self.ahead = timedelta()  # of our own clock: the time that goes for runs; each claim finds it out anew
        self._dsn = dsn
        self._presence: Presence | None = None
        self.wake: Callable[[], None] = _nobody

    @property
    def shared(self) -> bool:
        """Whether other bots may use the database at this moment."""
        return self._connections.shared

    def clock(self) -> datetime:
        """Return the time in UTC that goes for runs: on PostgreSQL that of the database, as last heard."""
        return self.own_clock() + self.ahead

    @property
    def sees_the_others(self) -> bool:
        """Whether somebody who is not seen is no more: always on SQLite, where nobody else can be.

        On PostgreSQL only while we are present, and not right after everybody may have lost the connection.
        """
        return not self.shared or (self._presence is not None and self._presence.is_steady)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Read beside the writer; raises `SQLAlchemyError`."""
        return await self._connections.read(work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Write together with what else is waiting, and return once it is committed; raises `SQLAlchemyError`.

        The work may be done a second time if the connection broke, or if another's work failed.
        """
        return await self.writer.write(_each, work)

    @asynccontextmanager
    async def present(self, owner: str, wake: Callable[[], None]) -> AsyncIterator[None]:
        """Be known as alive to the other bots, and call `wake` when one of them says that a run is due."""
        self.wake = wake
        if self._dsn is None:
            yield
            return
        from bot.store.presence import present

        async with present(self._dsn, owner, wake) as self._presence:
            yield


@asynccontextmanager
async def open_database(url: str, clock: Callable[[], datetime]) -> AsyncIterator[Database]:
    """Open the database behind `url`, bring its tables up to date, and close it at the end.

    `sqlite:///FILE`, or `postgresql://…` as PostgreSQL's own tools write it. Raises
    `Problem("settings.database_…")` where it cannot be used: wrong address, no rights, not there, or (SQLite)
    in use by another bot.
    """
    dsn = postgresql_dsn(url)
    if dsn is not None:
        from bot.store.postgres import PostgresDatabase

        async with _working(PostgresDatabase(dsn), clock, dsn, Problem("settings.database_unreachable")) as opened:
            yield opened
        return
    with held(sqlite_file(url)) as file:
        unusable = Problem("settings.database_unusable", file=str(file))
        async with _working(SqliteFile(file), clock, None, unusable) as opened:
            yield opened


@asynccontextmanager
async def _working(
    connections: Connections, clock: Callable[[], datetime], dsn: str | None, unusable: Problem
) -> AsyncIterator[Database]:
    try:
        await _bring_up_to_date(connections, unusable)
        writer = Writer(connections.write)
        database = Database(connections, writer, clock, dsn)
        database.ahead = await connections.read(lambda connection: time_ahead(connection, clock))
        writing = asyncio.create_task(writer.run())
        try:
            yield database
        finally:
            writer.close()
            await asyncio.wait({writing}, timeout=CLOSE_WITHIN_S)
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
    finally:
        await connections.close()


async def _bring_up_to_date(connections: Connections, unusable: Problem) -> None:
    try:
        await bring_up_to_date(connections.read, connections.change_tables)
    except SQLAlchemyError as error:
        raise Problem(unusable.code, **unusable.facts, reason=_reason(error)) from error


def _reason(error: SQLAlchemyError) -> str:
    """Return the kind of error in one word; its text may tell of addresses."""
    return type(error.__cause__ or error).__name__


def _nobody() -> None:
    """Nobody wants to be woken."""


def _each(connection: Connection, works: Sequence[Callable[[Connection], T]]) -> list[T]:
    return [work(connection) for work in works]
