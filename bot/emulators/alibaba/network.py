"""The emulated network as values: accounts with their VPCs and VPN gateways."""

from datetime import UTC, datetime
from functools import cached_property
from ipaddress import IPv4Address
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from bot.emulators.alibaba.addresses import Address, Cidr
from bot.emulators.alibaba.identities import AccessKey, AccountId, Instance, OidcProvider, Policies, Role, User
from bot.emulators.alibaba.quotas import Quota
from bot.emulators.alibaba.refusals import Refusal
from bot.emulators.alibaba.tunnels import LAUNCH, Connection, Host, Tags
from bot.model.ids import RegionId, VpnGatewayId
from bot.model.value import Value

VpcId = Annotated[str, Field(pattern=r"^vpc-[a-z0-9]{1,60}$")]
ResourceGroupId = Annotated[str, Field(pattern=r"^rg-[a-z0-9]{1,60}$")]


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


class Quotas(Value):
    """How many of each a gateway may have; the defaults are the vendor's (VPN Gateway's page on limits)."""

    routes: int = Field(default=20, ge=1)
    connections: int = Field(default=10, ge=1)
    policy_routes: int = Field(default=20, ge=1)


class Gateway(Value):
    """A VPN gateway; every status but active is answered with VpnGateway.Configuring.

    `diagnosis` says whether one can be had: a gateway of an old version does not support it, and one whose
    prober is out of order fails to start it. `ipsec` is whether its IPsec feature is bought and on, as it is told.
    """

    id: VpnGatewayId
    region: RegionId
    vpc: VpcId
    name: str = ""
    description: str = ""
    status: Literal["init", "provisioning", "active", "updating", "deleting"] = "active"
    business_status: Literal["Normal", "FinancialLocked"] = "Normal"
    gateway_type: Literal["Traditional", "Enhanced.SiteToSite"] = "Traditional"
    network_type: Literal["public", "private"] = "public"
    internet_ip: Address = IPv4Address("198.51.100.1")
    bandwidth_mbps: int = Field(default=10, ge=1)
    ipsec: bool = True
    resource_group: ResourceGroupId = "rg-emulated00000"
    tags: Tags = Field(default_factory=dict)
    created_at: AwareDatetime = LAUNCH
    ends_at: AwareDatetime = datetime(2099, 12, 31, 16, tzinfo=UTC)
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
    oidc_providers: tuple[OidcProvider, ...] = ()
    policies: Policies = Field(default_factory=dict)
    vpcs: tuple[Vpc, ...] = ()
    vpn_gateways: tuple[Gateway, ...] = ()

    @cached_property
    def connections(self) -> tuple[tuple[Gateway, Connection], ...]:
        """Give every IPsec connection with its gateway."""
        return tuple((gateway, one) for gateway in self.vpn_gateways for one in gateway.connections)

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


class Scenario(Value):
    """A change with a name (network_change.py), to be made while the emulator runs."""

    says: str = ""
    change: dict[str, dict[str, Any] | None] = Field(min_length=1)


class Network(Value):
    """Everything that network.yml says; names in it are known to refer to something."""

    version: Literal[1]
    unknown_parameters: Literal["refuse", "ignore"] = "refuse"
    result_descriptions: Literal["json", "escaped"] = "json"
    regions: tuple[Region, ...] = Field(min_length=1)
    accounts: tuple[Account, ...] = Field(min_length=1)
    api_quotas: dict[str, Quota] = Field(default_factory=dict)
    instance: Instance | None = None
    scenarios: dict[str, Scenario] = Field(default_factory=dict)

    def gateway(self, gateway_id: str) -> tuple[Account, Gateway] | None:
        """Find a gateway and the account that owns it."""
        return self._gateways.get(gateway_id)

    @cached_property
    def _gateways(self) -> dict[str, tuple[Account, Gateway]]:
        return {gateway.id: (account, gateway) for account in self.accounts for gateway in account.vpn_gateways}

    def account(self, account_id: str) -> Account | None:
        return next((account for account in self.accounts if account.id == account_id), None)

    def role(self, arn: str) -> tuple[Account, Role] | None:
        """Find a role by its ARN, `acs:ram::<account>:role/<name>`, and the account that it belongs to."""
        return next(
            (
                (account, role)
                for account in self.accounts
                for role in account.roles
                if arn == f"acs:ram::{account.id}:role/{role.name}"
            ),
            None,
        )

    def oidc_provider(self, arn: str) -> OidcProvider | None:
        """Find a provider by its ARN, `acs:ram::<account>:oidc-provider/<name>`."""
        return next(
            (
                provider
                for account in self.accounts
                for provider in account.oidc_providers
                if arn == f"acs:ram::{account.id}:oidc-provider/{provider.name}"
            ),
            None,
        )

    def check_region(self, region: str) -> None:
        """Refuse a region that is not among the network's; raises Refusal."""
        if region not in {one.id for one in self.regions}:
            raise Refusal("InvalidRegionId.NotFound")
