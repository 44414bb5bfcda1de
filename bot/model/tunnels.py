"""The tunnels of a diagnosed IPsec connection: which are up, and what ails those that are not."""

from collections.abc import Iterable
from typing import Self

from bot.model.ids import TunnelId
from bot.model.problem import ProblemDetails
from bot.model.value import Value
from bot.model.vpn import TunnelFinding, VpnConnection, VpnTunnel

# DescribeVpnConnections: the second phase has succeeded.
ESTABLISHED = "ipsec_sa_established"

# DiagnoseVpnConnections: the severity of a tunnel that does not work.
CRITICAL = "Critical"

# DiagnoseVpnConnections: the reasons that say that the peer is silent.
NO_ANSWER = frozenset({"NoResponse", "Phase1NegotiationTimeout"})


class TunnelState(Value):
    """One tunnel: `role` is master or slave, empty for a connection that has only one, which has no ID either.

    `status` is the vendor's (ipsec_sa_established, …), empty if it was not asked; `finding` is what ails it, as
    of the last three minutes, None if nothing was found or asked.
    """

    tunnel_id: TunnelId | None = None
    role: str = ""
    status: str = ""
    finding: TunnelFinding | None = None

    @property
    def up(self) -> bool | None:
        """Tell whether the tunnel is up; None if nothing that the cloud said tells it."""
        if self.status:
            return self.status == ESTABLISHED
        if self.finding is None:
            return None
        return False if self.finding.severity == CRITICAL else None


class Tunnels(Value):
    """The tunnels of one connection, none if they were not looked at.

    `unseen` is what kept them, or why those are down that are, from being looked at.
    """

    each: tuple[TunnelState, ...] = ()
    unseen: ProblemDetails | None = None

    @classmethod
    def of(cls, connection: VpnConnection | None, findings: Iterable[TunnelFinding]) -> Self:
        """Put what the lists say of a connection beside what ails its tunnels; either may be missing.

        Of several findings of one tunnel a critical one counts.
        """
        worst_last = sorted(findings, key=lambda finding: finding.severity == CRITICAL)
        ailing = {finding.tunnel_id: finding for finding in worst_last if finding.reason_code}
        if connection is None:
            return cls(each=tuple(TunnelState(tunnel_id=tunnel, finding=ailing[tunnel]) for tunnel in ailing))
        if not connection.tunnels:
            only = ailing.get(None) or next(iter(ailing.values()), None)
            return cls(each=(TunnelState(status=connection.status, finding=only),))
        return cls(each=tuple(_state(tunnel, ailing) for tunnel in connection.tunnels))

    @property
    def down(self) -> tuple[TunnelState, ...]:
        return tuple(tunnel for tunnel in self.each if tunnel.up is False)

    @property
    def unanswered(self) -> bool:
        """Tell whether the peer answers the negotiation of no tunnel that is down; False if there is none."""
        reasons = [None if tunnel.finding is None else tunnel.finding.reason_code for tunnel in self.down]
        return bool(reasons) and all(reason in NO_ANSWER for reason in reasons)

    @property
    def up(self) -> bool | None:
        """Tell whether traffic has a tunnel: False if all are down, None if that is not known."""
        if any(tunnel.up for tunnel in self.each):
            return True
        return False if self.each and len(self.down) == len(self.each) else None


def _state(tunnel: VpnTunnel, ailing: dict[TunnelId | None, TunnelFinding]) -> TunnelState:
    finding = ailing.get(tunnel.tunnel_id)
    return TunnelState(tunnel_id=tunnel.tunnel_id, role=tunnel.role, status=tunnel.status, finding=finding)
