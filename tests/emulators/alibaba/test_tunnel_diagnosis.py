import pytest

from tests.emulators.alibaba.client import BASE, LAB, Clock, Cloud, Key, Reply

MASTER, SLAVE = "tun-master00000000000001", "tun-slave000000000000001"
BROKEN, HEALTHY = "vco-broken00000000000001", "vco-healthy0000000000001"


async def diagnosed(cloud: Cloud, key: Key = LAB, /, **params: str) -> Reply:
    return await cloud.call("DiagnoseVpnConnections", {"RegionId": "cn-hangzhou"} | params, key=key)


async def test_a_tunnel_that_is_down_says_why_since_when_and_what_was_logged(cloud: Cloud, clock: Clock) -> None:
    clock.advance(42.5)
    reply = await cloud.call(
        "DiagnoseVpnConnections",
        {
            "RegionId": "eu-central-1",
            "TunnelIds.1": MASTER,
            "TunnelIds.2": SLAVE,
        },
    )

    master, slave = reply.body["VpnConnections"]
    assert master == {
        "VpnConnectionId": "vco-dual0000000000000001",
        "TunnelId": MASTER,
        "Severity": "Critical",
        "FailedReason": "Both ends differ in their pre-shared keys.",
        "FailedReasonCode": "PskMismatch",
        "FailedTime": 1795435200000,
        "MismatchLocalParam": "",
        "MismatchRemoteParam": "",
        "SourceLog": (
            "received packet from 203.0.113.60[500]; "
            "decryption failed, received AUTHENTICATION_FAILED notify error"
        ),
    }
    assert slave == {
        "VpnConnectionId": "vco-dual0000000000000001",
        "TunnelId": SLAVE,
        "Severity": "Normal",
    }
    assert {name: reply.body[name] for name in ("PageNumber", "PageSize", "TotalCount")} == {
        "PageNumber": 1,
        "PageSize": 10,
        "TotalCount": 2,
    }


async def test_the_only_tunnel_of_a_connection_is_named_by_the_connection(cloud: Cloud) -> None:
    reply = await diagnosed(
        cloud,
        **{"VpnConnectionIds.1": BROKEN, "VpnConnectionIds.2": HEALTHY},
    )

    codes = {one["VpnConnectionId"]: one.get("FailedReasonCode") for one in reply.body["VpnConnections"]}
    assert codes == {BROKEN: "NoResponse", HEALTHY: None}


async def test_what_is_asked_for_comes_in_pages(cloud: Cloud) -> None:
    both = {"VpnConnectionIds.1": BROKEN, "VpnConnectionIds.2": HEALTHY}
    reply = await diagnosed(cloud, **both, PageSize="1", PageNumber="2")

    assert [one["VpnConnectionId"] for one in reply.body["VpnConnections"]] == [HEALTHY]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, "MissingVpnConnectionIds"),
        (
            {"RegionId": "cn-atlantis", "VpnConnectionIds.1": HEALTHY},
            "InvalidRegionId.NotFound",
        ),
        ({"VpnConnectionIds.1": "vco-nobodys0000000000001"}, "InvalidResourceId.NotFound"),
        ({"VpnConnectionIds.1": "vco-foreign0000000000001"}, "InvalidResourceId.NotFound"),
        ({"VpnConnectionIds.1": "vco-lossy000000000000001"}, "InvalidResourceId.NotFound"),
        ({"TunnelIds.1": "tun-nobodys0000000000001"}, "InvalidResourceId.NotFound"),
        ({"RegionId": "eu-central-1", "VpnConnectionIds.1": "vco-dual0000000000000001"}, "MissingTunnelIds"),
        (
            {"VpnGatewayId": "vpn-broken00000000000001", "VpnConnectionIds.1": HEALTHY},
            "InvalidResourceId.NotFound",
        ),
        (
            {"VpnGatewayId": "vpn-nobodys0000000000001", "VpnConnectionIds.1": HEALTHY},
            "InvalidVpnGatewayInstanceId.NotFound",
        ),
    ],
)
async def test_a_question_is_refused_for_its_cause(cloud: Cloud, params: dict[str, str], code: str) -> None:
    assert (await diagnosed(cloud, LAB, **params)).code == code


async def test_it_needs_permission_on_everything(cloud: Cloud) -> None:
    denied = await diagnosed(cloud, BASE, **{"VpnConnectionIds.1": HEALTHY})

    assert (denied.status, denied.code) == (403, "Forbidden")
    assert denied.body["AccessDeniedDetail"]["AuthAction"] == "vpc:DiagnoseVpnConnections"
