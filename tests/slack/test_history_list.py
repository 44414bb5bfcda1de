"""A list of runs says of each how it ended, when, whose it was, and where its thread is."""

import re

import pytest

from bot.emulators.slack.blocks import Surface, block_flaws
from bot.model.run import Language
from bot.slack.history_list import Past, Scope, history_message
from tests.slack.parsed_by_slack import flaws, texts
from tests.slack.scenes import BROKEN, DOWN, HEALTHY, a_diagnosing_run, a_refused_run, a_reported_run

LANGUAGES: tuple[Language, ...] = ("en", "zh")
THREAD = "https://emulated.slack.test/archives/C0INCIDENT/p1767355200000100"


@pytest.mark.parametrize(
    ("scope", "language", "title"),
    [
        ("mine", "en", "Your diagnoses"),
        ("mine", "zh", "您的诊断"),
        ("channel", "en", "Diagnoses in this channel"),
        ("channel", "zh", "此频道中的诊断"),
        ("gateway", "en", "Diagnoses of vpn-1"),
        ("gateway", "zh", "vpn-1的诊断"),
    ],
)
def test_a_list_says_whose_runs_these_are(scope: Scope, language: Language, title: str) -> None:
    message = history_message([], scope, language, gateway_id="vpn-1")

    assert message.text == title
    assert texts(message.blocks).startswith(f"{title}\n")


def test_each_run_is_told_with_verdict_time_asker_and_thread() -> None:
    message = history_message([Past(run=a_reported_run(BROKEN), permalink=THREAD)], "channel", "en")

    lines = texts(message.blocks).splitlines()
    (elements,) = [part["elements"] for part in message.blocks[1]["elements"][2:]]
    assert "5 of 7 checks need attention" in lines
    assert {"vpn-bp1k4m9x2q7r5t8w3z6n", "vco-bp1t8w3z6n5j2k4m9x7q"} <= set(lines)
    assert [each["type"] for each in elements] == ["date", "text", "user", "text", "link"]
    assert elements[-1] == {"type": "link", "url": THREAD, "text": "Open thread"}


def test_who_asked_is_not_said_where_it_is_always_the_reader() -> None:
    blocks = history_message([Past(run=a_reported_run(BROKEN))], "mine", "en").blocks

    assert "U0ALICE" not in str(blocks)


def test_an_empty_list_says_that_it_is_one() -> None:
    assert "There are none yet that you may see." in texts(history_message([], "channel", "en").blocks)


def test_a_run_whose_thread_is_not_known_has_no_link() -> None:
    message = history_message([Past(run=a_diagnosing_run())], "mine", "en")

    assert "Open thread" not in texts(message.blocks)


def test_runs_are_told_in_the_viewers_language_and_not_in_their_own() -> None:
    runs = [a_reported_run(HEALTHY, "en"), a_refused_run(language="en"), a_diagnosing_run(language="en")]

    said = texts(history_message([Past(run=run) for run in runs], "mine", "zh").blocks)

    assert "7项检查全部正常" in said
    assert "被拒绝：" in said
    assert not re.search(r"normal|refused|diagnosing|by ", said)


def test_a_tunnel_that_was_down_is_part_of_the_verdict() -> None:
    said = texts(history_message([Past(run=a_reported_run(HEALTHY), tunnels=DOWN)], "mine", "en").blocks)

    assert "❌ \nthe tunnel is down; all 7 checks are normal" in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_as_many_as_fit_are_shown_and_the_others_counted(language: Language) -> None:
    past = [Past(run=a_reported_run(BROKEN), permalink=THREAD)] * 700

    message = history_message(past, "gateway", language, gateway_id="vpn-" + "a" * 60)

    shown = texts(message.blocks).count("vco-")
    (left_out,) = re.findall(r"…[^\d\n]*(\d+)", texts(message.blocks))
    assert not list(flaws(message.blocks))
    assert not block_flaws(message.blocks, Surface.MESSAGE)
    assert shown + int(left_out) == 700
    assert shown > 10
