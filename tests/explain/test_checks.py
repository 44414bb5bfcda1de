"""A check in words: its meaning at each level, the measured facts, the next step."""

import re
import tomllib
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.explain.checks import LONGEST_MEASURED, MOST_MEASURED, describe
from bot.explain.sentences import names
from bot.model.report import (
    ConfigConsistency,
    ConfigDifference,
    Connectivity,
    Detail,
    DiagnosticItem,
    Overlap,
    Quota,
    ResultLevel,
    RouteConflict,
    Unreadable,
)
from bot.model.run import Language

TEXTS = tomllib.loads((files("bot.explain") / "checks.toml").read_text(encoding="utf-8"))
SEVEN = {
    "RouteEntryConflict",
    "VpnRouteQuota",
    "VpnIPsecQuota",
    "VpnPbrRouteQuota",
    "VcoConfigConsistency",
    "VcoUserInternetIpConnectivity",
    "VcoPrivateConnectivity",
}
SITUATIONS = [
    pytest.param(situation, id=f"{name}-{level}")
    for name, check in (TEXTS["check"] | {"other": TEXTS["other"]}).items()
    for level, situation in check.items()
    if level not in {"en", "zh"}
]
LEVELS = [ResultLevel.NORMAL, ResultLevel.WARNING, ResultLevel.ERROR]

# In Chinese: what has no Chinese form.
NAMES = re.compile(r"VPN|VPC|IPsec|IKE|UDP|ICMP|SA|DH|MTU|MSS|mtr|ping")


def an_item(
    name: str = "VcoPrivateConnectivity",
    level: ResultLevel = ResultLevel.NORMAL,
    detail: Detail | None = None,
    level_text: str | None = None,
) -> DiagnosticItem:
    return DiagnosticItem(
        name=name, level=level, level_text=level_text or level.value, detail=detail or Unreadable(text="{}")
    )


def probes(loss: float = 0, rtt: float | None = 12.3, source: str | None = "192.168.1.1") -> Connectivity:
    return Connectivity(target_ip="10.8.0.1", source_ip=source, loss_percent=loss, rtt_ms=rtt)


def test_the_seven_checks_have_texts_for_the_three_levels() -> None:
    assert set(TEXTS["check"]) == SEVEN
    for check in TEXTS["check"].values():
        assert {"normal", "warning", "error"} <= set(check)


@pytest.mark.parametrize("situation", SITUATIONS)
def test_both_languages_say_the_same(situation: dict[Language, dict[str, str]]) -> None:
    english, chinese = situation["en"], situation["zh"]

    assert set(english) == set(chinese) <= {"meaning", "next"}
    for part in english:
        assert names(english[part]) == names(chinese[part])
        assert len(english[part]) <= 300


@pytest.mark.parametrize("situation", SITUATIONS)
def test_no_english_is_left_in_chinese(situation: dict[Language, dict[str, str]]) -> None:
    for text in situation["zh"].values():
        rest = NAMES.sub("", re.sub(r"\{\w+\}", "", text))

        assert not re.search(r"[A-Za-z]{2}", rest), rest


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", sorted(SEVEN))
def test_what_is_not_normal_has_a_next_step(name: str, level: ResultLevel, language: Language) -> None:
    detail = ConfigConsistency(peer_known=True) if name == "VcoConfigConsistency" else None

    said = describe(an_item(name, level, detail), language)

    assert said.title != name
    assert (said.next_step is None) == (level is ResultLevel.NORMAL)
    assert not re.search(r"[{}\[\]<>*`~]|\s\s", said.meaning + (said.next_step or ""))


def test_a_peer_that_does_not_answer_is_named_with_what_to_open() -> None:
    item = an_item("VcoUserInternetIpConnectivity", ResultLevel.ERROR, probes(loss=100, rtt=None, source=None))

    said = describe(item, "en")

    assert said.meaning == "The peer's public address 10.8.0.1 did not answer any probe."
    assert said.facts == ("10.8.0.1", "packet loss 100 %", "no answer")
    assert "UDP 500" in (said.next_step or "")


def test_measured_connectivity_is_said_in_words() -> None:
    english = describe(an_item(detail=probes(loss=33.333)), "en")
    chinese = describe(an_item(detail=probes(loss=33.333)), "zh")

    assert english.facts == ("192.168.1.1 to 10.8.0.1", "packet loss 33.3 %", "round-trip time 12.3 ms")
    assert chinese.facts == ("192.168.1.1到10.8.0.1", "丢包率33.3%", "往返时延12.3毫秒")


@pytest.mark.parametrize(("loss", "said"), [(0, "0"), (0.01, "0.1"), (99.99, "99.9"), (100, "100"), (12.0, "12")])
def test_a_loss_is_never_rounded_to_none_or_all(loss: float, said: str) -> None:
    assert f"packet loss {said} %" in describe(an_item(detail=probes(loss=loss)), "en").facts


def test_a_missing_time_with_some_answers_is_left_out() -> None:
    assert describe(an_item(detail=probes(loss=10, rtt=None)), "en").facts[1:] == ("packet loss 10 %",)


def test_a_quota_says_used_and_whole() -> None:
    item = an_item("VpnRouteQuota", ResultLevel.WARNING, Quota(quota_name="q", used=17, quantity=20))

    assert describe(item, "en").facts == ("17 of 20 used (85 %)",)
    assert describe(item, "zh").facts == ("已使用17，配额20（85%）",)


