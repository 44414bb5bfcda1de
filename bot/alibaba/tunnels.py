"""Why tunnels are down: the gateway's own reason codes and logs (product Vpc, version 2016-04-28)."""

from collections.abc import Sequence

from bot.alibaba.endpoints import Product
from bot.alibaba.inventory import read_finding
from bot.alibaba.operation import TUNNELS, Operation
from bot.alibaba.pages import listed
from bot.alibaba.rpc import RpcClient
from bot.alibaba.vpn import VERSION
from bot.model.credential import Credential
from bot.model.ids import RegionId, TunnelId, VpnConnectionId, VpnGatewayId
from bot.model.vpn import Listing, TunnelFinding

DIAGNOSE_CONNECTIONS = Operation(
    product=Product.VPC,
    name="DiagnoseVpnConnections",
    version=VERSION,
    answers_with=("VpnConnections", "TotalCount"),
    quota=TUNNELS,
)


class TunnelApi:
    """Findings of tunnels, each call as whom the credential says."""

    def __init__(self, rpc: RpcClient) -> None:
        self._rpc = rpc

    async def diagnose_vpn_connections(
        self,
        credential: Credential,
        region: RegionId,
        *,
        connection_ids: Sequence[VpnConnectionId] = (),
        tunnel_ids: Sequence[TunnelId] = (),
        gateway_id: VpnGatewayId | None = None,
    ) -> Listing[TunnelFinding]:
        """Ask why tunnels are down; the cloud answers at once, from what it saw in the last three minutes.

        A connection with one tunnel goes by its own ID, one with two by those of its tunnels. Needs
        `vpc:DiagnoseVpnConnections` on all resources. Raises Problem as any call does; ValueError without any ID.
        Source, read November 2026: https://www.alibabacloud.com/help/en/vpn/developer-reference/api-vpc-2016-04-28-diagnosevpnconnections-vpns.
        """
        if not connection_ids and not tunnel_ids:
            message = "connections or tunnels are needed"
            raise ValueError(message)
        params = {"RegionId": str(region)} | ({} if gateway_id is None else {"VpnGatewayId": str(gateway_id)})
        params |= _numbered("VpnConnectionIds", connection_ids) | _numbered("TunnelIds", tunnel_ids)
        return await listed(self._rpc, DIAGNOSE_CONNECTIONS, params, credential, region, read_finding)


def _numbered(name: str, values: Sequence[str]) -> dict[str, str]:
    """Lay a list out as RPC wants it: `Name.1`, `Name.2` and so on."""
    return {f"{name}.{number}": str(value) for number, value in enumerate(values, 1)}
