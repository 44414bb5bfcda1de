"""The workspace that is played: people, channels, user groups and the installed app, as it is at the start."""

from typing import Any, Literal, Self

from pydantic import Field, SecretStr

from bot.emulators.slack.functions import DIAGNOSE, Function
from bot.model.ids import ChannelId, GroupId, TeamId, UserId
from bot.model.value import Value

# chat:write and commands are what the bot cannot do without; the others are asked for by the methods played here.
EVERY_SCOPE = (
    "app_mentions:read",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "usergroups:read",
    "users:read",
)


class Person(Value):
    """Someone with an account; `team_id` is their home, which for people of another company is not this one.

    In an organization (Enterprise Grid) `enterprise_id` is set, and `enterprise_teams` are their workspaces in it.
    `note` says on the page what it means to act as this person; Slack knows no such thing.
    """

    id: UserId
    name: str
    real_name: str
    team_id: TeamId = TeamId("T0EMULATED")
    is_guest: bool = False
    is_single_channel_guest: bool = False
    is_bot: bool = False
    is_workflow_bot: bool = False
    deleted: bool = False
    enterprise_id: TeamId | None = None
    enterprise_teams: tuple[TeamId, ...] = ()
    locale: str = "en-US"
    note: str = ""


class Channel(Value):
    """A conversation; `with_user` is the person at the other end if it is a direct message to the bot."""

    id: ChannelId
    name: str
    members: tuple[UserId, ...] = ()
    is_private: bool = False
    is_archived: bool = False
    is_ext_shared: bool = False
    is_pending_ext_shared: bool = False
    is_org_shared: bool = False
    with_user: UserId | None = None

    @property
    def kind(self) -> Literal["channels", "groups", "im"]:
        """The word by which Slack's scopes know this kind of conversation."""
        if self.with_user is not None:
            return "im"
        return "groups" if self.is_private else "channels"


class UserGroup(Value):
    id: GroupId
    handle: str
    name: str
    members: tuple[UserId, ...] = ()


class Shortcut(Value):
    """What the app adds to the menu of a message, or of the workspace."""

    name: str
    type: Literal["message", "global"]
    callback_id: str


class Remark(Value):
    """Something that stands in a channel before anybody does anything; of an app other than ours with `bot_id`."""

    channel: ChannelId
    user: UserId
    text: str
    blocks: tuple[dict[str, Any], ...] = ()
    bot_id: str | None = None


class SlackApp(Value):
    """The installed app: its bot, its secrets, and what it was granted.

    `usage` says of each command what follows it. The tabs are those of its page in Slack.
    """

    id: str
    bot_user_id: UserId
    bot_id: str
    bot_token: SecretStr
    app_token: SecretStr
    signing_secret: SecretStr
    scopes: tuple[str, ...]
    commands: tuple[str, ...]
    usage: dict[str, str] = Field(default_factory=dict)
    shortcuts: tuple[Shortcut, ...] = ()
    has_home: bool = False
    reads_messages: bool = False
    functions: tuple[Function, ...] = ()


class Workspace(Value):
    """Everything that is there before anybody does anything."""

    team_id: TeamId
    name: str
    domain: str
    app: SlackApp
    people: tuple[Person, ...]
    channels: tuple[Channel, ...]
    groups: tuple[UserGroup, ...] = ()
    remarks: tuple[Remark, ...] = ()

    def person(self, user_id: str) -> Person | None:
        return next((person for person in self.people if person.id == user_id), None)

    def group(self, group_id: str) -> UserGroup | None:
        return next((group for group in self.groups if group.id == group_id), None)

    def granting(self, *scopes: str) -> Self:
        """Give the same workspace with an app that was granted these scopes and no others."""
        return self.model_copy(update={"app": self.app.model_copy(update={"scopes": scopes})})


_BOT = UserId("U0VPNBOT")
_ALICE = UserId("U0ALICE")
_BOB = UserId("U0BOB")
_MALLORY = UserId("U0MALLORY")
_GUEST = UserId("U0GUEST")
_SOLO = UserId("U0SOLO")
_PARTNER = UserId("U0PARTNER")
_LIN = UserId("U0LIN")
_MONITOR = UserId("U0NETWATCH")

