"""What a diagnosis found: one item a check, with the measured facts already parsed."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from bot.model.ids import RegionId, VpnConnectionId, VpnGatewayId
from bot.model.value import Value


class ResultLevel(StrEnum):
    """The vendor's three levels, best first; UNKNOWN is any word that is not one of them."""

    NORMAL = "normal"
    WARNING = "warning"
    ERROR = "error"
    UNKNOWN = "unknown"


class Overlap(Value):
    """Another route in the way of `ours`: where it leads, and the vendor's word for how it lies to ours."""

    ours: str
    other: str
    next_hop: str
    relation: str


class RouteConflict(Value):
    """Routes that overlap, none if there are none; `remarks` are the other words of the vendor's text.

    The shape of that text is undocumented, so a route is whatever in it looks like one; `overlaps` are those of
    them that are told in full.
    """

    kind: Literal["route_conflict"] = "route_conflict"
    routes: tuple[str, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    remarks: tuple[str, ...] = ()


class Quota(Value):
    """How much of a quota is used; more than 80 % is a warning."""

    kind: Literal["quota"] = "quota"
    quota_name: str
    used: int
    quantity: int


class ConfigDifference(Value):
    """One setting in which the two ends of the tunnel differ; None where an end's value is not known."""

    setting: str
    cloud_side: str | None = None
    peer_side: str | None = None


class ConfigConsistency(Value):
    """The IPsec settings of both ends compared; `peer_known` False means that "normal" proves nothing."""

    kind: Literal["config"] = "config"
    peer_known: bool
    differing: tuple[ConfigDifference, ...] = ()
    lacking: tuple[str, ...] = ()


class Connectivity(Value):
    """Probes to an address: loss in percent (0 to 100), round-trip time in milliseconds or None for no answer."""

    kind: Literal["connectivity"] = "connectivity"
    target_ip: str
    source_ip: str | None = None
    loss_percent: float
    rtt_ms: float | None


class Unreadable(Value):
    """A description in a shape that is not known, as text, cut to a bound."""

    kind: Literal["unreadable"] = "unreadable"
    text: str


Detail = Annotated[
    RouteConflict | Quota | ConfigConsistency | Connectivity | Unreadable, Field(discriminator="kind")
]


class DiagnosticItem(Value):
    """One check: the vendor's DiagnoseName, its level, and what was measured.

    `level_text` is the vendor's own word, which `level` may not know.
    """

    name: str
    level: ResultLevel
    level_text: str
    detail: Detail


class DiagnosisReport(Value):
    """An answer of GetVpnGatewayDiagnoseResult; times are UTC, `finished` says whether it is the last one."""

    diagnose_id: str
    request_id: str
    region: RegionId
    gateway_id: VpnGatewayId
    connection_id: VpnConnectionId | None
    begin_time: datetime | None
    finish_time: datetime | None
    finished_count: int
    total_count: int
    items: tuple[DiagnosticItem, ...] = ()

    @property
    def finished(self) -> bool:
        return self.finish_time is not None and self.finished_count >= self.total_count > 0
