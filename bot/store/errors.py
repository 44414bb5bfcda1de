"""What can go wrong with the database.

SQLAlchemyError                 SQLAlchemy's own; every error that the store lets out is one of these
  DatabaseAwayError             the database cannot be reached, or did not answer in time
  DatabaseBusyError             more is waiting to be written than may wait
FencedError                     the run is no longer ours
Problem("bot.not_stored")       what should have been accepted was not stored: it must not be acknowledged
Problem("settings.database_…")  the database cannot be used at all; only raised when it is opened
"""

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

if TYPE_CHECKING:
    from collections.abc import Iterator


class DatabaseAwayError(SQLAlchemyError):
    """The database cannot be reached, or did not answer in time."""


class DatabaseBusyError(SQLAlchemyError):
    """More is waiting to be written than may wait."""


class FencedError(Exception):
    """Somebody else has taken the run since we claimed it: what we know of it is no longer true."""


@contextmanager
def in_one_kind() -> "Iterator[None]":
    """Let out as `DatabaseAwayError` what asyncpg raises of the way to the server; SQLAlchemy does not."""
    try:
        yield
    except (OSError, EOFError) as error:
        raise DatabaseAwayError(f"the database does not answer ({type(error).__name__})") from error
