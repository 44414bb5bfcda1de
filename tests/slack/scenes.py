"""Runs at each of their stages, as values."""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from typing import Any

from bot.model.ids import (
    ChannelId,
    RegionId,
    RunId,
    TeamId,
    TunnelId,
    UserId,
    VpnConnectionId,
    VpnGatewayId,
)
from bot.model.problem import ProblemDetails
from bot.model.report import (
    ConfigConsistency,
    ConfigDifference,
    Connectivity,
    Detail,
    DiagnosisReport,
    DiagnosticItem,
    Quota,
    ResultLevel,
    RouteConflict,
    Unreadable,
)
from bot.model.request import Conversation, DiagnosisRequest, PrivateAddresses, Requester
from bot.model.run import Language, Run, RunState
from bot.model.tunnels import Tunnels, TunnelState
from bot.model.vpn import TunnelFinding

NOON = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)
ROLE = "acs:ram::1234567890123456:assumed-role/vpn-diagnose-oncall/slack-T0EMULATED-U0ALICE"

REQUEST = DiagnosisRequest(
    region=RegionId("cn-hangzhou"),
    gateway_id=VpnGatewayId("vpn-bp1k4m9x2q7r5t8w3z6n"),
    connection_id=VpnConnectionId("vco-bp1t8w3z6n5j2k4m9x7q"),
    addresses=PrivateAddresses(source=IPv4Address("192.168.1.1"), destination=IPv4Address("10.8.0.1")),
)


def a_run(**changes: Any) -> Run:
    values: dict[str, Any] = {
        "id": RunId.made(NOON, bytes(10)),
        "requester": Requester(team_id=TeamId("T0EMULATED"), user_id=UserId("U0ALICE")),
        "conversation": Conversation(channel_id=ChannelId("C0INCIDENT")),
        "request": REQUEST,
        "language": "en",
        "created_at": NOON,
        "due_at": NOON,
        "identity": "network-oncall",
        "principal": ROLE,
    }
    return Run(**values | changes)


def a_diagnosing_run(**changes: Any) -> Run:
    values = {
        "state": RunState.DIAGNOSING,
        "diagnose_id": "vpndgn-bp1u6y2c9d4f",
        "start_request_id": "4F1A9C2E-7B3D-5E60-8A11-C0FFEE000001",
    }
    return a_run(**values | changes)


def a_reported_run(report: DiagnosisReport, language: Language = "en", **changes: Any) -> Run:
    return a_diagnosing_run(**{"state": RunState.REPORTED, "report": report, "language": language} | changes)


def a_failed_run(code: str, facts: dict[str, str] | None = None, **changes: Any) -> Run:
    problem = ProblemDetails(code=code, facts=facts or {})
    return a_run(**{"state": RunState.FAILED, "problem": problem} | changes)


def a_refused_run(**changes: Any) -> Run:
    facts = {"team_id": "T0EMULATED", "user_id": "U0ALICE"}
    unknown: dict[str, Any] = {"state": RunState.REFUSED, "identity": None, "principal": None}
    return a_failed_run("access.not_mapped", facts, **unknown | changes)


def a_report(*items: DiagnosticItem, **changes: Any) -> DiagnosisReport:
    values: dict[str, Any] = {
        "diagnose_id": "vpndgn-bp1u6y2c9d4f",
        "request_id": "9D2B7E44-1C5A-5F38-B6E0-C0FFEE000002",
        "region": REQUEST.region,
        "gateway_id": REQUEST.gateway_id,
        "connection_id": REQUEST.connection_id,
        "begin_time": NOON,
        "finish_time": NOON + timedelta(seconds=11),
        "finished_count": len(items),
        "total_count": len(items),
        "items": items,
    }
    return DiagnosisReport(**values | changes)


def an_item(name: str, level: str, detail: Detail) -> DiagnosticItem:
    known = ResultLevel(level) if level in set(ResultLevel) else ResultLevel.UNKNOWN
    return DiagnosticItem(name=name, level=known, level_text=level, detail=detail)


def a_quota(used: int, quantity: int = 20) -> Quota:
    return Quota(quota_name="vpn_quota", used=used, quantity=quantity)


