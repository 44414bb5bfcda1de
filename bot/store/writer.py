"""Writes what is waiting in one transaction together, so that one commit to the disk serves everybody.

A piece of work is a function that writes many items with few statements and returns an answer for each; a
caller hands in one item and gets its own answer or its own error.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import Connection

from bot.model.audit import AuditEntry
from bot.store.audit_chain import append
from bot.store.errors import DatabaseAwayError, DatabaseBusyError
from bot.store.locks import take_needed

Item = TypeVar("Item")
Answer = TypeVar("Answer")
Answer_co = TypeVar("Answer_co", covariant=True)


class Audited(NamedTuple, Generic[Answer_co]):
    """An answer, and what goes into the audit trail in the same transaction."""

    answer: Answer_co | Exception
    entries: tuple[AuditEntry, ...]


# An answer that is an exception is raised to the one whose item it is about; what is raised undoes all of it.
Work = Callable[[Connection, Sequence[Item]], Sequence[Answer | Audited[Answer] | Exception]]

# How much is written in one transaction, and how much may wait for it before offers are refused.
MOST_TOGETHER = 128
MOST_WAITING = 1024

# Time in seconds within which an offer is answered. Slack waits 3 seconds for the acknowledgement.
ANSWER_WITHIN_S = 2.0


@dataclass(slots=True)
class _Job:
    work: Work[Any, Any]
    item: Any
    answer: "asyncio.Future[Any]"


class Writer:
    """The only one who writes; `do` does work in one transaction, `run` has to run while others write."""

    def __init__(
        self,
        do: Callable[[Callable[[Connection], list[Any]]], Awaitable[list[Any]]],
        *,
        most_together: int = MOST_TOGETHER,
        most_waiting: int = MOST_WAITING,
        answer_within_s: float = ANSWER_WITHIN_S,
    ) -> None:
        self._do = do
        self._most_together = most_together
        self._most_waiting = most_waiting
        self._answer_within_s = answer_within_s
        self._waiting: deque[_Job] = deque()
        self._under_way: list[_Job] = []
        self._stirred = asyncio.Event()
        self._closing = False

    async def write(self, work: Work[Item, Answer], item: Item) -> Answer:
        """Write one item and return its answer once it is committed; raises what went wrong with it.

        Whoever is cancelled while waiting does not know whether it was written.
        """
        if self._closing:
            raise DatabaseAwayError("the database is being closed")
        job = _Job(work, item, asyncio.get_running_loop().create_future())
        self._waiting.append(job)
        self._stirred.set()
        answer: Answer = await job.answer
        return answer

    async def offer(self, work: Work[Item, Answer], item: Item) -> Answer:
        """Write what came from outside: refused early if too much is waiting or nothing is answered in time."""
        if len(self._waiting) >= self._most_waiting:
            raise DatabaseBusyError(f"{self._most_waiting} are waiting to be written")
        try:
            async with asyncio.timeout(self._answer_within_s):
                return await self.write(work, item)
        except TimeoutError as error:
            raise DatabaseAwayError(f"not written within {self._answer_within_s} s") from error

    async def run(self) -> None:
        """Write until `close` is called and nothing is waiting any more."""
        try:
            while not (self._closing and not self._waiting):
                await self._stirred.wait()
                self._stirred.clear()
                while self._next_batch():
                    await self._answer(self._under_way)
        finally:  # cancelled in the middle: nobody is to wait for ever
            for job in (*self._under_way, *self._waiting):
                _tell(job, DatabaseAwayError("the database was closed"))

    def close(self) -> None:
        self._closing = True
        self._stirred.set()

    def _next_batch(self) -> bool:
        """Take what is waiting, without those whose caller has gone; return whether there is anything."""
        self._under_way = []
        while self._waiting and len(self._under_way) < self._most_together:
            job = self._waiting.popleft()
            if not job.answer.done():
                self._under_way.append(job)
        return bool(self._under_way)

    async def _answer(self, batch: list[_Job]) -> None:
        """Write a batch, or if it fails each member alone, so that one bad member harms no other."""
        outcome: list[Any] | BaseException
        (outcome,) = await asyncio.gather(self._do(partial(_written, batch)), return_exceptions=True)
        if not isinstance(outcome, BaseException):
            for job, answer in zip(batch, outcome, strict=True):
                _tell(job, answer)
        elif len(batch) == 1:
            _tell(batch[0], outcome)
        elif isinstance(outcome, DatabaseAwayError):  # for each of them, and to be found out once
            for job in batch:
                _tell(job, DatabaseAwayError(str(outcome)))
        else:
            for job in batch:
                await self._answer([job])


def _written(batch: list[_Job], connection: Connection) -> list[Any]:
    of_work: dict[Work[Any, Any], list[int]] = {}
    for place, job in enumerate(batch):
        of_work.setdefault(job.work, []).append(place)
    take_needed(connection, of_work)
    answers: list[Any] = [None] * len(batch)
    for work, places in of_work.items():
        for place, answer in zip(places, work(connection, [batch[at].item for at in places]), strict=True):
            answers[place] = answer
    return _audited(answers, connection)


def _audited(answers: list[Any], connection: Connection) -> list[Any]:
    """Write down what is to be audited, last of all, and return the plain answers."""
    entries = [entry for answer in answers if isinstance(answer, Audited) for entry in answer.entries]
    if entries:
        append(connection, entries)
    return [answer.answer if isinstance(answer, Audited) else answer for answer in answers]


def _tell(job: _Job, answer: Any) -> None:
    if job.answer.done():
        return
    if isinstance(answer, BaseException):
        job.answer.set_exception(answer)
    else:
        job.answer.set_result(answer)
