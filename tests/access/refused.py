"""People and places that are to be refused, what they do and what it leaves behind: of all tables of refusals."""

import itertools
import sqlite3
from collections.abc import Awaitable, Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any

from bot.emulators.slack import payloads
from bot.emulators.slack.functions import Function
from bot.emulators.slack.workspace import EXAMPLE, Channel, Person, UserGroup
from bot.explain.problems import explain
from bot.listeners.trail import MOST_REFUSALS
from bot.model.ids import ChannelId, GroupId, TeamId, UserId
from bot.model.problem import ProblemDetails
from tests.journeys.world import World, granted_scopes

Json = dict[str, Any]

PAYMENTS = "vpn-payments000000000001 vco-payments000000000001 cn-hangzhou"

BOOK = """\
version: 1
workspaces: [T0EMULATED]
identities:
  oncall:
    assume_role: acs:ram::1234567890123456:role/vpn-diagnose-oncall
    guardrail:
      - {Effect: Allow, Action: "vpc:DiagnoseVpnGateway", Resource: "acs:vpc:cn-hangzhou:*:vpngateway/*"}
      - {Effect: Deny, Action: "vpc:*", Resource: "acs:vpc:*:*:vpngateway/vpn-payments*"}
  second:
    assume_role: acs:ram::1234567890123456:role/vpn-closed
users:
  U0ALICE: oncall
  U0BOB: oncall
  # Mapped, and outside all the same: guests, people who left, bots, people of other companies and organizations.
  U0SOLO: oncall
  U0DORA: oncall
  U0WORKFLOW: oncall
  U0PARTNER: oncall
  U0STRANGE: oncall
  U0GHOST: oncall
  W0WANDA: oncall
  U1GUEST: oncall
  U2GUEST: oncall
  U1DORA: oncall
  U1FLOW: oncall
  U1AFAR: oncall
  U1GHOST: oncall
groups: {S0NETWORK: oncall, S0SECOND: second}
channels:
  allow: [C0INCIDENT, C0PAYLOAD, C0SHARED, C0PENDING, C0ORG, C0KNOWN, C0PRIVATE]
  shared: [C0KNOWN]
"""

BOT = EXAMPLE.app.bot_user_id


def _person(user: str, **more: Any) -> Person:
    return Person(id=UserId(user), name=user.lower(), real_name=user, **more)


ERIN = _person("U0ERIN")  # is no more in the group that maps its members
OSCAR = _person("U0OSCAR")  # is in two groups that lead to different identities
STRANGE = _person("U0STRANGE", team_id=TeamId("T0AFAR"))  # shares no channel with the bot
WANDA = _person("W0WANDA", enterprise_id=TeamId("E0OTHER"), enterprise_teams=(TeamId("T0EMULATED"),))
FIRST_SEEN = (
    _person("U1GUEST", is_guest=True),
    _person("U2GUEST", is_guest=True),
    _person("U1DORA", deleted=True),
    _person("U1FLOW", is_bot=True, is_workflow_bot=True),
    _person("U1AFAR", team_id=TeamId("T0AFAR")),
)

# A step that the bot does not listen to: it runs on, and can be ended in the name of ours.
LET_BE = Function(callback_id="let_be", title="Let be", description="Is let be")

WORKSPACE = EXAMPLE.model_copy(
    update={
        "people": (*EXAMPLE.people, ERIN, OSCAR, STRANGE, WANDA, *FIRST_SEEN),
        "channels": (
            *(
                channel.model_copy(update={"members": (*channel.members, ERIN.id, OSCAR.id, UserId("U2GUEST"))})
                if channel.id == "C0INCIDENT"
                else channel
                for channel in EXAMPLE.channels
            ),
            Channel(id=ChannelId("C0KNOWN"), name="partner", members=(UserId("U0ALICE"), BOT), is_ext_shared=True),
        ),
        "app": EXAMPLE.app.model_copy(update={"functions": (*EXAMPLE.app.functions, LET_BE)}),
        "groups": (
            UserGroup(id=GroupId("S0NETWORK"), handle="network", name="Network", members=(OSCAR.id,)),
            UserGroup(id=GroupId("S0SECOND"), handle="second", name="Second", members=(OSCAR.id,)),
        ),
    }
).granting(*granted_scopes())


@dataclass(frozen=True)
class Who:
    """Somebody as Slack names them to the bot: an ID, the workspace that it belongs to, and its organization."""

    user: str
    team: str = "T0EMULATED"
    enterprise: str | None = None

    @property
    def person(self) -> Person:
        enterprise_id = TeamId(self.enterprise) if self.enterprise else None
        return _person(self.user, team_id=TeamId(self.team), enterprise_id=enterprise_id)


ALICE, BOB = Who("U0ALICE"), Who("U0BOB")
ABROAD = Who("U0ALICE", enterprise="E0FOREIGN")  # as Alice and her workspace are called, in another organization
NOBODY = Who("USLACKBOT")  # whom the audit trail names where Slack vouches for nobody

