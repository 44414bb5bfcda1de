"""Routes of a gateway and its VPC: which one a packet takes, and which ones are in each other's way."""

from collections.abc import Iterable
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network

from bot.emulators.alibaba.network import Gateway, Vpc
from bot.emulators.alibaba.tunnels import Connection
from bot.model.report import ResultLevel
from bot.model.value import Value


class Route(Value):
    """A destination and where packets for it go: a connection, or a next hop of the VPC."""

    destination: IPv4Network
    next_hop: str


class Relation(StrEnum):
    """How another route lies to one of ours."""

    SAME = "same"
    CONTAINS_OURS = "contains"
    INSIDE_OURS = "contained"


# Levels of the one-click diagnosis: another route that is equal to ours or contains it is an error, one that ours
# contains is a warning (github.com/AlibabaCloudDocs/vpn, the page on enabling one-click diagnosis).
LEVELS = {
    Relation.SAME: ResultLevel.ERROR,
    Relation.CONTAINS_OURS: ResultLevel.ERROR,
    Relation.INSIDE_OURS: ResultLevel.WARNING,
}


class Conflict(Value):
    """Two routes that overlap; `relation` says how `other` lies to `ours`."""

    ours: Route
    other: Route
    relation: Relation


def conflicts(vpc: Vpc, gateway: Gateway, connection: Connection) -> tuple[Conflict, ...]:
    """Compare the destination-based routes of a connection with all others that its packets could meet."""
    others = [*own_routes(vpc), *(r for c in gateway.connections if c is not connection for r in tunnel_routes(c))]
    return tuple(
        Conflict(ours=ours, other=other, relation=relation)
        for ours in tunnel_routes(connection)
        for other in others
        if (relation := _relation(ours.destination, other.destination)) is not None
    )


def own_routes(vpc: Vpc) -> list[Route]:
    """List the VPC's own table: the system routes to its networks, then the custom ones."""
    system = [Route(destination=network, next_hop="local") for network in vpc.networks]
    return system + [Route(destination=one.destination, next_hop=one.next_hop) for one in vpc.routes]


def tunnel_routes(connection: Connection) -> list[Route]:
    return [Route(destination=destination, next_hop=connection.id) for destination in connection.routes]


def next_hop(vpc: Vpc, gateway: Gateway, source: IPv4Address, destination: IPv4Address) -> str | None:
    """Follow a packet by the longest prefix, first in the VPC and then in the gateway; None if nothing leads on.

    The VPC's own routes win against routes into the gateway of the same length; in the gateway policy-based
    routes come before destination-based ones.
    """
    into_the_gateway = [
        *(route for one in gateway.connections for route in tunnel_routes(one)),
        *(route for one in gateway.connections for route in _policy_routes(one, source)),
    ]
    chosen = _longest([*own_routes(vpc), *into_the_gateway], destination)
    if chosen is None or chosen.next_hop not in {one.id for one in gateway.connections}:
        return chosen.next_hop if chosen else None
    by_policy = _longest((r for one in gateway.connections for r in _policy_routes(one, source)), destination)
    return (by_policy or chosen).next_hop


def _policy_routes(connection: Connection, source: IPv4Address) -> list[Route]:
    return [
        Route(destination=one.destination, next_hop=connection.id)
        for one in connection.policy_routes
        if source in one.source
    ]


def _longest(routes: Iterable[Route], destination: IPv4Address) -> Route | None:
    leading = (route for route in routes if destination in route.destination)
    return max(leading, key=lambda route: route.destination.prefixlen, default=None)


def _relation(ours: IPv4Network, other: IPv4Network) -> Relation | None:
    if ours == other:
        return Relation.SAME
    if ours.subnet_of(other):
        return Relation.CONTAINS_OURS
    return Relation.INSIDE_OURS if other.subnet_of(ours) else None
