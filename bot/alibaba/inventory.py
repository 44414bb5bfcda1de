"""Gateways, connections and findings of tunnels as the cloud lists them: only what is named here is read.

Answers of DescribeVpnConnections hold pre-shared keys and BGP keys (IkeConfig.Psk, TunnelIkeConfig.Psk,
VpnBgpConfig.AuthKey). None of these readers looks at them, nor hands on anything as a whole.

Sources, read November 2026: https://www.alibabacloud.com/help/en/vpn/developer-reference/ for
api-vpc-2016-04-28-describevpngateways-vpns, api-vpc-2016-04-28-describevpnconnections-vpns and
api-vpc-2016-04-28-diagnosevpnconnections-vpns; what these leave open, alibabacloud_vpc20160428 7.2.2.
"""

from collections.abc import Mapping
from typing import Any

from bot.alibaba.answer import epoch_of, flag_of, id_of, list_of, text_of
from bot.alibaba.redaction import names_a_secret, redacted, redacted_lines
from bot.model.ids import TunnelId, VpnConnectionId, VpnGatewayId
from bot.model.tokens import HIDDEN
from bot.model.vpn import TunnelFinding, VpnConnection, VpnGateway, VpnTunnel

# Bounds on one entry, far above what any real one holds.
LONGEST_WORDS = 300
LONGEST_LOG = 4000
_LONGEST_SOURCE = 50_000
MOST_SUBNETS = 100
MOST_TUNNELS = 10

# What ails a tunnel and is told with the values of both ends: mismatches of settings that are no secrets. Of the
# reason codes of the vendor's list (https://www.alibabacloud.com/help/en/vpn/sub-product-ipsec-vpn/support/
# troubleshoot-ipsec-vpn-connection-issues, read November 2026) PskMismatch is missing, and whatever is not on it.
TOLD_MISMATCHES = frozenset(
    {
        "AlgorithmCompatibility",
        "AlgorithmMismatch",
        "AuthenticationAlgorithmMismatch",
        "CommitMismatch",
        "DhGroupMismatch",
        "EncapsulationModeMismatch",
        "EncryptionAlgorithmMismatch",
        "IkeVersionMismatch",
        "LifetimeMismatch",
        "NatTMismatch",
        "NegotiationModeMismatch",
        "PeerIdMismatch",
        "PeerMismatch",
        "PfsMismatch",
        "ProposalMismatch",
        "SecurityProtocolMismatch",
        "TrafficSelectorMismatch",
    }
)

Entry = Mapping[str, Any]


def read_gateway(value: Any) -> VpnGateway | None:
    """Read a gateway, or None for what has no ID of one."""
    entry = _entry(value)
    gateway_id = id_of(VpnGatewayId, entry.get("VpnGatewayId"))
    if gateway_id is None:
        return None
    return VpnGateway(
        gateway_id=gateway_id,
        name=_words(entry, "Name"),
        description=_words(entry, "Description"),
        status=_words(entry, "Status"),
        business_status=_words(entry, "BusinessStatus"),
        gateway_type=_words(entry, "GatewayType"),
        network_type=_words(entry, "NetworkType"),
        spec=_words(entry, "Spec"),
        vpc_id=_words(entry, "VpcId"),
        internet_ip=_words(entry, "InternetIp"),
        second_internet_ip=_words(entry, "DisasterRecoveryInternetIp"),
        ipsec_enabled=flag_of(entry.get("IpsecVpn")),
        bgp_enabled=flag_of(entry.get("EnableBgp")),
        created_at=epoch_of(entry.get("CreateTime")),
        ends_at=epoch_of(entry.get("EndTime")),
    )


