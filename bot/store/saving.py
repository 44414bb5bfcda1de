"""Saving runs after a step, each only if nobody else has taken it meanwhile."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import compress
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, select, update

from bot.model.audit import AuditEntry, entries
from bot.model.ids import RunId
from bot.model.run import Run
from bot.store.dialect import tell_others
from bot.store.errors import FencedError
from bot.store.rows import FORMAT, AnyRow, run_of, saved_columns
from bot.store.tables import leads, runs
from bot.store.writer import Audited


class Step(NamedTuple):
    """A run after a step; times in seconds since 1970, `lease_until` None to hand the lease back.

    `before` is the run as it was stored with this version, None if that has to be read.
    """

    run: Run
    lease_until: float | None
    at: float
    before: Run | None = None


_BEFORE = (
    select(runs.c.id, runs.c.version, runs.c.state, runs.c.lease_owner)
    .where(runs.c.id.in_(bindparam("ids", expanding=True)), runs.c.format <= FORMAT)
    .order_by(runs.c.id)  # one order for all replicas, or they wait for each other
    .with_for_update()
)

_SAVE = update(runs).where(runs.c.id == bindparam("run_id"))

_FOLLOWERS = (
    select(runs.c.id)
    .where(
        runs.c.follows.in_(bindparam("leaders", expanding=True)),
        runs.c.due_at > bindparam("at"),
        runs.c.lease_owner.is_(None),
        runs.c.format <= FORMAT,
    )
    .with_for_update(skip_locked=True)
    .cte("followers")
)

_WAKE = update(runs).where(runs.c.id == _FOLLOWERS.c.id).values(due_at=bindparam("at")).returning(runs.c.id)


class Saved(NamedTuple):
    """The new version of the run, and whether runs that follow one have fallen due with it."""

    version: int
    has_woken: bool


def save(connection: Connection, steps: Sequence[Step]) -> list[Audited[Saved] | Saved | Exception]:
    """Save each run whose version is still the stored one, else answer with `FencedError`.

    Those that follow a run whose state has changed fall due, and a run that has ended leads no more. A step that
    was saved already, by a commit whose answer was lost, counts as saved.
    """
    before = {row.id: row for row in connection.execute(_BEFORE, {"ids": [step.run.id for step in steps]})}
    are_ours = [_is_ours(step.run, before.get(step.run.id)) for step in steps]
    ours = list(compress(steps, are_ours))
    audited = _audited(connection, ours)
    if ours:
        connection.execute(_SAVE, [_values(step, before[step.run.id]) for step in ours])
    changed = [step for step in ours if before[step.run.id].state != step.run.state.value]
    has_woken = bool(changed) and _follow_up(connection, changed)
    return [
        Audited(Saved(step.run.version + 1, has_woken), audited.get(step.run.id, ()))
        if is_ours or _was_saved(connection, step)
        else FencedError(step.run.id)
        for step, is_ours in zip(steps, are_ours, strict=True)
    ]


def _is_ours(run: Run, row: AnyRow | None) -> bool:
    return row is not None and row.version == run.version


def _audited(connection: Connection, steps: Sequence[Step]) -> dict[RunId, tuple[AuditEntry, ...]]:
    """Return what the audit trail is to have of the steps, before they are saved."""
    earlier = {step.run.id: step.before for step in steps if step.before is not None}
    unknown = [step.run.id for step in steps if step.before is None]
    if unknown:
        rows = connection.execute(select(runs).where(runs.c.id.in_(unknown)))
        earlier |= {row.id: run_of(row) for row in rows}
    return {step.run.id: entries(earlier[step.run.id], step.run, _time(step.at)) for step in steps}


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _was_saved(connection: Connection, step: Step) -> bool:
    """Tell by the document, which holds the version it was saved from: only the holder of that could write it."""
    same = select(runs.c.id).where(
        runs.c.id == step.run.id,
        runs.c.version == step.run.version + 1,
        runs.c.document == step.run.model_dump_json(),
    )
    return connection.execute(same).one_or_none() is not None


def _values(step: Step, before: AnyRow) -> dict[str, Any]:
    return saved_columns(step.run) | {
        "run_id": step.run.id,
        "version": step.run.version + 1,
        "ended_at": step.at if step.run.due_at is None else None,
        "lease_owner": None if step.lease_until is None else before.lease_owner,
        "lease_until": step.lease_until,
    }


def _follow_up(connection: Connection, changed: Sequence[Step]) -> bool:
    """Free the gateways of those that have ended, and wake those that follow; return whether there were any."""
    ended = [step.run.id for step in changed if step.run.ended]
    if ended:
        connection.execute(delete(leads).where(leads.c.run_id.in_(ended)))
    leaders = {"leaders": [step.run.id for step in changed], "at": changed[0].at}
    has_woken = bool(connection.execute(_WAKE, leaders).all())
    if has_woken:
        tell_others(connection)
    return has_woken
