"""Being known as alive to the other bots on a PostgreSQL, and hearing from them: one connection of our own."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError

from bot.model.problem import Problem
from bot.store.dialect import CHANNEL
from bot.store.errors import DatabaseAwayError
from bot.store.postgres import ANSWER_WITHIN_S, connect, in_one_kind

if TYPE_CHECKING:
    from asyncpg import Connection  # type: ignore[import-untyped]

log = logging.getLogger(__name__)

# Time in seconds between two looks whether the connection still stands, and before it is tried to be had again.
LOOK_EVERY_S = 2.0
PAUSE_S = 0.5

# Time in seconds that the others are given to come back after we had to: what cut us off may have cut off all.
GRACE_S = 5.0


class Presence:
    """The connection that says that `owner` lives; `wake` is called when another bot says that a run is due."""

    def __init__(self, dsn: str, owner: str, wake: Callable[[], None]) -> None:
        self._dsn = dsn
        self._owner = owner
        self._wake = wake
        self._connection: Connection[Any] | None = None
        self._broken = asyncio.Event()
        self._steady_from = 0.0

    @property
    def is_steady(self) -> bool:
        """Whether we are present, and have been for long enough for others to be so too."""
        return not self._broken.is_set() and asyncio.get_running_loop().time() >= self._steady_from

    async def begin(self) -> None:
        """Take the owner's lock and listen; raises `SQLAlchemyError`."""
        connection = await connect(self._dsn)
        try:
            with in_one_kind():
                # Shared, since an earlier session of ours may not have ended yet as the server sees it.
                lock = "SELECT pg_advisory_lock_shared(hashtextextended($1, 0))"
                await connection.execute(lock, f"vpn-diagnose {self._owner}", timeout=ANSWER_WITHIN_S)
                await connection.add_listener(CHANNEL, self._heard)
        except BaseException:
            connection.terminate()
            raise
        self._connection = connection
        self._broken.clear()
        connection.add_termination_listener(self._lost)

    async def stay(self) -> None:
        """Look after the connection, and have it again whenever it breaks."""
        while True:
            await self._until_broken()
            self._broken.set()
            log.warning("the connection on which bots hear from each other is broken")
            self.end()
            await self._begin_again()
            self._steady_from = asyncio.get_running_loop().time() + GRACE_S
            self._wake()  # what was said meanwhile was not heard

    def end(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.remove_termination_listener(self._lost)
            connection.terminate()

    async def _until_broken(self) -> None:
        while self._connection is not None and not await self._breaks_within(LOOK_EVERY_S):
            try:
                with in_one_kind():
                    await self._connection.execute("SELECT 1", timeout=ANSWER_WITHIN_S)
            except DatabaseAwayError:
                return

    async def _breaks_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                return await self._broken.wait()
        except TimeoutError:
            return False

    async def _begin_again(self) -> None:
        while True:
            try:
                return await self.begin()
            except SQLAlchemyError:
                await asyncio.sleep(PAUSE_S)

    def _heard(self, *_: object) -> None:
        self._wake()

    def _lost(self, _: object) -> None:
        self._broken.set()


@asynccontextmanager
async def present(dsn: str, owner: str, wake: Callable[[], None]) -> AsyncIterator[Presence]:
    """Be present during the block; raises `Problem("settings.database_unreachable")` if it cannot begin."""
    presence = Presence(dsn, owner, wake)
    try:
        await presence.begin()
    except SQLAlchemyError as error:
        raise Problem("settings.database_unreachable", reason=type(error).__name__) from error
    staying = asyncio.create_task(presence.stay())
    try:
        yield presence
    finally:
        staying.cancel()
        await asyncio.gather(staying, return_exceptions=True)
        presence.end()
