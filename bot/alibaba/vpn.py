"""The operations of VPN Gateway that make up a diagnosis (product Vpc, version 2016-04-28)."""

import json

from bot.alibaba.answer import list_of, request_id_of
from bot.alibaba.endpoints import Product
from bot.alibaba.result import read_diagnose_id, read_report
from bot.alibaba.rpc import Operation, RpcClient
from bot.model.credential import Credential
from bot.model.ids import RegionId, RunId, VpnGatewayId
from bot.model.problem import Problem
from bot.model.report import DiagnosisReport
from bot.model.request import DiagnosisRequest, PrivateAddresses
from bot.model.value import Value

VERSION = "2016-04-28"

DIAGNOSE = Operation(product=Product.VPC, name="DiagnoseVpnGateway", version=VERSION, answers_with=("DiagnoseId",))
GET_RESULT = Operation(
    product=Product.VPC,
    name="GetVpnGatewayDiagnoseResult",
    version=VERSION,
    answers_with=("DiagnoseId", "DiagnoseResult", "TotalCount"),
)
DESCRIBE_REGIONS = Operation(
    product=Product.VPC, name="DescribeRegions", version=VERSION, answers_with=("Regions",)
)


class StartedDiagnosis(Value):
    """The answer to an accepted start; `request_id` is empty if the cloud gave none."""

    diagnose_id: str
    request_id: str


class VpnApi:
    """Diagnoses of VPN gateways, each call as whom the credential says."""

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
        asked = {"DiagnoseId": diagnose_id, "VpnGatewayId": gateway_id}
        params = {"RegionId": str(region)} | {name: value for name, value in asked.items() if value is not None}
        if len(params) == 1:
            message = "either diagnose_id or gateway_id is needed"
            raise ValueError(message)
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


def _extend_info(addresses: PrivateAddresses) -> str:
    # Always the same bytes for the same addresses: a repeated ClientToken wants repeated parameters.
    info = {"PrivateSourceIp": str(addresses.source), "PrivateDestinationIp": str(addresses.destination)}
    return json.dumps(info, separators=(",", ":"))
