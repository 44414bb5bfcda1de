"""Being known as alive to the other bots on a PostgreSQL, and hearing from them: one connection of our own."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError

from bot.store.dialect import CHANNEL
from bot.store.errors import in_one_kind
from bot.store.postgres import connect

if TYPE_CHECKING:
    from asyncpg import Connection  # type: ignore[import-untyped]

log = logging.getLogger(__name__)

# Time in seconds between two looks whether the connection still stands, and before it is opened again.
LOOK_EVERY_S = 2.0
PAUSE_S = 0.5


@asynccontextmanager
async def present(dsn: str, owner: str, wake: Callable[[], None]) -> AsyncIterator[None]:
    """Hold the owner's advisory lock and listen, again and again if the connection breaks.

    When the block begins, the lock is held; raises `SQLAlchemyError` if it could not be had.
    """
    connection = await _announced(dsn, owner, wake)
    staying = asyncio.create_task(_stay(connection, dsn, owner, wake))
    try:
        yield
    finally:
        staying.cancel()
        await asyncio.gather(staying, return_exceptions=True)


async def _stay(connection: "Connection[Any]", dsn: str, owner: str, wake: Callable[[], None]) -> None:
    while True:
        try:
            try:
                await _until_broken(connection)
            finally:
                connection.terminate()
        except SQLAlchemyError as error:
            log.warning("the other bots do not hear from us: %s", error)
        connection = await _announced_at_last(dsn, owner, wake)
        wake()  # what was said meanwhile was not heard


async def _until_broken(connection: "Connection[Any]") -> None:
    with in_one_kind():
        while not connection.is_closed():
            await asyncio.sleep(LOOK_EVERY_S)
            await connection.execute("SELECT 1")


async def _announced_at_last(dsn: str, owner: str, wake: Callable[[], None]) -> "Connection[Any]":
    while True:
        try:
            return await _announced(dsn, owner, wake)
        except SQLAlchemyError:
            await asyncio.sleep(PAUSE_S)


async def _announced(dsn: str, owner: str, wake: Callable[[], None]) -> "Connection[Any]":
    connection = await connect(dsn)
    try:
        with in_one_kind():
            await connection.execute("SELECT pg_advisory_lock(hashtextextended($1, 0))", f"vpn-diagnose {owner}")
            await connection.add_listener(CHANNEL, lambda *_: wake())
    except BaseException:
        connection.terminate()
        raise
    return connection
