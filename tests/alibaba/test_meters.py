"""What /metrics shows of the calls to the cloud."""

from typing import Any

from prometheus_client import CollectorRegistry, generate_latest

from bot.alibaba.breaker import FAILURES
from bot.alibaba.meters import CallMeter, CircuitMeter
from bot.alibaba.traffic import Place, Traffic
from bot.alibaba.vpn import GET_RESULT
from bot.model.ids import RegionId
from bot.model.problem import Problem

HANGZHOU = Place("1234567890123456", "vpc", RegionId("cn-hangzhou"))


def lines_of(registry: CollectorRegistry, name: str) -> list[str]:
    lines = generate_latest(registry).decode().splitlines()
    return [line for line in lines if line.startswith(name) and "_created" not in line]


async def failing(traffic: Traffic, place: Place, times: int) -> None:
    for who in range(times):
        try:
            async with traffic.admitted(GET_RESULT, place, who):
                raise Problem("cloud.timeout")  # noqa: TRY301 -- this is how a call fails
        except Problem:
            pass


async def test_attempts_are_counted_by_operation_and_outcome(pauses: Any) -> None:
    registry = CollectorRegistry()
    traffic = Traffic(pauses.clock, pauses.monotonic, pauses, CallMeter(registry))

    await failing(traffic, HANGZHOU, FAILURES + 1)

    assert lines_of(registry, "vpn_diagnose_cloud_calls_total") == [
        'vpn_diagnose_cloud_calls_total{operation="GetVpnGatewayDiagnoseResult",outcome="timeout"} 5.0',
        'vpn_diagnose_cloud_calls_total{operation="GetVpnGatewayDiagnoseResult",outcome="circuit_open"} 1.0',
    ]


async def test_circuits_are_shown_as_they_are_and_no_access_key_is(pauses: Any) -> None:
    registry = CollectorRegistry()
    traffic = Traffic(pauses.clock, pauses.monotonic, pauses)
    CircuitMeter(registry, traffic)

    await failing(traffic, HANGZHOU, FAILURES)
    await failing(traffic, Place("STS.one-session", "sts", None), 1)
    await failing(traffic, Place("STS.another", "sts", None), FAILURES)

    assert lines_of(registry, "vpn_diagnose_cloud_circuit") == [
        'vpn_diagnose_cloud_circuit{account="1234567890123456",product="vpc",region="cn-hangzhou"} 2.0',
        'vpn_diagnose_cloud_circuit{account="unknown",product="sts",region="central"} 2.0',
    ]
