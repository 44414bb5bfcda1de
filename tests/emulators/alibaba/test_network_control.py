"""The network changed while clients call: each change shows in the very next call."""

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.emulators.alibaba.client import BASE, EXAMPLE, LAB, Clock, Cloud, served

ENDS = '{"PrivateSourceIp":"192.168.1.1","PrivateDestinationIp":"10.8.0.1"}'
HEALTHY = "vco-healthy0000000000001"


async def levels(cloud: Cloud, clock: Clock) -> dict[str, str]:
    """Diagnose the healthy connection, and give the level of each check that is not normal."""
    diagnose_id = (await cloud.start("healthy", LAB, IPsecExtendInfo=ENDS)).body["DiagnoseId"]
    clock.advance(7)
    checks = (await cloud.result(diagnose_id)).body["DiagnoseResult"]
    told = {check["DiagnoseName"]: check["DiagnoseResultLevel"] for check in checks}
    return {name: level for name, level in told.items() if level != "normal"}


async def test_a_change_shows_in_the_next_diagnosis(cloud: Cloud, clock: Clock) -> None:
    before = await levels(cloud, clock)
    answer = await cloud.control("POST", "network", change={HEALTHY: {"peer": {"path": {"loss_percent": 50}}}})
    after = await levels(cloud, clock)

    assert before == {}
    assert answer["ok"] is True
    assert answer["now"][HEALTHY]["peer"]["path"] == {"loss_percent": 50.0, "rtt_ms": 8.4}
    assert after == {"VcoUserInternetIpConnectivity": "warning", "VcoPrivateConnectivity": "warning"}


@pytest.mark.parametrize(
    ("scenario", "found"),
    [
        ("route-conflict", {"RouteEntryConflict": "error", "VcoPrivateConnectivity": "error"}),
        ("route-gone", {"VcoPrivateConnectivity": "error"}),
        ("settings-differ", {"VcoConfigConsistency": "error", "VcoPrivateConnectivity": "error"}),
        ("wrong-key", {"VcoConfigConsistency": "error", "VcoPrivateConnectivity": "error"}),
        ("packet-loss", {"VcoUserInternetIpConnectivity": "warning", "VcoPrivateConnectivity": "warning"}),
        ("settings-unseen", {}),
        (
            "quotas-used-up",
            {"VpnRouteQuota": "warning", "VpnIPsecQuota": "warning", "VpnPbrRouteQuota": "warning"},
        ),
        ("peer-down", {"VcoUserInternetIpConnectivity": "error", "VcoPrivateConnectivity": "error"}),
    ],
)
async def test_a_scenario_breaks_what_it_says(
    cloud: Cloud, clock: Clock, scenario: str, found: dict[str, str]
) -> None:
    await cloud.control("POST", "network", scenario=scenario)

    assert await levels(cloud, clock) == found


@pytest.mark.parametrize(
    ("scenario", "code"),
    [
        ("key-switched-off", "InvalidAccessKeyId.Inactive"),
        ("key-deleted", "InvalidAccessKeyId.NotFound"),
        ("role-gone", "EntityNotExist.Role"),
        ("role-not-trusting", "NoPermission"),
    ],
)
async def test_a_scenario_keeps_people_out(cloud: Cloud, scenario: str, code: str) -> None:
    assert (await cloud.assume()).code == "ok"
    await cloud.control("POST", "network", scenario=scenario)

    assert (await cloud.assume()).code == code


@pytest.mark.parametrize(
    ("scenario", "code"),
    [("gateway-updating", "VpnGateway.Configuring"), ("gateway-gone", "InvalidVpnGatewayInstanceId.NotFound")],
)
async def test_a_scenario_stops_starts(cloud: Cloud, scenario: str, code: str) -> None:
    await cloud.control("POST", "network", scenario=scenario)

    assert (await cloud.start()).code == code


async def test_a_session_may_do_at_once_what_its_role_may_do_now(cloud: Cloud) -> None:
    session = (await cloud.assume()).session_key
    await cloud.control("POST", "network", scenario="role-may-only-look")

    assert (await cloud.start("healthy", session)).code == "Forbidden"
    assert (await cloud.call("DescribeVpnGateways", {"RegionId": "cn-hangzhou"}, key=session)).code == "ok"


async def test_the_session_of_a_role_that_is_gone_is_unknown_until_the_role_is_back(cloud: Cloud) -> None:
    session = (await cloud.assume()).session_key
    await cloud.control("POST", "network", scenario="role-gone")
    gone = await cloud.start("healthy", session)
    await cloud.control("POST", "reset")
    back = await cloud.start("healthy", session)

    assert (gone.code, back.code) == ("InvalidAccessKeyId.NotFound", "ok")


