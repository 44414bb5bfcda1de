"""DescribeVpnConnections: the IPsec connections of an account in a region, with the keys of both their ends.

Source: https://www.alibabacloud.com/help/en/doc-detail/120390.html. As from the service itself, IkeConfig.Psk and
VpnBgpConfig.AuthKey come in clear text: a client has to be careful with them.
"""

from collections.abc import Callable, Mapping
from typing import Any

from bot.emulators.alibaba import paging, tags
from bot.emulators.alibaba.authorization import authorize
from bot.emulators.alibaba.gateway_list import milliseconds
from bot.emulators.alibaba.negotiation import Status, status, tunnel_in_use
from bot.emulators.alibaba.network import Account, Gateway, Network
from bot.emulators.alibaba.operations import OWNERS, Answer, Call, Operation
from bot.emulators.alibaba.tags import TagFilter
from bot.emulators.alibaba.tunnels import Bgp, Connection, Tunnel

_FILTERS: Mapping[str, Callable[[Gateway, Connection, str], bool]] = {
    "VpnConnectionId": lambda _, connection, wanted: connection.id == wanted,
    "VpnGatewayId": lambda gateway, _, wanted: gateway.id == wanted,
    "CustomerGatewayId": lambda _, connection, wanted: wanted in _customer_gateways(connection),
    "ResourceGroupId": lambda gateway, _, wanted: gateway.resource_group == wanted,
}


class ConnectionList:
    """Lists the connections of one network."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def operation(self) -> Operation:
        optional = (*_FILTERS, *tags.PARAMETERS, *paging.PARAMETERS)
        return Operation("DescribeVpnConnections", ("RegionId",), self.describe_vpn_connections, optional, OWNERS)

    def describe_vpn_connections(self, call: Call) -> Answer:
        """List what all filters take. To see all of them is a permission of its own (`vpnconnection/*`)."""
        region, account_id = call.parameter("RegionId"), call.caller.account_id
        named = call.parameter("VpnConnectionId") or "*"
        authorize(call, "vpc:DescribeVpnConnections", f"acs:vpc:{region}:{account_id}:vpnconnection/{named}")
        self._network.check_region(region)
        account = self._network.account(account_id)
        shown, fields = paging.page(call, _taken(call, account) if account else [])
        listed = [as_answered(gateway, connection) for gateway, connection in shown]
        return Answer(fields | {"VpnConnections": {"VpnConnection": listed}}, {})


def _taken(call: Call, account: Account) -> list[tuple[Gateway, Connection]]:
    region, by_tag = call.parameter("RegionId"), TagFilter(call)
    wanted = {name: call.parameter(name) for name in _FILTERS if call.parameter(name)}
    return [
        (gateway, connection)
        for gateway, connection in account.connections
        if gateway.region == region
        and all(_FILTERS[name](gateway, connection, value) for name, value in wanted.items())
        and by_tag.takes(connection.tags)
    ]


def _customer_gateways(connection: Connection) -> set[str]:
    return {tunnel.peer.customer_gateway for tunnel in connection.all_tunnels}


def as_answered(gateway: Gateway, connection: Connection) -> dict[str, Any]:
    """Lay out a connection. Fields that no network.yml needs to set have the value of a usual one."""
    tunnel = tunnel_in_use(connection)
    told = {
        "VpnConnectionId": connection.id,
        "Name": connection.name,
        "VpnGatewayId": gateway.id,
        "CustomerGatewayId": tunnel.peer.customer_gateway,
        "AttachType": "VPNGW",
        "NetworkType": gateway.network_type,
        "InternetIp": str(gateway.internet_ip),
        "LocalSubnet": ",".join(map(str, connection.local_networks)),
        "RemoteSubnet": ",".join(map(str, connection.remote_networks)),
        "Status": status(tunnel),
        "State": "active",
        "CreateTime": milliseconds(connection.created_at),
        "EffectImmediately": False,
        "EnableDpd": True,
        "EnableNatTraversal": True,
        "EnableTunnelsBgp": connection.is_dual and connection.bgp is not None,
        "CrossAccountAuthorized": False,
        "ResourceGroupId": gateway.resource_group,
        "Tag": tags.as_answered(connection.tags),
        "VcoHealthCheck": {"Enable": "false", "Interval": 3, "Retry": 3, "Policy": "revoke_route"},
        "IkeConfig": _ike(gateway, tunnel),
        "IpsecConfig": _ipsec(tunnel),
        "VpnBgpConfig": _bgp(connection.bgp, tunnel) if connection.bgp else {},
    }
    if connection.is_dual:
        options = [_option(gateway, connection, one, index) for index, one in enumerate(connection.all_tunnels, 1)]
        told |= {"TunnelOptionsSpecification": {"TunnelOptions": options}}
    return told


def _ike(gateway: Gateway, tunnel: Tunnel) -> dict[str, Any]:
    settings = {k: v for k, v in tunnel.settings.spelled_out().items() if not k.startswith("Ipsec")}
    return settings | {"LocalId": str(gateway.internet_ip), "RemoteId": str(tunnel.peer.public_ip)}


def _ipsec(tunnel: Tunnel) -> dict[str, Any]:
    return {k: v for k, v in tunnel.settings.spelled_out().items() if k.startswith("Ipsec")}


def _bgp(bgp: Bgp, tunnel: Tunnel) -> dict[str, Any]:
    return {
        "Status": "success" if status(tunnel) is Status.UP else "false",
        "LocalAsn": bgp.local_asn,
        "PeerAsn": bgp.peer_asn,
        "TunnelCidr": str(bgp.tunnel_cidr),
        "LocalBgpIp": str(bgp.local_ip),
        "PeerBgpIp": str(bgp.peer_ip),
        "AuthKey": bgp.auth_key.get_secret_value(),
    }


def _option(gateway: Gateway, connection: Connection, tunnel: Tunnel, index: int) -> dict[str, Any]:
    """Lay out one of two tunnels: numbers and truths are texts here, and BGP's key is left out."""
    told = {
        "TunnelId": tunnel.id,
        "TunnelIndex": index,
        "Role": tunnel.role,
        "ZoneNo": tunnel.zone,
        "State": "active",
        "Status": status(tunnel),
        "InternetIp": str(gateway.internet_ip),
        "CustomerGatewayId": tunnel.peer.customer_gateway,
        "EnableDpd": "true",
        "EnableNatTraversal": "true",
        "TunnelIkeConfig": _as_texts(_ike(gateway, tunnel)),
        "TunnelIpsecConfig": _as_texts(_ipsec(tunnel)),
    }
    if connection.bgp is None:
        return told
    bgp = _as_texts(_bgp(connection.bgp, tunnel))
    del bgp["AuthKey"]
    return told | {"TunnelBgpConfig": bgp | {"BgpStatus": bgp.pop("Status")}}


def _as_texts(settings: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in settings.items()}
