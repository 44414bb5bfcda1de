"""The buttons say what they do, and carry nothing but the run's ID."""

import pytest

from bot.emulators.slack.blocks import Surface, block_flaws
from bot.model.run import Language
from bot.slack.buttons import ACTION_IDS, report_buttons
from tests.slack.parsed_by_slack import flaws, texts
from tests.slack.scenes import HEALTHY, a_failed_run, a_reported_run

LANGUAGES: tuple[Language, ...] = ("en", "zh")


@pytest.mark.parametrize("language", LANGUAGES)
def test_slack_takes_them_and_a_phone_shows_them_whole(language: Language) -> None:
    blocks = report_buttons(a_reported_run(HEALTHY, language))

    assert not block_flaws(blocks, Surface.MESSAGE)
    assert not list(flaws(blocks))
    assert all(len(text) <= 20 for text in texts(blocks).splitlines())


def test_they_carry_the_runs_id_and_nothing_else() -> None:
    run = a_reported_run(HEALTHY)

    (row,) = report_buttons(run)

    assert {button["value"] for button in row["elements"]} == {run.id}
    known = {"type", "action_id", "text", "value", "url"}
    assert {name for button in row["elements"] for name in button} == known


def test_a_report_can_be_repeated_compared_watched_exported_and_looked_at() -> None:
    (row,) = report_buttons(a_reported_run(HEALTHY))

    names = [button["action_id"] for button in row["elements"]]
    assert names == ["run_again", "compare", "watch", "export", "copy_command", "console"]
    assert set(names) < set(ACTION_IDS)


def test_what_is_watched_can_be_left_alone_again() -> None:
    (row,) = report_buttons(a_reported_run(HEALTHY), watched=True)

    names = [button["action_id"] for button in row["elements"]]
    assert "stop_watching" in names
    assert "watch" not in names


def test_without_a_report_there_is_nothing_to_compare() -> None:
    (row,) = report_buttons(a_failed_run("cloud.unreachable"))

    assert [button["action_id"] for button in row["elements"]] == ["run_again", "copy_command", "console"]


def test_the_console_is_that_of_the_site_that_was_set() -> None:
    (row,) = report_buttons(a_reported_run(HEALTHY), "international")

    assert row["elements"][-1]["url"] == "https://vpc.console.alibabacloud.com/vpn/cn-hangzhou/vpns"