NO_CONFLICT = an_item("RouteEntryConflict", "normal", RouteConflict())
FEW_ROUTES = an_item("VpnRouteQuota", "normal", a_quota(3))
FEW_CONNECTIONS = an_item("VpnIPsecQuota", "normal", a_quota(2, 10))
FEW_POLICY_ROUTES = an_item("VpnPbrRouteQuota", "normal", a_quota(0))
SAME_CONFIG = an_item("VcoConfigConsistency", "normal", ConfigConsistency(peer_known=True))
UNKNOWN_PEER = an_item("VcoConfigConsistency", "normal", ConfigConsistency(peer_known=False))
PEER_ANSWERS = an_item(
    "VcoUserInternetIpConnectivity",
    "normal",
    Connectivity(target_ip="203.0.113.20", loss_percent=0, rtt_ms=11.8),
)
HOSTS_ANSWER = an_item(
    "VcoPrivateConnectivity",
    "normal",
    Connectivity(target_ip="10.8.0.1", source_ip="192.168.1.1", loss_percent=0, rtt_ms=14.2),
)

HEALTHY = a_report(
    NO_CONFLICT, FEW_ROUTES, FEW_CONNECTIONS, FEW_POLICY_ROUTES, SAME_CONFIG, PEER_ANSWERS, HOSTS_ANSWER
)
HEALTHY_WITHOUT_HOSTS = a_report(*HEALTHY.items[:-1])
HEALTHY_AS_FAR_AS_KNOWN = a_report(
    NO_CONFLICT, FEW_ROUTES, FEW_CONNECTIONS, FEW_POLICY_ROUTES, UNKNOWN_PEER, PEER_ANSWERS
)
BROKEN = a_report(
    an_item("RouteEntryConflict", "error", RouteConflict(routes=("10.8.0.0/16", "10.8.0.0/24"))),
    an_item("VpnRouteQuota", "warning", a_quota(17)),
    FEW_CONNECTIONS,
    FEW_POLICY_ROUTES,
    an_item(
        "VcoConfigConsistency",
        "error",
        ConfigConsistency(
            peer_known=True,
            differing=(
                ConfigDifference(setting="IkeConfig.IkeEncAlg", cloud_side="aes256", peer_side="aes"),
                ConfigDifference(setting="IpsecConfig.IpsecPfs", cloud_side="group14"),
            ),
            lacking=("RemoteSubnet",),
        ),
    ),
    an_item(
        "VcoUserInternetIpConnectivity",
        "error",
        Connectivity(target_ip="203.0.113.21", loss_percent=100, rtt_ms=None),
    ),
    an_item(
        "VcoPrivateConnectivity",
        "error",
        Connectivity(target_ip="10.8.0.1", source_ip="192.168.1.1", loss_percent=100, rtt_ms=None),
    ),
)
UNFAMILIAR = a_report(
    an_item("TunnelFlapDetection", "critical", Unreadable(text='{"flaps": 12} <!channel> *see* :fire:')),
    an_item("BgpPeerState", "warning", Unreadable(text="AS 64512 idle")),
    an_item("QuantumReadiness", "normal", Unreadable(text="")),
    SAME_CONFIG,
)
UNFINISHED = a_report(
    an_item("RouteEntryConflict", "error", RouteConflict(routes=("10.8.0.0/16", "10.8.0.0/24"))),
    FEW_ROUTES,
    FEW_CONNECTIONS,
    finish_time=None,
    total_count=7,
)


def a_finding(code: str = "PskMismatch", **changes: Any) -> TunnelFinding:
    values: dict[str, Any] = {
        "connection_id": REQUEST.connection_id,
        "tunnel_id": None,
        "reason_code": code,
        "reason": "The pre-shared key does not match.",
        "severity": "Critical",
        "failed_at": NOON,
        "cloud_side": None,
        "peer_side": None,
        "log": "mismatch of preshared secrets",
    }
    return TunnelFinding(**values | changes)


def a_tunnel(status: str = "ipsec_sa_established", **changes: Any) -> TunnelState:
    return TunnelState(**{"status": status} | changes)


MASTER, SLAVE = TunnelId("tun-bp1a2b3c4d5e6f"), TunnelId("tun-bp1g7h8i9j0k1l")
DOWN = Tunnels(each=(a_tunnel("ike_sa_not_established", finding=a_finding()),))
PEER_SILENT = Tunnels(each=(a_tunnel("ike_sa_not_established", finding=a_finding("NoResponse")),))
UP = Tunnels(each=(a_tunnel(),))
ONE_OF_TWO_DOWN = Tunnels(
    each=(
        a_tunnel(
            "ike_sa_not_established",
            role="master",
            tunnel_id=MASTER,
            finding=a_finding(
                "EncryptionAlgorithmMismatch",
                tunnel_id=MASTER,
                reason="The encryption algorithm of the IPsec-VPN connection does not match.",
                cloud_side="aes256",
                peer_side="aes",
                log="rejected enctype: DB(prop#1:trns#1):Peer(prop#1:trns#1) = AES-CBC:3DES-CBC",
            ),
        ),
        a_tunnel(role="slave", tunnel_id=SLAVE),
    )
)
