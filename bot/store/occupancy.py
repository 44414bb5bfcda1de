"""How many runs are under way, for the limits on them."""

from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from bot.model.run import RunState
from bot.store.tables import runs


@dataclass(frozen=True, slots=True)
class Occupancy:
    """Runs that have not ended: in all, by person (team, user) and by gateway."""

    overall: int = 0
    by_person: dict[tuple[str, str], int] = field(default_factory=dict)
    by_gateway: dict[str, int] = field(default_factory=dict)


_UNFINISHED = (
    select(runs.c.team_id, runs.c.user_id, runs.c.gateway_id, func.count().label("runs"))
    .where(
        runs.c.due_at.is_not(None),  # the index knows these
        runs.c.state.in_([RunState.SUBMITTED.value, RunState.DIAGNOSING.value]),
    )
    .group_by(runs.c.team_id, runs.c.user_id, runs.c.gateway_id)
)


def occupancy(connection: Connection) -> Occupancy:
    by_person: dict[tuple[str, str], int] = {}
    by_gateway: dict[str, int] = {}
    for team_id, user_id, gateway_id, count in connection.execute(_UNFINISHED):
        by_person[team_id, user_id] = by_person.get((team_id, user_id), 0) + count
        by_gateway[gateway_id] = by_gateway.get(gateway_id, 0) + count
    return Occupancy(sum(by_gateway.values()), by_person, by_gateway)
