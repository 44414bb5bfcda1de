"""Whatever is answered, to whichever operation: a value or a Problem comes of it, and never a secret."""

import json
import traceback
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.alibaba.ram import RamApi
from bot.alibaba.rpc import RpcClient
from bot.alibaba.sts import StsApi
from bot.alibaba.tunnels import TunnelApi
from bot.alibaba.vpn import VpnApi
from bot.model.credential import Credential
from bot.model.ids import RegionId, RunId, VpnConnectionId, VpnGatewayId
from bot.model.problem import Problem
from bot.model.request import DiagnosisRequest

QINGDAO = RegionId("cn-qingdao")
GATEWAY, CONNECTION = VpnGatewayId("vpn-a"), VpnConnectionId("vco-a")
REQUEST = DiagnosisRequest(region=QINGDAO, gateway_id=GATEWAY, connection_id=CONNECTION)
TOKEN = RunId("01890a5d-ac96-774b-bcce-b302099a8057")
ROLE, PROVIDER = "acs:ram::1234567890123456:role/r", "acs:ram::1234567890123456:oidc-provider/p"
SESSION = {
    "Credentials": {
        "AccessKeyId": "STS.1",
        "AccessKeySecret": "canary-secret",
        "SecurityToken": "canary-token",
        "Expiration": "2026-01-02T13:00:00Z",
    },
    "AssumedRoleUser": {"Arn": f"{ROLE}/slack-T0-U0", "AssumedRoleId": "1:slack-T0-U0"},
}

Call = Callable[[RpcClient, Credential], Awaitable[Any]]
Clients = Callable[..., RpcClient]


class Case(NamedTuple):
    """A call, and an answer that is a good one."""

    call: Call
    good: dict[str, Any]


def open_session(rpc: RpcClient, key: Credential) -> Awaitable[Any]:
    return StsApi(rpc).assume_role(key, role_arn=ROLE, session_name="s-1", external_id="x", policy=None)


def open_session_by_token(rpc: RpcClient, key: Credential) -> Awaitable[Any]:
    token = key.security_token or key.access_key_secret
    return StsApi(rpc).assume_role_with_oidc(role_arn=ROLE, provider_arn=PROVIDER, token=token, session_name="s-1")


CASES = {
    "DiagnoseVpnGateway": Case(
        lambda rpc, key: VpnApi(rpc).diagnose_vpn_gateway(key, REQUEST, TOKEN), {"DiagnoseId": "vpndgn-a"}
    ),
    "GetVpnGatewayDiagnoseResult": Case(
        lambda rpc, key: VpnApi(rpc).get_vpn_gateway_diagnose_result(key, QINGDAO, gateway_id=GATEWAY),
        {
            "DiagnoseId": "vpndgn-a",
            "VpnGatewayId": "vpn-a",
            "ResourceInstanceId": "vco-a",
            "BeginTime": "2026-01-02T12:00:00Z",
            "FinishTime": "2026-01-02T12:00:11Z",
            "FinishedCount": 4,
            "TotalCount": 4,
            "DiagnoseResult": [
                {
                    "DiagnoseName": "VpnRouteQuota",
                    "DiagnoseResultLevel": "normal",
                    "DiagnoseResultDescription": '{"quotaName": "q", "quantity": 20, "used": 3}',
                },
                {
                    "DiagnoseName": "VcoPrivateConnectivity",
                    "DiagnoseResultLevel": "warning",
                    "DiagnoseResultDescription": {"targetIp": "10.0.0.1", "srcIp": "", "rtt": 1, "lossRate": "5%"},
                },
                {
                    "DiagnoseName": "VcoConfigConsistency",
                    "DiagnoseResultLevel": "error",
                    "DiagnoseResultDescription": {
                        "vcoConf": {"IkeConfig": {"Psk": "canary", "IkeVersion": "ikev2"}},
                        "vcoRunningConf": {"IkeVersion": "ikev1"},
                        "vcoDiffConf": ["IkeConfig.IkeVersion"],
                        "vcoLackConf": [],
                    },
                },
                {
                    "DiagnoseName": "RouteEntryConflict",
                    "DiagnoseResultLevel": "error",
                    "DiagnoseResultDescription": {"conflicts": [{"destination": "10.0.0.0/8"}]},
                },
            ],
        },
    ),
    "DescribeRegions": Case(
        lambda rpc, key: VpnApi(rpc).describe_regions(key), {"Regions": {"Region": [{"RegionId": "cn-qingdao"}]}}
    ),
    "DescribeVpnGateways": Case(
        lambda rpc, key: VpnApi(rpc).describe_vpn_gateways(key, QINGDAO),
        {"VpnGateways": {"VpnGateway": [{"VpnGatewayId": "vpn-a", "CreateTime": 1, "EnableBgp": "true"}]}},
    ),
    "DescribeVpnConnections": Case(
        lambda rpc, key: VpnApi(rpc).describe_vpn_connections(key, QINGDAO),
        {
            "TotalCount": 1,
            "VpnConnections": {
                "VpnConnection": [
                    {
                        "VpnConnectionId": "vco-a",
                        "LocalSubnet": "10.0.0.0/8",
                        "IkeConfig": {"Psk": "canary"},
                        "VpnBgpConfig": {"Status": "success", "AuthKey": "canary"},
                        "TunnelOptionsSpecification": {"TunnelOptions": [{"TunnelId": "tun-a"}]},
                    }
                ]
            },
        },
    ),
    "DiagnoseVpnConnections": Case(
        lambda rpc, key: TunnelApi(rpc).diagnose_vpn_connections(key, QINGDAO, connection_ids=[CONNECTION]),
        {
            "VpnConnections": [
                {
                    "VpnConnectionId": "vco-a",
                    "FailedReasonCode": "PskMismatch",
                    "FailedReason": "canary is the psk",
                    "FailedTime": 1,
                    "MismatchLocalParam": "canary",
                    "MismatchRemoteParam": "canary",
                    "SourceLog": "psk canary",
                }
            ]
        },
    ),
    "AssumeRole": Case(open_session, SESSION),
    "AssumeRoleWithOIDC": Case(open_session_by_token, SESSION),
    "GetCallerIdentity": Case(
        lambda rpc, key: StsApi(rpc).get_caller_identity(key),
        {"AccountId": "1234567890123456", "Arn": ROLE, "IdentityType": "AssumedRoleUser"},
    ),
    "DecodeDiagnosticMessage": Case(
        lambda rpc, key: RamApi(rpc).decode_diagnostic_message(key, "AQEAAAAA"),
        {
            "DecodedDiagnosticMessage": {
                "AuthAction": "vpc:DiagnoseVpnGateway",
                "AuthPrincipal": {"AuthPrincipalOwnerId": 1},
                "ExplicitDeny": True,
                "MatchedPolicies": [{"Effect": "Deny"}],
                "AuthConditions": {"AuthCondition": [{"ConditionKey": "k", "ConditionValues": ["v"]}]},
            }
        },
    ),
}
REFUSED = {
    "Code": "Forbidden.RAM",
    "Message": "no",
    "RequestId": "0ED8",
    "AccessDeniedDetail": {"AuthAction": "vpc:DiagnoseVpnGateway", "EncodedDiagnosticMessage": "AQEAAAAA"},
}

