"""VPC 2016-04-28: DescribeRegions, DiagnoseVpnGateway, GetVpnGatewayDiagnoseResult, and the lists.

Source: https://www.alibabacloud.com/help/en/vpn/sub-product-ipsec-vpn/developer-reference/api-vpc-2016-04-28-diagnosevpngateway-vpns
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from ipaddress import IPv4Address
from typing import Any

from bot.emulators.alibaba.authorization import authorize
from bot.emulators.alibaba.checks import findings
from bot.emulators.alibaba.connection_list import ConnectionList
from bot.emulators.alibaba.diagnoses import Diagnoses, Diagnosis
from bot.emulators.alibaba.gateway_list import GatewayList
from bot.emulators.alibaba.network import Account, Gateway, Network
from bot.emulators.alibaba.operations import OWNERS, Answer, Call, Operation, Product
from bot.emulators.alibaba.refusals import Refusal, invalid, missing
from bot.emulators.alibaba.tunnel_diagnosis import TunnelDiagnosis
from bot.emulators.alibaba.tunnels import Connection
from bot.model.request import PrivateAddresses

RESOURCE_TYPE = "IPsec"
# Written at two operations of this API that have a ClientToken, and taken to hold for all.
LONGEST_CLIENT_TOKEN = 64


class VpcOperations:
    """The operations of VPC over one network; a diagnosis takes `takes`."""

    def __init__(
        self, network: Network, takes: timedelta, entropy: Callable[[int], bytes], diagnoses: Diagnoses
    ) -> None:
        self._network = network
        self._takes = takes
        self._entropy = entropy
        self._diagnoses = diagnoses

    def product(self) -> Product:
        start = ("RegionId", "ResourceId", "ResourceType", "VpnGatewayId")
        operations = (
            Operation("DescribeRegions", (), self.describe_regions, ("AcceptLanguage",), ("ProductType", *OWNERS)),
            GatewayList(self._network).operation(),
            ConnectionList(self._network).operation(),
            TunnelDiagnosis(self._network).operation(),
            Operation("DiagnoseVpnGateway", start, self.diagnose_vpn_gateway, ("IPsecExtendInfo", "ClientToken")),
            Operation(
                "GetVpnGatewayDiagnoseResult",
                ("RegionId",),
                self.get_vpn_gateway_diagnose_result,
                ("DiagnoseId", "VpnGatewayId"),
                ignored=("ClientToken",),
            ),
        )
        return Product("Vpc", "2016-04-28", operations)

    def describe_regions(self, call: Call) -> Answer:
        """List the regions, with Chinese names unless English ones are asked for."""
        authorize(call, "vpc:DescribeRegions", "*")
        english = call.parameter("AcceptLanguage").lower().startswith("en")
        regions = [
            {
                "RegionId": region.id,
                "RegionEndpoint": region.endpoint,
                "LocalName": region.name if english else region.local_name,
            }
            for region in self._network.regions
        ]
        return Answer({"Regions": {"Region": regions}}, {})

    def diagnose_vpn_gateway(self, call: Call) -> Answer:
        """Start a diagnosis, or repeat the answer to a call with the same ClientToken."""
        authorize(call, "vpc:DiagnoseVpnGateway", "*")  # "All Resources": "*" is all there is
        self._network.check_region(call.parameter("RegionId"))
        if call.parameter("ResourceType").lower() != RESOURCE_TYPE.lower():
            raise Refusal("IllegalParam.ResourceType")
        ends = _private_ends(call.parameter("IPsecExtendInfo"))
        token = _client_token(call)
        repeated = self._repeated(call, token)
        if repeated is not None:
            return Answer({"DiagnoseId": repeated}, {"accepted_start": False, "diagnose_id": repeated})
        account, gateway, connection = self._found(call)
        self._check_startable(gateway, call.now)
        diagnosis = Diagnosis(
            id=f"vpndgn-{self._entropy(9).hex()}",
            account_id=account.id,
            region=gateway.region,
            gateway_id=gateway.id,
            connection_id=connection.id,
            begun_at=call.now,
            takes=self._takes,
            findings=findings(account.vpc_of(gateway), gateway, connection, ends),
        )
        self._diagnoses.add(diagnosis, token, _without_token(call))
        return Answer({"DiagnoseId": diagnosis.id}, {"accepted_start": True, "diagnose_id": diagnosis.id})

    def get_vpn_gateway_diagnose_result(self, call: Call) -> Answer:
        """Show how far a diagnosis is, by its own ID or as the latest one of a gateway."""
        diagnose_id, gateway_id = call.parameter("DiagnoseId"), call.parameter("VpnGatewayId")
        diagnosis = self._diagnoses.get(diagnose_id) if diagnose_id else self._diagnoses.latest(gateway_id)
        if diagnosis is not None and diagnosis.account_id != call.caller.account_id:
            diagnosis = None
        named = (diagnosis.gateway_id if diagnosis else gateway_id) or "*"
        resource = f"acs:vpc:{call.parameter('RegionId')}:{call.caller.account_id}:vpngateway/{named}"
        authorize(call, "vpc:GetVpnGatewayDiagnoseResult", resource)
        self._network.check_region(call.parameter("RegionId"))
        if not diagnose_id and not gateway_id:
            raise missing("DiagnoseId")
        if gateway_id:
            self._gateway(call)
        if diagnosis is None or diagnosis.region != call.parameter("RegionId"):
            raise Refusal("InvalidResourceId.NotFound")
        if gateway_id and diagnosis.gateway_id != gateway_id:
            raise Refusal("InvalidResourceId.NotFound")
        escaped = self._network.result_descriptions == "escaped"
        return Answer(_report(diagnosis, call.now, escaped=escaped), {"diagnose_id": diagnosis.id})

    def _repeated(self, call: Call, token: str) -> str | None:
        """Find the DiagnoseId that this token got before; other parameters than then are a mismatch."""
        before = self._diagnoses.started_with(call.caller.account_id, token)
        if before is None:
            return None
        parameters, diagnose_id = before
        if parameters != _without_token(call):
            raise Refusal("IdempotentParameterMismatch")
        return diagnose_id

    def _found(self, call: Call) -> tuple[Account, Gateway, Connection]:
        account, gateway = self._gateway(call)
        connection = gateway.connection(call.parameter("ResourceId"))
        if connection is None:
            raise Refusal("InvalidResourceId.NotFound")
        return account, gateway, connection

    def _gateway(self, call: Call) -> tuple[Account, Gateway]:
        found = self._network.gateway(call.parameter("VpnGatewayId"))
        if found is None or found[1].region != call.parameter("RegionId"):
            raise Refusal("InvalidVpnGatewayInstanceId.NotFound")
        if found[0].id != call.caller.account_id:
            raise Refusal("Forbidden")
        return found

    def _check_startable(self, gateway: Gateway, now: datetime) -> None:
        if gateway.diagnosis == "unsupported":
            raise Refusal("OperationUnsupported.DiagnoseVpn")
        if gateway.status != "active":
            raise Refusal("VpnGateway.Configuring")
        if self._diagnoses.is_running(gateway.id, now):
            raise Refusal("OperationFailed.VpnGatewayDiagnosing")
        if gateway.diagnosis == "failing":
            raise Refusal("OperationFailed.StartDiagnose")


def _client_token(call: Call) -> str:
    """Give the token; without one the service uses the RequestId."""
    token = call.parameter("ClientToken")
    if not token.isascii() or len(token) > LONGEST_CLIENT_TOKEN:
        raise invalid("ClientToken")
    return token or call.request_id


def _without_token(call: Call) -> dict[str, str]:
    named = call.operation.parameters - {"ClientToken"}
    return {name: value for name, value in call.parameters.items() if name in named}


def _private_ends(text: str) -> PrivateAddresses | None:
    """Read IPsecExtendInfo: both addresses or neither, IPv4."""
    if not text:
        return None
    try:
        info = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise invalid("IPsecExtendInfo") from error
    if not isinstance(info, Mapping):
        raise invalid("IPsecExtendInfo")
    source, destination = info.get("PrivateSourceIp"), info.get("PrivateDestinationIp")
    if not source and not destination:
        return None
    return PrivateAddresses(
        source=_address(source, "PrivateSourceIp"), destination=_address(destination, "PrivateDestinationIp")
    )


def _address(value: object, name: str) -> IPv4Address:
    try:
        return IPv4Address(value if isinstance(value, str) else "")
    except ValueError as error:
        raise Refusal(f"IllegalParam.{name}") from error


def _report(diagnosis: Diagnosis, now: datetime, *, escaped: bool) -> dict[str, Any]:
    done = diagnosis.finished_count(now)
    report = {
        "DiagnoseId": diagnosis.id,
        "VpnGatewayId": diagnosis.gateway_id,
        "ResourceInstanceId": diagnosis.connection_id,
        "ResourceType": RESOURCE_TYPE,
        "BeginTime": f"{diagnosis.begun_at:%Y-%m-%dT%H:%M:%SZ}",
        "FinishedCount": done,
        "TotalCount": len(diagnosis.findings),
        "DiagnoseResult": [finding.as_answered(escaped=escaped) for finding in diagnosis.findings[:done]],
    }
    if done < len(diagnosis.findings):
        return report
    return report | {"FinishTime": f"{diagnosis.ends_at:%Y-%m-%dT%H:%M:%SZ}"}
