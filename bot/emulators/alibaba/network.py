"""The emulated network as values: accounts, gateways and tunnels, and what lies at their other ends."""

from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SecretStr

from bot.emulators.alibaba.identities import AccessKey, AccountId, Policies, Role, User
from bot.model.ids import RegionId, VpnConnectionId, VpnGatewayId
from bot.model.value import Value


def _no_number(value: Any) -> Any:
    """Keep numbers out: ipaddress takes 10 for the address 0.0.0.10."""
    if isinstance(value, int | float):
        message = "should be text, for example 192.168.0.0/16"
        raise ValueError(message)  # noqa: TRY004  pydantic reports a ValueError with its place, a TypeError not
    return value


Address = Annotated[IPv4Address, BeforeValidator(_no_number)]
Cidr = Annotated[IPv4Network, BeforeValidator(_no_number)]
VpcId = Annotated[str, Field(pattern=r"^vpc-[a-z0-9]{1,60}$")]


class Path(Value):
    """A way through a network: packets lost in percent, the round trip in milliseconds."""

    loss_percent: float = Field(default=0.0, ge=0, le=100)
    rtt_ms: float = Field(default=0.5, ge=0, le=60_000)


class Host(Value):
    """Something that answers probes; `path` leads to it from the edge of its own network."""

    ip: Address
    path: Path = Path()


class VpcRoute(Value):
    """A custom route of the VPC's own route table."""

    destination: Cidr
    next_hop: str


class Vpc(Value):
    """A VPC: its address ranges, the hosts in it, and its custom routes."""

    id: VpcId
    networks: tuple[Cidr, ...] = Field(min_length=1)
    hosts: tuple[Host, ...] = ()
    routes: tuple[VpcRoute, ...] = ()


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


class Connection(Value):
    """An IPsec connection with its routes; the local networks are the VPC's side."""

    id: VpnConnectionId
    local_networks: tuple[Cidr, ...] = Field(min_length=1)
    remote_networks: tuple[Cidr, ...] = Field(min_length=1)
    routes: tuple[Cidr, ...] = ()
    policy_routes: tuple[PolicyRoute, ...] = ()
    settings: Settings = Settings()
    peer: Peer


class Quotas(Value):
    """How many of each a gateway may have; the defaults are the vendor's (VPN Gateway's page on limits)."""

    routes: int = Field(default=20, ge=1)
    connections: int = Field(default=10, ge=1)
    policy_routes: int = Field(default=20, ge=1)


class Gateway(Value):
    """A VPN gateway; every status but active is answered with VpnGateway.Configuring.

    `diagnosis` says whether one can be had: a gateway of an old version does not support it, and one whose
    prober is out of order fails to start it.
    """

    id: VpnGatewayId
    region: RegionId
    vpc: VpcId
    status: Literal["init", "provisioning", "active", "updating", "deleting"] = "active"
    diagnosis: Literal["available", "unsupported", "failing"] = "available"
    quotas: Quotas = Quotas()
    connections: tuple[Connection, ...] = ()

    def connection(self, connection_id: str) -> Connection | None:
        return next((one for one in self.connections if one.id == connection_id), None)


class Account(Value):
    """An Alibaba Cloud account; its own `access_keys` are those of the root user."""

    id: AccountId
    access_keys: tuple[AccessKey, ...] = ()
    users: tuple[User, ...] = ()
    roles: tuple[Role, ...] = ()
    policies: Policies = Field(default_factory=dict)
    vpcs: tuple[Vpc, ...] = ()
    vpn_gateways: tuple[Gateway, ...] = ()

    def vpc_of(self, gateway: Gateway) -> Vpc:
        return next(vpc for vpc in self.vpcs if vpc.id == gateway.vpc)


class Region(Value):
    """A region with its names in both languages."""

    id: RegionId
    name: str
    local_name: str

    @property
    def endpoint(self) -> str:
        return f"vpc.{self.id}.aliyuncs.com"


class Network(Value):
    """Everything that network.yml says; names in it are known to refer to something."""

    version: Literal[1]
    regions: tuple[Region, ...] = Field(min_length=1)
    accounts: tuple[Account, ...] = Field(min_length=1)

    def gateway(self, gateway_id: str) -> tuple[Account, Gateway] | None:
        """Find a gateway and the account that owns it."""
        return next(
            (
                (account, gateway)
                for account in self.accounts
                for gateway in account.vpn_gateways
                if gateway.id == gateway_id
            ),
            None,
        )

    def account(self, account_id: str) -> Account | None:
        return next((account for account in self.accounts if account.id == account_id), None)
