"""A comparison in the thread: what changed first, and honest about what cannot be compared."""

import re
from datetime import timedelta
from typing import Any

import pytest

from bot.emulators.slack.blocks import Surface, block_flaws
from bot.model.report import DiagnosisReport, Unreadable
from bot.model.run import Language, Run
from bot.model.tunnels import Tunnels
from bot.slack.compare import compare_message
from tests.slack.parsed_by_slack import flaws, texts
from tests.slack.scenes import (
    BROKEN,
    DOWN,
    HEALTHY,
    HEALTHY_AS_FAR_AS_KNOWN,
    NOON,
    ONE_OF_TWO_DOWN,
    REQUEST,
    UNFINISHED,
    UP,
    a_failed_run,
    a_report,
    a_reported_run,
    an_item,
)

LANGUAGES: tuple[Language, ...] = ("en", "zh")
NONE = Tunnels()


def earlier(report: DiagnosisReport, **changes: Any) -> Run:
    made: dict[str, Any] = {"created_at": NOON - timedelta(hours=2), "diagnose_id": "vpndgn-earlier"}
    return a_reported_run(report, **made | changes)


def said(before: DiagnosisReport, now: DiagnosisReport, language: Language = "en") -> str:
    return texts(compare_message(a_reported_run(now, language), earlier(before)).blocks)


@pytest.mark.parametrize(
    ("language", "headline", "steps"),
    [
        ("en", "Compared: 5 checks better", ["Error → Normal", "packet loss 100 % → packet loss 0 %"]),
        ("zh", "对比结果：5项好转", ["异常 → 正常", "丢包率100% → 丢包率0%"]),
    ],
)
def test_what_became_better_is_told_with_what_was_measured_before_and_now(
    language: Language, headline: str, steps: list[str]
) -> None:
    lines = said(BROKEN, HEALTHY, language).splitlines()

    assert lines[0] == headline
    assert set(steps) <= set(lines)


def test_the_notification_says_gateway_and_news() -> None:
    message = compare_message(a_reported_run(BROKEN), earlier(HEALTHY_AS_FAR_AS_KNOWN))

    assert message.text == "vpn-bp1k4m9x2q7r5t8w3z6n: Compared: 4 checks worse, 1 check only now"
    assert len(message.text) <= 100


def test_it_says_which_two_diagnoses_these_are() -> None:
    lines = said(BROKEN, HEALTHY).splitlines()

    assert {"vpndgn-earlier", "vpndgn-bp1u6y2c9d4f"} <= set(lines)
    assert lines.index("vpndgn-earlier") < lines.index("Now:")


def test_settings_that_came_and_went_are_not_set_against_each_other() -> None:
    lines = said(HEALTHY, BROKEN).splitlines()

    assert "new: missing on one end: RemoteSubnet" in lines
    assert "no more: missing on one end: RemoteSubnet" in said(BROKEN, HEALTHY).splitlines()


def test_a_normal_that_proves_nothing_is_not_set_equal_to_one_that_does() -> None:
    assert "Normal → Normal, proves nothing" in said(HEALTHY, HEALTHY_AS_FAR_AS_KNOWN)


def test_what_is_unchanged_is_one_line() -> None:
    text = said(BROKEN, BROKEN)

    assert text.startswith("Compared: nothing has changed\n")
    assert text.splitlines()[-1].startswith("Unchanged: Route conflicts, ")


def test_checks_of_one_name_are_counted() -> None:
    twice = a_report(an_item("X", "normal", Unreadable(text="")), an_item("X", "normal", Unreadable(text="")))

    assert said(twice, twice).endswith("Unchanged: X × 2")


def test_a_measurement_that_changed_alone_needs_no_level() -> None:
    before, now = (a_report(an_item("X", "warning", Unreadable(text=text))) for text in ("one", "two"))

    lines = said(before, now).splitlines()

    assert "Other readings: X" in lines
    assert "Alibaba Cloud says: one → Alibaba Cloud says: two" in lines
    assert "Warning → Warning" not in lines


@pytest.mark.parametrize("language", LANGUAGES)
def test_tunnels_that_went_up_or_down_are_told(language: Language) -> None:
    message = compare_message(a_reported_run(HEALTHY, language, tunnels=UP), earlier(HEALTHY, tunnels=DOWN))

    assert {"en": "IPsec tunnel: down → up", "zh": "IPsec隧道：未建立 → 已建立"}[language] in texts(message.blocks)
    assert message.text.endswith({"en": "Compared: 1 tunnel up again", "zh": "对比结果：1条隧道恢复"}[language])


def test_a_phone_shows_the_tunnel_that_went_down_before_the_checks() -> None:
    message = compare_message(a_reported_run(BROKEN, tunnels=DOWN), earlier(HEALTHY, tunnels=UP))

    assert "Compared: 1 tunnel down, " in message.text
    assert " checks worse" in message.text


@pytest.mark.parametrize("before", [NONE, ONE_OF_TWO_DOWN, UP], ids=["not seen", "others", "the same"])
def test_tunnels_that_cannot_be_compared_are_no_news(before: Tunnels) -> None:
    message = compare_message(a_reported_run(HEALTHY, tunnels=UP), earlier(HEALTHY, tunnels=before))

    assert "→" not in texts(message.blocks)
    assert message.text.endswith("Compared: nothing has changed")


def test_different_addresses_are_said_to_be_different() -> None:
    other = earlier(HEALTHY, request=REQUEST.changed(addresses=None))

    assert "different private addresses" in texts(compare_message(a_reported_run(HEALTHY), other).blocks)
    assert "different private addresses" not in said(HEALTHY, HEALTHY)


def test_an_unfinished_diagnosis_is_no_news_of_what_it_did_not_come_to() -> None:
    text = said(BROKEN, UNFINISHED)

    assert "One of the two did not finish" in text
    assert "Only before: Private connectivity" in text
    assert "did not finish" not in said(BROKEN, HEALTHY)


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_anything_to_compare_it_says_why(language: Language) -> None:
    run = a_reported_run(HEALTHY, language)

    first = texts(compare_message(run, None).blocks)
    failed = texts(compare_message(run, a_failed_run("cloud.unreachable")).blocks)

    assert {"en": "no earlier diagnosis", "zh": "没有您可以查看"}[language] in first
    assert {"en": "without a report", "zh": "没有报告"}[language] in failed


@pytest.mark.parametrize("language", LANGUAGES)
def test_any_comparison_is_one_that_slack_takes_and_counts_what_it_leaves_out(language: Language) -> None:
    hostile = "<!channel> *b* `c` 🔥网\u202e " * 50
    before, now = (
        a_report(*(an_item(f"Check{n} {hostile}", level, Unreadable(text=text * 40)) for n in range(700)))
        for level, text in (("normal", "<@U0ALICE>"), ("error", hostile))
    )

    message = compare_message(a_reported_run(now, language), earlier(before))

    (left_out,) = re.findall(r"…[^\d\n]*(\d+)[^\n]*Slack", texts(message.blocks))
    told = [line for line in texts(message.blocks).splitlines() if line.startswith(("Worse: ", "变差："))]
    assert not list(flaws(message.blocks))
    assert not block_flaws(message.blocks, Surface.MESSAGE)
    assert "\u202e" not in texts(message.blocks)
    assert int(left_out) + len(told) == 700
