"""DescribeVpnGateways: the VPN gateways of an account in a region, filtered and in pages.

Source: https://www.alibabacloud.com/help/en/doc-detail/120364.html
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.emulators.alibaba import paging, tags
from bot.emulators.alibaba.authorization import authorize
from bot.emulators.alibaba.network import Account, Gateway, Network
from bot.emulators.alibaba.operations import OWNERS, Answer, Call, Operation
from bot.emulators.alibaba.tags import TagFilter

_FILTERS: Mapping[str, Callable[[Gateway], str]] = {
    "VpnGatewayId": lambda gateway: gateway.id,
    "VpcId": lambda gateway: gateway.vpc,
    "Status": lambda gateway: gateway.status,
    "BusinessStatus": lambda gateway: gateway.business_status,
    "GatewayType": lambda gateway: gateway.gateway_type,
    "ResourceGroupId": lambda gateway: gateway.resource_group,
}


class GatewayList:
    """Lists the gateways of one network."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def operation(self) -> Operation:
        optional = (*_FILTERS, *tags.PARAMETERS, *paging.PARAMETERS)
        ignored = ("IncludeReservationData", *OWNERS)
        return Operation("DescribeVpnGateways", ("RegionId",), self.describe_vpn_gateways, optional, ignored)

    def describe_vpn_gateways(self, call: Call) -> Answer:
        """List what all filters take. To see all of them is a permission of its own (`vpngateway/*`)."""
        region, account_id = call.parameter("RegionId"), call.caller.account_id
        named = call.parameter("VpnGatewayId") or "*"
        authorize(call, "vpc:DescribeVpnGateways", f"acs:vpc:{region}:{account_id}:vpngateway/{named}")
        self._network.check_region(region)
        account = self._network.account(account_id)
        shown, fields = paging.page(call, _taken(call, account) if account else [])
        return Answer(fields | {"VpnGateways": {"VpnGateway": [as_answered(gateway) for gateway in shown]}}, {})


def _taken(call: Call, account: Account) -> list[Gateway]:
    region, by_tag = call.parameter("RegionId"), TagFilter(call)
    wanted = {name: call.parameter(name) for name in _FILTERS if call.parameter(name)}
    return [
        gateway
        for gateway in account.vpn_gateways
        if gateway.region == region
        and all(_FILTERS[name](gateway) == value for name, value in wanted.items())
        and by_tag.takes(gateway.tags)
    ]


def as_answered(gateway: Gateway) -> dict[str, Any]:
    """Lay out a gateway. Fields that no network.yml needs to set have the value of a usual one."""
    bgp = any(connection.bgp for connection in gateway.connections)
    return {
        "VpnGatewayId": gateway.id,
        "Name": gateway.name,
        "Description": gateway.description,
        "VpcId": gateway.vpc,
        "VSwitchId": f"vsw-{gateway.vpc.removeprefix('vpc-')}",
        "Status": gateway.status,
        "BusinessStatus": gateway.business_status,
        "GatewayType": gateway.gateway_type,
        "NetworkType": gateway.network_type,
        "VpnType": "Normal",
        "InternetIp": str(gateway.internet_ip),
        "Spec": f"{gateway.bandwidth_mbps}M",
        "IpsecVpn": "enable" if gateway.ipsec else "disable",
        "SslVpn": "disable",
        "SslMaxConnections": 5,
        "EnableBgp": bgp,
        "AutoPropagate": True,
        "ChargeType": "POSTPAY",
        "CreateTime": milliseconds(gateway.created_at),
        "EndTime": milliseconds(gateway.ends_at),
        "ResourceGroupId": gateway.resource_group,
        "Tag": _flags(gateway, bgp=bgp),
        "Tags": tags.as_answered(gateway.tags),
        "EniInstanceIds": {"EniInstanceId": []},
    }


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _flags(gateway: Gateway, *, bgp: bool) -> str:
    """Write the flags that the system itself keeps: a text with JSON in it, its values texts again."""
    is_new = gateway.diagnosis != "unsupported"
    flags = {"VpnEnableBgp": bgp, "VpnNewImage": is_new, "VpnVersion": "v1.2.6" if is_new else "v1.0.1"}
    return json.dumps({name: str(value).lower() for name, value in flags.items()}, separators=(",", ":"))
