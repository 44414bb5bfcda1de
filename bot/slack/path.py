"""What the checks prove of the path from the VPC to the data centre, as a whole.

What nothing proves is unknown, and never taken for good: a normal check speaks of what it looked at alone.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Self

from bot.model.report import DiagnosisReport, DiagnosticItem, ResultLevel
from bot.model.tunnels import Tunnels
from bot.model.value import Value
from bot.slack.private import PRIVATE_CHECK
from bot.slack.probes import Probes
from bot.slack.stations import Condition, Station, Stop, customer_gateway, data_centre, gateway, tunnel, vpc

ROUTES_CHECK = "RouteEntryConflict"
CONFIG_CHECK = "VcoConfigConsistency"
PUBLIC_CHECK = "VcoUserInternetIpConnectivity"
PATH_CHECKS = frozenset({ROUTES_CHECK, CONFIG_CHECK, PUBLIC_CHECK, PRIVATE_CHECK})


class Outcome(StrEnum):
    """What can be said of the whole: that a tunnel is down is certain, other breaks are suspected."""

    PASSES = "passes"
    BROKEN = "broken"
    SUSPECTED = "suspected"
    UNPLACED = "unplaced"
    UNTESTED = "untested"


class Path(Value):
    """The stations from the VPC to the data centre, and what the probes between them found."""

    stops: tuple[Stop, ...]
    outcome: Outcome
    public: Probes
    private: Probes
    tunnel_up: bool | None
    peer_silent: bool

    @classmethod
    def of(cls, report: DiagnosisReport, tunnels: Tunnels) -> Self | None:
        """Read the path from a report and the tunnels' states; None if neither tells anything of it."""
        found = {item.name: item for item in _worst_last(report.items)}
        if not tunnels.each and not found.keys() & PATH_CHECKS:
            return None
        public, private = Probes.of(found.get(PUBLIC_CHECK)), Probes.of(found.get(PRIVATE_CHECK))
        stops = (
            vpc(private),
            gateway(found.get(ROUTES_CHECK), private),
            tunnel(found.get(CONFIG_CHECK), private, tunnels),
            customer_gateway(public, works=private.come_back or tunnels.up is True),
            data_centre(private),
        )
        outcome = _outcome(stops, private, tunnels)
        peer_silent = public.level is ResultLevel.ERROR and tunnels.up is False and tunnels.unanswered
        return cls(
            stops=stops,
            outcome=outcome,
            public=public,
            private=private,
            tunnel_up=tunnels.up,
            peer_silent=peer_silent,
        )

    @property
    def suspects(self) -> tuple[Stop, ...]:
        return _suspects(self.stops)

    @property
    def marked(self) -> Stop | None:
        """The one station to look at first: the tunnel if that is what is down, else the first suspect.

        A peer that answers neither probes nor the negotiation comes before the tunnel that is down for it.
        """
        if self.outcome is Outcome.BROKEN:
            broken = Station.CUSTOMER_GATEWAY if self.peer_silent else Station.TUNNEL
            return next(stop for stop in self.stops if stop.station is broken)
        return next(iter(self.suspects), None)

    @property
    def impaired(self) -> bool:
        return any(stop.condition is Condition.IMPAIRED for stop in self.stops)


def _outcome(stops: tuple[Stop, ...], private: Probes, tunnels: Tunnels) -> Outcome:
    if tunnels.up is False:
        return Outcome.BROKEN
    if private.come_back:
        return Outcome.PASSES
    if _suspects(stops):
        return Outcome.SUSPECTED
    return Outcome.UNTESTED if private.level is None else Outcome.UNPLACED


def _suspects(stops: tuple[Stop, ...]) -> tuple[Stop, ...]:
    """Return where it can break; that the far end is silent says nothing of where."""
    broken = (stop for stop in stops if stop.condition is Condition.BROKEN)
    return tuple(stop for stop in broken if stop.station is not Station.DATA_CENTRE)


def _worst_last(items: Iterable[DiagnosticItem]) -> list[DiagnosticItem]:
    """Order the checks so that of two with one name the worse comes last; an unknown level tells nothing."""
    order = (ResultLevel.UNKNOWN, ResultLevel.NORMAL, ResultLevel.WARNING, ResultLevel.ERROR)
    return sorted(items, key=lambda item: order.index(item.level))
