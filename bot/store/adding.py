"""New runs, each once for an intent however often Slack delivers it."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from bot.model.audit import AuditEntry, entries
from bot.model.ids import RunId
from bot.model.problem import Problem
from bot.model.run import Run
from bot.store.dialect import insert_new, tell_others
from bot.store.rows import new_row
from bot.store.tables import deliveries, runs
from bot.store.writer import Audited


class New(NamedTuple):
    """A run to be stored for an intent, named by its delivery; `press` is another name for it.

    `book_version` is that of the access.yml by which it was taken in, for the audit trail.
    """

    run: Run
    delivery: str
    press: str | None = None
    book_version: str | None = None


def add(connection: Connection, new: Sequence[New]) -> list[Audited[RunId]]:
    """Store the runs of deliveries that were not seen before; answer each with the run of its delivery."""
    first: dict[str, New] = {}
    # One order for all replicas, or they wait for each other.
    for one in sorted(new, key=lambda one: one.delivery):
        first.setdefault(one.delivery, one)
    unseen = _note(connection, first)
    if unseen:
        connection.execute(insert(runs), [new_row(first[delivery].run) for delivery in unseen])
        tell_others(connection)
    earlier = runs_of(connection, [delivery for delivery in first if delivery not in unseen])
    of_delivery = {delivery: first[delivery].run.id for delivery in unseen} | earlier
    _note_presses(connection, new, of_delivery)
    accepted = {delivery: _accepted(first[delivery]) for delivery in unseen}  # once, whoever is told of it
    return [
        Audited(of_delivery.get(one.delivery, Problem("bot.not_stored")), accepted.pop(one.delivery, ()))
        for one in new
    ]


def _accepted(new: New) -> tuple[AuditEntry, ...]:
    return entries(None, new.run, new.run.created_at, new.book_version)


def _note(connection: Connection, first: dict[str, New]) -> set[str]:
    """Note the deliveries, and return those that were not seen before."""
    rows = [
        {"key": delivery, "run_id": one.run.id, "received_at": one.run.created_at.timestamp()}
        for delivery, one in first.items()
    ]
    return set(connection.execute(insert_new(connection, deliveries).returning(deliveries.c.key), rows).scalars())


def _note_presses(connection: Connection, new: Sequence[New], of_delivery: dict[str, RunId]) -> None:
    """Note by which presses the runs are known too; all of them after all deliveries, see `add`."""
    rows = [
        {"key": one.press, "run_id": of_delivery[one.delivery], "received_at": one.run.created_at.timestamp()}
        for one in sorted(new, key=lambda one: one.press or "")
        if one.press is not None and one.delivery in of_delivery
    ]
    if rows:
        connection.execute(insert_new(connection, deliveries), rows)


def runs_of(connection: Connection, names: list[str]) -> dict[str, RunId]:
    """Return the run of each delivery of these names that was seen before."""
    if not names:
        return {}
    found = select(deliveries.c.key, deliveries.c.run_id).where(deliveries.c.key.in_(names))
    return {row.key: RunId(row.run_id) for row in connection.execute(found)}
