"""What the checks measured, in every escaping and shape that the vendor or a liar may choose."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from bot.alibaba.details import read_detail
from bot.model.report import (
    ConfigConsistency,
    ConfigDifference,
    Connectivity,
    Detail,
    Overlap,
    Quota,
    RouteConflict,
    Unreadable,
)

PROBE = {"targetIp": "192.168.0.1", "srcIp": "192.168.1.1", "rtt": 23.5, "lossRate": 12.0}
PROBED = Connectivity(target_ip="192.168.0.1", source_ip="192.168.1.1", rtt_ms=23.5, loss_percent=12.0)
CONNECTIVITY = "VcoPrivateConnectivity"
STORED: TypeAdapter[Detail] = TypeAdapter(Detail)

escaped_once = json.dumps(PROBE)
escaped_twice = escaped_once.replace('"', '\\"')


@pytest.mark.parametrize(
    "description",
    [PROBE, escaped_once, escaped_twice, json.dumps(escaped_once), json.dumps(json.dumps(escaped_once))],
    ids=["an object", "a text", "the vendor's example", "a text in a text", "three layers"],
)
def test_a_description_is_read_however_it_is_escaped(description: Any) -> None:
    assert read_detail(CONNECTIVITY, description) == PROBED


@pytest.mark.parametrize("name", ["VcoUserInternetIpConnectivity", "vcouserinternetipconnectivity"])
def test_a_check_is_known_in_any_case(name: str) -> None:
    assert read_detail(name, escaped_once) == PROBED


@pytest.mark.parametrize(
    ("changes", "rtt_ms", "loss_percent"),
    [
        ({"rtt": -1.0, "lossRate": 100.0}, None, 100.0),
        ({"rtt": "23.5", "lossRate": "12.0%"}, 23.5, 12.0),
        ({"rtt": None}, None, 12.0),
        ({"rtt": 0, "lossRate": 0}, 0.0, 0.0),
    ],
    ids=["no answer", "numbers as text", "no rtt", "zero"],
)
def test_a_probe_is_read_with_its_units(
    changes: dict[str, Any], rtt_ms: float | None, loss_percent: float
) -> None:
    detail = read_detail(CONNECTIVITY, json.dumps(PROBE | changes))

    assert isinstance(detail, Connectivity)
    assert (detail.rtt_ms, detail.loss_percent) == (rtt_ms, loss_percent)


@pytest.mark.parametrize(
    "description",
    [
        json.dumps(PROBE | {"lossRate": -5}),
        json.dumps(PROBE | {"lossRate": 101}),
        json.dumps(PROBE | {"lossRate": "most"}),
        json.dumps(PROBE | {"lossRate": None}),
        json.dumps(PROBE | {"targetIp": 7}),
        json.dumps(PROBE | {"rtt": "slow"}),
        json.dumps(PROBE).replace("23.5", "NaN"),
        json.dumps(PROBE).replace("23.5", "1e999"),
        json.dumps(PROBE).replace("23.5", "9" * 5000),
        "[" * 100_000,
        "no JSON at all",
        "[1, 2]",
        "null",
        "",
        None,
        7,
        [],
    ],
    ids=lambda description: repr(description)[:60],
)
def test_a_probe_that_makes_no_sense_is_unreadable(description: Any) -> None:
    assert isinstance(read_detail(CONNECTIVITY, description), Unreadable)


@pytest.mark.parametrize("name", ["VpnRouteQuota", "VpnIPsecQuota", "VpnPbrRouteQuota"])
@pytest.mark.parametrize(("used", "quantity"), [(17, 20), ("17", "20"), (17.0, "20")])
def test_a_quota_is_read_also_from_text(name: str, used: Any, quantity: Any) -> None:
    description = json.dumps({"quotaName": "vpn_quota_routes", "quantity": quantity, "used": used})

    assert read_detail(name, description) == Quota(quota_name="vpn_quota_routes", used=17, quantity=20)


@pytest.mark.parametrize(
    "description",
    [{"used": -1, "quantity": 20}, {"used": 1}, {"used": 10**30, "quantity": 1}, [], "17 of 20"],
    ids=repr,
)
def test_a_quota_without_good_numbers_is_unreadable(description: Any) -> None:
    assert isinstance(read_detail("VpnRouteQuota", json.dumps(description)), Unreadable)


def test_conflicting_routes_are_found_in_any_shape() -> None:
    conflict = {"routes": [{"destCidr": "10.8.0.0/16", "nextHop": "vpn-1"}, "10.0.0.0/8"], "again": "10.8.0.0/16"}

    detail = read_detail("RouteEntryConflict", json.dumps(conflict))

    assert detail == RouteConflict(routes=("10.8.0.0/16", "10.0.0.0/8"), remarks=("routes.nextHop: vpn-1",))


def test_a_conflict_in_known_words_says_where_the_other_route_leads() -> None:
    known = {
        "destination": "10.8.0.0/16",
        "nextHop": "vco-1",
        "conflictDestination": "10.0.0.0/8",
        "conflictNextHop": "cen-1",
        "relation": "contains",
    }
    novel = known | {"conflictDestination": "10.8.1.0/24", "since": "May"}
    overlap = Overlap(ours="10.8.0.0/16", other="10.0.0.0/8", next_hop="cen-1", relation="contains")

    detail = read_detail("RouteEntryConflict", json.dumps({"conflictRoutes": [known, novel]}))

    assert isinstance(detail, RouteConflict)
    assert detail.overlaps == (overlap,)
    assert detail.routes == ("10.8.0.0/16", "10.0.0.0/8", "10.8.1.0/24")
    assert "conflictRoutes.since: May" in detail.remarks


@pytest.mark.parametrize("description", [None, "", "{}", "[]", '{"routes": []}'], ids=repr)
def test_no_conflict_is_a_conflict_of_no_routes(description: Any) -> None:
    assert read_detail("RouteEntryConflict", description) == RouteConflict()


def test_a_conflict_told_in_prose_stays_prose() -> None:
    assert read_detail("RouteEntryConflict", "two routes overlap") == Unreadable(text="two routes overlap")


def test_differing_settings_show_both_ends() -> None:
    description = {
        "vcoConf": {"IkeConfig": {"IkeVersion": "ikev2", "IkeLifetime": 86400}, "EnableDpd": True},
        "vcoRunningConf": json.dumps({"IkeVersion": "ikev1", "IkeLifetime": 28800}),
        "vcoDiffConf": ["IkeConfig.IkeVersion", "IkeLifetime", "EnableDpd"],
        "vcoLackConf": ["PfsGroup"],
    }

    assert read_detail("VcoConfigConsistency", json.dumps(description)) == ConfigConsistency(
        peer_known=True,
        differing=(
            ConfigDifference(setting="IkeConfig.IkeVersion", cloud_side="ikev2", peer_side="ikev1"),
            ConfigDifference(setting="IkeLifetime", cloud_side="86400", peer_side="28800"),
            ConfigDifference(setting="EnableDpd", cloud_side="yes"),
        ),
        lacking=("PfsGroup",),
    )


def test_a_differing_pre_shared_key_is_named_and_not_shown() -> None:
    ends = {"vcoConf": {"Psk": "hunter2"}, "vcoRunningConf": {"Psk": "hunter3"}}

    names = {"vcoDiffConf": ["Psk"], "vcoLackConf": []}
    detail = read_detail("VcoConfigConsistency", json.dumps(ends | names))

    assert detail == ConfigConsistency(peer_known=True, differing=(ConfigDifference(setting="Psk"),))


@pytest.mark.parametrize("running", [None, "", {}, "{}", [], {"IkeConfig": {}}], ids=repr)
def test_a_peer_that_nobody_could_ask_is_not_known(running: Any) -> None:
    description = json.dumps({"vcoConf": {"IkeVersion": "ikev2"}, "vcoRunningConf": running, "vcoDiffConf": []})

    assert read_detail("VcoConfigConsistency", description) == ConfigConsistency(peer_known=False)


def test_differences_in_other_shapes_are_told_in_words() -> None:
    differing = [{"setting": "IkeVersion", "here": "ikev2"}, 7, {}]

    detail = read_detail("VcoConfigConsistency", json.dumps({"vcoDiffConf": differing, "vcoLackConf": "PfsGroup"}))

    assert detail == ConfigConsistency(
        peer_known=True,
        differing=(ConfigDifference(setting="setting: IkeVersion; here: ikev2"), ConfigDifference(setting="7")),
        lacking=("PfsGroup",),
    )


def test_a_configuration_without_any_known_key_is_unreadable() -> None:
    assert read_detail("VcoConfigConsistency", '{"same": false}') == Unreadable(text="same: no")


def test_a_check_that_is_not_known_is_kept_in_words() -> None:
    description = json.dumps(
        {"tunnels": [{"id": "tun-1", "up": True}, {"id": "tun-2", "up": False}], "psk": "hunter2"}
    )

    detail = read_detail("TunnelRedundancy", description)

    assert detail == Unreadable(
        text="tunnels.id: tun-1; tunnels.up: yes; tunnels.id: tun-2; tunnels.up: no; psk: (hidden)"
    )


def test_a_description_of_any_size_is_kept_within_bounds() -> None:
    prose = read_detail("Anything", "x" * 3_000_000)
    routes = read_detail("RouteEntryConflict", json.dumps([f"10.{n}.0.0/16" for n in range(256)] + ["y" * 9999]))

    assert isinstance(prose, Unreadable)
    assert len(prose.text) == 1000
    assert prose.text.endswith("…")
    assert isinstance(routes, RouteConflict)
    assert len(routes.routes) == 50


NAMES = st.sampled_from(["RouteEntryConflict", "VpnRouteQuota", "VcoConfigConsistency", CONNECTIVITY, "Novel"])
KEYS = st.sampled_from(["targetIp", "rtt", "lossRate", "used", "quantity", "quotaName", "vcoConf", "vcoDiffConf"])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
FOREIGN = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.dictionaries(KEYS | st.text(max_size=5), inner), max_leaves=15
)


@given(NAMES, FOREIGN, st.integers(0, 3))
def test_no_description_breaks_the_reader_or_the_store(name: str, foreign: Any, layers: int) -> None:
    description = foreign
    for _ in range(layers):
        description = json.dumps(description)

    detail = read_detail(name, description)

    assert STORED.validate_json(STORED.dump_json(detail)) == detail
