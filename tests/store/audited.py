"""What tests of the audit trail begin with, and what an intruder in the database does to it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, text

from bot.model.audit import Attempt, AuditEntry, turned_away
from bot.model.ids import ChannelId, TeamId, UserId
from bot.model.problem import Problem
from bot.model.request import Requester
from bot.store.audit import Audit
from bot.store.audit_chain import append
from bot.store.database import Database
from bot.store.dialect import is_postgresql

NOON = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)


def an_entry(**changes: Any) -> AuditEntry:
    """Return the entry of a stranger who was turned away."""
    stranger = Requester(team_id=TeamId("T0EMULATED"), user_id=UserId("U0MALLORY"))
    attempt = Attempt(stranger, ChannelId("C0INCIDENT"))
    return turned_away(attempt, Problem("access.not_mapped").details, NOON, "b" * 64)._replace(**changes)


async def rows_of(database: Database) -> list[dict[str, Any]]:
    """Return all rows of the audit trail."""
    every = text("SELECT * FROM audit ORDER BY seq")
    return await database.read(lambda connection: [dict(row) for row in connection.execute(every).mappings()])


async def write_down(database: Database, number: int) -> None:
    """Add so many entries, one transaction each."""
    for _ in range(number):
        await Audit(database).append(an_entry())


async def write_down_together(database: Database, number: int, **changes: Any) -> None:
    """Add so many entries in one transaction."""
    entries = [an_entry(**changes) for _ in range(number)]
    if entries:
        await database.write(lambda connection: append(connection, entries))


async def tamper(database: Database, *statements: str) -> None:
    """Do what the bot never does, as somebody who may do anything with the table."""

    def do(connection: Connection) -> None:
        for statement in (*_without_triggers(connection), *statements):
            connection.execute(text(statement))

    await database.write(do)


def _without_triggers(connection: Connection) -> Sequence[str]:
    if is_postgresql(connection):
        return ("ALTER TABLE audit DISABLE TRIGGER ALL",)
    names = ("audit_not_changed", "audit_not_removed", "audit_only_at_the_end")
    return [f"DROP TRIGGER IF EXISTS {name}" for name in names]
