"""The report says first what matters, and everything that was found."""

from typing import Any

from bot.explain.checks import CheckWords
from bot.model.report import DiagnosisReport, ResultLevel, Unreadable
from bot.model.run import RunState
from bot.slack.findings import Finding
from bot.slack.report import _in_full, report_message
from tests.slack.parsed_by_slack import texts
from tests.slack.scenes import (
    BROKEN,
    HEALTHY,
    HEALTHY_AS_FAR_AS_KNOWN,
    NOON,
    REQUEST,
    UNFAMILIAR,
    a_quota,
    a_report,
    a_reported_run,
    an_item,
)


def _said(report: DiagnosisReport, **changes: Any) -> str:
    return texts(report_message(a_reported_run(report, **changes), report).blocks)


def test_the_headline_comes_first_and_names_the_first_three_checks_to_look_at() -> None:
    headline = _said(BROKEN).partition("\n")[0]

    assert headline == (
        "❌ 5 of 7 checks need attention: Route conflicts, IPsec settings of both ends, "
        "Reaching the peer over the internet, …"
    )


def test_one_check_is_spoken_of_as_one() -> None:
    report = a_report(an_item("VpnRouteQuota", "warning", a_quota(17)), *HEALTHY.items[1:])

    assert _said(report).startswith("⚠️ 1 of 7 checks needs attention: Quota of destination-based routes\n")


def test_the_worst_comes_first_and_an_unknown_level_before_a_warning() -> None:
    items = [an_item(level.title(), level, Unreadable(text="")) for level in ("normal", "warning", "odd", "error")]

    said = _said(a_report(*items)).partition("\n")[2]

    assert said.index("Error") < said.index("Odd") < said.index("Warning") < said.index("Normal")


def test_a_check_that_needs_attention_is_told_in_full() -> None:
    said = _said(BROKEN)

    assert "Error: IPsec settings of both ends" in said
    assert "The IPsec settings of the two ends differ" in said
    assert "aes256 in Alibaba Cloud, aes on the peer" in said
    assert "Next:" in said


def test_short_facts_share_a_line() -> None:
    assert "203.0.113.21, packet loss 100 %, no answer" in _said(BROKEN).splitlines()


def test_a_normal_check_takes_one_line() -> None:
    message = report_message(a_reported_run(HEALTHY), HEALTHY)

    (_, _, checks, _, _) = message.blocks
    assert len(checks["elements"]) == 7


def test_a_normal_that_proves_nothing_is_told_in_full_and_not_as_good() -> None:
    said = _said(HEALTHY_AS_FAR_AS_KNOWN)

    assert "⚪ \nNormal: IPsec settings of both ends\nThis proves nothing" in said
    assert "pre-shared key" in said


def test_a_good_report_says_where_else_to_look() -> None:
    assert "If the VPN is still down" in _said(HEALTHY)
    assert "If the VPN is still down" not in _said(BROKEN)


def test_what_was_not_tested_is_said() -> None:
    assert "Private connectivity was not tested" in _said(HEALTHY, request=REQUEST.changed(addresses=None))
    assert "Private connectivity was not tested" not in _said(HEALTHY)


def test_a_followed_diagnosis_is_told_as_that() -> None:
    assert "started by somebody else" in _said(HEALTHY, attached=True)


def test_an_empty_result_is_neither_good_nor_bad() -> None:
    said = _said(a_report())

    assert said.startswith("⚪ The diagnosis ended without a result that says anything\n")
    assert "If the VPN is still down" not in said


def test_checks_and_levels_that_nobody_knows_are_shown_by_their_names() -> None:
    said = _said(UNFAMILIAR)

    assert "Unknown: TunnelFlapDetection" in said
    assert "critical" in said
    assert '{"flaps": 12} <!channel> *see* :fire:' in said  # as text that Slack does not parse


def test_the_small_print_has_what_support_asks_for() -> None:
    lines = _said(HEALTHY, identity="network-oncall", principal="acs:ram::1:role/x").splitlines()

    assert "vpndgn-bp1u6y2c9d4f" in lines
    assert HEALTHY.request_id in lines
    assert "Took 11 s" in lines
    assert "as network-oncall (acs:ram::1:role/x)" in lines


def test_the_asker_is_mentioned_and_so_notified() -> None:
    message = report_message(a_reported_run(HEALTHY), HEALTHY)

    people = message.blocks[-1]["elements"][-1]["elements"]
    assert {"type": "user", "user_id": "U0ALICE"} in people


def test_an_identity_without_its_principal_is_named_alone() -> None:
    assert "as network-oncall" in _said(HEALTHY, principal=None).splitlines()


def test_a_long_diagnosis_is_told_in_minutes() -> None:
    report = HEALTHY.changed(finish_time=NOON.replace(minute=2, second=5))

    assert "Took 2 min 5 s" in _said(report).splitlines()


def test_times_in_the_wrong_order_are_no_negative_duration() -> None:
    report = HEALTHY.changed(finish_time=NOON.replace(hour=11))

    assert "Took 0 s" in _said(report).splitlines()


def test_an_unfinished_diagnosis_without_findings_says_how_far_it_came() -> None:
    report = a_report(*HEALTHY.items[:3], finish_time=None, total_count=7)

    said = _said(report, state=RunState.FAILED)

    assert said.startswith("❌ Not finished: 3 of 7 checks had ended")


def test_a_check_without_a_next_step_promises_none() -> None:
    words = CheckWords(title="A check", meaning="It failed.", facts=(), next_step=None)

    block = _in_full(Finding(level=ResultLevel.ERROR, words=words), "en")

    assert texts([block]) == "❌ \nError: A check\nIt failed."
