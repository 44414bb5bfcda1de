"""What must hold across a network: names refer to something, and nothing is there twice."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from bot.emulators.alibaba import quotas
from bot.emulators.alibaba.identities import Role, User
from bot.emulators.alibaba.network import Account, Gateway, Network, Vpc
from bot.emulators.alibaba.tunnels import Connection
from bot.emulators.alibaba.yaml_document import Place

# Under this name the trust policy of a role lets ECS instances in.
INSTANCES = "ecs.aliyuncs.com"

Broken = Iterator[tuple[Place, str]]


def broken_rules(network: Network) -> Broken:
    """Yield the place and the description of everything that does not fit together."""
    yield from _twice(((("regions", i), str(region.id)) for i, region in enumerate(network.regions)), "region")
    yield from _twice(((("accounts", i), account.id) for i, account in enumerate(network.accounts)), "account")
    yield from _twice(_access_keys(network), "access key")
    yield from _twice(_gateways(network), "VPN gateway")
    yield from _twice(_connections(network), "IPsec connection")
    yield from _twice(_tunnels(network), "tunnel")
    for name in network.api_quotas:
        if name not in quotas.DOCUMENTED:
            yield ("api_quotas", name), f"{name} is not an operation"
    yield from _instance(network)
    regions = {region.id for region in network.regions}
    for number, account in enumerate(network.accounts):
        place: Place = ("accounts", number)
        yield from _identities(account, place)
        for index, vpc in enumerate(account.vpcs):
            yield from _vpc(vpc, (*place, "vpcs", index))
        for index, gateway in enumerate(account.vpn_gateways):
            yield from _gateway(gateway, account, regions, (*place, "vpn_gateways", index))


def _identities(account: Account, place: Place) -> Broken:
    yield from _people(account.users, account.policies, (*place, "users"))
    yield from _people(account.roles, account.policies, (*place, "roles"))
    providers = ((*place, "oidc_providers", i) for i in range(len(account.oidc_providers)))
    yield from _twice(zip(providers, (one.name for one in account.oidc_providers), strict=True), "OIDC provider")


def _instance(network: Network) -> Broken:
    if network.instance is None or network.instance.role is None:
        return
    found = network.role(network.instance.role)
    if found is None:
        yield ("instance", "role"), f"{network.instance.role} is not a role"
    elif not any(INSTANCES in statement.principal.service for statement in found[1].trust.statements):
        yield ("instance", "role"), f"{found[1].name} does not trust {INSTANCES}"


def _people(people: Sequence[User | Role], policies: Collection[str], place: Place) -> Broken:
    yield from _twice((((*place, index), one.name) for index, one in enumerate(people)), "name")
    for index, one in enumerate(people):
        for policy in one.policies:
            if policy not in policies:
                yield (*place, index, "policies"), f"{policy} is not among the account's policies"


def _vpc(vpc: Vpc, place: Place) -> Broken:
    for index, host in enumerate(vpc.hosts):
        if not any(host.ip in network for network in vpc.networks):
            yield (*place, "hosts", index), f"{host.ip} is in none of the VPC's networks"


def _gateway(gateway: Gateway, account: Account, regions: Iterable[str], place: Place) -> Broken:
    if gateway.region not in regions:
        yield (*place, "region"), f"{gateway.region} is not among the regions"
    if gateway.vpc not in {vpc.id for vpc in account.vpcs}:
        yield (*place, "vpc"), f"{gateway.vpc} is not among the account's vpcs"
    for index, connection in enumerate(gateway.connections):
        routes = ((*place, "connections", index, "routes", i) for i in range(len(connection.routes)))
        yield from _twice(zip(routes, map(str, connection.routes), strict=True), "route of this connection")


def _access_keys(network: Network) -> Iterator[tuple[Place, str]]:
    for number, account in enumerate(network.accounts):
        for index, key in enumerate(account.access_keys):
            yield ("accounts", number, "access_keys", index), key.id
        for position, user in enumerate(account.users):
            for index, key in enumerate(user.access_keys):
                yield ("accounts", number, "users", position, "access_keys", index), key.id


def _gateways(network: Network) -> Iterator[tuple[Place, str]]:
    for number, account in enumerate(network.accounts):
        for index, gateway in enumerate(account.vpn_gateways):
            yield ("accounts", number, "vpn_gateways", index), gateway.id


def _connections(network: Network) -> Iterator[tuple[Place, str]]:
    yield from ((place, connection.id) for place, connection in _placed_connections(network))


def _tunnels(network: Network) -> Iterator[tuple[Place, str]]:
    for place, connection in _placed_connections(network):
        for index, tunnel in enumerate(connection.tunnels):
            yield (*place, "tunnels", index), tunnel.id or ""


def _placed_connections(network: Network) -> Iterator[tuple[Place, Connection]]:
    for number, account in enumerate(network.accounts):
        for position, gateway in enumerate(account.vpn_gateways):
            for index, connection in enumerate(gateway.connections):
                yield ("accounts", number, "vpn_gateways", position, "connections", index), connection


def _twice(placed: Iterable[tuple[Place, str]], kind: str) -> Broken:
    seen: set[str] = set()
    for place, name in placed:
        if name in seen:
            yield place, f"{name} is there twice ({kind})"
        seen.add(name)
