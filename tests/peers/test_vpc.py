"""VPC: what the official SDK reads out of the emulator's answers is what the bot reads out of them."""

import json
from datetime import UTC, datetime
from ipaddress import IPv4Address
from typing import Any

import pytest
from alibabacloud_vpc20160428 import models

from bot.alibaba.details import read_detail
from bot.alibaba.redaction import redacted_lines
from bot.alibaba.rpc import RpcClient
from bot.alibaba.tunnels import TunnelApi
from bot.alibaba.vpn import VpnApi
from bot.model.ids import RegionId, RunId, TunnelId, VpnConnectionId, VpnGatewayId
from bot.model.report import DiagnosticItem, ResultLevel
from bot.model.request import DiagnosisRequest, PrivateAddresses
from bot.model.tokens import HIDDEN
from bot.model.vpn import TunnelFinding, VpnConnection, VpnGateway, VpnTunnel
from tests.peers.conftest import LAB
from tests.peers.sdk import Sdk

HANGZHOU = RegionId("cn-hangzhou")
REGIONS = [HANGZHOU, RegionId("cn-qingdao"), RegionId("eu-central-1")]
ADDRESSES = PrivateAddresses(source=IPv4Address("192.168.1.1"), destination=IPv4Address("10.8.0.1"))
BROKEN = DiagnosisRequest(
    region=HANGZHOU,
    gateway_id=VpnGatewayId("vpn-broken00000000000001"),
    connection_id=VpnConnectionId("vco-broken00000000000001"),
    addresses=ADDRESSES,
)


def moment(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)


async def test_regions(sdk: Sdk, ours: RpcClient) -> None:
    request = models.DescribeRegionsRequest(accept_language="en-US")

    body = await sdk.ask(sdk.vpc(LAB), "describe_regions_with_options", request)

    assert body.regions.region[0].local_name == "China (Hangzhou)"
    assert tuple(one.region_id for one in body.regions.region) == await VpnApi(ours).describe_regions(LAB)


@pytest.mark.parametrize("region", REGIONS)
async def test_gateways(sdk: Sdk, ours: RpcClient, region: RegionId) -> None:
    request = models.DescribeVpnGatewaysRequest(region_id=region, page_size=50)

    body = await sdk.ask(sdk.vpc(LAB), "describe_vpn_gateways_with_options", request)

    listing = await VpnApi(ours).describe_vpn_gateways(LAB, region)
    assert listing.entries
    assert tuple(as_gateway(one) for one in body.vpn_gateways.vpn_gateway) == listing.entries
    assert body.total_count == len(listing.entries)


async def test_filters_and_pages_as_the_sdk_writes_them(sdk: Sdk) -> None:
    tag = models.DescribeVpnGatewaysRequestTag(key="team", value="network")
    request = models.DescribeVpnGatewaysRequest(
        region_id=HANGZHOU, tag=[tag], status="active", page_number=1, page_size=1, include_reservation_data=True
    )

    body = await sdk.ask(sdk.vpc(LAB), "describe_vpn_gateways_with_options", request)

    assert [one.vpn_gateway_id for one in body.vpn_gateways.vpn_gateway] == ["vpn-healthy0000000000001"]
    assert (body.page_number, body.page_size, body.total_count) == (1, 1, 1)
    assert [(one.key, one.value) for one in body.vpn_gateways.vpn_gateway[0].tags.tag] == [
        ("team", "network"),
        ("stage", "production"),
    ]


@pytest.mark.parametrize("region", REGIONS)
async def test_connections(sdk: Sdk, ours: RpcClient, region: RegionId) -> None:
    request = models.DescribeVpnConnectionsRequest(region_id=region, page_size=50)

    body = await sdk.ask(sdk.vpc(LAB), "describe_vpn_connections_with_options", request)

    listing = await VpnApi(ours).describe_vpn_connections(LAB, region)
    assert listing.entries
    assert tuple(as_connection(one) for one in body.vpn_connections.vpn_connection) == listing.entries


async def test_the_sdk_reads_the_keys_that_the_bot_does_not(sdk: Sdk, ours: RpcClient) -> None:
    request = models.DescribeVpnConnectionsRequest(region_id="eu-central-1")

    body = await sdk.ask(sdk.vpc(LAB), "describe_vpn_connections_with_options", request)

    [connection] = body.vpn_connections.vpn_connection
    keys = {
        connection.vpn_bgp_config.auth_key,
        connection.ike_config.psk,
        *(one.tunnel_ike_config.psk for one in connection.tunnel_options_specification.tunnel_options),
    }
    assert keys == {"emulated-bgp-secret", "emulated-pre-shared-key", "the-cloud-has-this-key"}
    listing = await VpnApi(ours).describe_vpn_connections(LAB, RegionId("eu-central-1"))
    assert not any(key in listing.model_dump_json() for key in keys)


@pytest.mark.parametrize(
    ("region", "connections", "tunnels"),
    [
        (HANGZHOU, ["vco-broken00000000000001", "vco-healthy0000000000001"], []),
        (RegionId("eu-central-1"), [], ["tun-master00000000000001", "tun-slave000000000000001"]),
    ],
)
async def test_findings_of_tunnels(
    sdk: Sdk, ours: RpcClient, region: RegionId, connections: list[str], tunnels: list[str]
) -> None:
    request = models.DiagnoseVpnConnectionsRequest(
        region_id=region, vpn_connection_ids=connections, tunnel_ids=tunnels
    )

    body = await sdk.ask(sdk.vpc(LAB), "diagnose_vpn_connections_with_options", request)

    listing = await TunnelApi(ours).diagnose_vpn_connections(
        LAB,
        region,
        connection_ids=[VpnConnectionId(one) for one in connections],
        tunnel_ids=[TunnelId(one) for one in tunnels],
    )
    assert [finding.severity for finding in listing.entries] == ["Critical", "Normal"]
    assert tuple(as_finding(one) for one in body.vpn_connections) == listing.entries


