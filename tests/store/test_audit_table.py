"""Nobody changes what is in the trail: the bot's role cannot, and whoever could is refused."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from bot.model.run import Run, RunState
from bot.store.audit import Audit
from bot.store.audit_check import verify
from bot.store.audit_reading import audit_trail
from bot.store.database import Database, open_database
from bot.store.migrations import migrate
from bot.store.runs import Runs
from bot.store.signatures import Signatures
from bot.store.tables import metadata
from tests.store.audited import an_entry, rows_of, write_down, write_down_together
from tests.store.clock import now

# As in docs/audit.md, where a test finds them.
GRANTS = """
GRANT SELECT ON alembic_version TO app;
GRANT SELECT, INSERT, UPDATE, DELETE ON runs, deliveries, signatures, leads TO app;
GRANT SELECT, INSERT ON audit TO app;
"""
AUDITORS_GRANTS = """
GRANT SELECT ON audit TO auditor;
GRANT SELECT (id, created_at, state, format) ON runs TO auditor;
"""

CHANGES = ["UPDATE audit SET user_id = 'U0BOB'", "DELETE FROM audit", "DELETE FROM audit WHERE seq = 2"]

# Rows that do not follow the last of three: put in the place of one, in front, and beyond the end.
_COPY = "INTO audit (seq, at, event, operation, team_id, user_id, previous, hash)"
_OF_THE_FIRST = "at, event, operation, team_id, 'U0BOB', previous, hash FROM audit WHERE seq = 1"
INSERTIONS = [f"INSERT {_COPY} SELECT {seq}, {_OF_THE_FIRST}" for seq in (-5, 0, 5)]
REPLACEMENTS = [
    f"{how} {_COPY} SELECT {seq}, {_OF_THE_FIRST}" for how in ("REPLACE", "INSERT OR REPLACE") for seq in (1, 3)
]


async def do(database: Database, statement: str) -> None:
    await database.write(lambda connection: connection.execute(text(statement)))


@pytest.mark.parametrize("change", CHANGES)
async def test_a_row_is_neither_changed_nor_removed(change: str, database: Database) -> None:
    await write_down(database, 3)
    before = await rows_of(database)

    with pytest.raises(DBAPIError, match="only ever added to"):
        await do(database, change)

    assert await rows_of(database) == before


@pytest.mark.parametrize("insertion", INSERTIONS)
async def test_a_row_is_put_nowhere_but_at_the_end(insertion: str, database: Database) -> None:
    await write_down(database, 3)
    before = await rows_of(database)

    with pytest.raises(DBAPIError, match="only ever added to"):
        await do(database, insertion)

    assert await rows_of(database) == before


@pytest.mark.parametrize("replacement", REPLACEMENTS)
async def test_sqlite_does_not_put_a_row_in_the_place_of_another(replacement: str, tmp_path: Path) -> None:
    async with open_database(f"sqlite:///{tmp_path}/bot.db", now) as database:
        await write_down(database, 3)
        before = await rows_of(database)

        with pytest.raises(DBAPIError, match="only ever added to"):
            await do(database, replacement)

        assert await rows_of(database) == before


async def test_several_rows_at_once_are_added_one_behind_the_other(database: Database) -> None:
    await write_down_together(database, 300)

    assert [row["seq"] for row in await rows_of(database)] == list(range(1, 301))


async def test_the_table_is_not_emptied_at_one_stroke(postgres_url: str) -> None:
    async with open_database(postgres_url, now) as database:
        await write_down(database, 1)

        with pytest.raises(DBAPIError, match="only ever added to"):
            await do(database, "TRUNCATE audit")


@pytest.mark.parametrize("change", [*CHANGES, *INSERTIONS])
async def test_nor_are_rows_of_a_table_that_a_migration_made(change: str, database: Database) -> None:
    await database.write(metadata.drop_all)
    await do(database, "DELETE FROM alembic_version")
    await database.write(lambda connection: migrate(connection, since="nothing"))
    await write_down(database, 3)

    with pytest.raises(DBAPIError, match="only ever added to"):
        await do(database, change)


@pytest.fixture
async def as_app(postgres_url: str) -> AsyncIterator[Database]:
    """Return the database as a role sees it that may do what the bot needs, and no more."""
    async with open_database(postgres_url, now) as owned:
        for statement in ("DROP ROLE IF EXISTS app", "CREATE ROLE app LOGIN", *GRANTS.strip().splitlines()):
            await do(owned, statement)
        async with open_database(postgres_url.replace("bot@", "app@"), now) as database:
            yield database
        await do(owned, "DROP OWNED BY app")
        await do(owned, "DROP ROLE app")


async def test_the_bots_role_needs_no_right_to_change_the_trail(
    as_app: Database, a_run: Callable[..., Run]
) -> None:
    runs = Runs(as_app)
    await runs.add(a_run(), "trigger:1")
    (claim,) = await runs.claim_due(as_app.clock(), "us", 60, 1)
    await runs.lead(claim.run)
    await runs.still_ours(claim.run)
    await runs.save(claim.run.changed(state=RunState.FAILED, due_at=None), lease_until=None)
    await Signatures(as_app).first_use("v0=1", now())
    await runs.take_over_the_dead("us")
    await Audit(as_app).append(an_entry())
    await runs.sweep(now() + timedelta(days=100), 1, 1, batch=10)

    assert await runs.newest(1) == ()
    assert [row["event"] for row in await rows_of(as_app)] == ["accepted", "failed", "refused"]


@pytest.mark.parametrize(
    "change", [*CHANGES, "TRUNCATE audit", "ALTER TABLE audit DISABLE TRIGGER ALL", "DROP TABLE audit"]
)
async def test_the_bots_role_has_no_right_to_change_the_trail(change: str, as_app: Database) -> None:
    await write_down(as_app, 1)

    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        await do(as_app, change)


@pytest.mark.parametrize("grants", [GRANTS, AUDITORS_GRANTS])
def test_the_rights_are_those_that_are_documented(grants: str) -> None:
    assert grants in (Path(__file__).parents[2] / "docs" / "audit.md").read_text(encoding="utf-8")


async def test_whoever_may_only_read_can_check(postgres_url: str, as_app: Database) -> None:
    await write_down(as_app, 2)
    async with open_database(postgres_url, now) as owned:
        for statement in (
            "DROP ROLE IF EXISTS auditor",
            "CREATE ROLE auditor LOGIN",
            *AUDITORS_GRANTS.strip().splitlines(),
        ):
            await do(owned, statement)

        async with audit_trail(postgres_url.replace("bot@", "auditor@")) as trail:
            runs = await trail.runs()
            verdict = await verify(trail.rows(), {}, runs)

        await do(owned, "DROP OWNED BY auditor")
        await do(owned, "DROP ROLE auditor")
    assert (verdict.rows, verdict.number) == (2, 0)
