"""Refusals: the official SDK raises for the same code, status and denial as the bot's own client."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

import httpx
import pytest
from alibabacloud_ram20150501 import models as ram
from alibabacloud_sts20150401 import models as sts
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException, ClientException, ThrottlingException
from alibabacloud_vpc20160428 import models as vpc
from pydantic import SecretStr

from bot.alibaba import ram as our_ram
from bot.alibaba import sts as our_sts
from bot.alibaba import tunnels as our_tunnels
from bot.alibaba import vpn as our_vpn
from bot.alibaba.endpoints import Endpoints
from bot.alibaba.operation import Operation
from bot.alibaba.rpc import RpcClient
from bot.alibaba.transport import build_http
from bot.model.credential import Credential
from bot.model.ids import RegionId
from bot.model.problem import Problem
from tests.peers.conftest import BASE, LAB
from tests.peers.sdk import Sdk

OLD = "old00000000000000001"
HANGZHOU = RegionId("cn-hangzhou")
ENDS = '{"PrivateSourceIp":"192.168.1.1","PrivateDestinationIp":"10.8.0.1"}'
ROLE = "acs:ram::1234567890123456:role/vpn-diagnose-oncall"
PROVIDER = "acs:ram::1234567890123456:oidc-provider/emulated-cluster"
STRANGER = Credential(access_key_id="LTAInobody", access_key_secret=SecretStr("x"))
FORGER = LAB.changed(access_key_secret=SecretStr("guessed"))
SWITCHED_OFF = Credential(access_key_id="LTAIemulatorOld", access_key_secret=SecretStr("emulator-old-secret"))
HALF_A_SESSION = LAB.changed(security_token=SecretStr("CAISnotmine"))


class Asked(NamedTuple):
    """The same question to both clients."""

    method: str
    request: Any
    ours: Operation
    params: dict[str, str]


def start(**changes: str) -> Asked:
    params = {
        "RegionId": "cn-hangzhou",
        "VpnGatewayId": "vpn-healthy0000000000001",
        "ResourceId": "vco-healthy0000000000001",
        "ResourceType": "IPsec",
    } | changes
    request = vpc.DiagnoseVpnGatewayRequest().from_map(params)
    return Asked("diagnose_vpn_gateway_with_options", request, our_vpn.DIAGNOSE, params)


def odd(name: str) -> Asked:
    """Ask for a diagnosis of one of the gateways where none starts."""
    return start(
        RegionId="cn-qingdao",
        VpnGatewayId=f"vpn-{name}".ljust(23, "0") + "1",
        ResourceId=f"vco-{name}".ljust(23, "0") + "1",
    )


def result(**params: str) -> Asked:
    request = vpc.GetVpnGatewayDiagnoseResultRequest().from_map(params)
    return Asked("get_vpn_gateway_diagnose_result_with_options", request, our_vpn.GET_RESULT, params)


def regions() -> Asked:
    return Asked("describe_regions_with_options", vpc.DescribeRegionsRequest(), our_vpn.DESCRIBE_REGIONS, {})


def gateways(**params: str) -> Asked:
    request = vpc.DescribeVpnGatewaysRequest().from_map(params)
    return Asked("describe_vpn_gateways_with_options", request, our_vpn.DESCRIBE_GATEWAYS, params)


def connections(**params: str) -> Asked:
    request = vpc.DescribeVpnConnectionsRequest().from_map(params)
    return Asked("describe_vpn_connections_with_options", request, our_vpn.DESCRIBE_CONNECTIONS, params)


def tunnels(connection_id: str) -> Asked:
    request = vpc.DiagnoseVpnConnectionsRequest(region_id="cn-hangzhou", vpn_connection_ids=[connection_id])
    params = {"RegionId": "cn-hangzhou", "VpnConnectionIds.1": connection_id}
    return Asked("diagnose_vpn_connections_with_options", request, our_tunnels.DIAGNOSE_CONNECTIONS, params)


def role(**changes: str) -> Asked:
    params = {"RoleArn": ROLE, "RoleSessionName": "alice"} | changes
    request = sts.AssumeRoleRequest().from_map(params)
    return Asked("assume_role_with_options", request, our_sts.ASSUME_ROLE, params)


def workload(**changes: str) -> Asked:
    params = {
        "RoleArn": ROLE,
        "RoleSessionName": "bot",
        "OIDCProviderArn": PROVIDER,
        "OIDCToken": "a.b.c",
    } | changes
    request = sts.AssumeRoleWithOIDCRequest().from_map(params)
    return Asked("assume_role_with_oidcwith_options", request, our_sts.ASSUME_ROLE_WITH_OIDC, params)


def who() -> Asked:
    return Asked("get_caller_identity_with_options", None, our_sts.GET_CALLER_IDENTITY, {})


def decode(message: str) -> Asked:
    request = ram.DecodeDiagnosticMessageRequest(encoded_diagnostic_message=message)
    params = {"EncodedDiagnosticMessage": message}
    return Asked("decode_diagnostic_message_with_options", request, our_ram.DECODE, params)


Refused = tuple[ClientException, Problem]


@pytest.fixture
def refused(sdk: Sdk, ours: RpcClient) -> Callable[[Asked, Credential | None], Awaitable[Refused]]:
    """Ask both clients what is refused, and give what each of them raised."""

    async def ask(asked: Asked, credential: Credential | None) -> Refused:
        makers: dict[str, Callable[[Any], Any]] = {"vpc": sdk.vpc, "sts": sdk.sts, "ram": sdk.ram}
        client = makers[asked.ours.product.value](credential)
        request = () if asked.request is None else (asked.request,)
        with pytest.raises(AlibabaCloudException) as theirs:
            await sdk.ask(client, asked.method, *request)
        region = HANGZHOU if "RegionId" in asked.params else None
        with pytest.raises(Problem) as problem:
            await ours.call(asked.ours, asked.params, credential, region)
        return theirs.value, problem.value

    return ask


@pytest.mark.parametrize(
    ("asked", "credential", "code", "status"),
    [
        (start(), STRANGER, "InvalidAccessKeyId.NotFound", 404),
        (start(), SWITCHED_OFF, "InvalidAccessKeyId.Inactive", 400),
        (start(), FORGER, "SignatureDoesNotMatch", 400),
        (start(), HALF_A_SESSION, "InvalidSecurityToken.MismatchWithAccessKey", 400),
        (start(), BASE, "Forbidden", 403),
        (start(VpnGatewayId=""), LAB, "MissingVpnGatewayId", 400),
        (start(ResourceType="SslVpn"), LAB, "IllegalParam.ResourceType", 400),
        (start(IPsecExtendInfo='{"PrivateSourceIp":"x"}'), LAB, "IllegalParam.PrivateSourceIp", 400),
        (
            start(IPsecExtendInfo='{"PrivateSourceIp":"10.0.0.1"}'),
            LAB,
            "IllegalParam.PrivateDestinationIp",
            400,
        ),
        (start(VpnGatewayId="vpn-foreign0000000000001"), LAB, "Forbidden", 403),
        (start(VpnGatewayId="vpn-nobodys0000000000001"), LAB, "InvalidVpnGatewayInstanceId.NotFound", 404),
        (start(ResourceId="vco-nobodys0000000000001"), LAB, "InvalidResourceId.NotFound", 404),
        (
            start(
                RegionId="cn-qingdao",
                VpnGatewayId="vpn-old00000000000000001",
                ResourceId="vco-old00000000000000001",
            ),
            LAB,
            "OperationUnsupported.DiagnoseVpn",
            400,
        ),
        (odd("updating"), LAB, "VpnGateway.Configuring", 400),
        (odd("failing"), LAB, "OperationFailed.StartDiagnose", 400),
        (result(RegionId="cn-hangzhou"), LAB, "MissingDiagnoseId", 400),
        (result(RegionId="cn-hangzhou", DiagnoseId="vpndgn-nobodys"), LAB, "InvalidResourceId.NotFound", 404),
        (regions(), BASE, "Forbidden", 403),
        (gateways(RegionId="cn-hangzhou"), BASE, "Forbidden", 403),
        (gateways(RegionId="cn-atlantis"), LAB, "InvalidRegionId.NotFound", 404),
        (gateways(RegionId="cn-hangzhou", PageSize="51"), LAB, "InvalidPageSize", 400),
        (connections(), LAB, "MissingRegionId", 400),
        (connections(RegionId="cn-hangzhou"), BASE, "Forbidden", 403),
        (tunnels("vco-nobodys0000000000001"), LAB, "InvalidResourceId.NotFound", 404),
        (tunnels("vco-healthy0000000000001"), BASE, "Forbidden", 403),
        (role(), LAB, "NoPermission", 403),
        (role(RoleArn="acs:ram::1234567890123456:role/vpn-closed"), BASE, "NoPermission", 403),
        (role(RoleArn="acs:ram::1234567890123456:role/vpn-nobody"), BASE, "EntityNotExist.Role", 404),
        (role(RoleSessionName="?"), BASE, "InvalidParameter.RoleSessionName", 400),
        (role(Policy="{"), BASE, "InvalidParameter.PolicyGrammar", 400),
        (workload(), None, "AuthenticationFail.OIDCToken.Invalid", 401),
        (workload(OIDCProviderArn=f"{PROVIDER}-2"), None, "AuthenticationFail.NoPermission", 401),
        (who(), STRANGER, "InvalidAccessKeyId.NotFound", 404),
        (decode("AQEAAAAA"), LAB, "NotSupport", 400),
        (decode("AQEAAAAA"), BASE, "NoPermission", 403),
    ],
    ids=lambda value: value.ours.name if isinstance(value, Asked) else value if isinstance(value, str) else "",
)
async def test_both_clients_are_refused_alike(
    refused: Callable[[Asked, Credential | None], Awaitable[Refused]],
    asked: Asked,
    credential: Credential | None,
    code: str,
    status: int,
) -> None:
    theirs, problem = await refused(asked, credential)

    assert (theirs.code, theirs.status_code) == (code, status)
    assert (problem.code, problem.facts["http_status"]) == (code, str(status))
    assert len(theirs.request_id) == len(problem.facts["request_id"]) == 36
    if "message" in problem.facts:
        assert theirs.message == f"code: {status}, {problem.facts['message']} request id: {theirs.request_id}"
    denial = theirs.access_denied_detail or {}
    told = {fact: value for fact, value in problem.facts.items() if fact.startswith("denied_")}
    assert told == {fact: denial[name] for name, fact in DENIED.items() if name in denial}


DENIED = {
    "AuthAction": "denied_action",
    "AuthPrincipalDisplayName": "denied_principal",
    "AuthPrincipalType": "denied_principal_type",
    "AuthPrincipalOwnerId": "denied_owner",
    "NoPermissionType": "denied_kind",
    "PolicyType": "denied_policy_type",
}


async def test_a_token_that_was_used_for_something_else_is_refused_to_both(
    refused: Callable[[Asked, Credential | None], Awaitable[Refused]], ours: RpcClient
) -> None:
    first = start(ClientToken="used")
    await ours.call(first.ours, first.params, LAB, HANGZHOU)

    theirs, problem = await refused(start(ClientToken="used", IPsecExtendInfo=ENDS), LAB)

    assert (theirs.code, theirs.status_code) == ("IdempotentParameterMismatch", 400)
    assert (problem.code, problem.facts["http_status"]) == ("IdempotentParameterMismatch", "400")


async def test_a_gateway_that_is_being_diagnosed_is_refused_to_both(
    refused: Callable[[Asked, Credential | None], Awaitable[Refused]], ours: RpcClient, base_url: str
) -> None:
    first = start()
    await ours.call(first.ours, first.params, LAB, HANGZHOU)
    await move_the_clock(base_url, -60)

    theirs, problem = await refused(start(), LAB)

    assert (theirs.code, theirs.status_code) == ("OperationFailed.VpnGatewayDiagnosing", 400)
    assert (problem.code, problem.facts["http_status"]) == ("OperationFailed.VpnGatewayDiagnosing", "400")


@pytest.mark.parametrize("ahead_s", [-1000, 1000])
async def test_a_clock_that_is_wrong_is_refused_to_both(
    refused: Callable[[Asked, Credential | None], Awaitable[Refused]], base_url: str, ahead_s: float
) -> None:
    await move_the_clock(base_url, ahead_s)

    theirs, problem = await refused(regions(), LAB)

    assert (theirs.code, theirs.status_code) == ("InvalidTimeStamp.Expired", 400)
    assert (problem.code, problem.facts["http_status"]) == ("InvalidTimeStamp.Expired", "400")


async def test_a_nonce_that_was_used_is_refused_to_both(sdk: Sdk, base_url: str) -> None:
    repeating = sdk.vpc(LAB, {"x-acs-signature-nonce": "theirs"})
    request = vpc.DescribeRegionsRequest()
    async with build_http() as http:
        ours = RpcClient(http, Endpoints(base_url), lambda: datetime.now(UTC), lambda: "ours")
        await sdk.ask(repeating, "describe_regions_with_options", request)
        await ours.call(our_vpn.DESCRIBE_REGIONS, {}, LAB, None)

        with pytest.raises(ClientException) as theirs:
            await sdk.ask(repeating, "describe_regions_with_options", request)
        with pytest.raises(Problem) as problem:
            await ours.call(our_vpn.DESCRIBE_REGIONS, {}, LAB, None)

    assert (theirs.value.code, theirs.value.status_code) == ("SignatureNonceUsed", 400)
    assert (problem.value.code, problem.value.facts["http_status"]) == ("SignatureNonceUsed", "400")


async def move_the_clock(base_url: str, seconds: float) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        moved = await http.post(f"{base_url}/_emulator/clock", json={"move_s": seconds})
        assert moved.json()["ok"] is True


async def test_throttling_is_a_plain_error_to_the_sdk_unless_a_wait_is_asked_for(sdk: Sdk, base_url: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        for wait in ({}, {"seconds": 1.5}):
            order = {"operation": "DescribeRegions", "kind": "throttle"} | wait
            await http.post(f"{base_url}/_emulator/faults", json=order)
    request = vpc.DescribeRegionsRequest()

    with pytest.raises(ClientException) as plain:
        await sdk.ask(sdk.vpc(LAB), "describe_regions_with_options", request)
    with pytest.raises(ThrottlingException) as with_wait:
        await sdk.ask(sdk.vpc(LAB), "describe_regions_with_options", request)

    assert (plain.value.code, plain.value.status_code) == ("Throttling.User", 400)
    assert (with_wait.value.code, with_wait.value.retry_after) == ("Throttling.User", 1500)


async def test_the_sdk_meets_the_documented_quota(sdk: Sdk) -> None:
    client = sdk.vpc(LAB)
    request = vpc.GetVpnGatewayDiagnoseResultRequest(region_id="cn-hangzhou", diagnose_id="vpndgn-nobodys")
    codes = []
    for _ in range(121):
        with pytest.raises(ClientException) as refused:
            await sdk.ask(client, "get_vpn_gateway_diagnose_result_with_options", request)
        codes.append(refused.value.code)

    assert codes == ["InvalidResourceId.NotFound"] * 120 + ["Throttling.User"]
