"""How each station of the path is, from the checks that speak of it."""

from enum import StrEnum

from pydantic import Field

from bot.model.report import ConfigConsistency, DiagnosticItem, ResultLevel
from bot.model.tunnels import Tunnels
from bot.model.value import Value
from bot.slack.probes import Probes


class Station(StrEnum):
    """The stations in their order, seen from Alibaba Cloud."""

    VPC = "vpc"
    GATEWAY = "gateway"
    TUNNEL = "tunnel"
    CUSTOMER_GATEWAY = "customer_gateway"
    DATA_CENTRE = "data_centre"


class Condition(StrEnum):
    """How a station is, as far as it is proved."""

    WORKS = "works"
    IMPAIRED = "impaired"
    BROKEN = "broken"
    UNKNOWN = "unknown"


class Stop(Value):
    """A station and its condition; `note` is the end of a key of phrases/path.toml, `facts` go with it."""

    station: Station
    condition: Condition
    note: str
    facts: dict[str, str] = Field(default_factory=dict)


def vpc(private: Probes) -> Stop:
    if private.come_back:
        return _stop(Station.VPC, Condition.WORKS, "gets_through", address=private.source)
    note = "untested" if private.level is None else "unproved"
    return _stop(Station.VPC, Condition.UNKNOWN, note, address=private.source)


def gateway(routes: DiagnosticItem | None, private: Probes) -> Stop:
    match _level(routes):
        case ResultLevel.ERROR if private.come_back:
            return _stop(Station.GATEWAY, Condition.IMPAIRED, "routes_overlap")
        case ResultLevel.ERROR:
            return _stop(Station.GATEWAY, Condition.BROKEN, "routes_overlap")
        case ResultLevel.WARNING:
            return _stop(Station.GATEWAY, Condition.IMPAIRED, "routes_nested")
        case ResultLevel.NORMAL:
            return _stop(Station.GATEWAY, Condition.WORKS, "routes_clear")
        case _:
            return _by_traffic_alone(Station.GATEWAY, works=private.come_back)


def tunnel(config: DiagnosticItem | None, private: Probes, tunnels: Tunnels) -> Stop:
    """Say how the tunnel is: by its own state if that is known, else by the settings and by traffic."""
    if tunnels.up is not None:
        return _known_tunnel(tunnels)
    if _level(config) in {ResultLevel.ERROR, ResultLevel.WARNING}:
        broken = _level(config) is ResultLevel.ERROR and not private.come_back
        return _stop(Station.TUNNEL, Condition.BROKEN if broken else Condition.IMPAIRED, "settings_differ")
    match private.level:
        case ResultLevel.NORMAL:
            return _stop(Station.TUNNEL, Condition.WORKS, "carries")
        case ResultLevel.WARNING:
            return _stop(Station.TUNNEL, Condition.IMPAIRED, "carries_with_loss")
        case _:
            note = "settings_agree" if _agree(config) else "unproved"
            return _stop(Station.TUNNEL, Condition.UNKNOWN, note)


def customer_gateway(public: Probes, *, works: bool) -> Stop:
    """Say how the customer gateway is; if it `works`, one without an answer is only silent to ping."""
    station, address = Station.CUSTOMER_GATEWAY, public.target
    match public.level:
        case ResultLevel.NORMAL:
            return _stop(station, Condition.WORKS, "answers", address=address)
        case ResultLevel.WARNING:
            return _stop(station, Condition.IMPAIRED, "lossy", address=address, loss=public.loss)
        case ResultLevel.ERROR if works:
            return _stop(station, Condition.IMPAIRED, "silent_to_ping", address=address)
        case ResultLevel.ERROR:
            return _stop(station, Condition.BROKEN, "silent", address=address)
        case _:
            return _by_traffic_alone(station, works=works)


def data_centre(private: Probes) -> Stop:
    station, address = Station.DATA_CENTRE, private.target
    match private.level:
        case ResultLevel.NORMAL:
            return _stop(station, Condition.WORKS, "answers", address=address)
        case ResultLevel.WARNING:
            return _stop(station, Condition.IMPAIRED, "lossy", address=address, loss=private.loss)
        case ResultLevel.ERROR:
            return _stop(station, Condition.BROKEN, "silent", address=address)
        case _:
            return _stop(station, Condition.UNKNOWN, "untested")


def _known_tunnel(tunnels: Tunnels) -> Stop:
    if tunnels.up is False:
        return _stop(Station.TUNNEL, Condition.BROKEN, "down")
    if not tunnels.down:
        return _stop(Station.TUNNEL, Condition.WORKS, "up")
    counts = {"count": str(len(tunnels.down)), "total": str(len(tunnels.each))}
    return _stop(Station.TUNNEL, Condition.IMPAIRED, "some_down", **counts)


def _by_traffic_alone(station: Station, *, works: bool) -> Stop:
    if works:
        return _stop(station, Condition.WORKS, "gets_through")
    return _stop(station, Condition.UNKNOWN, "unproved")


def _agree(config: DiagnosticItem | None) -> bool:
    """Tell whether the settings of both ends were seen and are the same."""
    if config is None or config.level is not ResultLevel.NORMAL:
        return False
    return isinstance(config.detail, ConfigConsistency) and config.detail.peer_known


def _level(item: DiagnosticItem | None) -> ResultLevel | None:
    return None if item is None else item.level


def _stop(station: Station, condition: Condition, note: str, **facts: str | None) -> Stop:
    known = {name: text for name, text in facts.items() if text is not None}
    return Stop(station=station, condition=condition, note=note, facts=known)
