"""Which database an address names."""

from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from bot.model.problem import Problem

# How PostgreSQL's own tools, its hosters and SQLAlchemy begin an address.
_POSTGRESQL = ("postgresql://", "postgres://", "postgresql+asyncpg://")


def postgresql_dsn(url: str) -> str | None:
    """Return the address as PostgreSQL's own tools write it, or None if it names another database."""
    for beginning in _POSTGRESQL:
        if url.startswith(beginning):
            return "postgresql://" + url.removeprefix(beginning)
    return None


def is_missing_file(url: str) -> bool:
    """Return whether the address names a SQLite file that is not there."""
    return postgresql_dsn(url) is None and not sqlite_file(url).exists()


def sqlite_file(url: str) -> Path:
    """Return the file that a `sqlite:///…` address names; another kind of address is a Problem."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # a ValueError for a port that is none
        raise Problem("settings.database_url") from None  # the address may hold a password: it is not repeated
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise Problem("settings.database_url")
    return Path(parsed.database)
