"""What changed between two diagnoses, and what only looks like a change."""

import pytest

from bot.model.ids import TunnelId
from bot.model.report import ConfigConsistency, Connectivity, DiagnosticItem, Unreadable
from bot.model.tunnels import ESTABLISHED, Tunnels, TunnelState
from bot.slack.comparison import Change, Compared, Comparison, same_verdict
from tests.slack.scenes import (
    BROKEN,
    DOWN,
    FEW_ROUTES,
    HEALTHY,
    HEALTHY_AS_FAR_AS_KNOWN,
    PEER_ANSWERS,
    SAME_CONFIG,
    UNKNOWN_PEER,
    UP,
    a_quota,
    a_report,
    an_item,
)


def compared(before: DiagnosticItem | None, now: DiagnosticItem | None) -> Compared:
    was, is_ = (a_report() if item is None else a_report(item) for item in (before, now))
    (found,) = Comparison.of(was, is_, "en").checks
    return found


def pinged(rtt_ms: float | None, loss: float = 0, level: str = "normal") -> DiagnosticItem:
    detail = Connectivity(target_ip="203.0.113.20", loss_percent=loss, rtt_ms=rtt_ms)
    return an_item("VcoUserInternetIpConnectivity", level, detail)


NEARLY_FULL = an_item("VpnRouteQuota", "warning", a_quota(17))
FULLER = an_item("VpnRouteQuota", "warning", a_quota(19))
DIFFERING = an_item("VcoConfigConsistency", "error", ConfigConsistency(peer_known=True))


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        pytest.param(FEW_ROUTES, NEARLY_FULL, Change.WORSE, id="worse"),
        pytest.param(NEARLY_FULL, FEW_ROUTES, Change.BETTER, id="better"),
        pytest.param(NEARLY_FULL, FULLER, Change.CHANGED, id="measured otherwise"),
        pytest.param(NEARLY_FULL, NEARLY_FULL, Change.SAME, id="same"),
        pytest.param(None, FEW_ROUTES, Change.NEW, id="new"),
        pytest.param(FEW_ROUTES, None, Change.GONE, id="gone"),
        pytest.param(SAME_CONFIG, UNKNOWN_PEER, Change.WORSE, id="proved before, unproven now"),
        pytest.param(UNKNOWN_PEER, DIFFERING, Change.WORSE, id="unproven before, an error now"),
    ],
)
def test_a_check_is_compared_by_its_level_and_then_by_what_was_measured(
    before: DiagnosticItem | None, now: DiagnosticItem | None, change: Change
) -> None:
    assert compared(before, now).change is change


def test_what_was_measured_is_told_before_and_now() -> None:
    found = compared(NEARLY_FULL, FULLER)

    assert found.lost == ("17 of 20 used (85 %)",)
    assert found.gained == ("19 of 20 used (95 %)",)


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        (11.8, 14.0, Change.SAME),
        (100, 149, Change.SAME),
        (11.8, 80, Change.CHANGED),
        (11.8, None, Change.CHANGED),
        (None, None, Change.SAME),
    ],
)
def test_a_round_trip_that_varies_a_little_is_no_news(
    before: float | None, now: float | None, change: Change
) -> None:
    assert compared(pinged(before), pinged(now)).change is change


def test_more_loss_at_the_same_level_is_news() -> None:
    assert compared(pinged(11, 10, "warning"), pinged(11, 60, "warning")).change is Change.CHANGED


def test_a_result_that_cannot_be_read_any_more_is_news() -> None:
    unreadable = an_item("VcoUserInternetIpConnectivity", "normal", Unreadable(text="fine"))

    assert compared(PEER_ANSWERS, unreadable).change is Change.CHANGED


def test_the_worst_news_comes_first() -> None:
    changes = [each.change for each in Comparison.of(HEALTHY_AS_FAR_AS_KNOWN, BROKEN, "en").checks]

    assert changes == [Change.WORSE] * 4 + [Change.NEW] + [Change.SAME] * 2
    assert not Comparison.of(HEALTHY_AS_FAR_AS_KNOWN, BROKEN, "en").nothing_changed


def test_two_of_the_same_report_have_no_news() -> None:
    assert Comparison.of(BROKEN, BROKEN, "en").nothing_changed


def test_checks_with_one_name_are_compared_in_their_order() -> None:
    before, now = a_report(FEW_ROUTES, NEARLY_FULL), a_report(FEW_ROUTES, FULLER, FEW_ROUTES)

    changes = sorted(each.change for each in Comparison.of(before, now, "en").checks)

    assert changes == [Change.CHANGED, Change.NEW, Change.SAME]


def test_a_comparison_of_nothing_has_no_finding() -> None:
    with pytest.raises(ValueError, match="nothing"):
        _ = Compared(change=Change.SAME, before=None, now=None).finding


def test_a_watch_hears_of_levels_and_tunnels_and_not_of_numbers() -> None:
    assert same_verdict(a_report(NEARLY_FULL), a_report(FULLER))
    assert not same_verdict(a_report(NEARLY_FULL), a_report(FEW_ROUTES))
    assert not same_verdict(a_report(SAME_CONFIG), a_report(UNKNOWN_PEER))
    assert not same_verdict(a_report(SAME_CONFIG), a_report())
    assert same_verdict(HEALTHY, HEALTHY, UP, UP)
    assert not same_verdict(HEALTHY, HEALTHY, UP, DOWN)


def test_the_order_in_which_the_cloud_lists_tunnels_is_no_news() -> None:
    first = TunnelState(tunnel_id=TunnelId("tun-1"), status=ESTABLISHED)
    second = TunnelState(tunnel_id=TunnelId("tun-2"), status="ike_sa_not_established")
    one_down = Tunnels(each=(first, second))
    other_down = Tunnels(each=(first.changed(status=second.status), second.changed(status=ESTABLISHED)))

    assert same_verdict(HEALTHY, HEALTHY, one_down, Tunnels(each=(second, first)))
    assert not same_verdict(HEALTHY, HEALTHY, one_down, other_down)
