"""A tunnel is up or down only as far as the cloud said so."""

from typing import Any

import pytest

from bot.model.ids import TunnelId, VpnConnectionId, VpnGatewayId
from bot.model.tunnels import Tunnels, TunnelState
from bot.model.vpn import TunnelFinding, VpnConnection, VpnTunnel

CONNECTION = VpnConnectionId("vco-bp1t8w3z6n5j2k4m9x7q")
FIRST, SECOND = TunnelId("tun-bp1a"), TunnelId("tun-bp1b")


def a_finding(tunnel_id: TunnelId | None = None, code: str = "PskMismatch", **changes: Any) -> TunnelFinding:
    values: dict[str, Any] = {
        "connection_id": CONNECTION,
        "tunnel_id": tunnel_id,
        "reason_code": code,
        "reason": "The pre-shared key does not match.",
        "severity": "Critical",
        "failed_at": None,
        "cloud_side": None,
        "peer_side": None,
        "log": "",
    }
    return TunnelFinding(**values | changes)


def a_tunnel(tunnel_id: TunnelId, role: str, status: str) -> VpnTunnel:
    others = dict.fromkeys(("state", "internet_ip", "zone", "customer_gateway_id", "bgp_status"), "")
    return VpnTunnel(tunnel_id=tunnel_id, role=role, status=status, **others)


def a_connection(*tunnels: VpnTunnel, status: str = "ipsec_sa_established") -> VpnConnection:
    words = ("customer_gateway_id", "name", "state", "attach_type", "network_type", "internet_ip", "bgp_status")
    return VpnConnection(
        connection_id=CONNECTION,
        gateway_id=VpnGatewayId("vpn-bp1k4m9x2q7r5t8w3z6n"),
        status=status,
        local_subnets=(),
        remote_subnets=(),
        health_check_status="",
        created_at=None,
        tunnels=tunnels,
        **dict.fromkeys(words, ""),
    )


MASTER_DOWN = a_connection(
    a_tunnel(FIRST, "master", "ike_sa_not_established"), a_tunnel(SECOND, "slave", "ipsec_sa_established")
)


@pytest.mark.parametrize(
    ("status", "up"),
    [
        ("ipsec_sa_established", True),
        ("ipsec_sa_not_established", False),
        ("ike_sa_established", False),
        ("ike_sa_not_established", False),
    ],
)
def test_a_tunnel_is_up_when_its_second_phase_is(status: str, *, up: bool) -> None:
    assert TunnelState(status=status).up is up


def test_without_a_status_only_something_critical_tells() -> None:
    assert TunnelState(finding=a_finding()).up is False
    assert TunnelState(finding=a_finding(severity="Warn")).up is None
    assert TunnelState().up is None


def test_what_was_found_earlier_does_not_bring_a_tunnel_down_that_is_up() -> None:
    assert TunnelState(status="ipsec_sa_established", finding=a_finding()).up is True


def test_each_finding_is_put_beside_its_tunnel() -> None:
    tunnels = Tunnels.of(MASTER_DOWN, [a_finding(FIRST)])

    assert [(tunnel.role, tunnel.up) for tunnel in tunnels.each] == [("master", False), ("slave", True)]
    assert tunnels.down == tunnels.each[:1]
    assert tunnels.each[0].finding == a_finding(FIRST)
    assert tunnels.each[1].finding is None


@pytest.mark.parametrize("named", [None, FIRST], ids=["without an ID", "with an ID"])
def test_a_connection_of_one_tunnel_is_that_tunnel(named: TunnelId | None) -> None:
    tunnels = Tunnels.of(a_connection(status="ike_sa_not_established"), [a_finding(named)])

    assert tunnels.each == (TunnelState(status="ike_sa_not_established", finding=a_finding(named)),)


def test_findings_alone_tell_of_the_tunnels_that_they_name() -> None:
    tunnels = Tunnels.of(None, [a_finding(FIRST), a_finding(SECOND, code="", severity="Normal")])

    assert tunnels.each == (TunnelState(tunnel_id=FIRST, finding=a_finding(FIRST)),)


def test_of_two_findings_the_critical_one_counts() -> None:
    minor = a_finding(FIRST, code="LifetimeMismatch", severity="Warn")

    (tunnel,) = Tunnels.of(None, [a_finding(FIRST), minor]).each

    assert tunnel.finding == a_finding(FIRST)


def test_traffic_has_a_tunnel_while_one_is_up() -> None:
    assert Tunnels.of(MASTER_DOWN, []).up is True
    assert Tunnels.of(a_connection(status="ike_sa_not_established"), []).up is False
    assert Tunnels.of(None, [a_finding(FIRST)]).up is False
    assert Tunnels(each=(TunnelState(), TunnelState(finding=a_finding()))).up is None
    assert Tunnels().up is None
