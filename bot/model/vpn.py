"""What a region's VPN gateways and IPsec connections are like, and what the cloud says ails their tunnels.

Nothing here has a field for a secret: pre-shared keys and BGP keys are in the cloud's answers and go no further.
"""

from datetime import datetime
from typing import Generic, TypeVar

from bot.model.ids import TunnelId, VpnConnectionId, VpnGatewayId
from bot.model.value import Value

Entry = TypeVar("Entry", bound=Value)


class Listing(Value, Generic[Entry]):
    """What the identity that asked may see; `complete` is False where there was more than is ever read.

    `request_id` is that of the call which brought the first of it.
    """

    entries: tuple[Entry, ...]
    complete: bool
    request_id: str | None = None


class VpnGateway(Value):
    """A VPN gateway; words and addresses are the vendor's own, empty where it gives none.

    `status` is init, provisioning, active, updating or deleting; `second_internet_ip` that of a gateway with two
    tunnels a connection; `spec` its bandwidth in Mbit/s.
    """

    gateway_id: VpnGatewayId
    name: str
    description: str
    status: str
    business_status: str
    gateway_type: str
    network_type: str
    spec: str
    vpc_id: str
    internet_ip: str
    second_internet_ip: str
    ipsec_enabled: bool | None
    bgp_enabled: bool | None
    created_at: datetime | None
    ends_at: datetime | None


class VpnTunnel(Value):
    """One tunnel of a connection that has two; `role` is master or slave, `status` as that of a connection."""

    tunnel_id: TunnelId
    role: str
    status: str
    state: str
    internet_ip: str
    zone: str
    customer_gateway_id: str
    bgp_status: str


class VpnConnection(Value):
    """An IPsec connection; `gateway_id` is None for one of a transit router, which cannot be diagnosed here.

    `status` is ike_sa_not_established, ike_sa_established, ipsec_sa_not_established or ipsec_sa_established.
    """

    connection_id: VpnConnectionId
    gateway_id: VpnGatewayId | None
    customer_gateway_id: str
    name: str
    status: str
    state: str
    attach_type: str
    network_type: str
    internet_ip: str
    local_subnets: tuple[str, ...]
    remote_subnets: tuple[str, ...]
    bgp_status: str
    health_check_status: str
    created_at: datetime | None
    tunnels: tuple[VpnTunnel, ...]


class TunnelFinding(Value):
    """What ails a tunnel, or a connection that is only one: `reason_code` is a word such as `PeerMismatch`.

    `severity` is Critical, Warn or Normal; the two values are those in which the ends differ, None where they do
    not or where they would be secrets; `log` is what the gateway wrote, without secrets.
    """

    connection_id: VpnConnectionId
    tunnel_id: TunnelId | None
    reason_code: str
    reason: str
    severity: str
    failed_at: datetime | None
    cloud_side: str | None
    peer_side: str | None
    log: str
