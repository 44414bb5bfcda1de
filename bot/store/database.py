"""Opening the database: where it lies, how durable a commit is, and that one process alone uses a SQLite file."""

import fcntl
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from sqlalchemy import event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.model.problem import Problem
from bot.store.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger(__name__)

# Time in seconds that a statement waits for the connection, or for another program's lock on the file.
WAIT_S = 5


@asynccontextmanager
async def open_database(url: str) -> AsyncIterator[AsyncEngine]:
    """Open the database behind `url`, create what is missing in it, and close it at the end.

    Raises `Problem("settings.database_…")` where it cannot be used: wrong address, no rights, or in use by
    another process of the bot.
    """
    file = sqlite_file(url)
    with _held(file):
        # An error that is logged must not tell what people asked: hence the hidden parameters.
        engine = create_async_engine(
            f"sqlite+aiosqlite:///{file}", pool_size=1, max_overflow=0, pool_timeout=WAIT_S, hide_parameters=True
        )
        event.listen(engine.sync_engine, "connect", _make_durable)
        try:
            await _create_what_is_missing(engine, file)
            yield engine
        finally:
            await engine.dispose()


async def _create_what_is_missing(engine: AsyncEngine, file: Path) -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
    except SQLAlchemyError as error:
        raise Problem("settings.database_unusable", file=str(file), reason=type(error).__name__) from error


def sqlite_file(url: str) -> Path:
    """Return the file that a `sqlite:///…` address names; another kind of address is a Problem."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise Problem("settings.database_url") from error  # the address may hold a password: it is not repeated
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise Problem("settings.database_url")
    return Path(parsed.database)


@contextmanager
def _held(file: Path) -> "Iterator[None]":
    """Hold the file's lock: two processes on one SQLite file would each believe to be the only one."""
    try:
        descriptor = os.open(file.with_name(file.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise Problem("settings.database_unusable", file=str(file), reason=error.strerror or "?") from error
    with os.fdopen(descriptor, "w") as lock:
        _lock_or_refuse(lock, file)
        os.close(_created_private(file))
        yield


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


def _make_durable(connection: Any, record: object) -> None:
    """Set what SQLite promises: a commit is on the disk (https://sqlite.org/pragma.html#pragma_synchronous)."""
    del record
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={WAIT_S * 1000}", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
