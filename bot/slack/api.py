"""The calls of Slack's Web API that the bot makes, typed and in turns.

Each raises the `Problem`s of `bot.slack.answers` and of `bot.slack.pacing`.
"""

import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.model.ids import ChannelId, GroupId, TeamId, UserId
from bot.model.problem import Problem
from bot.model.run import Run
from bot.model.skew import ahead_by
from bot.model.value import Value
from bot.slack.answers import parsed
from bot.slack.heard import Heard, utc_now
from bot.slack.history import PAGE_SIZE, Histories, Place, Sought
from bot.slack.message import REFUSED_CONTENT, REFUSED_METADATA, Message
from bot.slack.pacing import PERSON, POST, UPDATE, Caller, Pacing
from bot.slack.shapes import Conversation, Members, Page, Part, Said, Sent, mark_of, part_of_run

log = logging.getLogger(__name__)

Outcome = TypeVar("Outcome")

# A posted message is looked for from this long before it can have been posted: Slack's clock is known to a second,
# the clock that stamped the run perhaps not as well.
CLOCK_DIFFERENCE = timedelta(minutes=5)

# How many people's direct messages are known by their channel.
MOST_DIRECT = 1000


class BotIdentity(Value, extra="ignore"):
    """Who the token makes us; `user_id` and `bot_id` are the bot's, `scopes` what the app was granted."""

    team_id: TeamId
    team: str = ""
    enterprise_id: TeamId | None = None
    user_id: UserId
    bot_id: str
    scopes: frozenset[str] = frozenset()


class PostedMessage(Value):
    """Where a message is; a message to a person is in their `D…` channel."""

    channel_id: ChannelId
    ts: str


