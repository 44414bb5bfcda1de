import json
from ipaddress import IPv4Address

import pytest

from bot.emulators.alibaba.checks import Finding, findings
from bot.emulators.alibaba.network_file import read_network
from bot.model.request import PrivateAddresses

NETWORK = """\
version: 1
regions: [{id: cn-hangzhou, name: Hangzhou, local_name: 杭州}]
accounts:
  - id: "1234567890123456"
    vpcs:
      - id: vpc-1
        networks: [192.168.0.0/16]
        hosts: [{ip: 192.168.1.1, path: {loss_percent: 0, rtt_ms: 0.4}}]
        routes: []
    vpn_gateways:
      - id: vpn-1
        region: cn-hangzhou
        vpc: vpc-1
        quotas: {routes: 5, connections: 5, policy_routes: 5}
        connections:
          - id: vco-1
            local_networks: [192.168.0.0/16]
            remote_networks: [10.8.0.0/16]
            routes: [10.8.0.0/16]
            settings: {}
            peer:
              public_ip: 203.0.113.1
              path: {loss_percent: 0, rtt_ms: 8}
              settings: {}
              hosts: [{ip: 10.8.0.1, path: {loss_percent: 0, rtt_ms: 1}}]
"""
OTHER = """
          - id: vco-{n}
            local_networks: [192.168.0.0/16]
            remote_networks: [10.9.0.0/16]
            routes: [{routes}]
            policy_routes: [{policy}]
            peer: {{public_ip: 203.0.113.2}}"""
INSIDE = ("192.168.1.1", "10.8.0.1")


def found(text: str, ends: tuple[str, str] | None = INSIDE) -> dict[str, Finding]:
    account, gateway = read_network(text).gateway("vpn-1") or pytest.fail("no gateway")
    addresses = ends and PrivateAddresses(source=IPv4Address(ends[0]), destination=IPv4Address(ends[1]))
    done = findings(account.vpc_of(gateway), gateway, gateway.connections[0], addresses or None)
    return {finding.name: finding for finding in done}


def other(n: int, routes: str = "", policy: str = "") -> str:
    return OTHER.format(n=n, routes=routes, policy=policy)


def test_nothing_wrong_is_seven_times_normal() -> None:
    assert [(f.name, f.level) for f in found(NETWORK).values()] == [
        ("RouteEntryConflict", "normal"),
        ("VpnRouteQuota", "normal"),
        ("VpnIPsecQuota", "normal"),
        ("VpnPbrRouteQuota", "normal"),
        ("VcoConfigConsistency", "normal"),
        ("VcoUserInternetIpConnectivity", "normal"),
        ("VcoPrivateConnectivity", "normal"),
    ]


def test_private_connectivity_is_checked_only_between_two_addresses() -> None:
    assert "VcoPrivateConnectivity" not in found(NETWORK, ends=None)


def test_a_description_is_a_text_with_json_in_it() -> None:
    answered = found(NETWORK)["VpnRouteQuota"].as_answered(escaped=False)

    assert answered["DiagnoseResultLevel"] == "normal"
    assert json.loads(answered["DiagnoseResultDescription"]) == {
        "quotaName": "vpn_route_entry",
        "quantity": 5,
        "used": 1,
    }


@pytest.mark.parametrize(
    ("destination", "level"),
    [
        ("10.8.0.0/16", "error"),
        ("10.0.0.0/8", "error"),
        ("0.0.0.0/0", "error"),
        ("10.8.7.0/24", "warning"),
        ("10.9.0.0/16", "normal"),
    ],
    ids=["the same", "a wider one", "the default route", "a narrower one", "a neighbour"],
)
@pytest.mark.parametrize("where", ["vpc", "connection"])
def test_a_route_in_the_way_is_a_conflict(where: str, destination: str, level: str) -> None:
    in_the_vpc = NETWORK.replace("routes: []", f"routes: [{{destination: {destination}, next_hop: cen-1}}]")
    text = in_the_vpc if where == "vpc" else NETWORK + other(2, destination)

    finding = found(text)["RouteEntryConflict"]

    assert finding.level == level
    assert (destination in json.dumps(finding.description)) is (level != "normal")


