"""The tables as the code needs them, whatever was there before."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

import bot.store.migrations
from bot.model.run import Run, RunState
from bot.store.database import Database, open_database
from bot.store.migrations import migrate
from bot.store.runs import Runs
from bot.store.schema import REVISIONS, revision_of
from bot.store.tables import metadata
from tests.store.clock import now
from tests.store.old_file import write_old_file

RunBuilder = Callable[..., Run]
NOON = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)
PROJECT = Path(__file__).parents[2]


def differences(connection: Connection) -> list[object]:
    """Return what the tables have that the code does not know, or the other way round."""
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


def keys_and_indexes(connection: Connection) -> dict[str, object]:
    found = inspect(connection)
    return {
        table: (
            found.get_pk_constraint(table)["constrained_columns"],
            found.get_foreign_keys(table),
            sorted(
                (
                    str(index["name"]),
                    index["column_names"],
                    [str(where) for where in index["dialect_options"].values()],
                )
                for index in found.get_indexes(table)
            ),
        )
        for table in sorted(found.get_table_names())
    }


async def forget_the_version(database: Database) -> None:
    await database.write(lambda connection: connection.execute(text("DROP TABLE alembic_version")))


async def test_new_tables_are_those_that_the_code_knows(database: Database) -> None:
    assert await database.read(revision_of) == REVISIONS[-1]
    assert await database.read(differences) == []


async def test_the_migrations_lead_from_nothing_to_the_same_tables(database: Database) -> None:
    created = await database.read(keys_and_indexes)
    await database.write(metadata.drop_all)
    await database.write(lambda connection: connection.execute(text("DELETE FROM alembic_version")))

    await database.write(lambda connection: migrate(connection, since="nothing"))

    assert await database.read(revision_of) == REVISIONS[-1]
    assert await database.read(differences) == []
    assert await database.read(keys_and_indexes) == created


def test_the_newest_migration_is_the_one_that_the_code_looks_for() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(bot.store.migrations.__file__).parent))
    revisions = ScriptDirectory.from_config(config).walk_revisions()

    assert [script.revision for script in revisions] == list(reversed(REVISIONS))


async def test_a_file_of_the_first_version_is_taken_over_with_its_runs(tmp_path: Path, a_run: RunBuilder) -> None:
    due, waiting = (
        a_run(),
        a_run(due_at=now() + timedelta(hours=1), state=RunState.DIAGNOSING, diagnose_id="vpndgn-1"),
    )
    told = a_run(due_at=None, state=RunState.REPORTED)
    write_old_file(tmp_path / "bot.db", [due, waiting, told])

    async with open_database(f"sqlite:///{tmp_path}/bot.db", now) as database:
        runs = Runs(database)
        (claim,) = await runs.claim_due(now(), "us", 60, 10)

        assert claim.run == due.changed(version=1)
        assert await runs.get(waiting.id) == waiting
        assert await runs.add(a_run(), f"trigger:{told.id}") == told.id
        assert await database.read(differences) == []
        assert await runs.sweep(NOON + timedelta(days=100), 30 * 86_400, 3600, batch=10) == 4  # told, 3 deliveries


async def test_tables_of_the_first_version_are_taken_over_on_either_database(url: str, a_run: RunBuilder) -> None:
    run = a_run()
    async with open_database(url, now) as database:
        await database.write(metadata.drop_all)
        await database.write(lambda connection: connection.execute(text("DELETE FROM alembic_version")))
        await database.write(lambda connection: migrate(connection, since="nothing", until="0001"))
        await forget_the_version(database)

    async with open_database(url, now) as database:
        await Runs(database).add(run, "trigger:1")

        assert await database.read(differences) == []
        assert await Runs(database).get(run.id) == run


async def test_bots_that_start_together_bring_the_tables_up_to_date_once(postgres_url: str) -> None:
    async def start() -> str:
        async with open_database(postgres_url, now) as database:
            return str(await database.read(revision_of))

    assert set(await asyncio.gather(*(start() for _ in range(8)))) == {REVISIONS[-1]}


async def test_tables_of_a_newer_bot_are_left_as_they_are(
    url: str, a_run: RunBuilder, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_database(url, now) as database:
        newer = text("UPDATE alembic_version SET version_num = '9999'")
        await database.write(lambda connection: connection.execute(newer))
        more = text("ALTER TABLE runs ADD COLUMN colour VARCHAR(16)")
        await database.write(lambda connection: connection.execute(more))

    async with open_database(url, now) as database:
        run_id = await Runs(database).add(a_run(), "trigger:1")
        (claim,) = await Runs(database).claim_due(database.clock(), "us", 60, 1)
        await Runs(database).save(claim.run, lease_until=None)

        assert claim.run.id == run_id
        assert await database.read(revision_of) == "9999"
    assert "9999" in caplog.text


def test_where_nothing_is_to_be_changed_nothing_is_loaded_for_it(tmp_path: Path) -> None:
    program = f"""
import asyncio, sys
from datetime import UTC, datetime
from bot.store.database import open_database

async def opened():
    async with open_database("sqlite:///{tmp_path}/bot.db", lambda: datetime.now(UTC)):
        pass

asyncio.run(opened())
asyncio.run(opened())
print([name for name in ("alembic", "asyncpg", "sqlalchemy.ext.asyncio") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
