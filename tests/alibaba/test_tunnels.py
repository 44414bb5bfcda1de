"""Why tunnels are down, asked for by connection and by tunnel."""

from collections.abc import Callable

import httpx
import pytest

from bot.alibaba.rpc import RpcClient
from bot.alibaba.tunnels import TunnelApi
from bot.model.credential import Credential
from bot.model.ids import RegionId, TunnelId, VpnConnectionId, VpnGatewayId

REGION = RegionId("cn-qingdao")

Clients = Callable[..., RpcClient]


async def test_connections_and_tunnels_are_numbered(rpc_over: Clients, credential: Credential) -> None:
    asked: list[httpx.URL] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        found = [{"VpnConnectionId": "vco-a", "TunnelId": "tun-b", "FailedReasonCode": "PeerMismatch"}]
        return httpx.Response(200, json={"VpnConnections": found, "TotalCount": 1})

    findings = await TunnelApi(rpc_over(answer)).diagnose_vpn_connections(
        credential,
        REGION,
        connection_ids=[VpnConnectionId("vco-a"), VpnConnectionId("vco-b")],
        tunnel_ids=[TunnelId("tun-b")],
        gateway_id=VpnGatewayId("vpn-a"),
    )

    assert [(one.connection_id, one.tunnel_id, one.reason_code) for one in findings.entries] == [
        ("vco-a", "tun-b", "PeerMismatch")
    ]
    assert dict(asked[0].params) == {
        "PageNumber": "1",
        "PageSize": "50",
        "RegionId": "cn-qingdao",
        "TunnelIds.1": "tun-b",
        "VpnConnectionIds.1": "vco-a",
        "VpnConnectionIds.2": "vco-b",
        "VpnGatewayId": "vpn-a",
    }


async def test_nothing_cannot_be_asked_for(rpc_over: Clients, credential: Credential) -> None:
    with pytest.raises(ValueError, match="needed"):
        await TunnelApi(rpc_over(lambda _: httpx.Response(500))).diagnose_vpn_connections(credential, REGION)
