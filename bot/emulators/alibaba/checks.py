"""The seven checks of a diagnosis, computed from the network.

Names, levels and keys: https://www.alibabacloud.com/help/en/vpn/developer-reference/api-vpc-2016-04-28-getvpngatewaydiagnoseresult-vpns
"""

import json
from typing import Any

from bot.emulators.alibaba import probes, routes
from bot.emulators.alibaba.negotiation import tunnel_in_use
from bot.emulators.alibaba.network import Gateway, Vpc
from bot.emulators.alibaba.probes import Measured
from bot.emulators.alibaba.tunnels import Connection, Tunnel
from bot.model.report import ResultLevel
from bot.model.request import PrivateAddresses
from bot.model.value import Value

# A quota is a warning when more than this much of it is used: 16 of 20 is normal, 17 of 20 is not.
WARN_ABOVE_PERCENT = 80


class Finding(Value):
    """The result of one check; `description` is what becomes DiagnoseResultDescription."""

    name: str
    level: ResultLevel
    description: dict[str, Any]

    def as_answered(self, *, escaped: bool) -> dict[str, str]:
        """Lay out the result; `escaped` puts a backslash in front of each quote of the description once more."""
        description = json.dumps(self.description, separators=(",", ":"), ensure_ascii=False)
        if escaped:
            description = description.replace("\\", "\\\\").replace('"', '\\"')
        return {
            "DiagnoseName": self.name,
            "DiagnoseResultDescription": description,
            "DiagnoseResultLevel": self.level,
        }


def findings(
    vpc: Vpc, gateway: Gateway, connection: Connection, ends: PrivateAddresses | None
) -> tuple[Finding, ...]:
    """Run every check on a connection; the last one only if both private ends are given."""
    used_routes = sum(len(one.routes) for one in gateway.connections)
    used_policy_routes = sum(len(one.policy_routes) for one in gateway.connections)
    quotas = gateway.quotas
    always = (
        _route_conflict(vpc, gateway, connection),
        _quota("VpnRouteQuota", "vpn_route_entry", used_routes, quotas.routes),
        _quota("VpnIPsecQuota", "vpn_ipsec_connection", len(gateway.connections), quotas.connections),
        _quota("VpnPbrRouteQuota", "vpn_pbr_route_entry", used_policy_routes, quotas.policy_routes),
        _config_consistency(connection),
        _internet(connection),
    )
    return always if ends is None else (*always, _private(vpc, gateway, connection, ends))


def _route_conflict(vpc: Vpc, gateway: Gateway, connection: Connection) -> Finding:
    conflicts = routes.conflicts(vpc, gateway, connection)
    levels = {routes.LEVELS[conflict.relation] for conflict in conflicts}
    worst = next((level for level in (ResultLevel.ERROR, ResultLevel.WARNING) if level in levels), None)
    listed = [_as_described(conflict) for conflict in conflicts]
    return Finding(
        name="RouteEntryConflict", level=worst or ResultLevel.NORMAL, description={"conflictRoutes": listed}
    )


def _as_described(conflict: routes.Conflict) -> dict[str, str]:
    return {
        "destination": str(conflict.ours.destination),
        "nextHop": conflict.ours.next_hop,
        "conflictDestination": str(conflict.other.destination),
        "conflictNextHop": conflict.other.next_hop,
        "relation": conflict.relation,
    }


def _quota(name: str, quota_name: str, used: int, quantity: int) -> Finding:
    warn = used * 100 > quantity * WARN_ABOVE_PERCENT
    return Finding(
        name=name,
        level=ResultLevel.WARNING if warn else ResultLevel.NORMAL,
        description={"quotaName": quota_name, "quantity": quantity, "used": used},
    )


def _config_consistency(connection: Connection) -> Finding:
    """Compare both ends of every tunnel, and tell the first that differs, or the one in use.

    A peer that cannot be seen is normal, with every setting listed as lacking.
    """
    wrong = (tunnel for tunnel in connection.all_tunnels if _differing(tunnel))
    tunnel = next(wrong, None) or tunnel_in_use(connection)
    ours, peer, differing = tunnel.settings.spelled_out(), tunnel.peer.settings, _differing(tunnel)
    # Whether the service hides the pre-shared keys in here is not documented: a client has to be ready for them.
    description = {
        "vcoLackConf": [] if peer else list(ours),
        "vcoRunningConf": peer.spelled_out() if peer else {},
        "vcoDiffConf": differing,
        "vcoConf": ours,
    }
    level = ResultLevel.ERROR if differing else ResultLevel.NORMAL
    return Finding(name="VcoConfigConsistency", level=level, description=description)


def _differing(tunnel: Tunnel) -> list[str]:
    """Name the settings that differ."""
    if tunnel.peer.settings is None:
        return []
    ours, theirs = tunnel.settings.spelled_out(), tunnel.peer.settings.spelled_out()
    return [name for name in ours if ours[name] != theirs[name]]


def _internet(connection: Connection) -> Finding:
    measured = probes.over_the_internet(connection)
    description = {"targetIp": str(tunnel_in_use(connection).peer.public_ip)} | _numbers(measured)
    return Finding(name="VcoUserInternetIpConnectivity", level=measured.level, description=description)


def _private(vpc: Vpc, gateway: Gateway, connection: Connection, ends: PrivateAddresses) -> Finding:
    measured = probes.through_the_tunnel(vpc, gateway, connection, ends)
    addresses = {"targetIp": str(ends.destination), "srcIp": str(ends.source)}
    return Finding(name="VcoPrivateConnectivity", level=measured.level, description=addresses | _numbers(measured))


def _numbers(measured: Measured) -> dict[str, Any]:
    return {"rtt": measured.rtt_ms, "lossRate": measured.loss_rate}
