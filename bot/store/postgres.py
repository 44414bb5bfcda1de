"""PostgreSQL: how it is reached, and what is waited for how long."""

from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.model.problem import Problem
from bot.store.errors import DatabaseAwayError

if TYPE_CHECKING:
    from asyncpg import Connection  # type: ignore[import-untyped]

# Time in seconds to connect, and that a statement may take; a server that has gone is noticed within it.
CONNECT_WITHIN_S = 3.0
ANSWER_WITHIN_S = 5.0

# One connection writes, the others read beside it.
CONNECTIONS = 3

# In milliseconds, held by the server: a statement, its wait for a lock, and a transaction that nobody continues.
_LIMITS = {
    "statement_timeout": "5000",
    "lock_timeout": "3000",
    "idle_in_transaction_session_timeout": "10000",
}


def postgres_engine(dsn: str) -> AsyncEngine:
    """Return an engine for the address in PostgreSQL's own notation; the engine itself does not know it."""

    async def connected() -> Any:
        return await connect(dsn)

    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connected,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=ANSWER_WITHIN_S,
        pool_pre_ping=True,
        hide_parameters=True,
    )


async def connect(dsn: str) -> "Connection[Any]":
    """Open a connection of one's own; raises `DatabaseAwayError`, which does not repeat the address."""
    try:
        import asyncpg
    except ImportError as error:
        raise Problem("settings.database_driver") from error
    try:
        return await asyncpg.connect(
            dsn,
            timeout=CONNECT_WITHIN_S,
            command_timeout=ANSWER_WITHIN_S,
            server_settings={"application_name": "vpn-diagnose", **_LIMITS},
        )
    except (OSError, EOFError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise DatabaseAwayError(f"the database cannot be reached ({type(error).__name__})") from error