def test_the_worst_of_two_conflicts_counts_and_both_are_listed() -> None:
    finding = found(NETWORK + other(2, "10.8.7.0/24, 10.0.0.0/8"))["RouteEntryConflict"]

    assert finding.level == "error"
    assert [one["conflictDestination"] for one in finding.description["conflictRoutes"]] == [
        "10.8.7.0/24",
        "10.0.0.0/8",
    ]


def test_a_route_into_the_vpcs_own_network_is_a_conflict() -> None:
    finding = found(NETWORK.replace("routes: [10.8.0.0/16]", "routes: [192.168.7.0/24]"))["RouteEntryConflict"]

    assert finding.level == "error"
    assert finding.description["conflictRoutes"][0]["conflictNextHop"] == "local"


@pytest.mark.parametrize(("used", "level"), [(4, "normal"), (5, "warning")], ids=["80 %", "100 %"])
def test_a_quota_is_a_warning_above_80_percent(used: int, level: str) -> None:
    more = "".join(other(n) for n in range(2, used + 1))
    networks = ", ".join(f"10.{n}.0.0/16" for n in range(20, 20 + used - 1))
    policy = ", ".join(f"{{source: 192.168.0.0/16, destination: 10.{n}.0.0/16}}" for n in range(used))

    assert found(NETWORK + more)["VpnIPsecQuota"].level == level
    assert found(NETWORK + other(2, networks))["VpnRouteQuota"].level == level
    assert found(NETWORK + other(2, policy=policy))["VpnPbrRouteQuota"].level == level


def test_17_of_20_is_a_warning_and_16_is_not() -> None:
    text = NETWORK.replace("{routes: 5,", "{routes: 20,")
    routes = [f"10.{n}.0.0/16" for n in range(20, 36)]

    assert found(text + other(2, ", ".join(routes[:15])))["VpnRouteQuota"].level == "normal"
    assert found(text + other(2, ", ".join(routes)))["VpnRouteQuota"].level == "warning"


def test_settings_that_differ_are_named_with_both_values() -> None:
    finding = found(
        NETWORK.replace("settings: {}\n              hosts", "settings: {IkeEncAlg: aes256}\n              hosts")
    )["VcoConfigConsistency"]

    assert finding.level == "error"
    assert finding.description["vcoDiffConf"] == ["IkeEncAlg"]
    assert finding.description["vcoConf"]["IkeEncAlg"] == "aes"
    assert finding.description["vcoRunningConf"]["IkeEncAlg"] == "aes256"


def test_a_peer_that_cannot_be_seen_is_normal_and_lacks_everything() -> None:
    finding = found(NETWORK.replace("              settings: {}\n", ""))["VcoConfigConsistency"]

    assert finding.level == "normal"
    assert "IkeVersion" in finding.description["vcoLackConf"]
    assert finding.description["vcoRunningConf"] == {}


PAIR = """\
            tunnels:
              - {id: tun-1, role: master, peer: {public_ip: 203.0.113.1, settings: MASTER}}
              - {id: tun-2, role: slave, peer: {public_ip: 203.0.113.2, settings: SLAVE}}
"""


