"""The path is told only as far as the checks prove it."""

from typing import Any

import pytest

from bot.model.report import (
    ConfigConsistency,
    Connectivity,
    DiagnosticItem,
    ResultLevel,
    RouteConflict,
    Unreadable,
)
from bot.model.tunnels import Tunnels
from bot.slack.path import Outcome, Path
from bot.slack.stations import Condition, Station
from tests.slack.scenes import (
    BROKEN,
    DOWN,
    FEW_ROUTES,
    HEALTHY,
    HEALTHY_AS_FAR_AS_KNOWN,
    HOSTS_ANSWER,
    NO_CONFLICT,
    ONE_OF_TWO_DOWN,
    PEER_ANSWERS,
    PEER_SILENT,
    SAME_CONFIG,
    UNKNOWN_PEER,
    UP,
    a_report,
    an_item,
)

NONE = Tunnels()
WORKS, IMPAIRED, LOST, UNKNOWN = Condition.WORKS, Condition.IMPAIRED, Condition.BROKEN, Condition.UNKNOWN


def probed(level: str, loss: float = 0, name: str = "VcoPrivateConnectivity") -> DiagnosticItem:
    source = "192.168.1.1" if name == "VcoPrivateConnectivity" else None
    detail = Connectivity(target_ip="10.8.0.1", source_ip=source, loss_percent=loss, rtt_ms=None)
    return an_item(name, level, detail)


def pinged(level: str, loss: float = 0) -> DiagnosticItem:
    return probed(level, loss, "VcoUserInternetIpConnectivity")


def routes(level: str) -> DiagnosticItem:
    return an_item("RouteEntryConflict", level, RouteConflict())


def config(level: str) -> DiagnosticItem:
    return an_item("VcoConfigConsistency", level, ConfigConsistency(peer_known=True))


def path_of(*items: DiagnosticItem, tunnels: Tunnels = NONE) -> Path:
    path = Path.of(a_report(*items), tunnels)
    assert path is not None
    return path


def noted(path: Path) -> dict[Station, tuple[Condition, str]]:
    return {stop.station: (stop.condition, stop.note) for stop in path.stops}


def marked(path: Path) -> Station | None:
    return path.marked.station if path.marked else None


def test_a_healthy_path_works_at_every_station() -> None:
    path = path_of(*HEALTHY.items)

    assert [stop.station for stop in path.stops] == list(Station)
    assert {stop.condition for stop in path.stops} == {WORKS}
    assert path.outcome is Outcome.PASSES


def test_what_was_not_tested_is_unknown_and_not_good() -> None:
    path = path_of(*HEALTHY_AS_FAR_AS_KNOWN.items)

    assert noted(path) == {
        Station.VPC: (UNKNOWN, "untested"),
        Station.GATEWAY: (WORKS, "routes_clear"),
        Station.TUNNEL: (UNKNOWN, "unproved"),
        Station.CUSTOMER_GATEWAY: (WORKS, "answers"),
        Station.DATA_CENTRE: (UNKNOWN, "untested"),
    }
    assert path.outcome is Outcome.UNTESTED


def test_every_error_on_the_way_is_suspected_in_the_order_of_the_path() -> None:
    path = path_of(*BROKEN.items)

    assert [stop.station for stop in path.suspects] == [
        Station.GATEWAY,
        Station.TUNNEL,
        Station.CUSTOMER_GATEWAY,
    ]
    assert path.outcome is Outcome.SUSPECTED


def test_a_peer_that_answers_nothing_is_looked_at_before_the_tunnel_that_is_down_for_it() -> None:
    silent = pinged("error", 100)

    assert marked(path_of(silent, tunnels=PEER_SILENT)) is Station.CUSTOMER_GATEWAY
    assert marked(path_of(PEER_ANSWERS, tunnels=PEER_SILENT)) is Station.TUNNEL
    assert marked(path_of(silent, tunnels=DOWN)) is Station.TUNNEL  # for another reason: it does negotiate


def test_a_silent_far_end_alone_does_not_say_where_it_breaks() -> None:
    path = path_of(NO_CONFLICT, SAME_CONFIG, PEER_ANSWERS, probed("error", 100))

    assert path.outcome is Outcome.UNPLACED
    assert path.suspects == ()
    assert noted(path)[Station.VPC] == (UNKNOWN, "unproved")
    assert noted(path)[Station.DATA_CENTRE] == (LOST, "silent")


@pytest.mark.parametrize(
    ("item", "station", "note"),
    [
        (routes("error"), Station.GATEWAY, "routes_overlap"),
        (config("error"), Station.TUNNEL, "settings_differ"),
        (pinged("error", 100), Station.CUSTOMER_GATEWAY, "silent_to_ping"),
    ],
)
def test_what_traffic_passes_all_the_same_is_impaired_and_not_broken(
    item: DiagnosticItem, station: Station, note: str
) -> None:
    path = path_of(item, HOSTS_ANSWER)

    assert noted(path)[station] == (IMPAIRED, note)
    assert path.outcome is Outcome.PASSES
    assert path.impaired


