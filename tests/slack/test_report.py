"""The report says first what matters, and everything that was found."""

from typing import Any

import pytest

from bot.explain.checks import CheckWords
from bot.model.report import (
    ConfigConsistency,
    ConfigDifference,
    Connectivity,
    DiagnosisReport,
    ResultLevel,
    RouteConflict,
    Unreadable,
)
from bot.model.run import Language, RunState
from bot.slack.findings import Finding
from bot.slack.report import _in_full, report_message
from tests.slack.parsed_by_slack import texts
from tests.slack.scenes import (
    BROKEN,
    HEALTHY,
    HEALTHY_AS_FAR_AS_KNOWN,
    HEALTHY_WITHOUT_HOSTS,
    NOON,
    REQUEST,
    UNFAMILIAR,
    UNFINISHED,
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
    said = _said(HEALTHY_WITHOUT_HOSTS, request=REQUEST.changed(addresses=None))

    assert "Private connectivity was not tested" in said
    assert "Private connectivity was not tested" not in _said(HEALTHY)


def test_a_followed_diagnosis_is_told_as_that_whoever_started_it() -> None:
    said = _said(HEALTHY, attached=True)

    assert "This diagnosis was already running when you asked" in said
    assert "else" not in said


NOT_ASKED_FOR = "Private connectivity was not tested: give a source"
NOT_INCLUDED = "The addresses that you gave were not tested"
NO_RESULT = "There is no result for private connectivity"
ADDRESSES = "192.168.1.1 (VPC) to 10.8.0.1 (data centre)"
OTHER_HOSTS = an_item(
    "VcoPrivateConnectivity",
    "normal",
    Connectivity(target_ip="10.8.0.77", source_ip="192.168.1.1", loss_percent=0, rtt_ms=14.2),
)


def _remarks_on_privacy(said: str) -> set[str]:
    return {remark for remark in (NOT_ASKED_FOR, NOT_INCLUDED, NO_RESULT, ADDRESSES) if remark in said}


@pytest.mark.parametrize("followed", [{}, {"attached": True}])
def test_addresses_that_were_tested_are_named(followed: dict[str, bool]) -> None:
    assert _remarks_on_privacy(_said(HEALTHY, **followed)) == {ADDRESSES}


def test_addresses_that_the_followed_diagnosis_did_not_test_are_no_all_clear() -> None:
    said = _said(HEALTHY_WITHOUT_HOSTS, attached=True)

    assert _remarks_on_privacy(said) == {NOT_INCLUDED}
    assert "Ask again to have them tested" in said


def test_a_followed_diagnosis_of_other_addresses_is_not_taken_for_the_ones_given() -> None:
    said = _said(a_report(*HEALTHY.items[:-1], OTHER_HOSTS), attached=True)

    assert _remarks_on_privacy(said) == {NOT_INCLUDED}


def test_a_private_result_that_cannot_be_read_is_not_taken_for_the_addresses_given() -> None:
    unreadable = an_item("VcoPrivateConnectivity", "normal", Unreadable(text="fine"))

    assert _remarks_on_privacy(_said(a_report(unreadable), attached=True)) == {NOT_INCLUDED}
    assert _remarks_on_privacy(_said(a_report(unreadable), attached=False)) == {ADDRESSES}


def test_a_followed_diagnosis_that_tested_addresses_is_not_said_to_have_tested_none() -> None:
    said = _said(HEALTHY, attached=True, request=REQUEST.changed(addresses=None))

    assert _remarks_on_privacy(said) == set()


def test_a_check_that_was_asked_for_and_is_missing_is_pointed_out() -> None:
    assert _remarks_on_privacy(_said(HEALTHY_WITHOUT_HOSTS)) == {NO_RESULT}


@pytest.mark.parametrize("followed", [{}, {"attached": True}])
def test_what_an_unfinished_diagnosis_has_not_come_to_is_not_called_left_out(followed: dict[str, bool]) -> None:
    assert _remarks_on_privacy(_said(UNFINISHED, state=RunState.FAILED, **followed)) == {NO_RESULT}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_settings_that_differ_are_a_list_in_both_languages(language: Language) -> None:
    difference = ConfigDifference(setting="IkeEncAlg", cloud_side="aes256", peer_side="aes")
    detail = ConfigConsistency(peer_known=True, differing=(difference,), lacking=("RemoteSubnet",))
    report = a_report(an_item("VcoConfigConsistency", "error", detail))

    blocks = report_message(a_reported_run(report, language), report).blocks

    (listed,) = [part for part in blocks[2]["elements"] if part["type"] == "rich_text_list"]
    assert len(listed["elements"]) == 2


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_single_fact_is_no_list(language: Language) -> None:
    difference = ConfigDifference(setting="IkeConfig.IkeEncAlg", cloud_side="x" * 60, peer_side="y" * 60)
    detail = ConfigConsistency(peer_known=True, differing=(difference,))
    report = a_report(an_item("VcoConfigConsistency", "error", detail))

    blocks = report_message(a_reported_run(report, language), report).blocks

    assert {part["type"] for part in blocks[2]["elements"]} == {"rich_text_section"}


def test_wide_characters_count_twice_when_a_line_is_filled() -> None:
    routes = RouteConflict(remarks=("路" * 16, "由" * 16))
    report = a_report(an_item("RouteEntryConflict", "error", routes))

    blocks = report_message(a_reported_run(report, "zh"), report).blocks

    assert "rich_text_list" in {part["type"] for part in blocks[2]["elements"]}


def test_there_is_no_blank_after_the_colon_of_chinese() -> None:
    blocks = report_message(a_reported_run(BROKEN, "zh"), BROKEN).blocks

    assert "建议：请" in "".join(texts(blocks).split("\n"))


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