NAMES = st.sampled_from(["Code", "code", "VpnGatewayId", "TotalCount", "AccessDeniedDetail", "Psk"])
TEXTS = st.sampled_from(
    [
        "vpn-a",
        "normal",
        "Throttling.User",
        "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00:00+23:59",
        "100%",
        "1" * 400,
    ]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(10**17, 10**25)
    | st.floats(allow_nan=False)
    | st.text(max_size=30)
    | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(NAMES | st.text(max_size=5), inner, max_size=3)
        | inner.map(json.dumps)
    ),
    max_leaves=10,
)


def put(into: Any, where: Any, value: Any) -> Any:
    changed = into.copy()
    changed[where] = value
    return changed


def spoilt(good: Any) -> st.SearchStrategy[Any]:
    """Return answers in which one thing, somewhere in a good one, is any other."""
    parts: list[st.SearchStrategy[Any]] = []
    if isinstance(good, dict):
        parts = [st.builds(put, st.just(good), st.just(name), spoilt(one)) for name, one in good.items()]
    if isinstance(good, list):
        parts = [st.builds(put, st.just(good), st.just(at), spoilt(one)) for at, one in enumerate(good)]
    return st.one_of(VALUES, *parts)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_a_good_answer_is_read_without_its_secrets(
    case: Case, rpc_over: Clients, credential: Credential
) -> None:
    found = await case.call(rpc_over(lambda _: httpx.Response(200, json=case.good)), credential)

    assert found
    assert "canary" not in repr(found)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=60)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@given(data=st.data())
async def test_a_value_or_a_problem_comes_of_any_answer(
    case: Case, data: st.DataObject, rpc_over: Clients, credential: Credential
) -> None:
    answer = data.draw(spoilt(case.good) | spoilt(REFUSED))
    status = data.draw(st.just(200) | st.sampled_from([201, 204, 301, 400, 403, 404, 429, 500, 503]))
    wait = data.draw(st.sampled_from(["", "0", "1500", "99999999", "-1", "1e3", " 5", "\u0663", "1" * 50]))
    body = json.dumps(answer).encode()
    headers = [(b"x-acs-retry-after", wait.encode())]

    try:
        found = await case.call(
            rpc_over(lambda _: httpx.Response(status, headers=headers, content=body)), credential
        )
    except Problem as problem:
        told = "".join(traceback.format_exception(problem)) + repr(problem.details)
    else:
        told = repr(found)

    assert "canary" not in told
    assert "example-secret" not in told