class SlackApi:
    """Slack, as the bot that the client's token stands for; tasks may share it."""

    def __init__(
        self,
        client: AsyncWebClient,
        pacing: Pacing | None = None,
        clock: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        heard: Heard | None = None,
    ) -> None:
        """Call with `client`, which makes no second attempts; `clock` is the one by which runs are dated."""
        self._client = client
        self._pacing = pacing or Pacing(monotonic)
        self._heard = heard or Heard()
        self._clock = clock
        self._identity: BotIdentity | None = None
        self._histories = Histories(self._page, monotonic)
        self._direct: OrderedDict[UserId, ChannelId] = OrderedDict()
        self._ahead = timedelta(0)

    async def auth_test(self) -> BotIdentity:
        """Ask Slack who we are (docs.slack.dev/reference/methods/auth.test)."""
        reply = await self.call("auth.test", self._client.auth_test)
        granted = [scope.strip() for scope in reply.headers.get("X-OAuth-Scopes", "").split(",")]
        identity = parsed("auth.test", BotIdentity, reply.data)
        self._identity = identity.changed(scopes=frozenset(granted) - {""})
        return self._identity

    async def post_message(
        self,
        channel: ChannelId | UserId,
        message: Message,
        *,
        thread_ts: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        caller: Caller = PERSON,
    ) -> PostedMessage:
        """Post once, without a second attempt but in a simpler form if Slack refuses what is in it.

        Metadata that it refuses is left out, and the message marked instead. To a person if `channel` is one.
        Nothing in the text is parsed or unfurled (docs.slack.dev/reference/methods/chat.postMessage).
        """

        async def post(form: Message, caller: Caller) -> PostedMessage:
            try:
                return await self._post(channel, form, thread_ts, metadata, caller)
            except Problem as problem:
                if metadata is None or problem.code not in REFUSED_METADATA:
                    raise
                log.warning("Slack refused a message's metadata (%s); sending it without", problem.code)
            # As in `in_some_form`: the turn is used already.
            return await self._post(
                channel, form.marked(mark_of(metadata)), thread_ts, None, caller._replace(who=None)
            )

        return await in_some_form(post, message, caller)

    async def _post(
        self,
        channel: ChannelId | UserId,
        message: Message,
        thread_ts: str | None,
        metadata: Mapping[str, Any] | None,
        caller: Caller,
    ) -> PostedMessage:
        described = None if metadata is None else dict(metadata)

        async def send() -> AsyncSlackResponse:
            self._histories.posting(part_of_run(described))
            return await self._client.chat_postMessage(
                channel=channel,
                text=message.text,
                blocks=message.blocks,
                thread_ts=thread_ts,
                metadata=described,
                unfurl_links=False,
                unfurl_media=False,
                parse="none",
                link_names=False,
                mrkdwn=False,
            )

        where = channel if isinstance(channel, ChannelId) else self._direct.get(channel, channel)
        sent = parsed(POST, Sent, (await self.call(POST, send, caller, where)).data)
        if isinstance(channel, UserId):
            self._note_direct(channel, sent.channel)
        return PostedMessage(channel_id=sent.channel, ts=sent.ts)

    async def update_message(
        self, channel: ChannelId, ts: str, message: Message, *, caller: Caller = PERSON
    ) -> None:
        """Put a message in the place of an earlier one of ours, whose metadata stays.

        `channel` cannot be a person here (docs.slack.dev/reference/methods/chat.update).
        """

        async def update(form: Message, caller: Caller) -> None:
            send = partial(
                self._client.chat_update,
                channel=channel,
                ts=ts,
                text=form.text,
                blocks=form.blocks,
                parse="none",
                link_names=False,
            )
            await self.call(UPDATE, send, caller)

        await in_some_form(update, message, caller)

    def has_room_for_edits(self) -> bool:
        """Tell whether an edit that may be left out would take nothing from those that may not."""
        return self._pacing.has_room(UPDATE)

    async def post_ephemeral(
        self,
        channel: ChannelId,
        user: UserId,
        message: Message,
        *,
        thread_ts: str | None = None,
        caller: Caller = PERSON,
    ) -> None:
        """Say something that only `user`, who must be in the channel, can see until they reload.

        docs.slack.dev/reference/methods/chat.postEphemeral
        """

        async def post(form: Message, caller: Caller) -> None:
            send = partial(
                self._client.chat_postEphemeral,
                channel=channel,
                user=user,
                text=form.text,
                blocks=form.blocks,
                thread_ts=thread_ts,
                parse="none",
                link_names=False,
            )
            await self.call("chat.postEphemeral", send, caller)

        await in_some_form(post, message, caller)

    async def open_direct_message(self, user: UserId, *, caller: Caller = PERSON) -> ChannelId:
        """Give the channel of our direct messages with `user`; needs the scope `im:write`.

        docs.slack.dev/reference/methods/conversations.open
        """
        known = self._direct.get(user)
        if known is not None:
            return known
        reply = await self.call("conversations.open", partial(self._client.conversations_open, users=user), caller)
        channel = parsed("conversations.open", Conversation, reply.data).channel.id
        self._note_direct(user, channel)
        return channel

    async def list_group_members(self, group: GroupId) -> frozenset[UserId]:
        """List the active members of a user group (docs.slack.dev/reference/methods/usergroups.users.list)."""
        send = partial(self._client.usergroups_users_list, usergroup=group)
        reply = await self.call("usergroups.users.list", send, Caller(group))
        return parsed("usergroups.users.list", Members, reply.data).users

    async def find_posted(self, channel: ChannelId, thread_ts: str | None, run: Run, part: Part) -> str | None:
        """Give the `ts` of what we posted for a run, in a thread or beside all threads; None if it is not there.

        Found by its metadata, which any app could write, so the message must also be ours. Needs the history scope
        of the kind of channel.
        """
        own = self._identity or await self.auth_test()
        ahead = max(self._ahead, timedelta(0))
        oldest = max((run.created_at - ahead - CLOCK_DIFFERENCE).timestamp(), 0.0)

        def is_own(said: Said) -> bool:
            return said.user == own.user_id

        return await self._histories.find(
            Place(channel, thread_ts), Sought(run.id, part, oldest, run.version), is_own
        )

    async def _page(self, place: Place, oldest: float, cursor: str) -> Page:
        asked: dict[str, Any] = {
            "channel": place.channel,
            "oldest": f"{oldest:.6f}",
            "limit": PAGE_SIZE,
            "cursor": cursor or None,
            "include_all_metadata": True,
        }
        if place.thread_ts is None:
            operation, send = "conversations.history", partial(self._client.conversations_history, **asked)
        else:
            operation = "conversations.replies"
            send = partial(self._client.conversations_replies, **asked, ts=place.thread_ts)
        return parsed(operation, Page, (await self.call(operation, send, Caller(place))).data)

    @property
    def client(self) -> AsyncWebClient:
        """The client that calls are made with; what it makes goes through `call`."""
        return self._client

    async def call(
        self,
        operation: str,
        send: Callable[[], Awaitable[AsyncSlackResponse]],
        caller: Caller = PERSON,
        channel: str = "",
    ) -> AsyncSlackResponse:
        """Make one call of Slack's when it is its turn; the other modules of this package make theirs by it."""
        async with self._pacing.admitted(operation, caller, channel):
            reply = await self._heard.answer(operation, send())
        ahead = ahead_by(self._clock(), reply.headers.get("Date"))  # of Slack's clock, which dates the messages
        self._ahead = self._ahead if ahead is None else ahead
        return reply

    def _note_direct(self, user: UserId, channel: ChannelId) -> None:
        self._direct[user] = channel
        if len(self._direct) > MOST_DIRECT:
            self._direct.popitem(last=False)


async def in_some_form(
    send: Callable[[Message, Caller], Awaitable[Outcome]], message: Message, caller: Caller
) -> Outcome:
    """Send a message, and in simpler forms while this Slack refuses what is in it: nothing was sent then."""
    try:
        return await send(message, caller)
    except Problem as problem:
        simpler = message.simpler() if problem.code in REFUSED_CONTENT else None
        if simpler is None:
            raise
        log.warning("Slack refused a message (%s); sending a simpler form", problem.code)
    # The refused one has used the caller's turn; waiting for another one, it would be refused again first.
    return await in_some_form(send, simpler, caller._replace(who=None))
