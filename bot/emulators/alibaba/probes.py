"""What a probe measures on its way: loss and round trip over the paths that lie between two ends."""

from math import prod

from bot.emulators.alibaba.negotiation import Status, status, tunnel_in_use
from bot.emulators.alibaba.network import Gateway, Vpc
from bot.emulators.alibaba.routes import next_hop
from bot.emulators.alibaba.tunnels import Connection, Host, Path
from bot.model.report import ResultLevel
from bot.model.request import PrivateAddresses
from bot.model.value import Value

# The value of `rtt` when nothing came back (the vendor's own example).
NO_ANSWER_MS = -1.0


class Measured(Value):
    """Loss in percent, unrounded; the round trip in milliseconds, or -1 if nothing came back."""

    loss_percent: float
    rtt_ms: float

    @property
    def level(self) -> ResultLevel:
        """Loss 0 is normal, 100 an error, anything between a warning."""
        if self.loss_percent <= 0:
            return ResultLevel.NORMAL
        return ResultLevel.WARNING if self.loss_percent < 100 else ResultLevel.ERROR  # noqa: PLR2004  percent

    @property
    def loss_rate(self) -> float:
        """Round to hundredths, but never to 0 or 100, which the level would contradict."""
        if self.level is not ResultLevel.WARNING:
            return self.loss_percent
        return min(max(round(self.loss_percent, 2), 0.01), 99.99)


LOST = Measured(loss_percent=100.0, rtt_ms=NO_ANSWER_MS)


def over_the_internet(connection: Connection) -> Measured:
    """Probe the public address of the customer gateway, of the tunnel in use if there are two."""
    return _along(tunnel_in_use(connection).peer.path)


def through_the_tunnel(vpc: Vpc, gateway: Gateway, connection: Connection, ends: PrivateAddresses) -> Measured:
    """Probe from a host of the VPC to one of the data centre.

    Nothing comes back when an end is not a host of its own side, when the packet is routed elsewhere, when the
    tunnel does not carry these addresses, or when it is down.
    """
    tunnel = tunnel_in_use(connection)
    source = _host(vpc.hosts, ends.source)
    destination = _host(tunnel.peer.hosts, ends.destination)
    if source is None or destination is None:
        return LOST
    routed_here = next_hop(vpc, gateway, ends.source, ends.destination) == connection.id
    if not (routed_here and _carries(connection, ends) and status(tunnel) is Status.UP):
        return LOST
    return _along(source.path, tunnel.peer.path, destination.path)


def _host(hosts: tuple[Host, ...], ip: object) -> Host | None:
    return next((host for host in hosts if host.ip == ip), None)


def _carries(connection: Connection, ends: PrivateAddresses) -> bool:
    """Hold the addresses against the tunnel's interesting traffic."""
    return any(ends.source in network for network in connection.local_networks) and any(
        ends.destination in network for network in connection.remote_networks
    )


def _along(*paths: Path) -> Measured:
    delivered = prod(1 - path.loss_percent / 100 for path in paths)
    if delivered <= 0:
        return LOST
    return Measured(loss_percent=100 * (1 - delivered), rtt_ms=round(sum(p.rtt_ms for p in paths), 2))
