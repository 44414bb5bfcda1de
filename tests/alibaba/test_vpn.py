"""The operations of a diagnosis: exact parameters out, values back."""

import ipaddress
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from bot.alibaba.rpc import RpcClient
from bot.alibaba.vpn import StartedDiagnosis, VpnApi
from bot.model.credential import Credential
from bot.model.ids import RegionId, RunId, VpnConnectionId, VpnGatewayId
from bot.model.problem import Problem
from bot.model.request import DiagnosisRequest, PrivateAddresses

TOKEN = RunId("01890a5d-ac96-774b-bcce-b302099a8057")
REGION = RegionId("cn-hangzhou")
GATEWAY = VpnGatewayId("vpn-healthy0000000000001")

Clients = Callable[..., RpcClient]
Requests = Callable[..., DiagnosisRequest]


class Answering:
    """Answers every call with one body, and keeps the last request's parameters."""

    def __init__(self, body: Any) -> None:
        self.body = body
        self.params: dict[str, str] = {}
        self.action = ""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.params = dict(request.url.params)
        self.action = request.headers["x-acs-action"]
        return httpx.Response(200, json=self.body)


async def test_a_start_sends_what_was_asked_with_the_runs_id_as_token(
    rpc_over: Clients, credential: Credential, a_request: Requests
) -> None:
    cloud = Answering({"DiagnoseId": "vpndgn-1", "RequestId": "R1"})

    started = await VpnApi(rpc_over(cloud)).diagnose_vpn_gateway(credential, a_request(), TOKEN)

    assert started == StartedDiagnosis(diagnose_id="vpndgn-1", request_id="R1")
    assert cloud.action == "DiagnoseVpnGateway"
    assert cloud.params == {
        "ClientToken": str(TOKEN),
        "RegionId": "cn-hangzhou",
        "ResourceId": "vco-healthy0000000000001",
        "ResourceType": "IPsec",
        "VpnGatewayId": "vpn-healthy0000000000001",
    }


async def test_private_addresses_go_as_compact_json(
    rpc_over: Clients, credential: Credential, a_request: Requests
) -> None:
    cloud = Answering({"DiagnoseId": "vpndgn-1"})
    addresses = PrivateAddresses(
        source=ipaddress.IPv4Address("192.168.1.1"), destination=ipaddress.IPv4Address("10.8.0.1")
    )

    started = await VpnApi(rpc_over(cloud)).diagnose_vpn_gateway(credential, a_request(addresses=addresses), TOKEN)

    assert cloud.params["IPsecExtendInfo"] == '{"PrivateSourceIp":"192.168.1.1","PrivateDestinationIp":"10.8.0.1"}'
    assert started.request_id == ""


@pytest.mark.parametrize("diagnose_id", [7, [], {}, "x" * 101, "two words", "vpndgn-1\n", "<!here>"], ids=repr)
async def test_a_diagnose_id_that_could_not_be_shown_is_not_understood(
    diagnose_id: Any, rpc_over: Clients, credential: Credential, a_request: Requests
) -> None:
    vpn = VpnApi(rpc_over(Answering({"DiagnoseId": diagnose_id})))

    with pytest.raises(Problem) as caught:
        await vpn.diagnose_vpn_gateway(credential, a_request(), TOKEN)

    assert caught.value.code == "cloud.not_understood"


@pytest.mark.parametrize(
    ("asked", "params"),
    [
        ({"diagnose_id": "vpndgn-1"}, {"RegionId": "cn-hangzhou", "DiagnoseId": "vpndgn-1"}),
        ({"gateway_id": GATEWAY}, {"RegionId": "cn-hangzhou", "VpnGatewayId": str(GATEWAY)}),
    ],
    ids=["by diagnosis", "by gateway"],
)
async def test_a_result_is_asked_for_by_either_id(
    asked: dict[str, Any], params: dict[str, str], rpc_over: Clients, credential: Credential
) -> None:
    cloud = Answering(
        {
            "DiagnoseId": "vpndgn-1",
            "VpnGatewayId": str(GATEWAY),
            "FinishedCount": 2,
            "TotalCount": 7,
            "RequestId": "R1",
        }
    )

    report = await VpnApi(rpc_over(cloud)).get_vpn_gateway_diagnose_result(credential, REGION, **asked)

    assert cloud.params == params
    assert (report.diagnose_id, report.gateway_id, report.region) == ("vpndgn-1", GATEWAY, REGION)
    assert (report.finished_count, report.total_count, report.finished) == (2, 7, False)


async def test_a_result_of_nothing_cannot_be_asked_for(rpc_over: Clients, credential: Credential) -> None:
    with pytest.raises(ValueError, match="needed"):
        await VpnApi(rpc_over(Answering({}))).get_vpn_gateway_diagnose_result(credential, REGION)


@pytest.mark.parametrize(
    "regions",
    [
        {"Region": [{"RegionId": "cn-qingdao"}, {"RegionId": "eu-central-1", "LocalName": "Germany"}]},
        [
            {"RegionId": "cn-qingdao"},
            {"RegionId": "EVIL.example/"},
            {"RegionId": 7},
            {},
            7,
            {"RegionId": "eu-central-1"},
        ],
    ],
    ids=["wrapped", "flat, with odd ones"],
)
async def test_regions_are_those_in_a_known_form(regions: Any, rpc_over: Clients, credential: Credential) -> None:
    cloud = Answering({"Regions": regions})

    assert await VpnApi(rpc_over(cloud)).describe_regions(credential) == ("cn-qingdao", "eu-central-1")
    assert cloud.params == {"AcceptLanguage": "en-US"}


async def test_regions_that_are_no_list_are_not_understood(rpc_over: Clients, credential: Credential) -> None:
    with pytest.raises(Problem) as caught:
        await VpnApi(rpc_over(Answering({"Regions": "all"}))).describe_regions(credential)

    assert caught.value.code == "cloud.not_understood"


async def test_gateways_are_listed_by_region(rpc_over: Clients, credential: Credential) -> None:
    cloud = Answering({"VpnGateways": {"VpnGateway": [{"VpnGatewayId": str(GATEWAY)}]}, "TotalCount": 1})

    found = await VpnApi(rpc_over(cloud)).describe_vpn_gateways(credential, REGION)

    assert [gateway.gateway_id for gateway in found.entries] == [GATEWAY]
    assert cloud.action == "DescribeVpnGateways"
    assert cloud.params == {"RegionId": "cn-hangzhou", "PageNumber": "1", "PageSize": "50"}


async def test_connections_are_listed_by_gateway_or_looked_at(rpc_over: Clients, credential: Credential) -> None:
    cloud = Answering({"VpnConnections": {"VpnConnection": []}, "TotalCount": 0})
    vpn = VpnApi(rpc_over(cloud))

    await vpn.describe_vpn_connections(credential, REGION, gateway_id=GATEWAY)
    of_gateway = cloud.params
    await vpn.describe_vpn_connections(credential, REGION, connection_id=VpnConnectionId("vco-a"))

    assert of_gateway["VpnGatewayId"] == GATEWAY
    assert cloud.action == "DescribeVpnConnections"
    assert cloud.params["VpnConnectionId"] == "vco-a"
    assert "VpnGatewayId" not in cloud.params
