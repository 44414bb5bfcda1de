"""PostgreSQL: how it is reached, what is waited for how long, and one connection that writes, others that read."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.model.problem import Problem
from bot.store.errors import DatabaseAwayError

if TYPE_CHECKING:
    from asyncpg import Connection as Session  # type: ignore[import-untyped]

T = TypeVar("T")

# Time in seconds to connect, and for a transaction: a server that has gone without a word is noticed within it.
CONNECT_WITHIN_S = 3.0
ANSWER_WITHIN_S = 4.0

# One writes, two read beside it; the one that listens is not of the pool.
CONNECTIONS = 3

# In milliseconds, held by the server: a statement, its wait for a lock, and a transaction that nobody continues.
_LIMITS = {
    "statement_timeout": "4000",
    "lock_timeout": "3000",
    "idle_in_transaction_session_timeout": "10000",
}


class PostgresDatabase:
    """A database on a server that other bots may use too; the address and its password stay in here."""

    shared = True

    def __init__(self, dsn: str) -> None:
        self._engine = _engine(dsn)
        # One statement is a transaction by itself: nothing to begin and nothing to end, three trips less.
        self._reading = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._writing: AsyncConnection | None = None

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Do the work in one transaction; when this returns, it is committed.

        It is done once more if the connection breaks, and then it may have been done before.
        """
        return await _twice(lambda: self._write(work, ANSWER_WITHIN_S))

    async def change_tables(self, work: Callable[[Connection], T]) -> T:
        """Do the work in one transaction, however long it takes."""
        return await _twice(lambda: self._write(work, None))

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Do the work beside the writer, each statement on what is committed."""
        return await _twice(lambda: self._read(work))

    async def close(self) -> None:
        await self._let_go()
        await self._engine.dispose()

    async def _write(self, work: Callable[[Connection], T], within_s: float | None) -> T:
        def in_transaction(connection: Connection) -> T:
            with connection.begin():
                return work(connection)

        try:
            if self._writing is None:
                self._writing = await _connected(self._engine)
            return await _in_time(self._writing, in_transaction, within_s)
        except BaseException:
            await self._let_go()  # also after a refusal: a server that is read-only now may have been replaced
            raise

    async def _read(self, work: Callable[[Connection], T]) -> T:
        connection = await _connected(self._reading)
        try:
            return await _in_time(connection, work, ANSWER_WITHIN_S)
        finally:
            await connection.close()

    async def _let_go(self) -> None:
        connection, self._writing = self._writing, None
        if connection is not None:
            await connection.invalidate()
            await connection.close()


async def connect(dsn: str) -> "Session[Any]":
    """Open a connection of one's own; raises `DatabaseAwayError`, which does not repeat the address."""
    settings = {"application_name": "vpn-diagnose", **_LIMITS}
    with in_one_kind():
        try:
            return await _driver().connect(dsn, timeout=CONNECT_WITHIN_S, server_settings=settings)
        except ValueError:  # what cannot be read is repeated in it
            raise Problem("settings.database_url") from None


@contextmanager
def in_one_kind() -> Iterator[None]:
    """Let out as `DatabaseAwayError` what the driver raises itself, and what it lets through of the network."""
    driver = _driver()
    try:
        yield
    except (OSError, EOFError, driver.PostgresError, driver.InterfaceError) as error:
        raise DatabaseAwayError(f"the database does not answer ({type(error).__name__})") from error


def _driver() -> Any:
    """Return asyncpg, which is only there where PostgreSQL is meant to be used."""
    try:
        import asyncpg
    except ImportError as error:
        raise Problem("settings.database_driver") from error
    return asyncpg


def _engine(dsn: str) -> AsyncEngine:
    _driver()

    async def connected() -> Any:
        return await connect(dsn)

    # An error that is logged must not tell what people asked: hence the hidden parameters.
    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connected,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=ANSWER_WITHIN_S,
        hide_parameters=True,
    )


async def _connected(engine: AsyncEngine) -> AsyncConnection:
    async with asyncio.timeout(CONNECT_WITHIN_S):
        return await engine.connect()


async def _twice(attempt: Callable[[], Awaitable[T]]) -> T:
    with in_one_kind():
        try:
            return await attempt()
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
        return await attempt()  # the connection had died, perhaps long ago and unnoticed


async def _in_time(connection: AsyncConnection, work: Callable[[Connection], T], within_s: float | None) -> T:
    """Do the work, or break the connection: whatever waits for a server that has gone then ends with an error."""
    if within_s is None:
        return await connection.run_sync(work)
    session: Session[Any] = (await connection.get_raw_connection()).driver_connection
    loop = asyncio.get_running_loop()
    until = loop.time() + within_s
    timer = loop.call_at(until, session.terminate)
    try:
        return await connection.run_sync(work)
    except DBAPIError as error:
        if loop.time() < until:
            raise
        raise DatabaseAwayError(f"the database did not answer within {within_s} s") from error
    finally:
        timer.cancel()
