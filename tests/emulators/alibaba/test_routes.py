from ipaddress import IPv4Address, IPv4Network

from hypothesis import given
from hypothesis import strategies as st

from bot.emulators.alibaba.network import Gateway, Vpc, VpcRoute
from bot.emulators.alibaba.routes import LEVELS, conflicts, next_hop
from bot.emulators.alibaba.tunnels import Connection, Peer, PolicyRoute
from bot.model.ids import RegionId, VpnConnectionId, VpnGatewayId

SOURCE = IPv4Address("192.168.1.1")


def a_connection(name: str, *routes: str, policy: tuple[tuple[str, str], ...] = ()) -> Connection:
    return Connection(
        id=VpnConnectionId(f"vco-{name}"),
        local_networks=(IPv4Network("192.168.0.0/16"),),
        remote_networks=(IPv4Network("10.0.0.0/8"),),
        routes=tuple(IPv4Network(route) for route in routes),
        policy_routes=tuple(PolicyRoute(source=IPv4Network(s), destination=IPv4Network(d)) for s, d in policy),
        peer=Peer(public_ip=IPv4Address("203.0.113.1")),
    )


def a_gateway(*connections: Connection) -> Gateway:
    return Gateway(id=VpnGatewayId("vpn-1"), region=RegionId("cn-hangzhou"), vpc="vpc-1", connections=connections)


def a_vpc(**routes: str) -> Vpc:
    custom = tuple(VpcRoute(destination=IPv4Network(to), next_hop=hop) for hop, to in routes.items())
    return Vpc(id="vpc-1", networks=(IPv4Network("192.168.0.0/16"),), routes=custom)


def led_to(gateway: Gateway, vpc: Vpc, destination: str) -> str | None:
    return next_hop(vpc, gateway, SOURCE, IPv4Address(destination))


def test_the_longest_prefix_leads_the_way() -> None:
    gateway = a_gateway(a_connection("wide", "10.0.0.0/8"), a_connection("narrow", "10.8.0.0/16"))

    assert led_to(gateway, a_vpc(), "10.8.0.1") == "vco-narrow"
    assert led_to(gateway, a_vpc(), "10.9.0.1") == "vco-wide"
    assert led_to(gateway, a_vpc(), "192.168.7.7") == "local"
    assert led_to(gateway, a_vpc(), "8.8.8.8") is None


def test_the_vpcs_own_route_wins_against_one_of_the_same_length() -> None:
    gateway = a_gateway(a_connection("a", "10.8.0.0/16"))

    assert led_to(gateway, a_vpc(cen="10.8.0.0/16"), "10.8.0.1") == "cen"
    assert led_to(gateway, a_vpc(cen="10.0.0.0/8"), "10.8.0.1") == "vco-a"


def test_policy_routes_come_before_destination_routes_for_their_source() -> None:
    theirs = a_connection("policy", policy=(("192.168.1.0/24", "10.0.0.0/8"),))
    not_theirs = a_connection("policy", policy=(("192.168.2.0/24", "10.0.0.0/8"),))

    assert led_to(a_gateway(a_connection("a", "10.8.0.0/16"), theirs), a_vpc(), "10.8.0.1") == "vco-policy"
    assert led_to(a_gateway(a_connection("a", "10.8.0.0/16"), not_theirs), a_vpc(), "10.8.0.1") == "vco-a"


@given(st.integers(0, 32), st.integers(0, 32), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_routes_conflict_exactly_when_they_overlap(ours: int, theirs: int, one: int, two: int) -> None:
    our_route = IPv4Network((one, ours), strict=False)
    their_route = IPv4Network((two, theirs), strict=False)
    gateway = a_gateway(a_connection("ours", str(our_route)), a_connection("theirs", str(their_route)))

    found = [c for c in conflicts(a_vpc(), gateway, gateway.connections[0]) if c.other.next_hop == "vco-theirs"]

    assert bool(found) is our_route.overlaps(their_route)
    for conflict in found:
        assert (LEVELS[conflict.relation] == "warning") is (their_route.prefixlen > our_route.prefixlen)
