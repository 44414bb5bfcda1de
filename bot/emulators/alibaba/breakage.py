"""What can be broken around one connection of a network, on top of what the network is."""

from enum import StrEnum
from functools import reduce
from typing import Any, NamedTuple, assert_never

from bot.emulators.alibaba.network import Account, Gateway, Network, Vpc
from bot.emulators.alibaba.network_change import changed
from bot.emulators.alibaba.tunnels import Connection

Change = dict[str, dict[str, Any] | None]

FORGOTTEN_HOP = "cen-forgotten00000000001"
LOSSY = {"loss_percent": 40.0, "rtt_ms": 184.0}


class Kind(StrEnum):
    """A route in the way, a setting that only one end has, a way through the Internet that loses packets."""

    ROUTE = "route"
    SETTINGS = "settings"
    PATH = "path"


class Breakage(NamedTuple):
    """What is broken, and around which connection."""

    kind: Kind
    connection_id: str


class Found(NamedTuple):
    """A connection, its gateway, and the account that both belong to."""

    account: Account
    gateway: Gateway
    connection: Connection


def broken(network: Network, breakages: tuple[Breakage, ...]) -> Network:
    """Break a network in all these ways; what is broken around a connection that is gone breaks nothing."""
    return reduce(_broken, breakages, network)


def found(network: Network, connection_id: str) -> Found | None:
    """Find a connection by its ID."""
    everywhere = (Found(account, *pair) for account in network.accounts for pair in account.connections)
    return next((one for one in everywhere if one.connection.id == connection_id), None)


def _broken(network: Network, breakage: Breakage) -> Network:
    place = found(network, breakage.connection_id)
    return changed(network, _change(breakage.kind, place)) if place else network


def _change(kind: Kind, place: Found) -> Change:
    match kind:
        case Kind.ROUTE:
            return _route_in_the_way(place.account.vpc_of(place.gateway), place.connection)
        case Kind.SETTINGS:
            return _at_the_other_end(place.connection, {"settings": {"IkeEncAlg": _another(place.connection)}})
        case Kind.PATH:
            return _at_the_other_end(place.connection, {"path": LOSSY})
        case _ as unreachable:
            assert_never(unreachable)


def _route_in_the_way(vpc: Vpc, connection: Connection) -> Change:
    """Let a route of the VPC lead elsewhere, to just what the tunnel leads to."""
    there = [{"destination": str(route.destination), "next_hop": route.next_hop} for route in vpc.routes]
    taken = (connection.routes or connection.remote_networks)[0]
    return {vpc.id: {"routes": [*there, {"destination": str(taken), "next_hop": FORGOTTEN_HOP}]}}


def _at_the_other_end(connection: Connection, patch: dict[str, Any]) -> Change:
    """Change the data centre's end of each tunnel."""
    return {tunnel.id or connection.id: {"peer": patch} for tunnel in connection.all_tunnels}


def _another(connection: Connection) -> str:
    return "3des" if connection.all_tunnels[0].settings.ike_enc_alg == "des" else "des"
