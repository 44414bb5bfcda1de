"""DiagnoseVpnConnections: why tunnels are down, told at once.

Source: https://www.alibabacloud.com/help/en/vpn/sub-product-ipsec-vpn/developer-reference/api-vpc-2016-04-28-diagnosevpnconnections-vpns.
What a tunnel that is up is answered with is not documented: here an entry of severity Normal without a code.
"""

from datetime import datetime
from typing import Any

from bot.emulators.alibaba import paging
from bot.emulators.alibaba.authorization import authorize
from bot.emulators.alibaba.gateway_list import milliseconds
from bot.emulators.alibaba.negotiation import Failure, failure
from bot.emulators.alibaba.network import Gateway, Network
from bot.emulators.alibaba.operations import Answer, Call, Operation
from bot.emulators.alibaba.refusals import Refusal, missing
from bot.emulators.alibaba.tunnels import Connection, Tunnel


class TunnelDiagnosis:
    """Diagnoses the tunnels of one network."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def operation(self) -> Operation:
        optional = ("VpnGatewayId", "VpnConnectionIds.N", "TunnelIds.N", *paging.PARAMETERS)
        return Operation(
            "DiagnoseVpnConnections",
            ("RegionId",),
            self.diagnose_vpn_connections,
            optional,
            ignored=("ResourceOwnerId",),
            methods=frozenset({"POST"}),
        )

    def diagnose_vpn_connections(self, call: Call) -> Answer:
        """Tell of tunnels by their IDs, or of connections with only one tunnel by theirs."""
        authorize(call, "vpc:DiagnoseVpnConnections", "*")
        self._network.check_region(call.parameter("RegionId"))
        tunnel_ids, connection_ids = call.listed("TunnelIds"), call.listed("VpnConnectionIds")
        if not tunnel_ids and not connection_ids:
            raise missing("VpnConnectionIds")
        known = self._connections(call)
        asked = [
            *(_only_tunnel(known, connection_id) for connection_id in connection_ids),
            *(_tunnel(known, tunnel_id) for tunnel_id in tunnel_ids),
        ]
        shown, fields = paging.page(call, asked)
        return Answer(fields | {"VpnConnections": [_told(*one, call.now) for one in shown]}, {})

    def _connections(self, call: Call) -> list[Connection]:
        """List what may be asked for: the account's, in this region, of this gateway if one is named."""
        account = self._network.account(call.caller.account_id)
        region, within = call.parameter("RegionId"), call.parameter("VpnGatewayId")
        pairs: tuple[tuple[Gateway, Connection], ...] = account.connections if account else ()
        known = [
            connection for gateway, connection in pairs if gateway.region == region and within in ("", gateway.id)
        ]
        if within and not known:
            raise Refusal("InvalidVpnGatewayInstanceId.NotFound")
        return known


def _only_tunnel(known: list[Connection], connection_id: str) -> tuple[Connection, Tunnel]:
    connection = next((one for one in known if one.id == connection_id), None)
    if connection is None:
        raise Refusal("InvalidResourceId.NotFound")
    if connection.is_dual:
        raise missing("TunnelIds")
    return connection, connection.all_tunnels[0]


def _tunnel(known: list[Connection], tunnel_id: str) -> tuple[Connection, Tunnel]:
    for connection in known:
        for tunnel in connection.tunnels:
            if tunnel.id == tunnel_id:
                return connection, tunnel
    raise Refusal("InvalidResourceId.NotFound")


def _told(connection: Connection, tunnel: Tunnel, now: datetime) -> dict[str, Any]:
    found = failure(tunnel)
    told: dict[str, Any] = {"VpnConnectionId": connection.id, "Severity": "Critical" if found else "Normal"}
    if tunnel.id:
        told["TunnelId"] = tunnel.id
    return told | _reason(found, now) if found else told


def _reason(found: Failure, now: datetime) -> dict[str, Any]:
    last_minute = now.replace(second=0, microsecond=0)  # the service looks at its last three minutes
    return {
        "FailedReason": found.reason,
        "FailedReasonCode": found.code,
        "FailedTime": milliseconds(last_minute),
        "MismatchLocalParam": found.local,
        "MismatchRemoteParam": found.remote,
        "SourceLog": found.log,
    }
