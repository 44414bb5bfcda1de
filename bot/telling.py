"""What a run tells and where: its first message, how far it is, what holds it up, and how it has ended.

Each step posts one thing at most and returns the run as it is afterwards. Progress and private notes are a
courtesy, whose failure holds up nothing; an ending is told, whatever it takes.
"""

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.explain.problems import treatment
from bot.model.problem import Problem, ProblemDetails
from bot.model.run import LeftRoot, Posted, Run
from bot.setbacks import NOT_TAKEN, Pace, told_apart, tried_until

if TYPE_CHECKING:
    from bot.access.desk import Access
    from bot.model.denial import Denial
    from bot.slack.thread import Thread

log = logging.getLogger(__name__)


# So many attempts have failed at an ending that is hard to tell; that one was interrupted counts as one.
HARD_TO_TELL = 3
# So long a workflow waits for such an ending: the thread is asked for its link.
STEP_WAITS = timedelta(hours=1)


class Telling:
    """Tells a run in its thread, or the asker alone where others than the workspace read along."""

    def __init__(self, access: "Access", thread: "Thread", pace: Pace) -> None:
        self._access = access
        self._thread = thread
        self._pace = pace

    async def announce(self, run: Run, now: datetime, *, look_first: bool) -> Run:
        """Post the message that the thread hangs on."""
        run = await self.where_it_belongs(run)
        root = await self._thread.post_root(run, look_first=look_first)
        posted = Posted(channel_id=root.channel_id, root_ts=root.ts)
        return run.changed(posted=posted, root_unsure=False, due_at=now)

    async def where_it_belongs(self, run: Run) -> Run:
        """Have the asker told privately if others than the workspace read along where they asked."""
        if run.moved_to_dm or not (await self._access.place(run.conversation.channel_id)).private:
            return run
        return told_apart(run, in_shared_channel=True)

    async def show_progress(self, run: Run) -> Run:
        """Edit the root message; progress is a courtesy, and its failure must not hold up the diagnosis."""
        if run.is_quiet or run.posted.edits >= self._pace.most_edits - 1:
            return run
        try:
            await self._thread.edit_root(run)
        except Problem as problem:
            log.info("run %s: progress not shown: %s", run.id, problem)
        return run.changed(posted=run.posted.changed(edits=run.posted.edits + 1))

    async def tell_delay(self, run: Run, problem: ProblemDetails) -> Run:
        """Tell the asker alone, once, that nothing is started yet; a courtesy, whose failure holds up nothing."""
        language = self._access.language(run.requester) or run.language
        try:
            await self._thread.tell_delay(run, problem, tried_until(run, problem, self._pace), language)
        except Problem as untold:
            log.info("run %s: what holds it up could not be told: %s", run.id, untold)
            return run.changed(delay_told=untold.code not in NOT_TAKEN)
        return run.changed(delay_told=True)

    async def tell_ending(self, run: Run, now: datetime, *, look_first: bool) -> Run:
        """Tell the ending, then show it in the root message; nothing is due after that.

        A workflow goes on, and what stays behind in a channel that was left comes to its end, once the ending is
        told. Where that is hard, they have every other attempt: neither holds up the other.
        """
        is_told = run.posted.ending_ts is not None
        if _is_step_open(run) and (is_told or (_is_their_turn(run) and now > run.asked_at + STEP_WAITS)):
            await self._thread.complete_step(run)
            return run.changed(posted=run.posted.changed(completed=True), due_at=now)
        if run.left_root is not None and (is_told or _is_their_turn(run)):
            return await self._close_left_root(run, run.left_root, now)
        if run.posted.root_ts is None:
            return await self._end_without_root(run, now, look_first=look_first)
        if run.posted.ending_ts is None:
            return await self._end_thread(run, now, look_first=look_first)
        if run.denial is not None and not run.posted.explained:
            return await self.explain_denial(run, run.denial, now)
        if not run.posted.closed:
            await self._thread.edit_root(run)
        return run.changed(posted=run.posted.changed(closed=True), due_at=None, attempt=0)

    async def explain_denial(self, run: Run, denial: "Denial", now: datetime) -> Run:
        """Tell the asker alone what would allow what RAM denied; the thread has said that it was denied."""
        language = self._access.language(run.requester) or run.language
        try:
            await self._thread.explain_denial(run, denial, language)
        except Problem as problem:
            log.warning("run %s: what would allow it could not be told: %s", run.id, problem)
        return run.changed(posted=run.posted.changed(explained=True), due_at=now, attempt=0)

    async def _end_without_root(self, run: Run, now: datetime, *, look_first: bool) -> Run:
        """Tell the ending in one message, unless there is a root message that nobody knew of."""
        if run.root_unsure and (found := await self._thread.find_root(run)):
            posted = Posted(channel_id=found.channel_id, root_ts=found.ts)
            return run.changed(posted=posted, root_unsure=False, due_at=now)
        run = await self.where_it_belongs(run)
        root = await self._thread.post_ending_as_root(run, look_first=look_first)
        posted = Posted(channel_id=root.channel_id, root_ts=root.ts, ending_ts=root.ts, closed=True)
        return run.changed(posted=posted, due_at=now, attempt=0)

    async def _end_thread(self, run: Run, now: datetime, *, look_first: bool) -> Run:
        """Tell the ending in the thread, or leave a channel that was opened to others meanwhile."""
        apart = await self.where_it_belongs(run)
        if apart.moved_to_dm and not run.moved_to_dm:
            return apart.changed(due_at=now, attempt=0)
        ts = await self._thread.post_ending(run, look_first=look_first)
        return run.changed(posted=run.posted.changed(ending_ts=ts), due_at=now, attempt=0)

    async def _close_left_root(self, run: Run, left: LeftRoot, now: datetime) -> Run:
        """Show in the channel that the run has left that it has ended, if Slack still lets us.

        How it has ended is not said if others than the workspace read along there by now.
        """
        is_shared = run.in_shared_channel or (await self._access.place(left.channel_id)).private
        try:
            await self._thread.edit_left_root(run.changed(in_shared_channel=is_shared), left)
        except Problem as problem:
            if treatment(problem.details).retry == "later":
                raise
            log.info("run %s: the root message that it left stays as it is: %s", run.id, problem)
        return run.changed(left_root=None, due_at=now)


def _is_step_open(run: Run) -> bool:
    return run.function_execution_id is not None and not run.posted.completed


def _is_their_turn(run: Run) -> bool:
    """Tell whether an ending is so hard to tell that others who wait for it come first this time."""
    return run.attempt >= HARD_TO_TELL and run.attempt % 2 == 1