@pytest.mark.parametrize(
    ("item", "station", "note"),
    [
        (routes("warning"), Station.GATEWAY, "routes_nested"),
        (config("warning"), Station.TUNNEL, "settings_differ"),
        (pinged("warning", 20), Station.CUSTOMER_GATEWAY, "lossy"),
    ],
)
def test_a_warning_is_no_break(item: DiagnosticItem, station: Station, note: str) -> None:
    path = path_of(item)

    assert noted(path)[station] == (IMPAIRED, note)
    assert path.outcome is Outcome.UNTESTED


def test_loss_is_told_at_the_far_end_with_its_share() -> None:
    path = path_of(probed("warning", 33.333))

    assert path.stops[-1].facts == {"address": "10.8.0.1", "loss": "33.3"}
    assert noted(path)[Station.TUNNEL] == (IMPAIRED, "carries_with_loss")
    assert path.outcome is Outcome.PASSES


@pytest.mark.parametrize(
    ("item", "note"),
    [(SAME_CONFIG, "settings_agree"), (UNKNOWN_PEER, "unproved"), (config("odd"), "unproved")],
)
def test_settings_alone_never_prove_that_a_tunnel_is_up(item: DiagnosticItem, note: str) -> None:
    assert noted(path_of(item))[Station.TUNNEL] == (UNKNOWN, note)


def test_a_tunnel_that_is_down_is_where_it_breaks_whatever_else_is_wrong() -> None:
    path = path_of(SAME_CONFIG, PEER_ANSWERS, tunnels=DOWN)

    assert noted(path)[Station.TUNNEL] == (LOST, "down")
    assert path.outcome is Outcome.BROKEN


def test_a_tunnel_that_is_up_is_believed_rather_than_its_settings() -> None:
    path = path_of(config("error"), pinged("error", 100), tunnels=UP)

    assert noted(path)[Station.TUNNEL] == (WORKS, "up")
    assert noted(path)[Station.CUSTOMER_GATEWAY] == (IMPAIRED, "silent_to_ping")
    assert path.outcome is Outcome.UNTESTED


def test_one_tunnel_of_two_is_enough_for_traffic() -> None:
    path = path_of(*HEALTHY.items, tunnels=ONE_OF_TWO_DOWN)

    assert noted(path)[Station.TUNNEL] == (IMPAIRED, "some_down")
    assert path.stops[2].facts == {"count": "1", "total": "2"}
    assert path.outcome is Outcome.PASSES


def test_stations_that_no_check_speaks_of_are_known_by_the_traffic_through_them() -> None:
    with_traffic, without = noted(path_of(HOSTS_ANSWER)), noted(path_of(SAME_CONFIG))

    assert with_traffic[Station.GATEWAY] == with_traffic[Station.CUSTOMER_GATEWAY] == (WORKS, "gets_through")
    assert without[Station.GATEWAY] == without[Station.CUSTOMER_GATEWAY] == (UNKNOWN, "unproved")


def test_a_level_that_nobody_knows_proves_nothing() -> None:
    path = path_of(routes("odd"), pinged("odd"), probed("odd"))

    assert {stop.condition for stop in path.stops} == {UNKNOWN}


def test_of_two_results_of_one_check_the_worse_counts() -> None:
    assert path_of(probed("error", 100), HOSTS_ANSWER).outcome is Outcome.UNPLACED


def test_a_result_that_cannot_be_read_counts_by_its_level() -> None:
    path = path_of(an_item("VcoPrivateConnectivity", "normal", Unreadable(text="fine")))

    assert path.outcome is Outcome.PASSES
    assert path.private.source is path.private.target is path.private.loss is None


def test_without_anything_of_the_path_there_is_none() -> None:
    assert Path.of(a_report(FEW_ROUTES), NONE) is None
    assert Path.of(a_report(FEW_ROUTES), DOWN) is not None


@pytest.mark.parametrize("address", ["\u202e10.8.0.1\n", "x" * 500])
def test_addresses_are_foreign_text(address: str) -> None:
    detail: dict[str, Any] = {"target_ip": address, "loss_percent": 0, "rtt_ms": 14.25}
    item = an_item("VcoPrivateConnectivity", "normal", Connectivity(**detail))

    private = path_of(item).private

    assert private.level is ResultLevel.NORMAL
    assert private.target in {"10.8.0.1", "x" * 19 + "…"}
    assert private.rtt in {"14.2", "14.3"}
