"""What a watch says: a changed verdict with what has changed, and one word at its end."""

from datetime import timedelta
from typing import Any

import pytest

from bot.emulators.slack.blocks import Surface, block_flaws
from bot.model.problem import ProblemDetails
from bot.model.run import Language, Posted, Run, RunState
from bot.model.watch import Watch
from bot.slack.buttons import report_buttons
from bot.slack.watch import change_message, watch_end_message
from tests.slack.parsed_by_slack import flaws, texts
from tests.slack.scenes import BROKEN, DOWN, HEALTHY, NOON, UP, a_failed_run, a_reported_run, a_run

LANGUAGES: tuple[Language, ...] = ("en", "zh")


def watched(run: Run, **changes: Any) -> Run:
    values: dict[str, Any] = {"id": run.id, "origin": run.id, "told": run.id, "asks_at": NOON, "every_s": 300}
    return run.changed(watch=Watch(**values | {"until": NOON + timedelta(minutes=30)} | changes))


@pytest.mark.parametrize("language", LANGUAGES)
def test_slack_takes_whatever_a_watch_says(language: Language) -> None:
    run = watched(a_reported_run(BROKEN, language, tunnels=DOWN))
    told = a_reported_run(HEALTHY, language, tunnels=UP)
    failed = watched(a_failed_run("access.not_mapped", language=language))

    for message in (
        change_message(run, told, report_buttons(run, watched=True)),
        change_message(run, None),
        watch_end_message(run, told, stopped=True),
        watch_end_message(failed, told, stopped=False),
    ):
        assert not block_flaws(message.blocks, Surface.MESSAGE)
        assert not list(flaws(message.blocks))


def test_the_end_can_be_said_without_blocks() -> None:
    failed = watched(a_failed_run("access.not_mapped"))

    last = watch_end_message(failed, a_reported_run(HEALTHY, tunnels=UP), stopped=False).simpler()

    assert last is not None
    assert last.blocks == []
    assert last.text.startswith("vpn-bp1k4m9x2q7r5t8w3z6n: The watch has ended early: ")
    assert "access.yml" in last.text
    assert last.text.endswith("✅ As told last: all 7 checks are normal")


def test_a_change_is_told_with_what_has_changed_and_the_whole_report() -> None:
    run = watched(a_reported_run(BROKEN, tunnels=DOWN))

    message = change_message(run, a_reported_run(HEALTHY), report_buttons(run, watched=True))

    assert texts(message.blocks).startswith(
        "Watching: the verdict has changed since the last report here (5 checks worse)."
    )
    assert "The tunnel is down." in texts(message.blocks)
    assert "Stop watching" in texts(message.blocks)
    assert message.text.startswith("Changed: vpn-bp1k4m9x2q7r5t8w3z6n: ")


def test_without_the_earlier_report_it_is_still_told() -> None:
    assert texts(change_message(watched(a_reported_run(BROKEN)), None).blocks).startswith(
        "Watching: the verdict has changed since the last report here.\n"
    )


def test_the_end_says_whether_anything_changed_and_how_it_stands() -> None:
    told = a_reported_run(HEALTHY, tunnels=UP)

    same = watch_end_message(watched(a_reported_run(HEALTHY)), told, stopped=False)
    changed = watch_end_message(watched(a_reported_run(HEALTHY), changes=2), told, stopped=False)

    assert "The verdict has not changed." in texts(same.blocks)
    assert "✅ As told last: all 7 checks are normal" in texts(same.blocks).replace("\n", "")
    assert "The verdict has changed 2 times." in texts(changed.blocks)


def test_a_last_run_that_told_a_change_counts_and_is_how_it_stands() -> None:
    last = watched(a_reported_run(BROKEN, posted=Posted(ending_ts="1.0")))

    said = texts(watch_end_message(last, a_reported_run(HEALTHY), stopped=False).blocks)

    assert "has changed 1 time." in said
    assert "❌" in said


def test_who_stops_it_reads_no_other_reason() -> None:
    stopped = a_failed_run("bot.watch_stopped")

    said = texts(watch_end_message(watched(stopped), a_reported_run(HEALTHY), stopped=True).blocks)

    assert said.startswith("The watch was stopped.")
    assert "belongs to a watch" not in said


def test_what_broke_it_off_is_explained() -> None:
    refused = a_run(state=RunState.REFUSED, problem=ProblemDetails(code="access.not_mapped"))

    said = texts(watch_end_message(watched(refused), a_reported_run(HEALTHY), stopped=False).blocks)

    assert said.startswith("The watch has ended early: ")
    assert "access.yml" in said
