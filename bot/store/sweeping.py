"""Removing what has been kept long enough, in small batches; each table by its own rule."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, delete, select

from bot.model.run import ENDINGS
from bot.store.tables import deliveries, runs, signatures

# Seconds that a delivery is kept at least: Slack delivers an event again at once, after a minute and after five
# (docs.slack.dev/apis/events-api); a person may send an open form again later than that.
LEAST_DELIVERIES_S = 3600.0

# Seconds that a signature is kept: a request is let in for five minutes before and after the time it bears, and as
# much again, since its use bears the time of a bot, and goes by that of the database.
SIGNATURES_S = 1200.0

# A bot of before there was `ended_at` ended it, beside newer ones: when, nobody noted.
_ENDED_SOMETIME = and_(runs.c.ended_at.is_(None), runs.c.due_at.is_(None), runs.c.state.in_(sorted(ENDINGS)))


class Rules(NamedTuple):
    """What may go at the time `at`, and how much of each at once."""

    at: float
    keep_runs_s: float
    keep_deliveries_s: float
    batch: int


def sweep(connection: Connection, rules: Sequence[Rules]) -> list[int]:
    """Remove a batch of each kind, and answer with how many rows went."""
    return [_sweep(connection, one) for one in rules]


def _sweep(connection: Connection, rules: Rules) -> int:
    received = rules.at - max(rules.keep_deliveries_s, LEAST_DELIVERIES_S)
    return (
        _remove_runs(connection, rules.at - rules.keep_runs_s, rules.batch)
        + _remove(connection, deliveries.c.key, deliveries.c.received_at, received, rules.batch)
        + _remove(connection, signatures.c.signature, signatures.c.used_at, rules.at - SIGNATURES_S, rules.batch)
    )


def _remove_runs(connection: Connection, before: float, batch: int) -> int:
    removed = _remove(connection, runs.c.id, runs.c.ended_at, before, batch)
    return removed + _remove(connection, runs.c.id, runs.c.created_at, before, batch - removed, _ENDED_SOMETIME)


def _remove(
    connection: Connection,
    key: ColumnElement[str],
    age: ColumnElement[float],
    before: float,
    batch: int,
    *which: ColumnElement[bool],
) -> int:
    # A CTE that locks is evaluated once; PostgreSQL may evaluate a subquery again for each row, limit and all.
    old = (
        select(key)
        .where(age < before, *which)
        .order_by(age)
        .limit(batch)
        .with_for_update(skip_locked=True)
        .cte("old")
    )
    return len(connection.execute(delete(key.table).where(key.in_(select(old))).returning(key)).all())
