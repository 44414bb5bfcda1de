"""The operations of VPN Gateway: diagnoses, and what there is to diagnose (product Vpc, version 2016-04-28)."""

import json
from collections.abc import Mapping

from bot.alibaba.answer import list_of, request_id_of
from bot.alibaba.endpoints import Product
from bot.alibaba.inventory import read_connection, read_gateway
from bot.alibaba.operation import LISTS, RESULTS, STARTS, Operation
from bot.alibaba.pages import listed
from bot.alibaba.result import read_diagnose_id, read_report
from bot.alibaba.rpc import RpcClient
from bot.model.credential import Credential
from bot.model.ids import RegionId, RunId, VpnConnectionId, VpnGatewayId
from bot.model.problem import Problem
from bot.model.report import DiagnosisReport
from bot.model.request import DiagnosisRequest, PrivateAddresses
from bot.model.value import Value
from bot.model.vpn import Listing, VpnConnection, VpnGateway

VERSION = "2016-04-28"

DIAGNOSE = Operation(
    product=Product.VPC,
    name="DiagnoseVpnGateway",
    version=VERSION,
    answers_with=("DiagnoseId",),
    quota=STARTS,
)
GET_RESULT = Operation(
    product=Product.VPC,
    name="GetVpnGatewayDiagnoseResult",
    version=VERSION,
    answers_with=("DiagnoseId", "DiagnoseResult", "TotalCount"),
    quota=RESULTS,
)
DESCRIBE_REGIONS = Operation(
    product=Product.VPC, name="DescribeRegions", version=VERSION, answers_with=("Regions",), quota=LISTS
)
DESCRIBE_GATEWAYS = Operation(
    product=Product.VPC,
    name="DescribeVpnGateways",
    version=VERSION,
    answers_with=("VpnGateways", "TotalCount"),
    quota=LISTS,
)
DESCRIBE_CONNECTIONS = Operation(
    product=Product.VPC,
    name="DescribeVpnConnections",
    version=VERSION,
    answers_with=("VpnConnections", "TotalCount"),
    quota=LISTS,
)


class StartedDiagnosis(Value):
    """The answer to an accepted start; `request_id` is empty if the cloud gave none."""

    diagnose_id: str
    request_id: str


class VpnApi:
    """Diagnoses and lists, each call as whom the credential says.

    Each raises Problem with the vendor's code and RequestId, or one of `cloud.*`.
    """

    def __init__(self, rpc: RpcClient) -> None:
        self._rpc = rpc

    async def diagnose_vpn_gateway(
        self, credential: Credential, request: DiagnosisRequest, client_token: RunId
    ) -> StartedDiagnosis:
        """Start a diagnosis. The same token with the same request never starts a second one.

        Raises Problem: `OperationFailed.VpnGatewayDiagnosing` if one of this gateway is running already, the other
        codes of https://www.alibabacloud.com/help/en/vpn/developer-reference/api-vpc-2016-04-28-diagnosevpngateway-vpns
        (read November 2026), those of RAM and of the gateway in front, or one of `cloud.*`.
        """
        params = {
            "RegionId": request.region,
            "VpnGatewayId": request.gateway_id,
            "ResourceId": request.connection_id,
            "ResourceType": "IPsec",  # "Ipsec" in some of the vendor's pages, "IPsec" in its SDK and its answers
            "ClientToken": client_token,
        }
        if request.addresses is not None:
            params["IPsecExtendInfo"] = _extend_info(request.addresses)
        answer = await self._rpc.call(DIAGNOSE, params, credential, request.region)
        diagnose_id = read_diagnose_id(answer["DiagnoseId"])
        if diagnose_id is None:
            raise Problem("cloud.not_understood", operation=DIAGNOSE.name, http_status=200)
        return StartedDiagnosis(diagnose_id=diagnose_id, request_id=request_id_of(answer) or "")

    async def get_vpn_gateway_diagnose_result(
        self,
        credential: Credential,
        region: RegionId,
        *,
        diagnose_id: str | None = None,
        gateway_id: VpnGatewayId | None = None,
    ) -> DiagnosisReport:
        """Ask how far a diagnosis has come, by its ID or by its gateway (then the latest one, whoever started it).

        `region` is the gateway's own: the API finds nothing elsewhere. While the diagnosis runs, the report has no
        `finish_time` and the checks that are done so far. Round-trip times are in milliseconds, -1 on the wire for
        no answer; `lossRate` is in percent. The quota is 120 calls in 60 s for an account and region.

        Raises Problem with the vendor's code and RequestId, or one of `cloud.*`; ValueError without any ID.
        """
        if diagnose_id is None and gateway_id is None:
            message = "either diagnose_id or gateway_id is needed"
            raise ValueError(message)
        params = _given({"RegionId": region, "DiagnoseId": diagnose_id, "VpnGatewayId": gateway_id})
        answer = await self._rpc.call(GET_RESULT, params, credential, region)
        return read_report(answer, region, diagnose_id=diagnose_id, gateway_id=gateway_id)

    async def describe_regions(self, credential: Credential) -> tuple[RegionId, ...]:
        """Return the regions of VPC in the cloud's own order, without those whose names have no known form."""
        # Without the language the names come in Chinese; they are not used, but then they do not surprise either.
        answer = await self._rpc.call(DESCRIBE_REGIONS, {"AcceptLanguage": "en-US"}, credential, None)
        regions = list_of(answer["Regions"])
        if regions is None:
            raise Problem("cloud.not_understood", operation=DESCRIBE_REGIONS.name, http_status=200)
        ids = (one.get("RegionId") for one in regions if isinstance(one, dict))
        return tuple(RegionId(text) for text in ids if isinstance(text, str) and RegionId.form.fullmatch(text))

    async def describe_vpn_gateways(
        self, credential: Credential, region: RegionId, *, gateway_id: VpnGatewayId | None = None
    ) -> Listing[VpnGateway]:
        """List the region's gateways, or look at one.

        An empty list may mean that the identity may see none: some products of the cloud answer so instead of
        with a refusal.
        """
        params = _given({"RegionId": region, "VpnGatewayId": gateway_id})
        return await listed(self._rpc, DESCRIBE_GATEWAYS, params, credential, region, read_gateway)

    async def describe_vpn_connections(
        self,
        credential: Credential,
        region: RegionId,
        *,
        gateway_id: VpnGatewayId | None = None,
        connection_id: VpnConnectionId | None = None,
    ) -> Listing[VpnConnection]:
        """List the region's IPsec connections, those of a gateway, or look at one.

        The pre-shared keys and BGP keys in the answer are not read.
        """
        params = _given({"RegionId": region, "VpnGatewayId": gateway_id, "VpnConnectionId": connection_id})
        return await listed(self._rpc, DESCRIBE_CONNECTIONS, params, credential, region, read_connection)


def _given(params: Mapping[str, str | None]) -> dict[str, str]:
    return {name: str(value) for name, value in params.items() if value is not None}


def _extend_info(addresses: PrivateAddresses) -> str:
    # Always the same bytes for the same addresses: a repeated ClientToken wants repeated parameters.
    info = {"PrivateSourceIp": str(addresses.source), "PrivateDestinationIp": str(addresses.destination)}
    return json.dumps(info, separators=(",", ":"))
