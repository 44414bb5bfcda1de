"""A watch: how its chain of quiet runs begins, goes on, is stopped and ends.

Each run is decided, started and audited as any other, and tells nothing but a verdict that differs from the one
told last. It stores the next one when it has ended; what is known of the watch stands in its runs, and nowhere in
a process. See docs/decisions/0012-a-watch-is-a-chain-of-runs.md.
"""

import hashlib
import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from bot.explain.problems import treatment
from bot.model.ids import RunId
from bot.model.problem import Problem, ProblemDetails
from bot.model.request import Conversation, Requester
from bot.model.run import Posted, Run, RunState
from bot.model.watch import Watch
from bot.setbacks import OUR_OWN_TURN
from bot.slack.comparison import same_verdict

if TYPE_CHECKING:
    from bot.slack.thread import Thread
    from bot.store.runs import Runs

log = logging.getLogger(__name__)

WATCH_EVERY = timedelta(minutes=5)
WATCH_FOR = timedelta(minutes=30)


class Wish(NamedTuple):
    """Somebody's wish, at a time, to watch.

    `run_id` is for the watch's first run (`RunId.made`), `delivery` names the press, which may come twice, and
    `book_version` the access.yml by which they were let in, for the audit trail.
    """

    requester: Requester
    at: datetime
    run_id: RunId
    delivery: str
    book_version: str | None = None


async def begin_watch(
    runs: "Runs", seen: Run, wish: Wish, *, every: timedelta = WATCH_EVERY, lasts: timedelta = WATCH_FOR
) -> Run:
    """Repeat the diagnosis of the report that somebody has `seen`, and return the quiet run that is next.

    While they have a watch under that report nothing is stored, and its run is returned (its ID is not `run_id`).
    Whether they may is decided by the caller now, and again by each run. The caller wakes the worker. Raises
    `Problem("bot.not_stored")`; ValueError if there is no report to compare with.
    """
    if seen.report is None:
        message = "without a report there is no verdict to watch"
        raise ValueError(message)
    watch = Watch(
        id=wish.run_id,
        origin=_origin(seen),
        told=seen.id,
        asks_at=wish.at + every,
        every_s=every.total_seconds(),
        until=wish.at + lasts,
    )
    first = _quiet(seen, wish.requester, watch, wish.run_id, wish.at)
    first = first.changed(due_at=wish.at)  # to show at once that it is watched
    return await runs.begin_watch(first, wish.delivery, wish.book_version)


async def stop_watch(runs: "Runs", seen: Run, requester: Requester, now: datetime) -> bool:
    """Stop this person's watch under the report that they have `seen`; False if there is none to be stopped.

    It is stopped when this returns: what is under way tells no verdict any more, and the thread is told once, by
    the plot, that the watch has ended. Asked again, there is nothing to stop. Raises `Problem("bot.not_stored")`.
    """
    return await runs.stop_watch(_origin(seen), requester, now)


