"""Whether signed bytes were let in before: asked before anything is parsed, and on the disk before it is answered.

The database knows, on any bot and across restarts, and asking it costs a commit. Where this process alone lets
requests in, it knows by itself, and the database notes it in one commit with what the request is about.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from bot.model.problem import Problem
from bot.web.guard import WINDOW_S

log = logging.getLogger(__name__)

# Notes a signature for good, and tells whether it is seen for the first time; raises `Problem` if it cannot.
FirstUse = Callable[[str, datetime], Awaitable[bool]]

# For how long a signature is good after it was used: it may bear a time of up to five minutes later.
KEEP = timedelta(seconds=2 * WINDOW_S)

# Signatures that are remembered, of some 250 bytes each. If more come within `KEEP`, the database is asked again.
MOST_KNOWN = 20_000

# Seconds for the database to tell; after that the person is told to try again, while Slack is still listening.
TELL_WITHIN_S = 1.0


async def always_first(signature: str, at: datetime) -> bool:
    """Let everything in that is signed, however often."""
    del signature, at
    return True


class Replays:
    """The signatures that were let in.

    `known` are those within the last `KEEP` with the time of their use, if nobody but this process has let any in
    since; None: others do.
    """

    def __init__(
        self,
        first_use: FirstUse,
        known: Mapping[str, datetime] | None = None,
        *,
        most_known: int = MOST_KNOWN,
        tell_within_s: float = TELL_WITHIN_S,
    ) -> None:
        self._first_use = first_use
        self._is_alone = known is not None
        self._used = dict(sorted((known or {}).items(), key=lambda use: use[1]))
        self._most_known = most_known
        self._tell_within_s = tell_within_s
        self._unsure_until: datetime | None = None

    async def let_in(self, signature: str, now: datetime) -> "asyncio.Future[bool] | None":
        """Return what is done when the use is on the disk, or None if there was one before.

        Raises `Problem` if that cannot be found out.
        """
        self._forget(now)
        if signature in self._used:
            return None
        self._used[signature] = now
        noting = asyncio.ensure_future(self._first_use(signature, now))
        if self._is_alone and (self._unsure_until is None or self._unsure_until < now):
            return noting
        return noting if await self._told(signature, noting) else None

    async def _told(self, signature: str, noting: "asyncio.Future[bool]") -> bool:
        try:
            async with asyncio.timeout(self._tell_within_s):
                return await noting
        except TimeoutError as error:
            self._used.pop(signature, None)
            raise Problem("bot.overloaded") from error
        except Problem:
            self._used.pop(signature, None)
            raise

    def _forget(self, now: datetime) -> None:
        while self._used and (oldest := next(iter(self._used))):
            too_old = self._used[oldest] + KEEP < now
            if not too_old and len(self._used) <= self._most_known:
                return
            if not too_old:
                self._unsure_until = now + KEEP
            del self._used[oldest]


async def noted(noting: "asyncio.Future[bool]") -> bool:
    """Wait until a use is on the disk; False if there was one before after all.

    That it could not be written takes nothing back that was accepted meanwhile.
    """
    try:
        return await noting
    except Problem as problem:
        log.warning("a signature was not noted (%s); what it came with is known by its intent", problem.code)
        return True
