"""What Slack knows of people and channels: who somebody is, and whether others than this workspace read along."""

from pydantic import BaseModel, Field
from slack_sdk.web.async_client import AsyncWebClient

from bot.model.ids import ChannelId, TeamId, UserId
from bot.model.value import Value
from bot.slack.answers import parsed
from bot.slack.heard import Heard


class Account(Value):
    """A Slack account; None where Slack does not say.

    `team_id` is its home. In an organization (Enterprise Grid) `enterprise_id` is the organization's, and `teams`
    are the account's workspaces in it. `is_stranger` is set only for accounts of elsewhere that no channel is
    shared with. That it is an "app user" is not among these: people become that by using an app. `locale` is the
    language that they have chosen for Slack, such as `zh-CN`.
    """

    user_id: UserId
    team_id: TeamId | None
    enterprise_id: TeamId | None = None
    teams: frozenset[TeamId] = frozenset()
    is_deactivated: bool
    is_bot: bool | None
    is_guest: bool | None
    is_stranger: bool = False
    locale: str | None = None


class Directory:
    """Slack's lists of people and channels, as far as the bot that the client's token stands for sees them."""

    def __init__(self, client: AsyncWebClient, heard: Heard | None = None) -> None:
        self._client = client
        self._heard = heard or Heard()

    async def account(self, user: UserId) -> Account:
        """Ask who somebody is; needs the scope `users:read` (docs.slack.dev/reference/methods/users.info).

        Raises the `Problem`s of `bot.slack.answers`; "slack.user_not_found" for nobody whom the bot could know.
        """
        reply = await self._heard.answer("users.info", self._client.users_info(user=user, include_locale=True))
        return parsed("users.info", _Person, reply.data).user.account

    async def is_shared(self, channel: ChannelId) -> bool:
        """Tell whether people of other workspaces or organizations are in a channel, or are invited into it.

        Needs the scope `channels:read`, for private channels `groups:read`
        (docs.slack.dev/reference/methods/conversations.info). Raises the `Problem`s of `bot.slack.answers`.
        """
        reply = await self._heard.answer("conversations.info", self._client.conversations_info(channel=channel))
        return parsed("conversations.info", _Conversation, reply.data).channel.is_shared_in_any_way


class _Organization(BaseModel):
    enterprise_id: TeamId
    teams: frozenset[TeamId] = frozenset()


class _User(BaseModel):
    """A user object (docs.slack.dev/reference/objects/user-object); of deactivated people most is left out."""

    id: UserId
    team_id: TeamId | None = None
    deleted: bool
    is_bot: bool | None = None
    is_workflow_bot: bool = False
    is_connector_bot: bool = False
    is_restricted: bool | None = None
    is_ultra_restricted: bool | None = None
    is_stranger: bool = False
    enterprise_user: _Organization | None = None
    locale: str | None = None

    @property
    def account(self) -> Account:
        organization = self.enterprise_user
        return Account(
            user_id=self.id,
            team_id=self.team_id,
            enterprise_id=organization.enterprise_id if organization else None,
            teams=organization.teams if organization else frozenset(),
            is_deactivated=self.deleted,
            is_bot=_one_of(self.is_bot, self.is_workflow_bot, self.is_connector_bot),
            is_guest=_one_of(self.is_restricted, self.is_ultra_restricted),
            is_stranger=self.is_stranger,
            locale=self.locale,
        )


def _one_of(*marks: bool | None) -> bool | None:
    """Tell whether one of the marks is set, None if that is not said."""
    return True if True in marks else None if None in marks else False


class _Person(BaseModel):
    user: _User


class _Channel(BaseModel):
    """The marks of a conversation object; `is_ext_shared` is in every one of a channel.

    docs.slack.dev/reference/objects/conversation-object
    """

    is_ext_shared: bool
    is_pending_ext_shared: bool = False
    is_org_shared: bool = False
    is_shared: bool = False
    pending_shared: list[str] = Field(default_factory=list)

    @property
    def is_shared_in_any_way(self) -> bool:
        marks = (self.is_ext_shared, self.is_pending_ext_shared, self.is_org_shared, self.is_shared)
        return any(marks) or bool(self.pending_shared)


class _Conversation(BaseModel):
    channel: _Channel
