"""What Slack tells of by events, parsed: somebody mentions the bot, or opens its Home. Foreign until then."""

import re
from typing import Annotated, Any

from pydantic import StringConstraints

from bot.listeners.clicks import Whom
from bot.listeners.form_origin import ThreadTs
from bot.listeners.payloads import Arrived, OneUse, Payload
from bot.model.ids import ChannelId, TeamId, UserId
from bot.model.request import Conversation, Requester

_NAME = re.compile(r"<@([UW][A-Z0-9]{2,20})(?:\|[^<>]*)?>")
_LONGEST_TEXT = 100_000

Text = Annotated[str, StringConstraints(max_length=_LONGEST_TEXT)]


class _Authorization(Payload):
    user_id: UserId
    is_bot: bool = False


class _Event(Arrived):
    """What every event has; `event_id` is the same whenever Slack brings it again."""

    team_id: TeamId
    event_id: OneUse
    authorizations: tuple[_Authorization, ...] = ()

    @property
    def delivery(self) -> str:
        """The intent, by which a redelivery is known."""
        return f"event:{self.team_id}:{self.event_id}"

    @property
    def own_id(self) -> UserId | None:
        """Who the bot is to Slack."""
        return next((each.user_id for each in self.authorizations if each.is_bot), None)


class _Said(Payload):
    user: UserId | None = None
    user_team: TeamId | None = None
    source_team: TeamId | None = None
    team: TeamId | None = None
    channel: ChannelId
    ts: ThreadTs
    thread_ts: ThreadTs | None = None
    text: Text = ""
    bot_id: str | None = None
    subtype: str | None = None
    edited: Any = None


class Mention(_Event):
    """The bot's name in a message (docs.slack.dev/reference/events/app_mention)."""

    event: _Said

    @property
    def requester(self) -> Requester | None:
        """Who says it, in their own workspace: in a shared channel that is not the one that hears it.

        None for what nobody says who could ask: an app, ourselves, or Slack about a message that was changed.
        """
        said = self.event
        is_echo = said.bot_id or said.subtype or said.edited or said.user == self.own_id
        if said.user is None or is_echo:
            return None
        team_id = said.user_team or said.source_team or said.team or self.team_id
        return Requester(team_id=team_id, user_id=said.user)

    @property
    def text(self) -> str:
        """What follows the bot's name, or any name if Slack does not say which is the bot's."""
        names = [name for name in _NAME.finditer(self.event.text) if self.own_id in (None, name[1])]
        return self.event.text[names[0].end() :] if names else self.event.text

    @property
    def conversation(self) -> Conversation:
        """The thread that the message is in, or would be the first of."""
        return Conversation(channel_id=self.event.channel, thread_ts=self.event.thread_ts or self.event.ts)

    def told(self, requester: Requester) -> Whom:
        """Where its author looks: in a thread only if there is one, for else Slack does not show it."""
        return Whom(requester, self.event.channel, self.event.thread_ts)


class _Opened(Payload):
    user: UserId
    tab: str = ""


class HomeOpened(_Event):
    """Somebody has opened a tab of the bot's page (docs.slack.dev/reference/events/app_home_opened)."""

    event: _Opened

    @property
    def requester(self) -> Requester:
        """Whoever opened it: nobody sees the page of an app that is not installed in their own workspace."""
        return Requester(team_id=self.team_id, user_id=self.event.user)

    @property
    def is_home(self) -> bool:
        return self.event.tab == "home"
