"""The path is read from top to bottom, on a phone and by a screen reader."""

from itertools import product
from unicodedata import east_asian_width

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model.report import Connectivity, DiagnosisReport
from bot.model.run import Language
from bot.model.tunnels import Tunnels
from bot.slack.blocks import rich_text
from bot.slack.columns import columns
from bot.slack.path import Path
from bot.slack.path_picture import path_parts, picture, where_it_breaks
from tests.slack.parsed_by_slack import texts
from tests.slack.scenes import (
    BROKEN,
    DOWN,
    HEALTHY,
    HEALTHY_AS_FAR_AS_KNOWN,
    NO_CONFLICT,
    ONE_OF_TWO_DOWN,
    PEER_ANSWERS,
    PEER_SILENT,
    SAME_CONFIG,
    UP,
    a_report,
    an_item,
)

NO_ANSWER_AT_ALL = (
    "The tunnel is down, and the customer gateway answers neither probes nor the negotiation: "
    "it most likely breaks there, or on the way to it."
)
BOTH_PASS = "Traffic passes the whole way between 192.168.1.1 and 10.8.0.1"
UP_BUT_SILENT = (
    "A tunnel is up, and yet no probe came back from 10.8.0.1: "
    "look at routes and firewalls on both sides, and at the machine itself."
)
REACHED = "Alibaba Cloud reaches the customer gateway 203.0.113.20 (round trip 11.8 ms)."

LANGUAGES: tuple[Language, ...] = ("en", "zh")
NONE = Tunnels()


def path(report: DiagnosisReport, tunnels: Tunnels = NONE) -> Path:
    found = Path.of(report, tunnels)
    assert found is not None
    return found


def hosts(level: str, loss: float) -> DiagnosisReport:
    detail = Connectivity(target_ip="10.8.0.1", source_ip="192.168.1.1", loss_percent=loss, rtt_ms=None)
    return a_report(NO_CONFLICT, SAME_CONFIG, PEER_ANSWERS, an_item("VcoPrivateConnectivity", level, detail))


def test_a_broken_path_is_drawn_station_by_station_with_the_first_break_marked() -> None:
    assert picture(path(BROKEN), "en") == [
        "⚪ VPC side",
        "┊  192.168.1.1: not proved",
        "❌ VPN gateway ← breaks here?",
        "╳  routes overlap",
        "❌ IPsec tunnel",
        "╳  settings of the ends differ",
        "❌ Customer gateway",
        "╳  203.0.113.21: no answer",
        "❌ Data centre side",
        "   10.8.0.1: no answer",
    ]


def test_a_healthy_path_is_a_solid_line_in_chinese_too() -> None:
    assert picture(path(HEALTHY), "zh") == [
        "✅ VPC侧",
        "│  192.168.1.1可通",
        "✅ VPN网关",
        "│  路由无冲突",
        "✅ IPsec隧道",
        "│  可承载流量",
        "✅ 用户网关",
        "│  203.0.113.20有响应",
        "✅ 本地数据中心侧",
        "   10.8.0.1有响应",
    ]


def test_a_break_that_is_known_is_no_question() -> None:
    drawn = picture(path(HEALTHY_AS_FAR_AS_KNOWN, DOWN), "en")

    assert drawn[4:6] == ["❌ IPsec tunnel ← breaks here", "╳  down"]


def test_the_mark_stands_where_the_sentence_says_that_it_breaks() -> None:
    drawn = [text for text in picture(path(BROKEN, DOWN), "en") if "←" in text]

    assert drawn == ["❌ IPsec tunnel ← breaks here"]


def test_where_the_place_is_not_known_none_is_marked() -> None:
    drawn = picture(path(hosts("error", 100)), "en")

    assert not [line for line in drawn if "←" in line]
    assert drawn[-2:] == ["❌ Data centre side", "   10.8.0.1: no answer"]