async def test_a_session_keeps_the_policy_that_it_was_opened_with(cloud: Cloud) -> None:
    statement = {"Effect": "Allow", "Action": "vpc:Describe*", "Resource": "*"}
    policy = json.dumps({"Version": "1", "Statement": [statement]})
    session = (await cloud.assume(Policy=policy)).session_key
    await cloud.control("POST", "network", scenario="packet-loss")

    assert (await cloud.start("healthy", session)).body["AccessDeniedDetail"]["PolicyType"] == "SessionPolicy"


async def test_changes_leave_a_running_diagnosis_as_it_began(cloud: Cloud, clock: Clock) -> None:
    diagnose_id = (await cloud.start()).body["DiagnoseId"]
    await cloud.control("POST", "network", scenario="peer-down")
    busy = await cloud.start()
    clock.advance(7)

    assert busy.code == "OperationFailed.VpnGatewayDiagnosing"
    checks = (await cloud.result(diagnose_id)).body["DiagnoseResult"]
    assert {check["DiagnoseResultLevel"] for check in checks} == {"normal"}


async def test_quotas_can_be_changed_and_what_was_counted_counts_on(cloud: Cloud) -> None:
    for _ in range(3):
        await cloud.call("GetCallerIdentity")
    quota = {"calls": 3, "seconds": 60, "by_region": False}
    await cloud.control("POST", "network", change={"network": {"api_quotas": {"GetCallerIdentity": quota}}})

    assert (await cloud.call("GetCallerIdentity")).code == "Throttling.User"


async def test_a_reset_undoes_every_change(cloud: Cloud) -> None:
    before = await cloud.control("GET", "network")
    for scenario in ("peer-down", "key-deleted", "gateway-gone"):
        await cloud.control("POST", "network", scenario=scenario)
        await cloud.control("POST", "reset")

    assert await cloud.control("GET", "network") == before
    assert (await cloud.assume("vpn-diagnose-oncall", BASE)).code == "ok"


async def test_one_thing_can_be_looked_at(cloud: Cloud) -> None:
    answer = await cloud.control("GET", "network?of=LTAIemulatorBase")

    assert answer == {"ok": True, "network": {"id": "LTAIemulatorBase", "secret": "**********"}}


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ({"scenario": "flood"}, "there is no such scenario; there are: route-conflict, "),
        ({"change": {"vpn-nobody": None}}, "nothing is called vpn-nobody"),
        ({"change": {HEALTHY: {"routes": ["10.8.0.0/99"]}}}, "routes: should be a network such as"),
        ({"change": {}}, "either a change or a scenario"),
        ({"change": {HEALTHY: {}}, "scenario": "peer-down"}, "either a change or a scenario"),
        ({"change": {HEALTHY: "gone"}}, "change.vco-healthy0000000000001: Input should be a valid dictionary"),
        ({"changes": {}}, "changes: "),
    ],
)
async def test_an_order_that_cannot_be_carried_out_changes_nothing(
    cloud: Cloud, order: dict[str, Any], words: str
) -> None:
    before = await cloud.control("GET", "network")

    answer = await cloud.control("POST", "network", **order)

    assert answer["ok"] is False
    assert words in answer["error"]
    assert await cloud.control("GET", "network") == before


NAMES = st.sampled_from(
    ["network", HEALTHY, "lab", "1234567890123456", "LTAIemulatorLab", "diagnose", "vpn-nobody"]
)
KEYS = st.sampled_from(
    ["accounts", "id", "name", "policies", "users", "roles", "peer", "trust", "Statement", "tags"]
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(KEYS, inner, max_size=2)),
    max_leaves=5,
)
ORDERS = st.one_of(
    st.dictionaries(NAMES, st.dictionaries(KEYS, JSON, max_size=3), max_size=4).map(
        lambda change: {"change": change}
    ),
    st.dictionaries(
        st.sampled_from(
            ["change", "scenario", "move_s", "role", "in_s", "provider", "kind", "operation", "error"]
        ),
        JSON,
        max_size=3,
    ),
)


@settings(max_examples=200, deadline=None)
@given(path=st.sampled_from(["network", "clock", "sessions", "oidc-token", "faults"]), order=ORDERS)
def test_no_order_makes_the_server_fail(path: str, order: dict[str, Any]) -> None:
    async def answered() -> list[int]:
        async with served(EXAMPLE, Clock()) as cloud:
            url = f"http://{cloud.host}/_emulator"
            async with (
                cloud.session.post(f"{url}/{path}", json=order) as ordered,
                cloud.session.get(f"{url}/network") as network,
                cloud.session.get(f"{url}/clock") as clock,
            ):
                return [ordered.status, network.status, clock.status]

    ordered, *after = asyncio.run(answered())

    assert ordered < 500
    assert after == [200, 200]


async def test_what_there_is_not_cannot_be_looked_at(cloud: Cloud) -> None:
    assert (await cloud.control("GET", "network?of=vpn-nobody"))["ok"] is False
