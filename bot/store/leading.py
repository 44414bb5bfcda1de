"""Leading: one run at a time diagnoses a gateway, the others follow it."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select, update

from bot.model.run import ENDINGS, Run
from bot.store.dialect import insert_new
from bot.store.errors import DatabaseBusyError, FencedError
from bot.store.rows import AnyRow, readable, run_of
from bot.store.tables import leads, runs


class Candidate(NamedTuple):
    """A run that would lead its gateway from `at` (seconds since 1970) on."""

    run: Run
    at: float


# How often a lead may end between two of our statements.
MOST_ROUNDS = 3

# Seconds from a question to its report at the most, waits for turns included.
LONGEST_DIAGNOSIS_S = 7200.0

_LEADERS = (
    select(leads, runs.c.id, runs.c.state, runs.c.version, runs.c.format, runs.c.document)
    .select_from(leads.outerjoin(runs, runs.c.id == leads.c.run_id))
    .where(leads.c.gateway_id.in_(bindparam("gateways", expanding=True)))
)

_TAKE_OVER = update(leads).where(
    leads.c.gateway_id == bindparam("gateway"), leads.c.run_id == bindparam("ended_run")
)


def lead(connection: Connection, candidates: Sequence[Candidate]) -> list[Run | Exception | None]:
    """Answer each candidate with the run that leads its gateway, or None if it leads itself."""
    first: dict[str, Candidate] = {}
    for one in sorted(candidates, key=lambda one: one.run.request.gateway_id):
        first.setdefault(one.run.request.gateway_id, one)
    leaders = _settled(connection, first)
    return [_led_by(leaders[one.run.request.gateway_id], one.run) for one in candidates]


def _settled(connection: Connection, first: dict[str, Candidate]) -> dict[str, AnyRow]:
    """Return the leader of each gateway, the candidate where there is none or one that has ended."""
    for _ in range(MOST_ROUNDS):
        connection.execute(insert_new(connection, leads), [_row(one) for one in first.values()])
        leaders = {row.gateway_id: row for row in connection.execute(_LEADERS, {"gateways": list(first)})}
        ended = [row for row in leaders.values() if _has_ended(row, first[row.gateway_id].at)]
        if not ended and leaders.keys() == first.keys():
            return leaders
        for row in ended:
            _take_over(connection, row, first[row.gateway_id])
    raise DatabaseBusyError("the leads change as fast as they are read")


def _row(one: Candidate) -> dict[str, Any]:
    return {"gateway_id": one.run.request.gateway_id, "run_id": one.run.id, "since": one.at}


def _has_ended(leader: AnyRow, at: float) -> bool:
    """Tell whether it leads no more; one that we cannot read is another bot's, but not for ever."""
    if leader.state is None or leader.state in ENDINGS:
        return True
    return leader.since + LONGEST_DIAGNOSIS_S < at and readable(leader) is None


def _take_over(connection: Connection, ended: AnyRow, by: Candidate) -> None:
    connection.execute(
        _TAKE_OVER.values(run_id=by.run.id, since=by.at), {"gateway": ended.gateway_id, "ended_run": ended.run_id}
    )


def _led_by(leader: AnyRow, run: Run) -> Run | Exception | None:
    if leader.run_id == run.id:
        return None
    try:
        return run_of(leader)
    except FencedError as error:
        return error
