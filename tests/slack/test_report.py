"""The report says first what matters, and everything that was found."""

from typing import Any

import pytest

from bot.model.report import (
    Connectivity,
    DiagnosisReport,
    Unreadable,
)
from bot.model.run import Language, RunState
from bot.slack.report import report_message
from tests.slack.parsed_by_slack import texts
from tests.slack.scenes import (
    BROKEN,
    DOWN,
    HEALTHY,
    HEALTHY_AS_FAR_AS_KNOWN,
    HEALTHY_WITHOUT_HOSTS,
    NOON,
    REQUEST,
    UNFAMILIAR,
    UNFINISHED,
    UP,
    a_quota,
    a_report,
    a_reported_run,
    an_item,
)


def _said(report: DiagnosisReport, **changes: Any) -> str:
    return texts(report_message(a_reported_run(report, **changes), report).blocks)


def _classic(report: DiagnosisReport, **changes: Any) -> str:
    message = report_message(a_reported_run(report, **changes), report).classic()
    assert message is not None
    return texts(message.blocks)


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


def test_normal_checks_are_one_table_with_what_they_say_and_what_was_measured() -> None:
    message = report_message(a_reported_run(HEALTHY), HEALTHY)

    (normal,) = [block for block in message.blocks if block["type"] == "table"]
    assert [len(row) for row in normal["rows"]] == [3] * 8
    assert "✅ Quota of destination-based routes\n3 of 20 used (15 %)\nAt most 80 %" in texts([normal])


def test_where_slack_takes_no_table_a_normal_check_takes_one_line() -> None:
    classic = report_message(a_reported_run(HEALTHY), HEALTHY).classic()

    assert classic is not None
    (_, _, _, checks, _, _) = classic.blocks
    assert len(checks["elements"]) == 7
    assert "3 of 20 used (15 %)" in texts([checks])


def test_the_classic_form_tells_everything_that_is_to_be_acted_on() -> None:
    acted_on = [line for line in _said(BROKEN).splitlines() if line.startswith(("Error: ", "Warning: "))]

    assert len(acted_on) == 5
    assert set(acted_on) <= set(_classic(BROKEN).splitlines())


def test_without_normal_checks_there_is_no_table_and_no_other_form() -> None:
    report = a_report(an_item("VpnRouteQuota", "warning", a_quota(17)))

    message = report_message(a_reported_run(report), report)

    assert message.classic() is None
    assert "table" not in {block["type"] for block in message.blocks}


def test_each_check_is_told_once() -> None:
    said = _said(BROKEN).splitlines()

    assert said.count("Error: Route conflicts") == 1
    assert said.count("✅ Quota of IPsec connections") == 1
    assert not [line for line in said if line.startswith("✅ Route conflicts")]


def test_a_normal_that_proves_nothing_is_told_in_full_and_not_as_good() -> None:
    said = _said(HEALTHY_AS_FAR_AS_KNOWN)

    assert "⚪ \nNormal: IPsec settings of both ends\nThis proves nothing" in said
    assert "pre-shared key" in said


def test_a_good_report_says_where_else_to_look() -> None:
    assert "If the VPN is still down" in _said(HEALTHY_WITHOUT_HOSTS)
    assert "If the VPN is still down" not in _said(BROKEN)


def test_where_traffic_was_seen_to_pass_the_vpn_is_not_called_down() -> None:
    said = _said(HEALTHY)

    assert "If something still does not get through, look at its own addresses" in said
    assert "If the VPN is still down" not in said


def test_where_a_tunnel_is_up_the_negotiation_is_not_suspected() -> None:
    run = a_reported_run(HEALTHY_WITHOUT_HOSTS)

    said = texts(report_message(run, HEALTHY_WITHOUT_HOSTS, tunnels=UP).blocks)

    assert "look at routes and firewalls on both sides: a tunnel is up" in said
    assert "the IPsec negotiation itself" not in said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "All 6 checks are normal, but 1 proves nothing: IPsec settings of both ends"),
        ("zh", "6项检查全部正常，但其中1项不能说明问题：IPsec配置一致性"),
    ],
)
def test_a_headline_does_not_take_an_unproven_normal_for_good(language: Language, said: str) -> None:
    message = report_message(a_reported_run(HEALTHY_AS_FAR_AS_KNOWN, language), HEALTHY_AS_FAR_AS_KNOWN)

    assert texts(message.blocks).startswith(f"✅ {said}\n")


def test_the_path_comes_before_the_checks_and_says_first_where_it_breaks() -> None:
    said = _said(BROKEN)

    place = said.index("It most likely breaks at: VPN gateway, IPsec tunnel, customer gateway.")
    assert place < said.index("❌ VPN gateway ← breaks here?") < said.index("Error: Route conflicts")


def test_a_report_that_tells_nothing_of_the_path_draws_none() -> None:
    report = a_report(an_item("VpnRouteQuota", "normal", a_quota(1)))

    said = _said(report)

    assert "VPN gateway" not in said
    assert "If the VPN is still down" in said


def test_a_tunnel_that_is_down_is_in_the_headline_and_told_before_the_checks() -> None:
    run = a_reported_run(HEALTHY_AS_FAR_AS_KNOWN)

    said = texts(report_message(run, HEALTHY_AS_FAR_AS_KNOWN, tunnels=DOWN).blocks)

    assert said.startswith("❌ The tunnel is down. All 6 checks are normal, but 1 proves nothing")
    assert "It breaks at the IPsec tunnel, which is down." in said
    assert said.index("The pre-shared keys of the two ends differ.") < said.index("This proves nothing")
    assert "If the VPN is still down" not in said


def test_the_buttons_end_the_message() -> None:
    buttons = {"type": "actions", "elements": []}

    message = report_message(a_reported_run(HEALTHY), HEALTHY, buttons=[buttons])

    assert message.blocks[-1] == buttons
    assert "actions" not in {block["type"] for block in report_message(a_reported_run(HEALTHY), HEALTHY).blocks}


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
