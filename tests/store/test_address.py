"""Which database an address names."""

import traceback
from pathlib import Path

import pytest

from bot.model.problem import Problem
from bot.store.address import is_missing_file, postgresql_dsn, sqlite_file


@pytest.mark.parametrize("beginning", ["postgresql://", "postgres://", "postgresql+asyncpg://"])
def test_postgresql_is_known_by_any_of_its_names(beginning: str) -> None:
    assert (
        postgresql_dsn(f"{beginning}bot:pw@db/bot?sslmode=require") == "postgresql://bot:pw@db/bot?sslmode=require"
    )


def test_a_file_is_not_postgresql() -> None:
    assert postgresql_dsn("sqlite:///bot.db") is None
    assert sqlite_file("sqlite:///bot.db") == Path("bot.db")
    assert sqlite_file("sqlite:////var/lib/bot.db") == Path("/var/lib/bot.db")


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://bot:pw@host/db", "mysql://bot:pw/pw@db", "sqlite://", "sqlite:///:memory:"]
)
def test_an_address_of_another_kind_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(Problem, match=r"settings\.database_url") as caught:
        sqlite_file(url)

    assert "pw" not in "".join(traceback.format_exception(caught.value)).replace('"', "")


def test_a_file_can_be_missing_and_a_server_cannot(tmp_path: Path) -> None:
    assert is_missing_file(f"sqlite:///{tmp_path}/bot.db")
    assert not is_missing_file("postgresql://bot@db/bot")
