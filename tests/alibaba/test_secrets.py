"""Keys planted in answers of the cloud are found again nowhere: values, errors, tracebacks, logs."""

import logging
import pickle
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from bot.alibaba.rpc import RpcClient
from bot.alibaba.tunnels import TunnelApi
from bot.alibaba.vpn import VpnApi
from bot.model.credential import Credential
from bot.model.ids import RegionId, VpnConnectionId
from bot.model.problem import Problem

PLANTED = "canary-"
CONNECTION = {
    "VpnConnectionId": "vco-a",
    "Status": "ike_sa_not_established",
    "IkeConfig": {"Psk": "canary-psk", "LocalId": "203.0.113.1"},
    "VpnBgpConfig": {"AuthKey": "canary-bgp", "Status": "success"},
    "RemoteCaCertificate": "canary-certificate",
    "Psk": "canary-flat",
    "TunnelOptionsSpecification": {
        "TunnelOptions": [
            {
                "TunnelId": "tun-a",
                "TunnelIkeConfig": {"Psk": "canary-tunnel"},
                "TunnelBgpConfig": {"AuthKey": "canary-tunnel-bgp", "BgpStatus": "success"},
            }
        ]
    },
    "FailedReasonCode": "PskMismatch",
    "FailedReason": "psk canary-reason",
    "MismatchLocalParam": "canary-local",
    "MismatchRemoteParam": "canary-remote",
    "SourceLog": "[IKE] authentication failed\n[IKE] PSK 'canary-log' of 203.0.113.9",
}
ANSWERS = {
    "as documented": httpx.Response(
        200, json={"VpnConnections": {"VpnConnection": [CONNECTION]}, "TotalCount": 1}
    ),
    "flat": httpx.Response(200, json={"VpnConnections": [CONNECTION], "TotalCount": 1}),
    "no list": httpx.Response(200, json={"VpnConnections": "canary-text", "TotalCount": 1}),
    "truncated": httpx.Response(200, text='{"VpnConnections": [{"IkeConfig": {"Psk": "canary-psk'),
    "beside an error": httpx.Response(500, json={"Code": "InternalError", "VpnConnections": [CONNECTION]}),
    "with neither": httpx.Response(400, json={"VpnConnections": [CONNECTION]}),
    "HTML": httpx.Response(502, text="<html>canary-psk</html>"),
}

Clients = Callable[..., RpcClient]


async def listed(rpc: RpcClient, credential: Credential) -> Any:
    return await VpnApi(rpc).describe_vpn_connections(credential, RegionId("cn-qingdao"))


async def diagnosed(rpc: RpcClient, credential: Credential) -> Any:
    return await TunnelApi(rpc).diagnose_vpn_connections(
        credential, RegionId("cn-qingdao"), connection_ids=[VpnConnectionId("vco-a")]
    )


@pytest.mark.parametrize("call", [listed, diagnosed])
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
async def test_no_key_gets_further_than_the_parser(
    call: Callable[[RpcClient, Credential], Awaitable[Any]],
    answer: httpx.Response,
    rpc_over: Clients,
    credential: Credential,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    rpc = rpc_over(lambda _: httpx.Response(answer.status_code, headers=answer.headers, content=answer.content))

    try:
        found = await call(rpc, credential)
        told = repr(found) + found.model_dump_json() + repr(pickle.dumps(found))
    except Problem as problem:
        told = "".join(traceback.format_exception(problem)) + repr(problem.details)

    assert PLANTED in answer.text
    assert PLANTED not in told
    assert PLANTED not in caplog.text
