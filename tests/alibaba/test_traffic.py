"""Every call passes here: quotas shared by an account, circuits broken and mended, all of it counted."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx
import pytest

from bot.alibaba import traffic as traffic_module
from bot.alibaba.breaker import FAILURES, FIRST_REST_S, CircuitState
from bot.alibaba.operation import RESULTS, STARTS
from bot.alibaba.rpc import RpcClient
from bot.alibaba.traffic import Place, Traffic
from bot.alibaba.vpn import DIAGNOSE, GET_RESULT
from bot.model.credential import Credential
from bot.model.ids import RegionId
from bot.model.problem import Problem

HANGZHOU, QINGDAO = RegionId("cn-hangzhou"), RegionId("cn-qingdao")
ACCOUNT = "1234567890123456"

Clients = Callable[..., RpcClient]
Handler = Callable[[httpx.Request], httpx.Response]


def well(request: httpx.Request) -> httpx.Response:
    del request
    return httpx.Response(200, json={"DiagnoseId": "vpndgn-1"})


def down(request: httpx.Request) -> httpx.Response:
    del request
    return httpx.Response(503, text="busy")


class Cloud:
    """A client to a side that is well or not, with everything that is counted."""

    def __init__(self, rpc_over: Clients, pauses: Any, credential: Credential) -> None:
        self.answer: Handler = well
        self.counted: Counter[tuple[str, str]] = Counter()
        self.pauses = pauses
        self.requests = 0
        self.credential = credential.changed(account_id=ACCOUNT)
        self.traffic = Traffic(pauses.clock, pauses.monotonic, pauses, self._count)
        self.rpc = rpc_over(self._answer, traffic=self.traffic)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        return self.answer(request)

    def _count(self, operation: str, outcome: str) -> None:
        self.counted[operation, outcome] += 1

    async def ask(self, who: int = 1, *, region: RegionId = HANGZHOU, **changes: Any) -> None:
        credential = self.credential.changed(**changes)
        await self.rpc.call(GET_RESULT, {"DiagnoseId": f"vpndgn-{who}"}, credential, region)

    async def refused(self, who: int = 1, **changes: Any) -> Problem:
        with pytest.raises(Problem) as caught:
            await self.ask(who, **changes)
        return caught.value


@pytest.fixture
def cloud(rpc_over: Clients, pauses: Any, credential: Credential) -> Cloud:
    return Cloud(rpc_over, pauses, credential)


async def until_busy(cloud: Cloud) -> Problem:
    for who in range(1000):
        try:
            # At the same moment: the pauses that others take do not move the clock.
            now = cloud.pauses.now
            await cloud.ask(who)
            cloud.pauses.now = now
        except Problem as problem:
            return problem
    raise AssertionError


# quotas


async def test_a_call_too_many_is_told_when_to_come_back(cloud: Cloud) -> None:
    problem = await until_busy(cloud)

    assert problem.code == "cloud.busy"
    assert problem.facts == {"operation": "GetVpnGatewayDiagnoseResult", "retry_after_s": "2.7"}
    assert cloud.requests == RESULTS.at_once + 3


async def test_whoever_comes_back_then_passes_before_everybody_else(cloud: Cloud) -> None:
    problem = await until_busy(cloud)
    requests = cloud.requests

    cloud.pauses.now += float(problem.facts["retry_after_s"])
    await cloud.ask(requests)  # the one that was turned away

    assert cloud.requests == requests + 1


async def test_a_short_wait_is_waited(cloud: Cloud) -> None:
    for who in range(RESULTS.at_once + 1):
        await cloud.ask(who)

    assert cloud.pauses.taken[-1] == pytest.approx(1 / RESULTS.per_s)


@pytest.mark.parametrize(
    "changes",
    [{"region": QINGDAO}, {"account_id": "6543210987654321"}],
    ids=["another region", "another account"],
)
async def test_a_quota_is_of_one_account_and_region(changes: dict[str, Any], cloud: Cloud) -> None:
    await until_busy(cloud)

    await cloud.ask(7, **changes)


async def test_sessions_of_one_account_share_its_quota(cloud: Cloud) -> None:
    await until_busy(cloud)

    problem = await cloud.refused(7, access_key_id="STS.another-persons")

    assert problem.code == "cloud.busy"


async def passed(traffic: Traffic, pauses: Any, waits: list[float], polls: int) -> list[float]:
    """Return the times at which calls pass while that many runs are polled each second, for three minutes."""
    times: list[float] = []
    place = Place(ACCOUNT, "vpc", HANGZHOU)
    for pauses.now in range(180):
        for who in range(polls):
            waits.clear()
            with suppress(Problem):
                async with traffic.admitted(GET_RESULT, place, who):
                    times.append(pauses.now + sum(waits))
    return times


@pytest.mark.parametrize("processes", [1, 2, 3, 7])
async def test_processes_that_share_an_account_stay_together_below_what_is_documented(
    processes: int, pauses: Any
) -> None:
    waits: list[float] = []

    async def note(seconds: float) -> None:
        waits.append(seconds)

    times: list[float] = []
    for _ in range(processes):
        traffic = Traffic(pauses.clock, pauses.monotonic, note, share=1 / processes)
        times += await passed(traffic, pauses, waits, polls=40)

    fullest = max(sum(start <= one < start + RESULTS.window_s for one in times) for start in times)
    assert 0.6 * RESULTS.documented < fullest < RESULTS.documented


async def test_the_smallest_share_lets_one_call_pass(pauses: Any) -> None:
    traffic = Traffic(pauses.clock, pauses.monotonic, pauses, share=0.001)

    async with traffic.admitted(GET_RESULT, Place(ACCOUNT, "vpc", HANGZHOU), 1):
        pass

    assert pauses.taken == []


@pytest.mark.parametrize("share", [0.0, -1.0, 1.1, float("nan")])
def test_what_is_no_share_is_refused(share: float, pauses: Any) -> None:
    with pytest.raises(ValueError, match="share"):
        Traffic(pauses.clock, pauses.monotonic, pauses, share=share)


async def test_operations_have_quotas_of_their_own(cloud: Cloud) -> None:
    await until_busy(cloud)

    await cloud.rpc.call(DIAGNOSE, {}, cloud.credential, HANGZHOU)

    assert cloud.requests == RESULTS.at_once + 4


async def test_a_throttled_call_silences_the_others_for_as_long_as_the_cloud_asks(cloud: Cloud) -> None:
    cloud.answer = lambda _: httpx.Response(
        400, json={"Code": "Throttling.User"}, headers={"x-acs-retry-after": "30000"}
    )
    await cloud.refused(1)
    cloud.answer = well

    problem = await cloud.refused(2)

    assert problem.facts["retry_after_s"] == "30.0"
    assert cloud.requests == 1


# circuits


async def broken(cloud: Cloud) -> None:
    cloud.answer = down
    while next(cloud.traffic.circuits(), None) is None or next(cloud.traffic.circuits()).state == "closed":
        await cloud.refused()


async def test_a_side_that_keeps_failing_is_left_alone(cloud: Cloud) -> None:
    await broken(cloud)
    requests = cloud.requests

    problem = await cloud.refused()

    assert (requests, cloud.requests) == (FAILURES, FAILURES)
    assert problem.code == "cloud.circuit_open"
    assert problem.facts == {
        "operation": "GetVpnGatewayDiagnoseResult",
        "service": "VPC cn-hangzhou",
        "since": "12:00:02 UTC",
        "retry_after_s": "13.5",
    }


async def test_after_the_rest_one_call_finds_out_and_the_circuit_closes(cloud: Cloud) -> None:
    await broken(cloud)
    cloud.answer = well
    cloud.pauses.now += FIRST_REST_S

    await cloud.ask()

    (circuit,) = cloud.traffic.circuits()
    assert (circuit.place, circuit.state) == (Place(ACCOUNT, "vpc", HANGZHOU), CircuitState.CLOSED)


async def test_while_one_call_finds_out_the_others_are_turned_away(rpc_over: Clients, cloud: Cloud) -> None:
    await broken(cloud)
    cloud.pauses.now += FIRST_REST_S
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(request: httpx.Request) -> httpx.Response:
        arrived.set()
        await go_on.wait()
        return well(request)

    slow = rpc_over(httpx.MockTransport(slowly), traffic=cloud.traffic)
    probe = asyncio.create_task(slow.call(GET_RESULT, {}, cloud.credential, HANGZHOU))
    await arrived.wait()
    problem = await cloud.refused(2)
    go_on.set()
    await probe

    assert problem.facts["retry_after_s"] == "1.0"
    assert next(cloud.traffic.circuits()).state is CircuitState.CLOSED


async def test_a_probe_that_is_cancelled_leaves_the_finding_out_to_the_next(
    rpc_over: Clients, cloud: Cloud
) -> None:
    await broken(cloud)
    cloud.pauses.now += FIRST_REST_S
    arrived = asyncio.Event()

    async def never(request: httpx.Request) -> httpx.Response:
        arrived.set()
        await asyncio.Event().wait()
        return well(request)

    slow = rpc_over(httpx.MockTransport(never), traffic=cloud.traffic)
    probe = asyncio.create_task(slow.call(GET_RESULT, {}, cloud.credential, HANGZHOU))
    await arrived.wait()
    probe.cancel()
    await asyncio.wait({probe})
    cloud.answer = well
    await cloud.ask()

    assert next(cloud.traffic.circuits()).state is CircuitState.CLOSED


async def test_a_circuit_is_of_one_account_product_and_region(cloud: Cloud) -> None:
    await broken(cloud)
    cloud.answer = well

    await cloud.ask(region=QINGDAO)
    await cloud.ask(account_id="6543210987654321")

    assert [circuit.state for circuit in cloud.traffic.circuits()] == ["open", "closed", "closed"]


async def test_refusals_do_not_open_a_circuit(cloud: Cloud) -> None:
    cloud.answer = lambda _: httpx.Response(403, json={"Code": "Forbidden.RAM"})

    for _ in range(FAILURES * 2):
        await cloud.refused()

    assert next(cloud.traffic.circuits()).state is CircuitState.CLOSED


async def test_a_server_that_hangs_is_a_failure(rpc_over: Clients, cloud: Cloud) -> None:
    async def hang(request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        return well(request)

    rpc = rpc_over(httpx.MockTransport(hang), traffic=cloud.traffic, within_s=0.001)
    for _ in range(FAILURES):
        with pytest.raises(Problem, match=r"cloud\.timeout"):
            await rpc.call(GET_RESULT, {}, cloud.credential, HANGZHOU)

    assert next(cloud.traffic.circuits()).state is CircuitState.OPEN


# what is counted and kept


async def test_attempts_are_counted_by_outcome_also_those_held_back(cloud: Cloud) -> None:
    await cloud.ask()
    cloud.answer = lambda _: httpx.Response(404, json={"Code": "InvalidResourceId.NotFound"})
    await cloud.refused()
    await broken(cloud)
    await cloud.refused()

    name = "GetVpnGatewayDiagnoseResult"
    assert cloud.counted[name, "ok"] == 1
    assert cloud.counted[name, "refused"] == 1
    assert cloud.counted[name, "not_understood"] == FAILURES
    assert cloud.counted[name, "circuit_open"] >= 1


async def test_what_is_remembered_is_bounded(cloud: Cloud) -> None:
    for number in range(traffic_module.MOST_REMEMBERED + 5):
        await cloud.ask(account_id=str(number))

    assert len(list(cloud.traffic.circuits())) == traffic_module.MOST_REMEMBERED


def test_starting_and_looking_have_different_quotas() -> None:
    assert (DIAGNOSE.quota, GET_RESULT.quota) == (STARTS, RESULTS)
