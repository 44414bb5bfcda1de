"""Gateways, connections and findings out of whatever the cloud lists."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alibaba.inventory import read_connection, read_finding, read_gateway
from bot.model.ids import TunnelId, VpnConnectionId, VpnGatewayId
from bot.model.vpn import VpnTunnel

# As in the vendor's reference, but for the IDs, which end in a mask there.
GATEWAY: dict[str, Any] = {
    "VpnGatewayId": "vpn-example1",
    "Name": "office",
    "Description": "to the office",
    "Status": "active",
    "BusinessStatus": "Normal",
    "GatewayType": "Enhanced.SiteToSite",
    "NetworkType": "public",
    "Spec": "5M",
    "VpcId": "vpc-example1",
    "InternetIp": "203.0.113.1",
    "DisasterRecoveryInternetIp": "203.0.113.2",
    "IpsecVpn": "enable",
    "SslVpn": "disable",
    "EnableBgp": True,
    "CreateTime": 1492753580000,
    "EndTime": "1495382400000",
    "Tag": '{"VpnEnableBgp":"true"}',
}
CONNECTION: dict[str, Any] = {
    "VpnConnectionId": "vco-example1",
    "VpnGatewayId": "vpn-example1",
    "CustomerGatewayId": "cgw-example1",
    "Name": "to-the-office",
    "Status": "ipsec_sa_established",
    "State": "attached",
    "AttachType": "VPNGW",
    "NetworkType": "public",
    "InternetIp": "203.0.113.1",
    "LocalSubnet": "10.0.0.0/8, 172.16.0.0/12",
    "RemoteSubnet": "192.168.0.0/16",
    "CreateTime": 1492753817000,
    "IkeConfig": {"Psk": "pre-shared-canary", "IkeVersion": "ikev2"},
    "VpnBgpConfig": {"Status": "success", "AuthKey": "bgp-canary", "PeerAsn": 65530},
    "VcoHealthCheck": {"Status": "failed", "Dip": "10.8.0.1"},
    "TunnelOptionsSpecification": {
        "TunnelOptions": [
            {
                "TunnelId": "tun-example1",
                "Role": "master",
                "Status": "ike_sa_not_established",
                "State": "active",
                "InternetIp": "203.0.113.1",
                "ZoneNo": "cn-hangzhou-h",
                "CustomerGatewayId": "cgw-example1",
                "EnableDpd": "true",
                "TunnelIkeConfig": {"Psk": "tunnel-canary"},
                "TunnelBgpConfig": {"BgpStatus": "false", "AuthKey": "bgp-canary"},
            }
        ]
    },
}
FINDING: dict[str, Any] = {
    "VpnConnectionId": "vco-example1",
    "TunnelId": "tun-example1",
    "FailedReason": "The received protocol packet does not match the customer gateway.",
    "FailedReasonCode": "PeerMismatch",
    "FailedTime": 1720000000000,
    "Severity": "Critical",
    "MismatchLocalParam": "203.0.113.1",
    "MismatchRemoteParam": "203.0.113.9",
    "SourceLog": "[IKE] peer 203.0.113.9 not configured\n[IKE] psk=log-canary of nobody\n[IKE] gave up",
}


def test_a_gateway_is_read_whole() -> None:
    gateway = read_gateway(GATEWAY)

    assert gateway is not None
    assert gateway.model_dump() == {
        "gateway_id": VpnGatewayId("vpn-example1"),
        "name": "office",
        "description": "to the office",
        "status": "active",
        "business_status": "Normal",
        "gateway_type": "Enhanced.SiteToSite",
        "network_type": "public",
        "spec": "5M",
        "vpc_id": "vpc-example1",
        "internet_ip": "203.0.113.1",
        "second_internet_ip": "203.0.113.2",
        "ipsec_enabled": True,
        "bgp_enabled": True,
        "created_at": datetime(2017, 4, 21, 5, 46, 20, tzinfo=UTC),
        "ends_at": datetime(2017, 5, 21, 16, 0, tzinfo=UTC),
    }


def test_a_connection_is_read_with_its_tunnels() -> None:
    connection = read_connection(CONNECTION)

    assert connection is not None
    assert (connection.connection_id, connection.gateway_id) == ("vco-example1", "vpn-example1")
    assert connection.local_subnets == ("10.0.0.0/8", "172.16.0.0/12")
    assert connection.remote_subnets == ("192.168.0.0/16",)
    assert (connection.bgp_status, connection.health_check_status) == ("success", "failed")
    assert connection.tunnels == (
        VpnTunnel(
            tunnel_id=TunnelId("tun-example1"),
            role="master",
            status="ike_sa_not_established",
            state="active",
            internet_ip="203.0.113.1",
            zone="cn-hangzhou-h",
            customer_gateway_id="cgw-example1",
            bgp_status="false",
        ),
    )


def test_a_connection_of_a_transit_router_has_no_gateway() -> None:
    connection = read_connection(CONNECTION | {"VpnGatewayId": "", "TunnelOptionsSpecification": None})

    assert connection is not None
    assert (connection.gateway_id, connection.tunnels) == (None, ())


def test_no_key_of_a_connection_is_read() -> None:
    assert "canary" not in repr(read_connection(CONNECTION))


def test_a_finding_is_read_without_what_its_log_gives_away() -> None:
    finding = read_finding(FINDING)

    assert finding is not None
    assert (finding.connection_id, finding.tunnel_id) == (VpnConnectionId("vco-example1"), "tun-example1")
    assert (finding.reason_code, finding.severity) == ("PeerMismatch", "Critical")
    assert (finding.cloud_side, finding.peer_side) == ("203.0.113.1", "203.0.113.9")
    assert finding.failed_at == datetime(2024, 7, 3, 9, 46, 40, tzinfo=UTC)
    assert finding.log == "[IKE] peer 203.0.113.9 not configured\n[IKE] psk=(hidden)\n[IKE] gave up"


@pytest.mark.parametrize(
    "changes",
    [
        {"FailedReasonCode": "PskMismatch"},
        {"FailedReason": "The pre-shared key does not match."},
        {"MismatchLocalParam": '{"IkeConfig":{"Psk":"canary"}}', "MismatchRemoteParam": "psk: canary"},
        {"FailedReason": "psk canary-1 is not canary-2", "MismatchLocalParam": None, "MismatchRemoteParam": ""},
        {"FailedReason": "canary-1 is not the psk", "MismatchLocalParam": None, "MismatchRemoteParam": ""},
        {"FailedReason": f"canary-1 {'x' * 290} psk", "MismatchLocalParam": None, "MismatchRemoteParam": ""},
        {"FailedReasonCode": "SharedMismatch"},
        {"FailedReasonCode": ""},
        {"SourceLog": f"{'x' * 3980} canary is the psk", "MismatchLocalParam": None, "MismatchRemoteParam": ""},
        {"MismatchLocalParam": '{"a": "' + "x" * 290 + '", "Psk": "canary"}', "MismatchRemoteParam": None},
    ],
    ids=[
        "by its code",
        "by its words",
        "in the values",
        "in its words",
        "before its word",
        "far before its word",
        "by a code that nobody knows",
        "without a code",
        "in a log",
        "in a long value",
    ],
)
def test_keys_that_differ_are_not_told(changes: dict[str, Any]) -> None:
    both = {"MismatchLocalParam": "canary-1", "MismatchRemoteParam": "canary-2"}

    assert "canary" not in repr(read_finding(FINDING | both | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"FailedReasonCode": "PskMismatch", "SourceLog": "cloud: canary\ndifferent"},
        {"FailedReasonCode": "Novel", "FailedReason": "psk differs", "SourceLog": "[IKE] cloud: canary"},
        {"FailedReasonCode": "", "SourceLog": "[IKE] psk differs\n[IKE] cloud has canary"},
    ],
    ids=["by its code", "by its words", "by itself"],
)
def test_a_log_that_may_be_about_keys_is_not_quoted(changes: dict[str, Any]) -> None:
    finding = read_finding(FINDING | changes)

    assert finding is not None
    assert (finding.reason_code, finding.log) == (changes["FailedReasonCode"], "(hidden)")


def test_a_log_under_an_unknown_code_that_is_not_about_keys_is_quoted() -> None:
    finding = read_finding(FINDING | {"FailedReasonCode": "Novel", "SourceLog": "[IKE] no answer"})

    assert finding is not None
    assert finding.log == "[IKE] no answer"


def test_a_log_that_there_is_none_of_is_not_called_hidden() -> None:
    finding = read_finding(FINDING | {"FailedReasonCode": "PskMismatch", "SourceLog": None})

    assert finding is not None
    assert finding.log == ""


@pytest.mark.parametrize(
    "value", [None, 7, "vpn", [], {}, {"VpnGatewayId": "vpn-****"}, {"VpnGatewayId": 7}], ids=repr
)
def test_what_has_no_id_is_no_entry(value: Any) -> None:
    assert (read_gateway(value), read_connection(value), read_finding(value)) == (None, None, None)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.data())
def test_no_shape_of_a_field_spoils_the_reading(data: st.DataObject) -> None:
    for read, example in ((read_gateway, GATEWAY), (read_connection, CONNECTION), (read_finding, FINDING)):
        ids = {name: text for name, text in example.items() if name in {"VpnGatewayId", "VpnConnectionId"}}
        odd = {name: data.draw(json_values) for name in example}

        entry = read(odd | ids)

        assert entry is not None
        assert len(json.dumps(entry.model_dump(mode="json"))) < 100_000
