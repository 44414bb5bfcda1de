"""The network at a glance: gateways, their connections, and how far each tunnel gets; no secrets."""

from typing import Any

from bot.emulators.alibaba.negotiation import failure, status, tunnel_in_use
from bot.emulators.alibaba.network import Account, Gateway, Network
from bot.emulators.alibaba.routes import conflicts
from bot.emulators.alibaba.tunnels import Connection, Tunnel


def overview(network: Network) -> list[dict[str, Any]]:
    """Give the gateways in the file's order."""
    return [_gateway(account, gateway) for account in network.accounts for gateway in account.vpn_gateways]


def _gateway(account: Account, gateway: Gateway) -> dict[str, Any]:
    return {
        "id": gateway.id,
        "name": gateway.name,
        "account": account.id,
        "region": gateway.region,
        "vpc": gateway.vpc,
        "vpc_networks": [str(one) for one in account.vpc_of(gateway).networks],
        "vpc_hosts": [str(host.ip) for host in account.vpc_of(gateway).hosts],
        "status": gateway.status,
        "diagnosis": gateway.diagnosis,
        "connections": [_connection(account, gateway, connection) for connection in gateway.connections],
    }


def _connection(account: Account, gateway: Gateway, connection: Connection) -> dict[str, Any]:
    in_the_way = conflicts(account.vpc_of(gateway), gateway, connection)
    in_use = tunnel_in_use(connection)
    return {
        "id": connection.id,
        "name": connection.name,
        "routes": [str(route) for route in connection.routes],
        "routes_in_the_way": [f"{one.other.destination} to {one.other.next_hop}" for one in in_the_way],
        "remote_networks": [str(one) for one in connection.remote_networks],
        "tunnels": [_tunnel(tunnel, is_in_use=tunnel == in_use) for tunnel in connection.all_tunnels],
    }


def _tunnel(tunnel: Tunnel, *, is_in_use: bool) -> dict[str, Any]:
    why = failure(tunnel)
    return {
        "id": tunnel.id,
        "role": tunnel.role if tunnel.id else None,
        "in_use": is_in_use,
        "status": status(tunnel),
        "why": why.reason if why else "",
        "peer": str(tunnel.peer.public_ip),
        "loss_percent": tunnel.peer.path.loss_percent,
        "rtt_ms": tunnel.peer.path.rtt_ms,
        "hosts": [str(host.ip) for host in tunnel.peer.hosts],
    }
