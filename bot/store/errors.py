"""What can go wrong with the database.

SQLAlchemyError                 SQLAlchemy's own; every error that the store lets out is one of these
  DatabaseAwayError             the database cannot be reached, or did not answer in time
  DatabaseBusyError             more is waiting to be written than may wait
FencedError                     the run is no longer ours
  UnreadableError               the run is stored in a way that this version of the bot cannot read
Problem("bot.not_stored")       what should have been accepted was not stored: it must not be acknowledged
Problem("settings.database_…")  the database cannot be used at all; only raised when it is opened
"""

from sqlalchemy.exc import SQLAlchemyError


class DatabaseAwayError(SQLAlchemyError):
    """The database cannot be reached, or did not answer in time."""


class DatabaseBusyError(SQLAlchemyError):
    """More is waiting to be written than may wait."""


class FencedError(Exception):
    """Somebody else has taken the run since we claimed it: what we know of it is no longer true."""


class UnreadableError(FencedError):
    """A run is stored in a way that this version of the bot cannot read: it is for another one.

    Told with the place of the first thing that is wrong, never with what stands there.
    """