class Watching:
    """What a quiet run tells when it has ended, and what follows it."""

    def __init__(self, thread: "Thread", runs: "Runs") -> None:
        self._thread = thread
        self._runs = runs

    async def why_over(self, run: Run, watch: Watch, now: datetime) -> ProblemDetails | None:
        """Say why a run of the watch need not ask any more; None if it is to."""
        if await self._runs.watch_was_stopped(watch.id):
            return Problem("bot.watch_stopped").details
        if run.decision is None and now > watch.until + timedelta(seconds=watch.every_s):
            return Problem("bot.watch_overdue").details
        return None

    async def wait(self, run: Run, watch: Watch) -> Run:
        """Show under the report that it is watched, and let the run wait until it is to ask.

        Who stops it meanwhile leaves the run to us: then it stays due.
        """
        newest = await self._newest_said(watch)
        if newest is not None:
            await self._show_buttons(run, newest, watched=True)
        return run if await self._runs.watch_was_stopped(watch.id) else run.changed(due_at=watch.asks_at)

    async def tell(self, run: Run, watch: Watch, now: datetime, *, look_first: bool) -> Run:
        """Tell of an ended run what has changed; then store its follower, or tell that the watch has ended."""
        if await self._runs.was_continued(run):
            return _done(run)
        told = await self._runs.get(watch.told)
        stopped = await self._runs.watch_was_stopped(watch.id)
        if run.posted.ending_ts is None and not stopped and has_news(run, told):
            said = await self._thread.post_change(run, told, look_first=look_first)
            posted = run.posted.changed(channel_id=said.channel_id, ending_ts=said.ts)
            return run.changed(posted=posted, due_at=now, attempt=0)
        if run.posted.ending_ts is not None:
            await self._show_older(run, watch)
        following = None if stopped else next_run(run, watch, told, now)
        if following is None or not await self._runs.continue_watch(following, after=run.id):
            stopped = stopped or following is not None
            await self._show_ended(run, watch)  # first: it may have to wait its turn, and what was posted stands
            await self._thread.post_watch_end(run, told, stopped=stopped, look_first=look_first)
        return _done(run)

    async def _show_older(self, run: Run, watch: Watch) -> None:
        """Leave it to the newest report to offer the watch's end, unless others watch the older one."""
        older = await self._newest_said(watch)
        if older is not None and not await self._runs.is_watched(watch.origin, but_by=run):
            await self._show_buttons(run, older, watched=False)

    async def _newest_said(self, watch: Watch) -> Run | None:
        """Return the run before this one that said something last; most of a watch say nothing."""
        told = await self._runs.get(watch.told)
        while told is not None and told.watch is not None and told.posted.ending_ts is None:
            told = await self._runs.get(told.watch.told)
        return told

    async def _show_ended(self, run: Run, watch: Watch) -> None:
        """Offer to watch again where the watch could be stopped, unless others watch the same report."""
        if await self._runs.is_watched(watch.origin, but_by=run):
            return
        before = (await self._runs.get(watch.origin), await self._newest_said(watch))
        said = {one.id: one for one in (*before, run) if one is not None}
        for told in said.values():
            await self._show_buttons(run, told, watched=False)

    async def _show_buttons(self, run: Run, told: Run, *, watched: bool) -> None:
        """Exchange the button under a report; a courtesy, whose failure holds up nothing, but that waits its turn.

        Raises `Problem("slack.busy")`: it is what a watch is stopped by.
        """
        earlier = None if told.watch is None else await self._runs.get(told.watch.told)
        try:
            await self._thread.edit_ending(run, told, earlier, watched=watched)
        except Problem as problem:
            if problem.code in OUR_OWN_TURN:
                raise
            log.info("run %s: whether it is watched is not shown: %s", told.id, problem)


def has_news(run: Run, told: Run | None) -> bool:
    """Tell whether a run's verdict differs from the one told last; what only one of them saw is no difference."""
    if run.state is not RunState.REPORTED or run.report is None:
        return False
    if told is None or told.report is None:
        return True
    if not (run.tunnels.each and told.tunnels.each):
        return not same_verdict(told.report, run.report)
    return not same_verdict(told.report, run.report, told.tunnels, run.tunnels)


def next_run(run: Run, watch: Watch, told: Run | None, now: datetime) -> Run | None:
    """Return the run that follows an ended one; None if the watch has come to its end."""
    asks_at = max(watch.asks_at + timedelta(seconds=watch.every_s), now)
    if not _may_go_on(run) or asks_at > watch.until:
        return None
    has_changed = run.posted.ending_ts is not None
    follows = watch.changed(
        told=run.id if has_changed or _saw_more(run, told) else watch.told,
        changes=watch.changes + has_changed,
        asks_at=asks_at,
    )
    run_id = RunId.made(asks_at, hashlib.sha256(run.id.encode()).digest())
    return _quiet(run, run.requester, follows, run_id, now)


def _may_go_on(run: Run) -> bool:
    """Tell whether the next one may fare better than one that failed."""
    if run.state is RunState.REPORTED:
        return True
    problem = run.problem
    return problem is not None and (problem.code == "bot.gave_up" or treatment(problem).retry == "later")


def _saw_more(run: Run, told: Run | None) -> bool:
    """Tell whether a run of the same verdict knows of tunnels, and the one told last does not."""
    return run.state is RunState.REPORTED and bool(run.tunnels.each) and not (told and told.tunnels.each)


def _done(run: Run) -> Run:
    return run.changed(posted=run.posted.changed(closed=True), due_at=None, attempt=0)


def _origin(seen: Run) -> RunId:
    return seen.id if seen.watch is None else seen.watch.origin


def _quiet(seen: Run, requester: Requester, watch: Watch, run_id: RunId, now: datetime) -> Run:
    """Make a run that asks what `seen` asked, and tells where that was told."""
    quiet = Run(
        id=run_id,
        requester=requester,
        conversation=seen.conversation,
        request=seen.request,
        language=seen.language,
        created_at=now,
        due_at=watch.asks_at,
        watch=watch,
    )
    channel_id, thread_ts = seen.posted.channel_id, seen.posted.root_ts
    if seen.moved_to_dm:
        posted = Posted(channel_id=channel_id, root_ts=thread_ts)
        why = {"in_shared_channel": seen.in_shared_channel, "moved_because": seen.moved_because}
        return quiet.changed(moved_to_dm=True, posted=posted, **why)
    thread_ts = seen.conversation.thread_ts or thread_ts
    place = Conversation(channel_id=channel_id or seen.conversation.channel_id, thread_ts=thread_ts)
    return quiet.changed(conversation=place)