@pytest.mark.parametrize(
    ("master", "slave", "level", "differing"),
    [
        ("{}", "{}", "normal", []),
        ("{Psk: other}", "{}", "error", ["Psk"]),
        ("{}", "{IkeEncAlg: des}", "error", ["IkeEncAlg"]),
        ("{Psk: other}", "{IkeEncAlg: des}", "error", ["Psk"]),
        ("null", "{IkeEncAlg: des}", "error", ["IkeEncAlg"]),
    ],
)
def test_of_two_tunnels_the_first_that_differs_is_told_whichever_carries_the_traffic(
    master: str, slave: str, level: str, differing: list[str]
) -> None:
    one = NETWORK[: NETWORK.index("            settings: {}\n            peer:")]

    finding = found(one + PAIR.replace("MASTER", master).replace("SLAVE", slave))["VcoConfigConsistency"]

    assert (finding.level, finding.description["vcoDiffConf"]) == (level, differing)


@pytest.mark.parametrize(
    ("loss", "level", "rtt"), [("0", "normal", 8.0), ("0.5", "warning", 8.0), ("100", "error", -1.0)]
)
def test_loss_on_the_internet_decides_the_level(loss: str, level: str, rtt: float) -> None:
    finding = found(NETWORK.replace("{loss_percent: 0, rtt_ms: 8}", f"{{loss_percent: {loss}, rtt_ms: 8}}"))[
        "VcoUserInternetIpConnectivity"
    ]

    assert finding.level == level
    assert finding.description == {"targetIp": "203.0.113.1", "rtt": rtt, "lossRate": float(loss)}


@pytest.mark.parametrize(("loss", "shown"), [("0.001", 0.01), ("99.999", 99.99)])
def test_a_trace_of_loss_or_of_answers_is_a_warning_that_rounding_does_not_hide(loss: str, shown: float) -> None:
    finding = found(NETWORK.replace("{loss_percent: 0, rtt_ms: 8}", f"{{loss_percent: {loss}, rtt_ms: 8}}"))[
        "VcoUserInternetIpConnectivity"
    ]

    assert (finding.level, finding.description["lossRate"]) == ("warning", shown)
    assert finding.description["rtt"] == 8.0


def test_private_connectivity_adds_up_what_lies_on_the_way() -> None:
    text = NETWORK.replace("{loss_percent: 0, rtt_ms: 8}", "{loss_percent: 10, rtt_ms: 8}").replace(
        "{loss_percent: 0, rtt_ms: 1}", "{loss_percent: 50, rtt_ms: 1}"
    )

    finding = found(text)["VcoPrivateConnectivity"]

    assert finding.level == "warning"
    assert finding.description == {"targetIp": "10.8.0.1", "srcIp": "192.168.1.1", "rtt": 9.4, "lossRate": 55.0}


@pytest.mark.parametrize(
    ("old", "new", "ends"),
    [
        ("", "", ("10.8.0.1", "192.168.1.1")),
        ("", "", ("192.168.1.2", "10.8.0.1")),
        ("", "", ("192.168.1.1", "10.8.0.2")),
        ("routes: [10.8.0.0/16]", "routes: []", INSIDE),
        ("routes: []", "routes: [{destination: 10.8.0.0/24, next_hop: cen-1}]", INSIDE),
        ("remote_networks: [10.8.0.0/16]", "remote_networks: [10.9.0.0/16]", INSIDE),
        ("local_networks: [192.168.0.0/16]", "local_networks: [192.168.2.0/24]", INSIDE),
        ("settings: {}\n            peer", "settings: {Psk: other}\n            peer", INSIDE),
        ("{loss_percent: 0, rtt_ms: 8}", "{loss_percent: 100}", INSIDE),
    ],
    ids=[
        "each end on the wrong side",
        "no such host in the VPC",
        "no such host in the data centre",
        "no route",
        "routed elsewhere by a longer prefix",
        "destination not carried",
        "source not carried",
        "tunnel down",
        "peer unreachable",
    ],
)
def test_no_answer_comes_through_a_way_that_is_not_there(old: str, new: str, ends: tuple[str, str]) -> None:
    finding = found(NETWORK.replace(old, new), ends)["VcoPrivateConnectivity"]

    assert finding.level == "error"
    assert (finding.description["rtt"], finding.description["lossRate"]) == (-1.0, 100.0)
