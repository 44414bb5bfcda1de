"""What becomes of a run when something stands in its way."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.model.problem import Problem, ProblemDetails
from bot.model.run import LeftRoot, Posted, Run, RunState
from bot.setbacks import (
    LONGEST_QUEUE,
    MOST_ACCIDENTS,
    SILENT_FOR,
    TELL_FOR,
    Pace,
    after_accident,
    after_problem,
    leaves_in_silence,
    tried_until,
)
from tests.conftest import NOON

RunBuilder = Callable[..., Run]

PACE = Pace(poll_every_s=3, give_up_after_s=300)
LATER = NOON + timedelta(seconds=10)


def a_problem(code: str, **facts: str) -> ProblemDetails:
    return Problem(code, **facts).details


@pytest.mark.parametrize("code", ["cloud.busy", "slack.busy"])
def test_waiting_for_a_turn_is_no_failure_and_ends_when_the_turn_is(a_run: RunBuilder, code: str) -> None:
    after = after_problem(a_run(attempt=1), a_problem(code, retry_after_s="700"), LATER, PACE)

    assert after.state is RunState.SUBMITTED
    assert after.attempt == 1
    assert after.problem is None
    assert after.due_at == LATER + timedelta(seconds=700)


def test_waiting_for_turns_ends_at_last(a_run: RunBuilder) -> None:
    late = NOON + LONGEST_QUEUE

    assert after_problem(a_run(), a_problem("cloud.busy", retry_after_s="1"), late, PACE).state is RunState.FAILED


def test_an_ending_waits_longer_for_its_turn_than_a_question(a_run: RunBuilder) -> None:
    reported = a_run(state=RunState.REPORTED)

    def due(after: timedelta) -> bool:
        problem = a_problem("slack.busy", retry_after_s="1")
        return after_problem(reported, problem, NOON + after, PACE).due_at is not None

    assert due(LONGEST_QUEUE)
    assert due(TELL_FOR - timedelta(seconds=1))
    assert not due(TELL_FOR + timedelta(seconds=1))


def test_what_passes_is_tried_again_later_and_later_until_the_deadline(a_run: RunBuilder) -> None:
    run, now, pauses = a_run(), NOON, []
    while run.state is RunState.SUBMITTED:
        run = after_problem(run, a_problem("cloud.unreachable"), now, PACE)
        assert run.due_at is not None
        pauses.append((run.due_at - now).total_seconds())
        now = run.due_at

    assert pauses[:6] == [1, 2, 4, 8, 16, 30]
    assert run.state is RunState.FAILED
    assert now == NOON + timedelta(seconds=300)


@pytest.mark.parametrize(
    "code",
    [
        "slack.token_revoked",
        "slack.account_inactive",
        "slack.missing_scope",
        "slack.invalid_blocks",
        "slack.new_one",
    ],
)
def test_an_ending_that_slack_refuses_is_tried_again_more_and_more_seldom_for_a_day(
    a_run: RunBuilder, code: str
) -> None:
    run, now, pauses = a_run(state=RunState.REPORTED, posted=Posted(root_ts="1.1")), NOON, []
    while run.due_at is not None:
        run = after_problem(run, a_problem(code), now, PACE)
        if run.due_at is not None:
            pauses.append((run.due_at - now).total_seconds())
            now = run.due_at

    assert pauses[:4] == [2, 4, 8, 16]
    assert max(pauses) == 600
    assert now >= NOON + TELL_FOR
    assert run.state is RunState.REPORTED


def test_what_was_asked_for_is_in_every_problem(a_run: RunBuilder) -> None:
    run = after_problem(a_run(), a_problem("InvalidVpnGatewayId.NotFound"), LATER, PACE)

    assert run.problem is not None
    assert run.problem.facts["gateway_id"] == run.request.gateway_id
    assert run.due_at == LATER


def test_a_closed_channel_moves_the_run_to_the_asker_once(a_run: RunBuilder) -> None:
    run = a_run(posted=Posted(root_ts="1.1"), state=RunState.DIAGNOSING)

    moved = after_problem(run, a_problem("slack.is_archived"), LATER, PACE)
    again = after_problem(moved, a_problem("slack.is_archived"), LATER, PACE)
    early = after_problem(a_run(), a_problem("slack.is_archived"), LATER, PACE)

    assert moved.moved_to_dm
    assert moved.moved_because == "slack.is_archived"
    assert moved.posted == Posted()
    assert moved.left_root == LeftRoot(channel_id=run.conversation.channel_id, ts="1.1")
    assert moved.state is RunState.DIAGNOSING
    assert again.ended
    assert early.left_root is None, "there was none"


def test_a_session_is_renewed_once(a_run: RunBuilder) -> None:
    expired = a_problem("InvalidSecurityToken.Expired")

    first = after_problem(a_run(), expired, LATER, PACE)
    second = after_problem(first, expired, LATER, PACE)

    assert not first.ended
    assert second.ended


def test_an_asker_who_has_waited_without_a_word_is_told_once_why_it_goes_on(a_run: RunBuilder) -> None:
    run, passes, stays = a_run(), a_problem("cloud.unreachable"), a_problem("slack.is_archived")

    assert leaves_in_silence(run, passes, NOON + SILENT_FOR)
    assert not leaves_in_silence(run, passes, NOON + SILENT_FOR / 2)
    assert not leaves_in_silence(run, stays, NOON + SILENT_FOR)
    for no_room in ("slack.busy", "slack.ratelimited"):  # a word would take it from the runs
        assert not leaves_in_silence(run, a_problem(no_room), NOON + SILENT_FOR)
    assert not leaves_in_silence(run.changed(delay_told=True), passes, NOON + SILENT_FOR)
    assert not leaves_in_silence(run.changed(posted=Posted(root_ts="1.1")), passes, NOON + SILENT_FOR)
    assert not leaves_in_silence(run.changed(state=RunState.DIAGNOSING), passes, NOON + SILENT_FOR)


def test_it_is_tried_until_the_run_would_be_given_up(a_run: RunBuilder) -> None:
    assert tried_until(a_run(), a_problem("cloud.unreachable"), PACE) == NOON + timedelta(seconds=300)
    assert tried_until(a_run(), a_problem("cloud.busy"), PACE) == NOON + LONGEST_QUEUE


@pytest.mark.parametrize(
    ("code", "unsure"),
    [("slack.timeout", True), ("slack.ratelimited", False), ("slack.busy", False), ("cloud.unreachable", False)],
)
def test_a_root_message_may_be_there_only_if_slacks_answer_was_lost(
    a_run: RunBuilder, code: str, *, unsure: bool
) -> None:
    assert after_problem(a_run(), a_problem(code, retry_after_s="1"), LATER, PACE).root_unsure is unsure


def test_an_accident_is_tried_again_and_then_ends_the_run_under_its_id(a_run: RunBuilder) -> None:
    run = a_run()
    for _ in range(MOST_ACCIDENTS):
        assert not run.ended
        run = after_accident(run, "e-1", LATER)

    assert run.state is RunState.FAILED
    assert run.problem == a_problem("bot.unexpected", error_id="e-1")


def test_an_ending_is_told_in_spite_of_accidents(a_run: RunBuilder) -> None:
    run = a_run(state=RunState.REPORTED, due_at=NOON)
    for _ in range(MOST_ACCIDENTS + 1):
        run = after_accident(run, "e-1", LATER)

    assert run.state is RunState.REPORTED
    assert run.due_at is not None


@pytest.mark.parametrize(("ending_ts", "said"), [(None, "cannot be told"), ("1.1", "root message cannot show it")])
def test_an_ending_that_cannot_be_told_is_given_up_at_last_and_logged(
    a_run: RunBuilder, caplog: pytest.LogCaptureFixture, ending_ts: str | None, said: str
) -> None:
    run = a_run(state=RunState.REPORTED, attempt=MOST_ACCIDENTS - 1, posted=Posted(ending_ts=ending_ts))

    assert after_accident(run, "e-1", NOON + TELL_FOR).due_at is None
    assert said in caplog.text
