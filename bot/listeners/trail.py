"""What happens at the door is audited too: who was refused there, and who was shown what.

Nobody waits for more than the commit of the entry, nor for that longer than a moment; and nobody fills the
database by being refused: of one person's refusals so many a minute are recorded one by one, the rest is counted.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from bot.model.audit import Attempt, AuditEntry, told, turned_away
from bot.model.problem import ProblemDetails
from bot.model.request import Requester

log = logging.getLogger(__name__)

# Seconds that an answer waits for its entry; the entry is written all the same.
WAIT_S = 0.5

# So many refusals of a person are recorded one by one within so many seconds, of so many people at a time.
MOST_REFUSALS = 30
WITHIN_S = 60.0
MOST_PEOPLE = 2000

# Seconds that those who stop the bot wait for what was counted; what is not written by then is told in the log.
CLOSE_WITHIN_S = 3.0

# Besides what access.yml, RAM and Slack say of a person (`access.…`). What could not be done is no refusal.
_REFUSALS = frozenset(
    {
        "bot.form_outdated",
        "bot.overloaded",
        "bot.run_gone",
        "bot.too_many",
        "bot.too_many_gateway",
        "bot.too_many_yours",
    }
)


@dataclass(slots=True)
class _Refusals:
    """The refusals of a person since a time, how many of them were not recorded, and the last of those."""

    since: float
    number: int = 0
    unrecorded: int = 0
    last: AuditEntry | None = None

    def rest(self) -> AuditEntry | None:
        """Return the last one as the entry that tells of all before it; None if there is nothing to tell."""
        return self.last and self.last._replace(unrecorded=self.unrecorded - 1 or None)


class Trail:
    """Keeps what happens at the door.

    `append` adds an entry and raises `SQLAlchemyError`; `book_hash` is the SHA-256 of the access.yml in force.
    """

    def __init__(
        self,
        append: Callable[[AuditEntry], Awaitable[None]],
        book_hash: Callable[[], str],
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
        wait_s: float = WAIT_S,
    ) -> None:
        self._append = append
        self._book_hash = book_hash
        self._clock = clock
        self._monotonic = monotonic
        self._wait_s = wait_s
        self._under_way: set[asyncio.Task[None]] = set()
        self._refusals: OrderedDict[Requester, _Refusals] = OrderedDict()

    async def refused(self, attempt: Attempt, problem: ProblemDetails) -> None:
        """Keep that somebody was refused, if it was a refusal that stood in the way; raises nothing."""
        if not problem.code.startswith("access.") and problem.code not in _REFUSALS:
            return
        known = self._known(attempt.requester)
        known.number += 1
        entry = turned_away(attempt, problem, self._clock(), self._book_hash(), known.unrecorded)
        if known.number > MOST_REFUSALS:
            known.unrecorded += 1
            known.last = entry
            return
        known.unrecorded, known.last = 0, None
        await self._keep(entry)

    async def shown(self, attempt: Attempt) -> None:
        """Keep that somebody was shown something; raises nothing."""
        await self._keep(told(attempt, self._clock(), self._book_hash()))

    async def close(self) -> None:
        """Wait for what is being written, which the database bounds, and write what was only counted."""
        await asyncio.gather(*self._under_way)
        rest = [entry for known in self._refusals.values() if (entry := known.rest()) is not None]
        self._refusals.clear()
        try:
            async with asyncio.timeout(CLOSE_WITHIN_S):
                while rest:
                    await self._kept(rest[-1])
                    rest.pop()
        except TimeoutError:
            log.warning("not in the audit trail: the last refusals of %d people", len(rest))

    def _known(self, requester: Requester) -> _Refusals:
        """Find how often somebody was refused lately, and begin anew where that is over."""
        now = self._monotonic()
        known = self._refusals.get(requester)
        if known is None or now - known.since >= WITHIN_S:
            known = _Refusals(now, 0, known.unrecorded, known.last) if known else _Refusals(now)
            self._refusals[requester] = known
            self._refusals.move_to_end(requester)
            if len(self._refusals) > MOST_PEOPLE:
                _, forgotten = self._refusals.popitem(last=False)
                rest = forgotten.rest()
                if rest is not None:
                    self._begun(rest)
        return known

    async def _keep(self, entry: AuditEntry) -> None:
        await asyncio.wait({self._begun(entry)}, timeout=self._wait_s)

    def _begun(self, entry: AuditEntry) -> asyncio.Task[None]:
        task = asyncio.create_task(self._kept(entry))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task

    async def _kept(self, entry: AuditEntry) -> None:
        try:
            await self._append(entry)
        except SQLAlchemyError as error:
            said = (entry.event, entry.team_id, entry.user_id, entry.channel_id, entry.operation, entry.problem)
            log.warning("not in the audit trail (%s): %s", type(error).__name__, " ".join(map(str, said)))
