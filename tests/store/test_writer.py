"""Writing together: one transaction for all that waits, and each to its own answer."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError

from bot.store.errors import DatabaseAwayError, DatabaseBusyError
from bot.store.writer import Writer


class Database:
    """A database that notes what is done in each transaction, and fails as it is told to."""

    def __init__(self) -> None:
        self.transactions: list[list[Any]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.fails: list[Exception] = []

    async def do(self, work: Callable[[Any], list[Any]]) -> list[Any]:
        await self.open.wait()
        self.transactions.append([])
        if self.fails:
            raise self.fails.pop(0)
        return work(self)


def double(database: Any, numbers: Sequence[int]) -> list[int | Exception]:
    """The work of these tests: -1 breaks the transaction, 0 is refused, the rest is doubled."""
    database.transactions[-1] += numbers
    if -1 in numbers:
        raise IntegrityError("", None, Exception("no"))
    return [ValueError("zero") if number == 0 else number * 2 for number in numbers]


def negative(connection: Connection, numbers: Sequence[int]) -> list[int]:
    del connection
    return [-number for number in numbers]


@asynccontextmanager
async def writing(database: Database, **limits: Any) -> AsyncIterator[Writer]:
    writer = Writer(database.do, **limits)
    task = asyncio.create_task(writer.run())
    try:
        yield writer
    finally:
        writer.close()
        database.open.set()
        async with asyncio.timeout(10):
            await task


async def test_what_waits_is_written_in_one_transaction() -> None:
    database = Database()
    async with writing(database) as writer:
        answers = await asyncio.gather(*(writer.write(double, number) for number in (1, 2, 3)))

    assert answers == [2, 4, 6]
    assert database.transactions == [[1, 2, 3]]


async def test_each_gets_the_answer_of_its_own_work() -> None:
    async with writing(Database()) as writer:
        answers = await asyncio.gather(
            writer.write(double, 1), writer.write(negative, 2), writer.write(double, 3), writer.write(negative, 4)
        )

    assert list(answers) == [2, -2, 6, -4]


async def test_a_refused_member_harms_no_other() -> None:
    database = Database()
    async with writing(database) as writer:
        one, refused, three = await asyncio.gather(
            *(writer.write(double, number) for number in (1, 0, 3)), return_exceptions=True
        )

    assert (one, three) == (2, 6)
    assert isinstance(refused, ValueError)
    assert len(database.transactions) == 1


async def test_a_member_that_breaks_the_transaction_harms_no_other() -> None:
    database = Database()
    async with writing(database) as writer:
        one, broken, three = await asyncio.gather(
            *(writer.write(double, number) for number in (1, -1, 3)), return_exceptions=True
        )

    assert (one, three) == (2, 6)
    assert isinstance(broken, IntegrityError)
    assert database.transactions == [[1, -1, 3], [1], [-1], [3]]


async def test_a_database_that_has_gone_is_found_out_once_for_all() -> None:
    database = Database()
    database.fails = [DatabaseAwayError("gone")]
    async with writing(database) as writer:
        answers = await asyncio.gather(*(writer.write(double, 1) for _ in range(3)), return_exceptions=True)

    assert [type(answer) for answer in answers] == [DatabaseAwayError] * 3
    assert len(database.transactions) == 1


async def test_after_a_failure_the_next_is_written() -> None:
    database = Database()
    database.fails = [OperationalError("", None, Exception("full"))]
    async with writing(database) as writer:
        with pytest.raises(OperationalError):
            await writer.write(double, 1)

        assert await writer.write(double, 2) == 4


async def test_a_caller_that_has_gone_is_not_written_for_and_harms_no_other() -> None:
    database = Database()
    database.open.clear()
    async with writing(database) as writer:
        under_way = asyncio.create_task(writer.write(double, 1))
        await asyncio.sleep(0.01)
        waiting = asyncio.create_task(writer.write(double, 2))
        other = asyncio.create_task(writer.write(double, 3))
        await asyncio.sleep(0.01)
        under_way.cancel()
        waiting.cancel()
        database.open.set()

        assert await other == 6
    assert database.transactions == [[1], [3]]


async def test_a_batch_has_a_limit() -> None:
    database = Database()
    async with writing(database, most_together=2) as writer:
        await asyncio.gather(*(writer.write(double, number) for number in (1, 2, 3)))

    assert database.transactions == [[1, 2], [3]]


async def test_an_offer_is_refused_at_once_when_too_much_waits() -> None:
    database = Database()
    database.open.clear()
    async with writing(database, most_waiting=1) as writer:
        under_way = asyncio.create_task(writer.write(double, 1))
        await asyncio.sleep(0.01)
        waiting = asyncio.create_task(writer.write(double, 2))
        await asyncio.sleep(0.01)
        with pytest.raises(DatabaseBusyError):
            await writer.offer(double, 3)
        database.open.set()

        assert (await under_way, await waiting) == (2, 4)


async def test_an_offer_that_is_not_answered_in_time_is_refused_and_not_written_later() -> None:
    database = Database()
    database.open.clear()
    async with writing(database, answer_within_s=0.05) as writer:
        under_way = asyncio.create_task(writer.write(double, 1))
        await asyncio.sleep(0.01)
        with pytest.raises(DatabaseAwayError):
            await writer.offer(double, 2)
        database.open.set()
        await under_way
    assert database.transactions == [[1]]


async def test_what_waits_at_the_end_is_still_written() -> None:
    database = Database()
    writer = Writer(database.do)
    waiting = asyncio.create_task(writer.write(double, 1))
    await asyncio.sleep(0)
    writer.close()
    await writer.run()

    assert await waiting == 2
    with pytest.raises(SQLAlchemyError):
        await writer.write(double, 2)


async def test_nobody_waits_for_a_writer_that_was_cut_off() -> None:
    database = Database()
    database.open.clear()
    writer = Writer(database.do)
    task = asyncio.create_task(writer.run())
    under_way = asyncio.create_task(writer.write(double, 1))
    await asyncio.sleep(0.01)
    waiting = asyncio.create_task(writer.write(double, 2))
    await asyncio.sleep(0.01)

    task.cancel()
    answers = await asyncio.gather(under_way, waiting, return_exceptions=True)

    assert [type(answer) for answer in answers] == [DatabaseAwayError] * 2
