"""IPsec connections as values: one tunnel or two, each with its settings and what lies at its other end."""

from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, SecretStr, model_validator

from bot.emulators.alibaba.addresses import Address, Cidr
from bot.model.ids import VpnConnectionId
from bot.model.value import Value

CustomerGatewayId = Annotated[str, Field(pattern=r"^cgw-[a-z0-9]{1,60}$")]
TunnelId = Annotated[str, Field(pattern=r"^tun-[a-z0-9]{1,60}$")]
Tags = Annotated[dict[str, str], Field(max_length=20)]

LAUNCH = datetime(2026, 1, 1, tzinfo=UTC)

# A connection has one tunnel, or two of them in two zones.
TUNNELS_OF_A_PAIR = 2


class Path(Value):
    """A way through a network: packets lost in percent, the round trip in milliseconds."""

    loss_percent: float = Field(default=0.0, ge=0, le=100)
    rtt_ms: float = Field(default=0.5, ge=0, le=60_000)


class Host(Value):
    """Something that answers probes; `path` leads to it from the edge of its own network."""

    ip: Address
    path: Path = Path()


class PolicyRoute(Value):
    """A policy-based route: it looks at the source too, and comes before the destination-based ones."""

    source: Cidr
    destination: Cidr


class Settings(Value):
    """What both ends of a tunnel have to agree on, in the vendor's spelling and with the vendor's defaults.

    Source: https://www.alibabacloud.com/help/en/vpn/developer-reference/api-vpc-2016-04-28-createvpnconnection-vpns
    """

    ike_version: Literal["ikev1", "ikev2"] = Field(default="ikev1", alias="IkeVersion")
    ike_mode: Literal["main", "aggressive"] = Field(default="main", alias="IkeMode")
    ike_enc_alg: str = Field(default="aes", alias="IkeEncAlg")
    ike_auth_alg: str = Field(default="sha1", alias="IkeAuthAlg")
    ike_pfs: str = Field(default="group2", alias="IkePfs")
    ike_lifetime: int = Field(default=86_400, alias="IkeLifetime")  # seconds
    ipsec_enc_alg: str = Field(default="aes", alias="IpsecEncAlg")
    ipsec_auth_alg: str = Field(default="sha1", alias="IpsecAuthAlg")
    ipsec_pfs: str = Field(default="group2", alias="IpsecPfs")
    ipsec_lifetime: int = Field(default=86_400, alias="IpsecLifetime")  # seconds
    psk: SecretStr = Field(default=SecretStr("emulated-pre-shared-key"), alias="Psk")

    def spelled_out(self) -> dict[str, str | int]:
        """Give every setting under the vendor's name, the pre-shared key in clear text."""
        return self.model_dump(by_alias=True, exclude={"psk"}) | {"Psk": self.psk.get_secret_value()}


class Peer(Value):
    """The data centre's end. `settings` left out: Alibaba Cloud cannot see them.

    `path` leads over the Internet to `public_ip`; `hosts` are the machines behind it.
    """

    public_ip: Address
    path: Path = Path()
    settings: Settings | None = None
    hosts: tuple[Host, ...] = ()
    customer_gateway: CustomerGatewayId = "cgw-emulated000000000001"


class Tunnel(Value):
    """A tunnel; the only one of a connection has no ID, no role and no zone that anybody is told."""

    id: TunnelId | None = None
    role: Literal["master", "slave"] = "master"
    zone: str = ""
    settings: Settings = Settings()
    peer: Peer


class Bgp(Value):
    """Dynamic routing through the tunnel: both ends, and the key that they authenticate each other with."""

    local_asn: int = Field(ge=1, le=2**32 - 1)
    peer_asn: int = Field(ge=1, le=2**32 - 1)
    tunnel_cidr: Cidr
    local_ip: Address
    peer_ip: Address
    auth_key: SecretStr = SecretStr("emulated-bgp-key")


class Connection(Value):
    """An IPsec connection with its routes; the local networks are the VPC's side.

    Either `settings` and `peer` describe its only tunnel, or `tunnels` both of them.
    """

    id: VpnConnectionId
    name: str = ""
    local_networks: tuple[Cidr, ...] = Field(min_length=1)
    remote_networks: tuple[Cidr, ...] = Field(min_length=1)
    routes: tuple[Cidr, ...] = ()
    policy_routes: tuple[PolicyRoute, ...] = ()
    settings: Settings = Settings()
    peer: Peer | None = None
    tunnels: tuple[Tunnel, ...] = ()
    bgp: Bgp | None = None
    tags: Tags = Field(default_factory=dict)
    created_at: AwareDatetime = LAUNCH

    @model_validator(mode="after")
    def _one_tunnel_or_two(self) -> Self:
        if (self.peer is None) != bool(self.tunnels):
            message = "a connection has either a peer or tunnels"
            raise ValueError(message)
        roles = {tunnel.role for tunnel in self.tunnels if tunnel.id}
        if self.tunnels and (len(self.tunnels), len(roles)) != (TUNNELS_OF_A_PAIR, TUNNELS_OF_A_PAIR):
            message = "tunnels are two, each with its id, one the master and one the slave"
            raise ValueError(message)
        return self

    @property
    def is_dual(self) -> bool:
        return bool(self.tunnels)

    @property
    def all_tunnels(self) -> tuple[Tunnel, ...]:
        """Give the tunnels, the master first."""
        if self.peer is not None:
            return (Tunnel(settings=self.settings, peer=self.peer),)
        return tuple(sorted(self.tunnels, key=lambda tunnel: tunnel.role))