def read_connection(value: Any) -> VpnConnection | None:
    """Read an IPsec connection, or None for what has no ID of one."""
    entry = _entry(value)
    connection_id = id_of(VpnConnectionId, entry.get("VpnConnectionId"))
    if connection_id is None:
        return None
    tunnels = list_of(entry.get("TunnelOptionsSpecification")) or []
    return VpnConnection(
        connection_id=connection_id,
        gateway_id=id_of(VpnGatewayId, entry.get("VpnGatewayId")),
        customer_gateway_id=_words(entry, "CustomerGatewayId"),
        name=_words(entry, "Name"),
        status=_words(entry, "Status"),
        state=_words(entry, "State"),
        attach_type=_words(entry, "AttachType"),
        network_type=_words(entry, "NetworkType"),
        internet_ip=_words(entry, "InternetIp"),
        local_subnets=_subnets(entry.get("LocalSubnet")),
        remote_subnets=_subnets(entry.get("RemoteSubnet")),
        bgp_status=_words(_entry(entry.get("VpnBgpConfig")), "Status"),
        health_check_status=_words(_entry(entry.get("VcoHealthCheck")), "Status"),
        created_at=epoch_of(entry.get("CreateTime")),
        tunnels=tuple(tunnel for one in tunnels[:MOST_TUNNELS] if (tunnel := _tunnel(one))),
    )


def read_finding(value: Any) -> TunnelFinding | None:
    """Read what ails a tunnel, without secrets, or None for what does not say of which connection it is."""
    entry = _entry(value)
    connection_id = id_of(VpnConnectionId, entry.get("VpnConnectionId"))
    if connection_id is None:
        return None
    reason_code = _words(entry, "FailedReasonCode")
    reason, log = _source(entry, "FailedReason"), _source(entry, "SourceLog")
    # A mismatch of pre-shared keys would give both of them away, in words that nobody has seen yet.
    is_harmless = reason_code in TOLD_MISMATCHES
    may_tell = is_harmless and not names_a_secret(reason)
    may_quote = is_harmless or not log or not names_a_secret(f"{reason_code} {reason} {log}")
    return TunnelFinding(
        connection_id=connection_id,
        tunnel_id=id_of(TunnelId, entry.get("TunnelId")),
        reason_code=reason_code,
        reason=redacted_lines(reason)[:LONGEST_WORDS],
        severity=_words(entry, "Severity"),
        failed_at=epoch_of(entry.get("FailedTime")),
        cloud_side=_side(entry, "MismatchLocalParam") if may_tell else None,
        peer_side=_side(entry, "MismatchRemoteParam") if may_tell else None,
        log=redacted_lines(log)[:LONGEST_LOG] if may_quote else HIDDEN,
    )


def _tunnel(value: Any) -> VpnTunnel | None:
    entry = _entry(value)
    tunnel_id = id_of(TunnelId, entry.get("TunnelId"))
    if tunnel_id is None:
        return None
    return VpnTunnel(
        tunnel_id=tunnel_id,
        role=_words(entry, "Role"),
        status=_words(entry, "Status"),
        state=_words(entry, "State"),
        internet_ip=_words(entry, "InternetIp"),
        zone=_words(entry, "ZoneNo"),
        customer_gateway_id=_words(entry, "CustomerGatewayId"),
        bgp_status=_words(_entry(entry.get("TunnelBgpConfig")), "BgpStatus"),
    )


def _entry(value: Any) -> Entry:
    return value if isinstance(value, dict) else {}


def _words(entry: Entry, name: str) -> str:
    value = entry.get(name)
    return str(value) if type(value) is int else text_of(value, LONGEST_WORDS) or ""


def _source(entry: Entry, name: str) -> str:
    """Return a text before its secrets are taken out: a cut one may lack the word that tells where a secret is."""
    return text_of(entry.get(name), _LONGEST_SOURCE) or ""


def _side(entry: Entry, name: str) -> str | None:
    """Return one end's value of a setting; JSON in it is opened, so that no secret hides in a text."""
    value = redacted(_source(entry, name) or _words(entry, name))
    return (value if isinstance(value, str) else str(value))[:LONGEST_WORDS] or None


def _subnets(value: Any) -> tuple[str, ...]:
    networks = (text_of(value, MOST_SUBNETS * 50) or "").split(",")
    return tuple(network.strip()[:LONGEST_WORDS] for network in networks[:MOST_SUBNETS] if network.strip())
