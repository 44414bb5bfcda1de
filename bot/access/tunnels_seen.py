"""What somebody may see of a connection's tunnels: their states, and why those that are not up are not."""

from bot.access.probes import Probes
from bot.model.credential import Authorization
from bot.model.problem import ProblemDetails
from bot.model.request import DiagnosisRequest
from bot.model.tunnels import ESTABLISHED, Tunnels
from bot.model.vpn import VpnConnection


async def see_tunnels(probes: Probes, authorization: Authorization, request: DiagnosisRequest) -> Tunnels:
    """Look at the tunnels as the person who asks; none if that is denied or not answered in time, and what did it.

    Takes as long as two probes at most. Without the reasons the states are told alone.
    """
    credential = authorization.credential
    found = await probes.connections(credential, request.region, request.connection_id)
    if isinstance(found, ProblemDetails):
        return Tunnels(unseen=found)
    connection = next((one for one in found.entries if one.connection_id == request.connection_id), None)
    if connection is None:
        return Tunnels()
    ailing = _not_up(connection)
    reasons = None if ailing is None else await probes.tunnels(credential, request.region, ailing)
    if isinstance(reasons, ProblemDetails):
        return Tunnels.of(connection, ()).changed(unseen=reasons)
    return Tunnels.of(connection, () if reasons is None else reasons.entries)


def _not_up(connection: VpnConnection) -> VpnConnection | None:
    """Return the connection with those of its tunnels that are not up; None if there are none."""
    if not connection.tunnels:
        return None if connection.status == ESTABLISHED else connection
    down = tuple(tunnel for tunnel in connection.tunnels if tunnel.status != ESTABLISHED)
    return connection.changed(tunnels=down) if down else None
