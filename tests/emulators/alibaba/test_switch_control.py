from typing import Any

import pytest

from tests.emulators.alibaba.client import BASE, Clock, Cloud

HEALTHY = "vco-healthy0000000000001"
DUAL = "vco-dual0000000000000001"
ENDS = {"SourceIp": "192.168.1.1", "DestinationIp": "10.8.0.1"}


async def findings(cloud: Cloud, clock: Clock) -> dict[str, str]:
    """Diagnose the healthy connection; give the level of each check that is not normal."""
    started = await cloud.start("healthy")
    clock.advance(7)
    result = await cloud.result(started.body["DiagnoseId"])
    return {
        one["DiagnoseName"]: one["DiagnoseResultLevel"]
        for one in result.body["DiagnoseResult"]
        if one["DiagnoseResultLevel"] != "normal"
    }


async def tunnel_of(cloud: Cloud, connection_id: str) -> dict[str, Any]:
    gateways = (await cloud.control("GET", "overview"))["gateways"]
    tunnels = [
        tunnel
        for gateway in gateways
        for connection in gateway["connections"]
        if connection["id"] == connection_id
        for tunnel in connection["tunnels"]
    ]
    return next(tunnel for tunnel in tunnels if tunnel["in_use"])


@pytest.mark.parametrize(
    ("switch", "found"),
    [
        ("route", {"RouteEntryConflict": "error"}),
        ("settings", {"VcoConfigConsistency": "error"}),
        ("path", {"VcoUserInternetIpConnectivity": "warning"}),
    ],
)
async def test_what_is_broken_is_found_until_it_is_mended(
    cloud: Cloud, clock: Clock, switch: str, found: dict[str, str]
) -> None:
    turned = await cloud.control("POST", "switches", switch=switch, connection=HEALTHY, on=True)

    assert turned == {"ok": True, "on": [{"switch": switch, "connection": HEALTHY}]}
    assert await findings(cloud, clock) == found
    assert await cloud.control("POST", "switches", switch=switch, connection=HEALTHY, on=False) == {
        "ok": True,
        "on": [],
    }
    assert await findings(cloud, clock) == {}


async def test_one_fault_is_mended_and_the_others_stay(cloud: Cloud, clock: Clock) -> None:
    for switch in ("route", "settings", "path", "path"):
        await cloud.control("POST", "switches", switch=switch, connection=HEALTHY, on=True)
    await cloud.control("POST", "switches", switch="settings", connection=HEALTHY, on=False)

    assert await findings(cloud, clock) == {
        "RouteEntryConflict": "error",
        "VcoUserInternetIpConnectivity": "warning",
    }


async def test_what_is_changed_in_a_broken_network_stays_when_it_is_mended(cloud: Cloud, clock: Clock) -> None:
    await cloud.control("POST", "switches", switch="path", connection=HEALTHY, on=True)
    await cloud.control("POST", "network", scenario="route-conflict")
    await cloud.control("POST", "mend")

    assert await findings(cloud, clock) == {"RouteEntryConflict": "error"}


async def test_both_tunnels_of_a_connection_are_broken(cloud: Cloud) -> None:
    before = await tunnel_of(cloud, DUAL)
    await cloud.control("POST", "switches", switch="settings", connection=DUAL, on=True)
    after = await tunnel_of(cloud, DUAL)

    assert (before["status"], after["status"]) == ("ipsec_sa_established", "ike_sa_not_established")
    assert "IKE encryption" in after["why"]


@pytest.mark.parametrize(
    ("switch", "codes"),
    [
        ("throttling", {"DiagnoseVpnGateway": "Throttling.User", "AssumeRole": "ok"}),
        ("sessions", {"DiagnoseVpnGateway": "InvalidSecurityToken.Expired", "AssumeRole": "ok"}),
        ("down", {"DiagnoseVpnGateway": "ServiceUnavailable", "AssumeRole": "ServiceUnavailable"}),
    ],
)
async def test_the_cloud_stays_in_trouble_until_it_is_mended(
    cloud: Cloud, switch: str, codes: dict[str, str]
) -> None:
    session = (await cloud.assume()).session_key
    await cloud.control("POST", "switches", switch=switch, on=True)

    for _ in range(3):
        assert (await cloud.start("healthy", session)).code == codes["DiagnoseVpnGateway"]
    assert (await cloud.assume()).code == codes["AssumeRole"]

    await cloud.control("POST", "mend")
    assert (await cloud.start("healthy", (await cloud.assume()).session_key)).code == "ok"
    assert (await cloud.control("GET", "switches"))["on"] == []


async def test_a_single_trouble_can_be_switched_off(cloud: Cloud) -> None:
    for switch in ("throttling", "sessions", "down"):
        await cloud.control("POST", "switches", switch=switch, on=True)
        await cloud.control("POST", "switches", switch=switch, on=False)

    assert (await cloud.start()).code == "ok"


async def test_a_reset_switches_everything_off(cloud: Cloud) -> None:
    await cloud.control("POST", "switches", switch="path", connection=HEALTHY, on=True)
    for switch in ("throttling", "sessions", "down"):
        await cloud.control("POST", "switches", switch=switch, on=True)
    await cloud.control("POST", "reset")

    assert (await cloud.control("GET", "switches"))["on"] == []
    assert (await tunnel_of(cloud, HEALTHY))["loss_percent"] == 0


@pytest.mark.parametrize(
    "order",
    [
        {"switch": "route", "on": True},
        {"switch": "down", "connection": HEALTHY, "on": True},
        {"switch": "route", "connection": "vco-nowhere", "on": True},
        {"switch": "weather", "on": True},
        {"switch": "down"},
    ],
    ids=str,
)
async def test_a_switch_that_there_is_not_is_not_turned(cloud: Cloud, order: dict[str, object]) -> None:
    answer = await cloud.control("POST", "switches", **order)

    assert answer["ok"] is False
    assert answer["error"]
    assert (await cloud.control("GET", "switches"))["on"] == []


async def test_the_overview_tells_no_secret(cloud: Cloud) -> None:
    told = str(await cloud.control("GET", "overview"))

    assert "vpn-healthy0000000000001" in told
    assert not any(secret in told for secret in ("emulated-pre-shared-key", "the-peer-has-that-key", BASE.secret))


async def test_the_ledger_says_how_long_an_answer_took(cloud: Cloud) -> None:
    await cloud.start()

    assert (await cloud.calls())[-1]["facts"]["took_ms"] >= 0
