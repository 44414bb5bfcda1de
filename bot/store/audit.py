"""The audit trail as the bot uses it: entries of their own are added, and its end is told in the log."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.model.audit import AuditEntry
from bot.store.audit_chain import Head, has, head
from bot.store.writer import Audited

if TYPE_CHECKING:
    from bot.store.database import Database

log = logging.getLogger(__name__)

TELL_EVERY_S = 3600.0
"""How often the end of the trail is told, if something was added."""


class Audit:
    """The audit trail in `database`; what belongs to a run is added with the run, by `Runs`."""

    def __init__(self, database: "Database") -> None:
        self._database = database

    async def append(self, entry: AuditEntry) -> None:
        """Add an entry; when this returns, it is on the disk.

        Raises `SQLAlchemyError` if too much is waiting already, or the database does not say within two seconds.
        """
        await self._database.writer.offer(keep, entry)

    async def head(self) -> Head | None:
        """Return the last entry's number and hash, None if there is none; raises `SQLAlchemyError`."""
        return await self._database.read(head)

    async def tell_head(
        self, every_s: float = TELL_EVERY_S, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        """Tell the end of the trail in the log, now and again until cancelled.

        Whoever cuts off the end of the trail leaves an unbroken chain: only what was noted elsewhere tells of it.
        """
        known: Head | None = None
        while True:
            try:
                known = await self._told(known)
            except SQLAlchemyError as error:
                log.warning("the end of the audit trail could not be read: %s", type(error).__name__)
            await sleep(every_s)

    async def _told(self, known: Head | None) -> Head | None:
        """Tell the end if it is another than the one that is known, and warn if that one is gone; return it."""
        if known is not None and not await self._database.read(partial(has, head=known)):
            log.warning("the audit trail has lost its entry %s: it was cut off there or written anew", known)
        now = await self.head()
        if now not in {None, known}:
            log.info("the audit trail ends with %s (vpn-diagnose audit verify --expect %s)", now, now)
        return now


def keep(connection: Connection, entries: Sequence[AuditEntry]) -> list[Audited[None] | None]:
    """Have entries of their own added at the end of the transaction."""
    del connection
    return [Audited(None, (entry,)) for entry in entries]
