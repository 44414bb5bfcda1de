"""A watch as values: what is news, which run comes next, where it tells, and when it is over."""

from datetime import timedelta
from typing import Any

import pytest

from bot.model.ids import ChannelId, RunId, UserId
from bot.model.problem import ProblemDetails
from bot.model.request import Conversation, Requester
from bot.model.run import Posted, Run, RunState
from bot.model.watch import Watch
from bot.slack.thread import Thread
from bot.store.runs import Runs
from bot.watching import Watching, Wish, begin_watch, has_news, next_run
from tests.slack.scenes import (
    BROKEN,
    DOWN,
    HEALTHY,
    NOON,
    UP,
    a_failed_run,
    a_reported_run,
    a_run,
)

EVERY = timedelta(minutes=5)
BOB = Requester(team_id=a_run().requester.team_id, user_id=UserId("U0BOB"))


def the_watch(**changes: Any) -> Watch:
    run_id = a_run().id
    values: dict[str, Any] = {"id": run_id, "origin": run_id, "told": run_id, "asks_at": NOON, "every_s": 300}
    return Watch(**values | {"until": NOON + timedelta(minutes=30)} | changes)


def quiet(run: Run, **changes: Any) -> Run:
    return run.changed(watch=the_watch(**changes))


def a_wish(requester: Requester) -> Wish:
    return Wish(requester, NOON, RunId.made(NOON, b"\x01" * 10), "press:1")


def the_next(run: Run, told: Run | None = None, now: Any = NOON) -> Watch:
    assert run.watch is not None
    following = next_run(run, run.watch, told, now)
    assert following is not None
    assert following.watch is not None
    return following.watch


def test_only_another_verdict_is_news() -> None:
    assert has_news(a_reported_run(BROKEN), a_reported_run(HEALTHY))
    assert not has_news(a_reported_run(HEALTHY), a_reported_run(HEALTHY))
    assert not has_news(a_failed_run("cloud.unreachable"), a_reported_run(HEALTHY))
    assert has_news(a_reported_run(HEALTHY), None), "what was told last is not kept any more"


def test_a_tunnel_is_news_if_it_was_looked_at_both_times() -> None:
    assert has_news(a_reported_run(HEALTHY, tunnels=DOWN), a_reported_run(HEALTHY, tunnels=UP))
    assert not has_news(a_reported_run(HEALTHY), a_reported_run(HEALTHY, tunnels=UP))
    assert not has_news(a_reported_run(HEALTHY, tunnels=UP), a_reported_run(HEALTHY))


def test_the_next_one_asks_five_minutes_later_and_is_the_same_however_often_it_is_made() -> None:
    run = quiet(a_reported_run(HEALTHY))

    first, again = (next_run(run, the_watch(), None, NOON + timedelta(seconds=s)) for s in (20, 40))

    assert first is not None
    assert again is not None
    assert first.id == again.id != run.id
    assert first.due_at == first.asked_at == NOON + EVERY
    assert (first.state, first.report, first.decision) == (RunState.SUBMITTED, None, None)


def test_what_was_told_is_what_the_next_one_is_compared_with() -> None:
    silent = quiet(a_reported_run(HEALTHY, tunnels=UP))
    told = a_reported_run(HEALTHY, tunnels=UP, id=type(silent.id).made(NOON, b"\x09" * 10))
    silent = silent.changed(watch=the_watch(told=told.id))
    spoken = silent.changed(posted=Posted(ending_ts="1.0"))

    assert (the_next(silent, told).told, the_next(silent, told).changes) == (told.id, 0)
    assert (the_next(spoken, told).told, the_next(spoken, told).changes) == (spoken.id, 1)


def test_a_run_that_saw_the_tunnels_takes_the_place_of_one_that_did_not() -> None:
    seeing = quiet(a_reported_run(HEALTHY, tunnels=UP))

    following = the_next(seeing, a_reported_run(HEALTHY))

    assert (following.told, following.changes) == (seeing.id, 0)


@pytest.mark.parametrize("code", ["Throttling.User", "cloud.unreachable", "bot.gave_up"])
def test_what_passes_does_not_end_it(code: str) -> None:
    assert the_next(quiet(a_failed_run(code))).asks_at == NOON + EVERY


@pytest.mark.parametrize("code", ["access.not_mapped", "NoPermission", "bot.watch_stopped"])
def test_what_does_not_pass_ends_it(code: str) -> None:
    assert next_run(quiet(a_failed_run(code)), the_watch(), None, NOON) is None


def test_nothing_is_asked_after_its_time() -> None:
    run = quiet(a_reported_run(HEALTHY))

    assert next_run(run, the_watch(until=NOON + EVERY), None, NOON) is not None
    assert next_run(run, the_watch(until=NOON + EVERY), None, NOON + EVERY * 2) is None


async def test_it_tells_in_the_thread_of_the_report_as_who_pressed(runs: Runs) -> None:
    seen = a_reported_run(HEALTHY, posted=Posted(channel_id=ChannelId("C0INCIDENT"), root_ts="7.0"))

    first = await begin_watch(runs, seen, a_wish(BOB))

    assert first.requester == BOB
    assert first.conversation == Conversation(channel_id=ChannelId("C0INCIDENT"), thread_ts="7.0")
    assert first.watch is not None
    assert (first.watch.until - NOON, first.watch.asks_at - NOON) == (timedelta(minutes=30), EVERY)


async def test_what_was_told_in_private_is_watched_in_private(runs: Runs) -> None:
    posted = Posted(channel_id=ChannelId("D0ALICE"), root_ts="7.0")
    seen = a_reported_run(HEALTHY, posted=posted, moved_to_dm=True)

    first = await begin_watch(runs, seen, a_wish(seen.requester))

    assert first.moved_to_dm
    assert first.conversation == seen.conversation, "it is decided for where it was asked"
    assert (first.posted.channel_id, first.posted.root_ts) == ("D0ALICE", "7.0")


async def test_without_a_report_there_is_nothing_to_watch(runs: Runs) -> None:
    run = a_failed_run("cloud.unreachable")

    with pytest.raises(ValueError, match="no verdict"):
        await begin_watch(runs, run, a_wish(BOB))


async def test_a_bot_that_was_away_too_long_asks_no_more(runs: Runs) -> None:
    nobody: Any = None
    watching = Watching(Thread(nobody), runs)
    run = quiet(a_run())

    assert await watching.why_over(run, the_watch(), NOON + timedelta(minutes=34)) is None
    over = await watching.why_over(run, the_watch(), NOON + timedelta(minutes=36))
    assert over == ProblemDetails(code="bot.watch_overdue")


async def test_who_stops_it_while_the_button_is_shown_does_not_wait_for_the_next_question(runs: Runs) -> None:
    """The run is in a worker's hands then, and a stop lets nothing fall due that is."""
    nobody: Any = None
    seen = RunId.made(NOON, b"\x09" * 10)
    watching, watch = Watching(Thread(nobody), runs), the_watch(origin=seen, told=seen, asks_at=NOON + EVERY)
    run = a_run(due_at=NOON, watch=watch)
    await runs.begin_watch(run, "press:1")
    assert (await watching.wait(run, watch)).due_at == NOON + EVERY

    await runs.stop_watch(watch.origin, run.requester, NOON)

    assert (await watching.wait(run, watch)).due_at == NOON
