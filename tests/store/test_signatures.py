"""The same signed bytes are not let in twice."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.model.problem import Problem
from bot.store.database import Database, open_database
from bot.store.signatures import Signatures
from tests.store.clock import now

NOON = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)


async def test_a_signature_is_first_once_however_many_use_it_at_once(database: Database, other: Database) -> None:
    here, there = Signatures(database), Signatures(other)

    answers = await asyncio.gather(*(bot.first_use("v0=abc", NOON) for bot in (here, there) * 6))

    assert sorted(answers) == [False] * 11 + [True]


async def test_different_signatures_are_each_first(database: Database) -> None:
    signatures = Signatures(database)

    answers = await asyncio.gather(*(signatures.first_use(f"v0={number}", NOON) for number in range(5)))

    assert answers == [True] * 5


async def test_a_signature_is_known_after_a_restart(url: str) -> None:
    async with open_database(url, now) as database:
        await Signatures(database).first_use("v0=abc", NOON)

    async with open_database(url, now) as database:
        assert not await Signatures(database).first_use("v0=abc", NOON)


async def test_what_cannot_be_noted_is_not_let_in(database: Database) -> None:
    await database.write(lambda connection: connection.exec_driver_sql("DROP TABLE signatures"))

    with pytest.raises(Problem, match=r"bot\.not_stored"):
        await Signatures(database).first_use("v0=abc", NOON)


async def test_the_latest_are_told_with_their_time(database: Database) -> None:
    signatures = Signatures(database)
    for minutes in range(4):
        await signatures.first_use(f"v0={minutes}", NOON + timedelta(minutes=minutes))

    assert await signatures.recent(NOON + timedelta(minutes=1), most=2) == {
        "v0=3": NOON + timedelta(minutes=3), "v0=2": NOON + timedelta(minutes=2)
    }  # fmt: skip
    assert len(await signatures.recent(NOON, most=10)) == 4
