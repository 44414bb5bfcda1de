"""How many runs are under way."""

from collections.abc import Callable

from bot.model.ids import TeamId, UserId, VpnGatewayId
from bot.model.request import DiagnosisRequest, Requester
from bot.model.run import Run, RunState
from bot.store.runs import Occupancy, Runs

RunBuilder = Callable[..., Run]
TEAM = TeamId("T0EMULATED")


async def test_what_has_not_ended_is_counted_by_person_by_gateway_and_in_all(
    runs: Runs, a_run: RunBuilder, a_request: Callable[..., DiagnosisRequest]
) -> None:
    bob = Requester(team_id=TEAM, user_id=UserId("U0BOB"))
    elsewhere = a_request(gateway_id=VpnGatewayId("vpn-other"))
    under_way = [a_run(), a_run(request=elsewhere), a_run(requester=bob, state=RunState.DIAGNOSING)]
    over = [a_run(state=RunState.REPORTED), a_run(state=RunState.REFUSED, due_at=None), a_run(due_at=None)]
    for run in under_way + over:
        await runs.add(run, f"trigger:{run.id}")

    counted = await runs.unfinished()

    assert counted == Occupancy(
        overall=3,
        by_person={(TEAM, "U0ALICE"): 2, (TEAM, "U0BOB"): 1},
        by_gateway={"vpn-healthy0000000000001": 2, "vpn-other": 1},
    )


async def test_nothing_is_nothing(runs: Runs) -> None:
    assert await runs.unfinished() == Occupancy()