EXAMPLE = Workspace(
    team_id=TeamId("T0EMULATED"),
    name="Emulated",
    domain="emulated",
    app=SlackApp(
        id="A0VPNBOT",
        bot_user_id=_BOT,
        bot_id="B0VPNBOT",
        bot_token=SecretStr("xoxb-emulator"),
        app_token=SecretStr("xapp-emulator"),
        signing_secret=SecretStr("emulator-signing-secret"),
        scopes=EVERY_SCOPE,
        commands=("/vpn-diagnose",),
        usage={"/vpn-diagnose": "[vpn-… vco-… [source-ip destination-ip] [region]] or help"},
        has_home=True,
        shortcuts=(Shortcut(name="Diagnose VPN", type="message", callback_id="vpn_diagnose_message"),),
        functions=(DIAGNOSE,),
    ),
    people=(
        Person(id=_ALICE, name="alice", real_name="Alice (on call)", note="mapped: may diagnose"),
        Person(id=_MALLORY, name="mallory", real_name="Mallory (not mapped)", note="not in access.yml"),
        Person(id=_GUEST, name="guest", real_name="Gus (guest)", is_guest=True, note="guest of this workspace"),
        Person(
            id=_PARTNER,
            name="petra",
            real_name="Petra (other company)",
            team_id=TeamId("T0PARTNER"),
            note="from another company, in a shared channel",
        ),
        Person(id=_BOT, name="vpn-diagnose", real_name="vpn-diagnose", is_bot=True),
        Person(id=_BOB, name="bob", real_name="Bob (second on call)", note="mapped: may look, not diagnose"),
        Person(
            id=_SOLO,
            name="sol",
            real_name="Sol (single-channel guest)",
            is_guest=True,
            is_single_channel_guest=True,
            note="guest of one channel",
        ),
        Person(id=UserId("U0DORA"), name="dora", real_name="Dora (has left)", deleted=True),
        Person(
            id=UserId("U0WORKFLOW"), name="workflow", real_name="A workflow", is_bot=True, is_workflow_bot=True
        ),
        Person(
            id=_LIN,
            name="lin",
            real_name="Lin (reads Chinese)",
            locale="zh-CN",
            note="mapped: may diagnose; uses Slack in Chinese",
        ),
        Person(id=_MONITOR, name="netwatch", real_name="Netwatch", is_bot=True),
        # Slack says of its own bot that it is none (github.com/slackapi/bolt-js/issues/794).
        Person(id=UserId("USLACKBOT"), name="slackbot", real_name="Slackbot"),
    ),
    channels=(
        Channel(
            id=ChannelId("C0INCIDENT"),
            name="incident",
            members=(_ALICE, _MALLORY, _GUEST, _BOT, _BOB, _SOLO, _LIN),
        ),
        # Its name holds the word that Bolt takes for a field of the form; see the tests of the HTTP door.
        Channel(id=ChannelId("C0PAYLOAD"), name="payload-oncall", members=(_ALICE, _BOT)),
        Channel(
            id=ChannelId("C0SHARED"),
            name="with-partner",
            members=(_ALICE, _PARTNER, _BOT, _BOB),
            is_ext_shared=True,
        ),
        Channel(
            id=ChannelId("C0PENDING"), name="soon-shared", members=(_ALICE, _BOB, _BOT), is_pending_ext_shared=True
        ),
        Channel(id=ChannelId("C0ORG"), name="all-companies", members=(_ALICE, _BOB, _BOT), is_org_shared=True),
        Channel(id=ChannelId("C0OPEN"), name="network", members=(_ALICE, _MALLORY)),
        Channel(id=ChannelId("C0PRIVATE"), name="management", members=(_ALICE,), is_private=True),
        Channel(id=ChannelId("C0ARCHIVED"), name="last-year", members=(_ALICE, _BOT), is_archived=True),
    ),
    groups=(UserGroup(id=GroupId("S0ONCALL"), handle="oncall", name="On call", members=(_ALICE,)),),
)

ALERT = Remark(
    channel=ChannelId("C0INCIDENT"),
    user=_MONITOR,
    bot_id="B0NETWATCH",
    text=":rotating_light: *VPN tunnel down* in `cn-hangzhou`\nGateway vpn-broken00000000000001, IPsec connection "
    "vco-broken00000000000001\nNo traffic from 192.168.1.1 to 10.8.0.1 for 5 minutes.",
)
"""What a monitoring app might say; for trying out the shortcut of a message."""
