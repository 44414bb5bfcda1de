"""SQLite: how durable a commit is, and that one process alone uses a file."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.model.problem import Problem

# Time in seconds that a statement waits for another program's lock on the file.
WAIT_S = 5

# One connection writes, the other reads beside it.
CONNECTIONS = 2


def sqlite_engine(file: Path) -> AsyncEngine:
    # An error that is logged must not tell what people asked: hence the hidden parameters.
    engine = create_async_engine(
        f"sqlite+aiosqlite:///{file}",
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=WAIT_S,
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "connect", _make_durable)
    return engine


@contextmanager
def held(file: Path) -> Iterator[None]:
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
    for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={WAIT_S * 1000}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
