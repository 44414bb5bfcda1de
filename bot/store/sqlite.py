"""SQLite: one thread and connection that write, one that reads, and one process alone on a file.

A transaction is one hop to its thread, however many statements it has: half the time and CPU of going there and
back for each of them.
"""

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, TypeVar
from urllib.parse import quote

from sqlalchemy import Connection, Engine, NullPool, create_engine, event

from bot.model.problem import Problem
from bot.store.errors import DatabaseAwayError

T = TypeVar("T")

# Time in seconds that a statement waits for another program's lock on the file.
WAIT_S = 5


class SqliteFile:
    """An open file; whoever opens it holds its lock."""

    shared = False

    def __init__(self, file: Path) -> None:
        self._writer = _Thread("writes", file)
        self._reader = _Thread("reads", file)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Do the work in one transaction; when this returns, it is on the disk."""
        return await self._writer.do(lambda connection: _in_transaction(connection, work))

    async def change_tables(self, work: Callable[[Connection], T]) -> T:
        """Do the work in one transaction: the file is ours, and there is nobody to wait for."""
        return await self.write(work)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Do the work beside the writer, on what is committed."""
        return await self._reader.do(work)

    async def close(self) -> None:
        await self._reader.close()
        await self._writer.close()


class _Thread:
    """A thread with a connection of its own, which it opens anew after every failure."""

    def __init__(self, name: str, file: Path) -> None:
        self._file = file
        self._engine = _engine(file)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"store-{name}")
        self._connection: Connection | None = None
        self._opened: tuple[int, int] | None = None

    async def do(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._do, work)

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._let_go)
        self._thread.shutdown()

    def _do(self, work: Callable[[Connection], T]) -> T:
        try:
            return work(self._open())
        except BaseException:
            self._let_go()
            raise

    def _open(self) -> Connection:
        there = _identity(self._file)
        if self._connection is None:
            self._connection, self._opened = self._engine.connect(), there
        # SQLite would go on in a file that has no name, and all would be gone at its end.
        if there != self._opened:
            raise DatabaseAwayError("the database file was removed or replaced")
        return self._connection

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _in_transaction(connection: Connection, work: Callable[[Connection], T]) -> T:
    with connection.begin():
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return work(connection)


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _engine(file: Path) -> Engine:
    def connected() -> sqlite3.Connection:
        # mode=rw: a file that has gone is not created anew. Without an isolation level the driver begins no
        # transactions of its own. Made, used and closed in one thread, which is not the one that checks here.
        address = f"file:{quote(str(file))}?mode=rw"
        return sqlite3.connect(address, WAIT_S, isolation_level=None, check_same_thread=False, uri=True)

    # An error that is logged must not tell what people asked: hence the hidden parameters.
    engine = create_engine("sqlite://", creator=connected, poolclass=NullPool, hide_parameters=True)
    event.listen(engine, "connect", _make_durable)
    return engine


def _make_durable(connection: Any, record: object) -> None:
    """Set what SQLite promises: a commit is on the disk (https://sqlite.org/pragma.html#pragma_synchronous)."""
    del record
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@contextmanager
def held(file: Path) -> Iterator[Path]:
    """Hold the file's lock: two processes on one SQLite file would each believe to be the only one.

    Yields the file by its own name: a link to it is no other database.
    """
    file = _without_links(file)
    try:
        descriptor = os.open(file.with_name(file.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise Problem("settings.database_unusable", file=str(file), reason=error.strerror or "?") from error
    with os.fdopen(descriptor, "w") as lock:
        _lock_or_refuse(lock, file)
        os.close(_created_private(file))
        yield file


def _without_links(file: Path) -> Path:
    try:
        return file.resolve()
    except (OSError, RuntimeError) as error:  # before Python 3.13 a link that leads to itself is a RuntimeError
        raise Problem("settings.database_unusable", file=str(file), reason=type(error).__name__) from error


def _lock_or_refuse(lock: IO[str], file: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise Problem("settings.database_in_use", file=str(file)) from error


def _created_private(file: Path) -> int:
    """Create the file for its owner alone: what people asked and where is nobody else's business."""
    try:
        return os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise Problem("settings.database_unusable", file=str(file), reason=error.strerror or "?") from error
