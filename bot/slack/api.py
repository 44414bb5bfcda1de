"""The calls of Slack's Web API that the bot makes, typed; each raises the `Problem`s of `bot.slack.answers`."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.model.ids import ChannelId, GroupId, RunId, TeamId, UserId
from bot.model.value import Value
from bot.slack.answers import answer, parsed
from bot.slack.message import Message
from bot.slack.shapes import Conversation, Members, Opened, Page, Part, Said, Sent

# A posted message is looked for from this long before it can have been posted, as our clock may be ahead of
# Slack's; and on so many pages at most: in a channel that says more than 2,000 things while we are away, a second
# root message is the lesser evil.
CLOCK_DIFFERENCE = timedelta(minutes=5)
PAGE_SIZE = 200
MOST_PAGES = 10


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

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._identity: BotIdentity | None = None

    async def auth_test(self) -> BotIdentity:
        """Ask Slack who we are (docs.slack.dev/reference/methods/auth.test)."""
        reply = await answer("auth.test", self._client.auth_test())
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
    ) -> PostedMessage:
        """Post once, without a second attempt of any kind; to a person if `channel` is one.

        Nothing in the text is parsed or unfurled (docs.slack.dev/reference/methods/chat.postMessage).
        """
        call = self._client.chat_postMessage(
            channel=channel,
            text=message.text,
            blocks=message.blocks,
            thread_ts=thread_ts,
            metadata=dict(metadata) if metadata is not None else None,
            unfurl_links=False,
            unfurl_media=False,
            parse="none",
            link_names=False,
            mrkdwn=False,
        )
        sent = parsed("chat.postMessage", Sent, (await answer("chat.postMessage", call)).data)
        return PostedMessage(channel_id=sent.channel, ts=sent.ts)

    async def update_message(self, channel: ChannelId, ts: str, message: Message) -> None:
        """Put a message in the place of an earlier one of ours, whose metadata stays.

        `channel` cannot be a person here (docs.slack.dev/reference/methods/chat.update).
        """
        call = self._client.chat_update(
            channel=channel, ts=ts, text=message.text, blocks=message.blocks, parse="none", link_names=False
        )
        await answer("chat.update", call)

    async def post_ephemeral(
        self, channel: ChannelId, user: UserId, message: Message, *, thread_ts: str | None = None
    ) -> None:
        """Say something that only `user`, who must be in the channel, can see until they reload.

        docs.slack.dev/reference/methods/chat.postEphemeral
        """
        call = self._client.chat_postEphemeral(
            channel=channel,
            user=user,
            text=message.text,
            blocks=message.blocks,
            thread_ts=thread_ts,
            parse="none",
            link_names=False,
        )
        await answer("chat.postEphemeral", call)

    async def open_view(self, trigger_id: str, view: Mapping[str, Any]) -> str:
        """Open a modal within 3 seconds of the trigger, which works once; returns the view's ID.

        docs.slack.dev/reference/methods/views.open
        """
        reply = await answer("views.open", self._client.views_open(trigger_id=trigger_id, view=dict(view)))
        return parsed("views.open", Opened, reply.data).view.id

    async def open_direct_message(self, user: UserId) -> ChannelId:
        """Give the channel of our direct messages with `user`; needs the scope `im:write`.

        docs.slack.dev/reference/methods/conversations.open
        """
        reply = await answer("conversations.open", self._client.conversations_open(users=user))
        return parsed("conversations.open", Conversation, reply.data).channel.id

    async def list_group_members(self, group: GroupId) -> frozenset[UserId]:
        """List the active members of a user group (docs.slack.dev/reference/methods/usergroups.users.list)."""
        reply = await answer("usergroups.users.list", self._client.usergroups_users_list(usergroup=group))
        return parsed("usergroups.users.list", Members, reply.data).users

    async def find_posted(
        self, channel: ChannelId, thread_ts: str | None, run_id: RunId, part: Part, oldest: datetime
    ) -> str | None:
        """Give the `ts` of what we posted for a run, in a thread or beside all threads; None if it is not there.

        Found by its metadata, which any app could write, so the message must also be ours. `oldest` is the
        earliest time at which it can have been posted. Needs the history scope of the kind of channel.
        """
        own = self._identity or await self.auth_test()
        async for message in self._messages(channel, thread_ts, oldest - CLOCK_DIFFERENCE):
            if message.user == own.user_id and message.tells(run_id, part):
                return message.ts
        return None

    async def _messages(self, channel: ChannelId, thread_ts: str | None, oldest: datetime) -> AsyncIterator[Said]:
        cursor = ""
        for _ in range(MOST_PAGES):
            page = await self._page(channel, thread_ts, f"{oldest.timestamp():.6f}", cursor)
            for message in page.messages:
                yield message
            cursor = page.response_metadata.next_cursor
            if not cursor:
                return

    async def _page(self, channel: ChannelId, thread_ts: str | None, oldest: str, cursor: str) -> Page:
        asked: dict[str, Any] = {
            "channel": channel,
            "oldest": oldest,
            "limit": PAGE_SIZE,
            "cursor": cursor or None,
        }
        if thread_ts is None:
            operation = "conversations.history"
            call = self._client.conversations_history(**asked, include_all_metadata=True)
        else:
            operation = "conversations.replies"
            call = self._client.conversations_replies(**asked, ts=thread_ts, include_all_metadata=True)
        return parsed(operation, Page, (await answer(operation, call)).data)
