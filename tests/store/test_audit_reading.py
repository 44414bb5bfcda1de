"""Reading the trail, whatever the database is like."""

from pathlib import Path

import pytest

from bot.model.problem import Problem
from bot.store.address import is_missing_file
from bot.store.audit_reading import PAGE, audit_trail
from bot.store.database import Database, open_database
from tests.store.audited import write_down, write_down_together
from tests.store.clock import now


async def numbers(url: str, after: int | None = None) -> list[int]:
    async with audit_trail(url) as trail:
        return [row["seq"] async for row in trail.rows(after)]


async def test_rows_come_in_their_order_while_the_bot_has_the_database(url: str, database: Database) -> None:
    await write_down(database, 3)

    assert await numbers(url) == [1, 2, 3]


async def test_what_is_known_already_is_left_out(url: str, database: Database) -> None:
    await write_down(database, 3)

    assert await numbers(url, after=0) == [1, 2, 3]
    assert await numbers(url, after=2) == [3]
    assert await numbers(url, after=3) == []


async def test_what_is_added_while_somebody_reads_is_read_too(url: str, database: Database) -> None:
    await write_down_together(database, PAGE)
    read = []

    async with audit_trail(url) as trail:
        async for row in trail.rows():
            read.append(row["seq"])
            if row["seq"] == 1:
                await write_down(database, 2)

    assert read == list(range(1, PAGE + 3))


async def test_a_file_that_is_not_there_is_said_and_not_made(tmp_path: Path) -> None:
    file = tmp_path / "bot.db"

    with pytest.raises(Problem, match=r"bot\.audit_missing"):
        await numbers(f"sqlite:///{file}")

    assert is_missing_file(f"sqlite:///{file}")


async def test_a_database_without_a_trail_is_said(url: str, database: Database) -> None:
    await database.write(lambda connection: connection.exec_driver_sql("DROP TABLE audit"))

    with pytest.raises(Problem, match=r"bot\.audit_missing"):
        await numbers(url)


async def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "bot.db").write_text("this is not a database, it is a shopping list" * 100)

    with pytest.raises(Problem, match=r"settings\.database_unusable") as caught:
        await numbers(f"sqlite:///{tmp_path}/bot.db")

    assert caught.value.facts["reason"] == "DatabaseError"


async def test_a_server_that_is_not_there_is_said_without_the_password() -> None:
    with pytest.raises(Problem, match=r"settings\.database_unreachable") as caught:
        await numbers("postgresql://bot:hunter2@127.0.0.1:1/bot")

    assert "hunter2" not in str(caught.value.details)


async def test_reading_a_copy_leaves_it_as_it_is(tmp_path: Path) -> None:
    copy = tmp_path / "copy of 100%.db"
    async with open_database(f"sqlite:///{tmp_path}/bot.db", now) as database:
        await write_down(database, 2)
        await database.read(lambda connection: connection.exec_driver_sql(f"VACUUM INTO '{copy}'"))
    before = copy.read_bytes()

    assert await numbers(f"sqlite:///{copy}") == [1, 2]
    assert copy.read_bytes() == before


async def read_and_lose(url: str, database: Database) -> None:
    async with audit_trail(url) as trail:
        async for row in trail.rows():
            if row["seq"] == 1:
                await database.write(lambda connection: connection.exec_driver_sql("DROP TABLE audit"))


async def test_a_trail_that_goes_away_while_it_is_read_is_said(url: str, database: Database) -> None:
    await write_down_together(database, PAGE + 1)

    with pytest.raises(Problem, match=r"settings\.database_un"):
        await read_and_lose(url, database)