async def test_a_start_with_the_same_token_is_the_same_start_to_both(sdk: Sdk, ours: RpcClient) -> None:
    token = RunId.made(datetime.now(UTC), bytes(10))
    ends = {"PrivateSourceIp": "192.168.1.1", "PrivateDestinationIp": "10.8.0.1"}
    request = models.DiagnoseVpnGatewayRequest(
        region_id=BROKEN.region,
        vpn_gateway_id=BROKEN.gateway_id,
        resource_id=BROKEN.connection_id,
        resource_type="IPsec",
        ipsec_extend_info=json.dumps(ends, separators=(",", ":")),
        client_token=token,
    )

    body = await sdk.ask(sdk.vpc(LAB), "diagnose_vpn_gateway_with_options", request)

    started = await VpnApi(ours).diagnose_vpn_gateway(LAB, BROKEN, token)
    assert body.diagnose_id == started.diagnose_id
    assert body.request_id != started.request_id


async def test_a_report(sdk: Sdk, ours: RpcClient) -> None:
    token = RunId.made(datetime.now(UTC), bytes(10))
    diagnose_id = (await VpnApi(ours).diagnose_vpn_gateway(LAB, BROKEN, token)).diagnose_id
    request = models.GetVpnGatewayDiagnoseResultRequest(region_id=BROKEN.region, diagnose_id=diagnose_id)

    body = await sdk.ask(sdk.vpc(LAB), "get_vpn_gateway_diagnose_result_with_options", request)

    report = await VpnApi(ours).get_vpn_gateway_diagnose_result(LAB, BROKEN.region, diagnose_id=diagnose_id)
    assert report.finished
    assert tuple(as_item(one) for one in body.diagnose_result) == report.items
    assert (body.diagnose_id, body.vpn_gateway_id) == (report.diagnose_id, report.gateway_id)
    assert (body.resource_instance_id, body.resource_type) == (report.connection_id, "IPsec")
    assert (body.finished_count, body.total_count) == (report.finished_count, report.total_count) == (7, 7)
    assert datetime.fromisoformat(body.begin_time) == report.begin_time
    assert datetime.fromisoformat(body.finish_time) == report.finish_time


def as_item(one: Any) -> DiagnosticItem:
    level = one.diagnose_result_level
    detail = read_detail(one.diagnose_name, one.diagnose_result_description)
    return DiagnosticItem(name=one.diagnose_name, level=ResultLevel(level), level_text=level, detail=detail)


def as_gateway(one: Any) -> VpnGateway:
    return VpnGateway(
        gateway_id=one.vpn_gateway_id,
        name=one.name,
        description=one.description,
        status=one.status,
        business_status=one.business_status,
        gateway_type=one.gateway_type,
        network_type=one.network_type,
        spec=one.spec,
        vpc_id=one.vpc_id,
        internet_ip=one.internet_ip,
        second_internet_ip=one.disaster_recovery_internet_ip or "",
        ipsec_enabled=one.ipsec_vpn == "enable",
        bgp_enabled=one.enable_bgp,
        created_at=moment(one.create_time),
        ends_at=moment(one.end_time),
    )


def as_connection(one: Any) -> VpnConnection:
    options = one.tunnel_options_specification
    return VpnConnection(
        connection_id=one.vpn_connection_id,
        gateway_id=one.vpn_gateway_id,
        customer_gateway_id=one.customer_gateway_id,
        name=one.name,
        status=one.status,
        state=one.state,
        attach_type=one.attach_type,
        network_type=one.network_type,
        internet_ip=one.internet_ip,
        local_subnets=tuple(one.local_subnet.split(",")),
        remote_subnets=tuple(one.remote_subnet.split(",")),
        bgp_status=one.vpn_bgp_config.status or "",
        health_check_status=one.vco_health_check.status or "",
        created_at=moment(one.create_time),
        tunnels=tuple(as_tunnel(tunnel) for tunnel in options.tunnel_options) if options else (),
    )


def as_tunnel(one: Any) -> VpnTunnel:
    return VpnTunnel(
        tunnel_id=one.tunnel_id,
        role=one.role,
        status=one.status,
        state=one.state,
        internet_ip=one.internet_ip,
        zone=one.zone_no,
        customer_gateway_id=one.customer_gateway_id,
        bgp_status=one.tunnel_bgp_config.bgp_status,
    )


def as_finding(one: Any) -> TunnelFinding:
    return TunnelFinding(
        connection_id=one.vpn_connection_id,
        tunnel_id=one.tunnel_id,
        reason_code=one.failed_reason_code or "",
        reason=redacted_lines(one.failed_reason or ""),
        severity=one.severity,
        failed_at=moment(one.failed_time),
        cloud_side=one.mismatch_local_param or None,
        peer_side=one.mismatch_remote_param or None,
        log=HIDDEN if one.failed_reason_code == "PskMismatch" else redacted_lines(one.source_log or ""),
    )