def test_a_quota_of_nothing_has_no_share() -> None:
    item = an_item("VpnRouteQuota", ResultLevel.ERROR, Quota(quota_name="q", used=1, quantity=0))

    assert describe(item, "en").facts == ("1 of 0 used",)


def test_differing_settings_are_named_with_both_values() -> None:
    detail = ConfigConsistency(
        peer_known=True,
        differing=(
            ConfigDifference(setting="IkeVersion", cloud_side="ikev2", peer_side="ikev1"),
            ConfigDifference(setting="Psk"),
        ),
        lacking=("IkePfs",),
    )

    said = describe(an_item("VcoConfigConsistency", ResultLevel.ERROR, detail), "en")

    assert said.facts == (
        "IkeVersion differs: ikev2 in Alibaba Cloud, ikev1 on the peer",
        "Psk differs",
        "missing on one end: IkePfs",
    )


@pytest.mark.parametrize(
    "detail", [ConfigConsistency(peer_known=False), Unreadable(text="?")], ids=["unknown", "unreadable"]
)
def test_normal_without_the_peers_settings_proves_nothing_and_says_so(detail: Detail) -> None:
    said = describe(an_item("VcoConfigConsistency", ResultLevel.NORMAL, detail), "en")

    assert said.meaning.startswith("This proves nothing")
    assert said.next_step is not None


def test_what_is_lacking_of_a_peer_that_was_not_seen_is_no_list_of_defects() -> None:
    detail = ConfigConsistency(peer_known=False, lacking=("IkeVersion", "IkeMode"))

    assert describe(an_item("VcoConfigConsistency", ResultLevel.NORMAL, detail), "en").facts == ()
    assert describe(an_item("VcoConfigConsistency", ResultLevel.ERROR, detail), "en").facts == (
        "missing on one end: IkeVersion",
        "missing on one end: IkeMode",
    )


def test_normal_with_the_peers_settings_needs_nothing() -> None:
    said = describe(an_item("VcoConfigConsistency", ResultLevel.NORMAL, ConfigConsistency(peer_known=True)), "en")

    assert "same on both ends" in said.meaning
    assert said.next_step is None


def test_many_conflicting_routes_are_cut_and_counted() -> None:
    routes = tuple(f"10.{number}.0.0/16" for number in range(MOST_MEASURED + 4))

    said = describe(an_item("RouteEntryConflict", ResultLevel.ERROR, RouteConflict(routes=routes)), "en")

    assert said.facts[0] == "route 10.0.0.0/16"
    assert said.facts[-1] == "… and 4 more"
    assert len(said.facts) == MOST_MEASURED + 1


@pytest.mark.parametrize(
    ("relation", "language", "told"),
    [
        ("same", "en", "10.8.0.0/16 also goes to cen-1 (same destination)"),
        ("contains", "en", "10.8.0.0/16 goes to cen-1 (contains 10.8.1.0/24)"),
        ("contained", "zh", "10.8.0.0/16指向cen-1（包含于10.8.1.0/24）"),
        ("novel", "en", "10.8.0.0/16 goes to cen-1 (novel: 10.8.1.0/24)"),
    ],
)
def test_a_route_in_the_way_is_told_with_where_it_leads(relation: str, language: Language, told: str) -> None:
    overlap = Overlap(ours="10.8.1.0/24", other="10.8.0.0/16", next_hop="cen-1", relation=relation)
    detail = RouteConflict(routes=(overlap.ours, overlap.other, "10.9.0.0/16"), overlaps=(overlap,))

    first, second = describe(an_item("RouteEntryConflict", ResultLevel.ERROR, detail), language).facts

    assert first == told
    assert "10.9.0.0/16" in second


def test_remarks_are_the_vendors_words() -> None:
    said = describe(an_item("RouteEntryConflict", ResultLevel.WARNING, RouteConflict(remarks=("overlaps",))), "en")

    assert said.facts == ("Alibaba Cloud says: overlaps",)


@pytest.mark.parametrize("name", ["BgpPeerState", "other", "measured", "en"])
def test_an_unknown_check_goes_by_the_vendors_name(name: str) -> None:
    said = describe(an_item(name, ResultLevel.ERROR), "en")

    assert said.title == name
    assert "does not know this check" in said.meaning


def test_an_unknown_level_is_shown_as_the_vendor_says_it() -> None:
    said = describe(an_item("VpnRouteQuota", ResultLevel.UNKNOWN, level_text="critical"), "en")

    assert said.title == "Quota of destination-based routes"
    assert "critical" in said.meaning


@given(
    name=st.sampled_from(sorted(SEVEN)) | st.text(max_size=300),
    text=st.text(max_size=2000),
    level=st.sampled_from(ResultLevel),
    language=st.sampled_from(["en", "zh"]),
)
def test_foreign_words_are_bounded_and_on_one_line(
    name: str, text: str, level: ResultLevel, language: Language
) -> None:
    details: list[Detail] = [
        Unreadable(text=text),
        Connectivity(target_ip=text, source_ip=text, loss_percent=50, rtt_ms=1),
        RouteConflict(routes=(text,) * 50, remarks=(text,)),
        ConfigConsistency(peer_known=True, differing=(ConfigDifference(setting=text, cloud_side=text),)),
    ]
    for detail in details:
        said = describe(an_item(name, level, detail, level_text=text or "?"), language)

        assert len(said.title) <= 60
        assert len(said.meaning) <= 400
        assert all(len(fact) <= LONGEST_MEASURED for fact in said.facts)
        assert len(said.facts) <= MOST_MEASURED + 1
        assert "\n" not in said.title + said.meaning + "".join(said.facts)