@pytest.mark.parametrize(
    ("report", "tunnels", "english", "chinese"),
    [
        (
            HEALTHY,
            NONE,
            f"{BOTH_PASS}.",
            "192.168.1.1与10.8.0.1之间全程可通。",
        ),
        (
            hosts("warning", 40),
            NONE,
            f"{BOTH_PASS}, but with losses.",
            "192.168.1.1与10.8.0.1之间全程可通，但有丢包。",
        ),
        (
            HEALTHY,
            ONE_OF_TWO_DOWN,
            f"{BOTH_PASS}, but what is marked here can still hit other traffic.",
            "192.168.1.1与10.8.0.1之间全程可通，但此处标出的问题仍可能影响其他流量。",
        ),
        (
            BROKEN,
            NONE,
            "It most likely breaks at: VPN gateway, IPsec tunnel, customer gateway.",
            "最可能的中断位置：VPN网关、IPsec隧道、用户网关。",
        ),
        (BROKEN, DOWN, "It breaks at the IPsec tunnel, which is down.", "中断位置：IPsec隧道（未建立）。"),
        (
            BROKEN,
            PEER_SILENT,
            NO_ANSWER_AT_ALL,
            "隧道未建立，且用户网关对探测包和协商均无响应：最可能的中断位置是用户网关，或到用户网关的公网路径。",
        ),
        (
            hosts("error", 100),
            NONE,
            "No probe came back from 10.8.0.1, and the checks do not show where on the way it breaks.",
            "没有探测包从10.8.0.1返回，且各项检查未能显示中断位置。",
        ),
        (
            hosts("error", 100),
            UP,
            UP_BUT_SILENT,
            "已有隧道建立，但没有探测包从10.8.0.1返回：请检查两侧的路由、防火墙以及目的机器本身。",
        ),
        (
            HEALTHY_AS_FAR_AS_KNOWN,
            NONE,
            "Nothing on the way is known to be broken, but whether traffic passes was not tested.",
            "未发现中断位置，但未检测流量能否全程通过。",
        ),
        (
            HEALTHY_AS_FAR_AS_KNOWN,
            UP,
            "A tunnel is up, but whether traffic passes the whole way was not tested.",
            "已有隧道建立，但未检测流量能否全程通过。",
        ),
    ],
    ids=[
        "passes",
        "lossy",
        "impaired",
        "suspected",
        "broken",
        "broken, peer silent",
        "unplaced",
        "unplaced, up",
        "untested",
        "untested, up",
    ],
)
def test_where_it_breaks_is_one_sentence(
    report: DiagnosisReport, tunnels: Tunnels, english: str, chinese: str
) -> None:
    assert where_it_breaks(path(report, tunnels), "en") == english
    assert where_it_breaks(path(report, tunnels), "zh") == chinese


@pytest.mark.parametrize(
    ("report", "public", "private"),
    [
        (
            HEALTHY,
            REACHED,
            "Both ends reach each other: probes from 192.168.1.1 to 10.8.0.1 go there and come back",
        ),
        (
            hosts("warning", 40),
            REACHED,
            "Both ends reach each other, but 40 % of the probes from 192.168.1.1 to 10.8.0.1 are lost.",
        ),
        (
            BROKEN,
            "The customer gateway 203.0.113.21 does not answer Alibaba Cloud's probes.",
            "The two ends do not reach each other: no probe from 192.168.1.1 to 10.8.0.1 comes back.",
        ),
    ],
    ids=["healthy", "lossy", "broken"],
)
def test_who_reaches_whom_is_said_in_words(report: DiagnosisReport, public: str, private: str) -> None:
    *_, first, second = texts([rich_text(*path_parts(path(report), "en"))]).splitlines()

    assert first == public
    assert second.startswith(private)


def test_what_was_not_probed_is_not_spoken_of() -> None:
    parts = path_parts(path(a_report(SAME_CONFIG)), "en")

    assert [part["type"] for part in parts] == ["rich_text_section", "rich_text_preformatted"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_screen_reader_hears_the_sentence_before_the_picture(language: Language) -> None:
    first, second, *_ = path_parts(path(BROKEN), language)

    assert (first["type"], second["type"]) == ("rich_text_section", "rich_text_preformatted")


ADDRESSES = st.one_of(st.sampled_from(["255.255.255.255", "网" * 40, "🔥" * 40, ""]), st.text(max_size=60))
LEVELS = ["normal", "warning", "error", "odd"]
TUNNELS = [NONE, UP, DOWN, ONE_OF_TWO_DOWN, PEER_SILENT]
FOUR_CHECKS = (
    "VcoPrivateConnectivity",
    "VcoUserInternetIpConnectivity",
    "RouteEntryConflict",
    "VcoConfigConsistency",
)


def drawn(address: str, levels: tuple[str, ...], tunnels: Tunnels, language: Language) -> list[str]:
    detail = Connectivity(target_ip=address, source_ip=address, loss_percent=33.333, rtt_ms=None)
    items = [an_item(name, level, detail) for name, level in zip(FOUR_CHECKS, levels, strict=True)]
    return picture(path(a_report(*items), tunnels), language)


@settings(max_examples=100, deadline=None)
@given(
    address=ADDRESSES,
    levels=st.tuples(*[st.sampled_from(LEVELS)] * 4),
    tunnels=st.sampled_from(TUNNELS),
    language=st.sampled_from(LANGUAGES),
)
def test_no_line_is_wider_than_a_phone(
    address: str, levels: tuple[str, ...], tunnels: Tunnels, language: Language
) -> None:
    assert all(columns(line) <= 34 for line in drawn(address, levels, tunnels, language))


@pytest.mark.parametrize("tunnels", TUNNELS, ids=["unknown", "up", "down", "one down", "peer silent"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_line_with_a_whole_address_is_cut(language: Language, tunnels: Tunnels) -> None:
    for levels in product(LEVELS, repeat=4):
        lines = drawn("255.255.255.255", levels, tunnels, language)

        assert "…" not in "".join(lines)


def test_in_the_typewriter_faces_of_china_lines_and_arrows_are_wide_and_still_fit() -> None:
    for levels in product(LEVELS, repeat=4):
        for line in drawn("255.255.255.255", levels, DOWN, "zh"):
            wide = sum(east_asian_width(character) == "A" for character in line)
            assert columns(line) + wide <= 34
