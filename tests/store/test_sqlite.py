"""A SQLite file that something happens to."""

import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from bot.model.problem import Problem
from bot.model.run import Run
from bot.store.database import Database, open_database
from bot.store.runs import Runs
from tests.store.clock import now

RunBuilder = Callable[..., Run]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/bot.db"


async def set_pragma(database: Database, pragma: str) -> None:
    """Change the connection that writes; it is opened anew after a failure, and then is as it was."""
    await database.write(lambda connection: connection.exec_driver_sql(f"PRAGMA {pragma}"))


async def add_many(runs: Runs, new: list[Run]) -> None:
    for another in new:
        await runs.add(another, f"trigger:{another.id}")


async def test_a_full_disk_is_said_and_over_when_there_is_room_again(
    database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    run = a_run()
    await set_pragma(database, "max_page_count=1")  # SQLite takes the present size for the least
    with pytest.raises(Problem, match=r"bot\.not_stored") as caught:
        await add_many(runs, [a_run() for _ in range(200)])

    assert isinstance(caught.value.__cause__, OperationalError)
    assert await runs.add(run, "trigger:1") == run.id


async def test_a_file_that_cannot_be_written_is_said(database: Database, runs: Runs, a_run: RunBuilder) -> None:
    await set_pragma(database, "query_only=ON")

    with pytest.raises(Problem, match=r"bot\.not_stored"):
        await runs.add(a_run(), "trigger:1")


async def test_nothing_is_accepted_into_a_file_that_was_removed(
    runs: Runs, a_run: RunBuilder, tmp_path: Path
) -> None:
    await runs.add(a_run(), "trigger:1")
    (tmp_path / "bot.db").unlink()

    for delivery in ("trigger:2", "trigger:3"):
        with pytest.raises(Problem, match=r"bot\.not_stored"):
            await runs.add(a_run(), delivery)
    with pytest.raises(SQLAlchemyError):
        await runs.next_due()
    assert not (tmp_path / "bot.db").exists()


async def test_nothing_is_accepted_into_a_file_that_was_put_in_the_place_of_ours(
    runs: Runs, a_run: RunBuilder, tmp_path: Path
) -> None:
    await runs.add(a_run(), "trigger:1")
    shutil.copy(tmp_path / "bot.db", tmp_path / "copy.db")
    (tmp_path / "copy.db").rename(tmp_path / "bot.db")

    with pytest.raises(Problem, match=r"bot\.not_stored"):
        await runs.add(a_run(), "trigger:2")


async def test_a_name_with_any_character_in_it_is_a_name(tmp_path: Path, a_run: RunBuilder) -> None:
    folder = tmp_path / "100%3f the bot's"
    folder.mkdir()
    url = f"sqlite:///{quote(str(folder))}/bot.db"
    run = a_run()
    async with open_database(url, now) as database:
        await Runs(database).add(run, "trigger:1")

    async with open_database(url, now) as database:
        assert await Runs(database).get(run.id) == run
    assert (folder / "bot.db").exists()


async def test_what_is_read_is_what_is_committed(runs: Runs, a_run: RunBuilder) -> None:
    run = a_run()

    await runs.add(run, "trigger:1")

    assert await runs.get(run.id) == run
    assert await runs.newest(1) == (run,)
