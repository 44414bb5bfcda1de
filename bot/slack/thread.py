"""The messages of a run: each step is posted at most once, whatever was interrupted before."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial

from bot.explain.phrases import phrase
from bot.model.denial import Denial
from bot.model.ids import ChannelId, UserId
from bot.model.problem import Problem, ProblemDetails
from bot.model.run import Language, LeftRoot, Run
from bot.slack.api import PostedMessage, SlackApi
from bot.slack.aside import Aside, tell_alone
from bot.slack.buttons import report_buttons
from bot.slack.console import Site
from bot.slack.delay import delay_message
from bot.slack.functions import complete_step
from bot.slack.limits import Block
from bot.slack.message import Message
from bot.slack.messages import ending_message, left_root_message, root_message, started_message
from bot.slack.pacing import Caller
from bot.slack.remedy import remedy_message
from bot.slack.shapes import Part, posted_metadata
from bot.slack.watch import change_message, watch_end_message

# The root message cannot be edited any more; the thread has the truth.
NOT_EDITABLE = frozenset({"slack.message_not_found", "slack.cant_update_message", "slack.edit_window_closed"})

# The thread is gone: somebody deleted the message that it hangs on. Slack then puts a reply into the channel, or
# refuses it.
NO_THREAD = frozenset({"slack.thread_not_found", "slack.cannot_reply_to_message"})
# We may not look for what we may have posted.
NO_LOOKING = frozenset({"slack.missing_scope", "slack.no_permission", "slack.not_allowed_token_type"})


async def _unfenced(run: Run) -> None:
    """Take the run for ours."""


class Thread:
    """Tells a run in its channel, or to the asker alone if the run has `moved_to_dm`.

    With `look_first` a post looks for itself before it is made: the last attempt may have reached Slack without
    our knowing. The caller stores what is returned. Raises the `Problem`s of `bot.slack.answers`, and
    `Problem("slack.busy")` when it is not the run's turn yet: nothing has been posted then.
    """

    def __init__(
        self, api: SlackApi, fence: Callable[[Run], Awaitable[None]] = _unfenced, site: Site | None = None
    ) -> None:
        """Post through `api`; `fence` raises if the run is no longer ours, right before each post and edit.

        Links to the console lead to `site`.
        """
        self._api = api
        self._fence = fence
        self._site = site

    async def post_root(self, run: Run, *, look_first: bool) -> PostedMessage:
        """Post the message that the run's thread hangs on; within the thread that the question came from."""
        return await self._post_once(run, "root", root_message(run), look_first=look_first)

    async def find_root(self, run: Run) -> PostedMessage | None:
        """Look for a root message that may have been posted without our knowing."""
        return await self._find(run, "root")

    async def post_started(self, run: Run, *, look_first: bool) -> str:
        """Post the DiagnoseId into the thread; returns the `ts`."""
        return (await self._post_once(run, "started", started_message(run), look_first=look_first)).ts

    async def post_ending(self, run: Run, *, look_first: bool) -> str:
        """Post the report, the refusal or the failure into the thread; returns the `ts`."""
        return (await self.post_ending_as_root(run, look_first=look_first)).ts

    async def post_ending_as_root(self, run: Run, *, look_first: bool) -> PostedMessage:
        """Post the ending of a run that has no root message yet."""
        message = ending_message(run, run.tunnels, self._buttons(run))
        return await self._post_once(run, "ending", message, look_first=look_first)

    async def post_change(self, run: Run, told: Run | None, *, look_first: bool) -> PostedMessage:
        """Post the report of a watch whose verdict is not the one `told` last."""
        message = change_message(run, told, self._buttons(run, watched=True))
        return await self._post_once(run, "ending", message, look_first=look_first)

    async def edit_ending(self, run: Run, told: Run, earlier: Run | None, *, watched: bool) -> None:
        """Let `run`, which belongs to a watch, show under the report of `told` whether it is watched.

        `earlier` is what was told before, if `told` is of a watch itself. No harm if it cannot be edited any more.
        """
        if told.posted.ending_ts is None:
            return
        buttons = self._buttons(told, watched=watched)
        message = (
            ending_message(told, told.tunnels, buttons)
            if told.watch is None
            else change_message(told, earlier, buttons)
        )
        channel = told.posted.channel_id or told.conversation.channel_id
        await self._edit(channel, told.posted.ending_ts, message, self._caller(run))

    async def post_watch_end(self, run: Run, told: Run | None, *, stopped: bool, look_first: bool) -> str:
        """Post that the watch of which `run` was the last one has ended; returns the `ts`."""
        message = watch_end_message(run, told, stopped=stopped)
        return (await self._post_once(run, "watch_end", message, look_first=look_first)).ts

    async def edit_root(self, run: Run) -> None:
        """Let the root message show how far the run is; no harm if it cannot be edited any more.

        Progress is shown when there is room for it and else left out; only the ending waits for its turn.
        """
        posted = run.posted
        if posted.root_ts is None or not (run.ended or self._api.has_room_for_edits()):
            return
        channel = posted.channel_id or run.conversation.channel_id
        message = root_message(run, run.tunnels)
        await self._edit(channel, posted.root_ts, message, self._caller(run, waits=run.ended))

    async def edit_left_root(self, run: Run, left: LeftRoot) -> None:
        """Let the root message in a channel that an ended run has left say who has the answer."""
        ts = left.ts or await self._find_in(left.channel_id, run.conversation.thread_ts, run, "root")
        if ts is not None:
            await self._edit(left.channel_id, ts, left_root_message(run, run.tunnels), self._caller(run))

    async def _edit(self, channel: ChannelId, ts: str, message: Message, caller: Caller) -> None:
        try:
            await self._api.update_message(channel, ts, message, caller=caller)
        except Problem as problem:
            if problem.code not in NOT_EDITABLE:
                raise

    async def explain_denial(self, run: Run, denial: Denial, language: Language) -> None:
        """Tell the asker alone what would allow what RAM denied; twice if Slack's answer is lost."""
        await self._fence(run)
        place = run.posted.channel_id or run.conversation.channel_id
        message = remedy_message(denial, language, run.decision)
        aside = Aside(place, run.requester.user_id, language, _thread_ts(run))
        await tell_alone(self._api, aside, message)

    async def tell_delay(self, run: Run, problem: ProblemDetails, until: datetime, language: Language) -> None:
        """Tell the asker alone what holds up the start; twice if Slack's answer is lost."""
        message = delay_message(run, problem, until, language)
        asked = run.conversation
        aside = Aside(asked.channel_id, run.requester.user_id, language, asked.thread_ts)
        await tell_alone(self._api, aside, message, self._caller(run))

    async def complete_step(self, run: Run) -> None:
        """Tell the workflow that waits for a run how it has ended; no harm if it was told before."""
        await complete_step(self._api, run, self._caller(run))

    def _buttons(self, run: Run, *, watched: bool = False) -> list[Block]:
        return report_buttons(run, self._site, watched=watched)

    def _caller(self, run: Run, *, waits: bool = True) -> Caller:
        return Caller(run.id if waits else None, partial(self._fence, run))

    async def _post_once(self, run: Run, part: Part, message: Message, *, look_first: bool) -> PostedMessage:
        if look_first and (found := await self._find(run, part)):
            return found
        post = partial(
            self._api.post_message,
            _place(run),
            metadata=posted_metadata(run.id, part, run.state),
            caller=self._caller(run),
        )
        thread_ts = _thread_ts(run)
        try:
            return await post(message, thread_ts=thread_ts)
        except Problem as problem:
            if problem.code not in NO_THREAD or thread_ts is None:
                raise
        # The refused reply has used the run's turn; waiting for another one, it would be refused again first.
        alone = message.with_remark(phrase("note.thread_lost", run.language))
        return await post(alone, caller=self._caller(run, waits=False))

    async def _find(self, run: Run, part: Part) -> PostedMessage | None:
        """Look for a post; without the scope to look we post, as twice said is better than never."""
        place = _place(run)
        try:
            channel = (
                place
                if isinstance(place, ChannelId)
                else await self._api.open_direct_message(place, caller=Caller(run.id))
            )
            ts = await self._find_in(channel, _thread_ts(run), run, part)
        except Problem as problem:
            if problem.code not in NO_LOOKING:
                raise
            return None
        return None if ts is None else PostedMessage(channel_id=channel, ts=ts)

    async def _find_in(self, channel: ChannelId, thread_ts: str | None, run: Run, part: Part) -> str | None:
        try:
            return await self._api.find_posted(channel, thread_ts, run, part)
        except Problem as problem:
            if problem.code not in NO_THREAD or thread_ts is None:
                raise
        return await self._find_in(channel, None, run, part)


def _place(run: Run) -> ChannelId | UserId:
    if run.posted.channel_id is not None:
        return run.posted.channel_id
    return run.requester.user_id if run.moved_to_dm else run.conversation.channel_id


def _thread_ts(run: Run) -> str | None:
    asked_in = None if run.moved_to_dm else run.conversation.thread_ts
    return asked_in or run.posted.root_ts
