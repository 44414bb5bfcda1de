"""The same tests on both databases."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.store.database import Database, open_database
from bot.store.runs import Runs
from tests.postgres import the_server
from tests.store.clock import now


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the address of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/bot.db"
        return
    address = the_server().new_database()
    yield address
    the_server().drop(address)


@pytest.fixture
def postgres_url() -> Iterator[str]:
    address = the_server().new_database()
    yield address
    the_server().drop(address)


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    async with open_database(url, now) as opened:
        yield opened


@pytest.fixture
async def other(url: str, database: Database) -> AsyncIterator[Database]:
    """Return the database as another bot has it open at the same time; on SQLite there is only one."""
    if not database.shared:
        yield database
        return
    async with open_database(url, now) as opened:
        yield opened


@pytest.fixture
def other_runs(other: Database) -> Runs:
    return Runs(other)
