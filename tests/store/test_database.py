"""Opening the database."""

import stat
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.model.problem import Problem
from bot.store.database import open_database
from tests.store.clock import now


async def test_a_commit_is_on_the_disk_before_it_is_answered(tmp_path: Path) -> None:
    async with open_database(f"sqlite:///{tmp_path}/bot.db", now) as database:
        synchronous = await database.write(lambda connection: connection.scalar(text("PRAGMA synchronous")))
        journal = await database.write(lambda connection: connection.scalar(text("PRAGMA journal_mode")))

    assert synchronous == 2  # FULL
    assert journal == "wal"


async def test_a_second_process_on_the_same_file_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/bot.db"
    async with open_database(url, now):
        with pytest.raises(Problem, match=r"settings\.database_in_use"):
            async with open_database(url, now):
                pass


async def test_a_second_process_on_the_same_file_is_refused_whatever_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "other.db").symlink_to(tmp_path / "bot.db")
    async with open_database(f"sqlite:///{tmp_path}/bot.db", now):
        with pytest.raises(Problem, match=r"settings\.database_in_use"):
            async with open_database(f"sqlite:///{tmp_path}/other.db", now):
                pass


async def test_a_name_that_leads_only_to_itself_is_said(tmp_path: Path) -> None:
    (tmp_path / "bot.db").symlink_to(tmp_path / "bot.db")

    with pytest.raises(Problem, match=r"settings\.database_unusable"):
        async with open_database(f"sqlite:///{tmp_path}/bot.db", now):
            pass


async def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    async with open_database(f"sqlite:///{tmp_path}/bot.db", now):
        mode = stat.S_IMODE((tmp_path / "bot.db").stat().st_mode)

    assert mode == 0o600


async def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"settings\.database_unusable"):
        async with open_database(f"sqlite:///{tmp_path}/nowhere/bot.db", now):
            pass


async def test_a_folder_in_the_place_of_the_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"settings\.database_unusable"):
        async with open_database(f"sqlite:///{tmp_path}", now):
            pass


async def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "bot.db").write_text("this is not a database, it is a shopping list" * 100)

    with pytest.raises(Problem, match=r"settings\.database_unusable"):
        async with open_database(f"sqlite:///{tmp_path}/bot.db", now):
            pass


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://host/db", "sqlite://", "sqlite:///:memory:", "mysql://bot:pw@db/bot"]
)
async def test_an_address_of_another_kind_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(Problem, match=r"settings\.database_url") as caught:
        async with open_database(url, now):
            pass

    assert "pw" not in repr(caught.value)