OUTSIDERS = {
    "a member whom nobody mapped": (Who("U0MALLORY"), "access.not_mapped"),
    "somebody who left the group": (Who("U0ERIN"), "access.not_mapped"),
    "somebody whose groups disagree": (Who("U0OSCAR"), "access.groups_disagree"),
    "somebody of another company": (Who("U0PARTNER", "T0PARTNER"), "access.other_workspace"),
    "Alice's ID in another company": (Who("U0ALICE", "T0PARTNER"), "access.other_workspace"),
    "Alice's ID in an organization": (Who("U0ALICE", "E0EMULATED"), "access.other_workspace"),
    "a guest whom nobody mapped": (Who("U0GUEST"), "access.guest"),
    "Slackbot": (Who("USLACKBOT"), "access.not_a_person"),
    "the bot itself": (Who("U0VPNBOT"), "access.not_a_person"),
    "an ID that nobody has": (Who("U0NOBODY"), "access.stranger"),
}

MAPPED_OUTSIDERS = {
    "a guest of one channel": (Who("U0SOLO"), "access.guest"),
    "somebody who left": (Who("U0DORA"), "access.deactivated"),
    "a workflow": (Who("U0WORKFLOW"), "access.not_a_person"),
    "somebody of another company, mapped as if of this one": (Who("U0PARTNER"), "access.stranger"),
    "a stranger": (Who("U0STRANGE"), "access.stranger"),
    "a mapped ID that nobody has": (Who("U0GHOST"), "access.stranger"),
    "somebody of another organization with this workspace": (Who("W0WANDA"), "access.stranger"),
}

# Whom nobody can tell anything: Slack knows no such person, or they are a bot.
NOT_TO_BE_TOLD = {"U0NOBODY", "U0GHOST", "U0VPNBOT", "U0WORKFLOW"}

_triggers = (f"{number}.refused" for number in itertools.count())

Deed = Callable[[World, Who], Awaitable[list[Json]]]
"""Does something as somebody, and returns what the bot answered with each acknowledgement."""


def types(text: str, channel: str = "C0INCIDENT") -> Deed:
    async def deed(world: World, who: Who) -> list[Json]:
        direct = Channel(id=ChannelId(f"D{who.user[1:]}"), name="directmessage", with_user=UserId(who.user))
        place = next((room for room in WORKSPACE.channels if room.id == channel), direct)
        body = payloads.slash_command(
            WORKSPACE, who.person, place, "/vpn-diagnose", text, next(_triggers), "http://127.0.0.1"
        )
        return await delivered(world, "slash_commands", body)

    return deed


async def submitted(world: World, who: Who, view: Json, values: str) -> list[Json]:
    gateway, connection, region = values.split()
    typed = {"gateway_id": gateway, "connection_id": connection, "region": region}
    state = {name: {name: {"type": "plain_text_input", "value": value}} for name, value in typed.items()}
    body = payloads.view_submission(WORKSPACE, who.person, view | {"state": {"values": state}}, next(_triggers))
    return await delivered(world, "interactive", body)


async def delivered(world: World, kind: str, body: Json) -> list[Json]:
    answer = await world.player.delivery(envelope={"type": kind, "payload": body})
    return [ack.get("payload") or {} for ack in answer["acks"]]


async def until_slack_has_said_who_all_are(world: World) -> None:
    """Ask until the bot knows from Slack who everybody outside is; a mapped person's mistakes are told before."""
    for who, code in (OUTSIDERS | MAPPED_OUTSIDERS).values():
        await world.player.until(partial(_is_told, world, who, title(code)))


async def _is_told(world: World, who: Who, said: str) -> bool:
    return said in str(await types("nonsense")(world, who))


def title(code: str) -> str:
    return explain(ProblemDetails(code=code), "en").title


def refusals_of(world: World, who: Who) -> int:
    """Count a person's refusals in the audit trail, those that were only counted included."""
    return sum(problem is not None for _, _, problem in trail_of(world, who))


def trail_of(world: World, who: Who) -> list[tuple[str, str, str | None]]:
    """Return event, operation and problem of each entry about a person in the audit trail."""
    with closing(sqlite3.connect(f"file:{world.folder}/bot.db?mode=ro", uri=True)) as database:
        query = "SELECT event, operation, problem FROM audit WHERE team_id = ? AND user_id = ? ORDER BY seq"
        return database.execute(query, (who.team, who.user)).fetchall()


async def until_a_refusal_is_kept(world: World, who: Who, before: int) -> None:
    """Wait for one more refusal of this person than `before`; so many within a minute are only counted."""

    async def kept() -> bool:
        return refusals_of(world, who) > before or before >= MOST_REFUSALS

    await world.player.until(kept)


async def everything_said(world: World, people: Iterable[str]) -> dict[str, Json]:
    """Return all that is said, in the open and to these people alone, by its `ts`."""
    rooms = [str(room.id) for room in WORKSPACE.channels]
    rooms += [room for user in people if (room := await world.direct_channel(user))]
    said: dict[str, Json] = {}
    for room in rooms:
        for root in await world.player.messages(room):
            said |= {one["ts"]: one for one in (root, *root.get("replies", ()))}
        said |= {one["ts"]: one for one in await world.player.private_messages(room)}
    return said
