"""The messages of a run: each step is posted at most once, whatever was interrupted before."""

from bot.explain.phrases import phrase
from bot.model.ids import ChannelId, UserId
from bot.model.problem import Problem
from bot.model.run import Run
from bot.slack.api import PostedMessage, SlackApi
from bot.slack.message import Message
from bot.slack.messages import ending_message, root_message, started_message
from bot.slack.shapes import Part, posted_metadata

# The root message cannot be edited any more; the thread has the truth.
NOT_EDITABLE = frozenset({"slack.message_not_found", "slack.cant_update_message", "slack.edit_window_closed"})

# The thread is gone: somebody deleted the message that it hangs on. Slack then puts a reply into the channel, or
# refuses it.
NO_THREAD = frozenset({"slack.thread_not_found", "slack.cannot_reply_to_message"})


class Thread:
    """Tells a run in its channel, or to the asker alone if the run has `moved_to_dm`.

    With `look_first` a post looks for itself before it is made: the last attempt may have reached Slack without
    our knowing. The caller stores what is returned. Raises the `Problem`s of `bot.slack.answers`.
    """

    def __init__(self, api: SlackApi) -> None:
        self._api = api

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
        return (await self._post_once(run, "ending", ending_message(run), look_first=look_first)).ts

    async def post_ending_as_root(self, run: Run, *, look_first: bool) -> PostedMessage:
        """Post the ending of a run that has no root message yet."""
        return await self._post_once(run, "ending", ending_message(run), look_first=look_first)

    async def edit_root(self, run: Run) -> None:
        """Let the root message show how far the run is; no harm if it cannot be edited any more."""
        posted = run.posted
        if posted.root_ts is None:
            return
        channel = posted.channel_id or run.conversation.channel_id
        try:
            await self._api.update_message(channel, posted.root_ts, root_message(run))
        except Problem as problem:
            if problem.code not in NOT_EDITABLE:
                raise

    async def _post_once(self, run: Run, part: Part, message: Message, *, look_first: bool) -> PostedMessage:
        if look_first and (found := await self._find(run, part)):
            return found
        thread_ts, metadata = _thread_ts(run), posted_metadata(run.id, part, run.state)
        try:
            return await self._api.post_message(_place(run), message, thread_ts=thread_ts, metadata=metadata)
        except Problem as problem:
            if problem.code not in NO_THREAD or thread_ts is None:
                raise
        alone = message.with_remark(phrase("note.thread_lost", run.language))
        return await self._api.post_message(_place(run), alone, metadata=metadata)

    async def _find(self, run: Run, part: Part) -> PostedMessage | None:
        """Look for a post; without the scope to look we post, as twice said is better than never."""
        place = _place(run)
        try:
            channel = place if isinstance(place, ChannelId) else await self._api.open_direct_message(place)
            ts = await self._find_in(channel, _thread_ts(run), run, part)
        except Problem as problem:
            if problem.code != "slack.missing_scope":
                raise
            return None
        return None if ts is None else PostedMessage(channel_id=channel, ts=ts)

    async def _find_in(self, channel: ChannelId, thread_ts: str | None, run: Run, part: Part) -> str | None:
        try:
            return await self._api.find_posted(channel, thread_ts, run.id, part, run.created_at)
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
