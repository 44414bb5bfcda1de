"""People and places that are to be refused at the shortcut, the mention and the Home: one table.

Of each: the cloud has heard nothing, the asker was answered alone where there is anybody to answer, it is in the
audit trail, and nowhere was it said that anything is running.
"""

import itertools
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio

from bot.emulators.slack import payloads
from bot.emulators.slack.mint import Mint
from bot.emulators.slack.workspace import Channel
from bot.listeners.offer import OPEN_OFFERED_FORM
from bot.listeners.shortcut import CALLBACK_ID
from bot.model.ids import ChannelId, UserId
from bot.slack.home import OPEN_FORM
from bot.slack.verdict import UNDER_WAY
from tests.access.refused import (
    ABROAD,
    ALICE,
    BOB,
    BOOK,
    MAPPED_OUTSIDERS,
    NOT_TO_BE_TOLD,
    OUTSIDERS,
    PAYMENTS,
    WORKSPACE,
    Deed,
    Who,
    delivered,
    everything_said,
    refusals_of,
    submitted,
    title,
    until_a_refusal_is_kept,
    until_slack_has_said_who_all_are,
)
from tests.journeys.world import HEALTHY, World, living, part_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

Json = dict[str, Any]

HERE, NOT_ALLOWED = "C0INCIDENT", "C0OPEN"

_numbers = itertools.count()


def _new(kind: str) -> str:
    return f"{kind}{next(_numbers)}.ways"


def _room(channel: str) -> Channel:
    return next(room for room in WORKSPACE.channels if room.id == channel)


async def _alert(world: World) -> Json:
    """Return the first message in the channel, which somebody writes if need be."""
    for root in await world.player.messages(HERE):
        if root["text"] == HEALTHY:
            return root
    said: Json = (await world.player.say(HEALTHY))["message"]
    return said


def mentions(text: str, channel: str = HERE, **event: Any) -> Deed:
    async def deed(world: World, who: Who) -> list[Json]:
        root = await _alert(world)
        message = {"ts": root["ts"], "text": f"<@U0VPNBOT> {text}", "thread_ts": root["ts"], "blocks": []}
        body = payloads.app_mention(WORKSPACE, who.person, _room(channel), message, _new("Ev"))
        body["event"] |= event
        return await delivered(world, "events_api", body)

    return deed


def uses_the_shortcut(channel: str = HERE) -> Deed:
    async def deed(world: World, who: Who) -> list[Json]:
        message = await _alert(world)
        room, url = _room(channel), "http://127.0.0.1"
        body = payloads.message_action(
            WORKSPACE, who.person, room, message, CALLBACK_ID, "1.2", _new("trigger"), url
        )
        return await delivered(world, "interactive", body)

    return deed


async def opens_home(world: World, who: Who) -> list[Json]:
    direct = Channel(id=ChannelId(f"D{who.user[1:]}"), name="directmessage", with_user=UserId(who.user))
    mint = Mint(lambda: datetime.now(UTC), lambda size: b"0" * size)
    body = payloads.app_home_opened(WORKSPACE, who.person, direct, "home", None, mint)
    return await delivered(world, "events_api", body | {"team_id": who.team, "event_id": _new("Ev")})


def presses(action_id: str, value: str = "") -> Deed:
    async def deed(world: World, who: Who) -> list[Json]:
        action = {"type": "button", "action_id": action_id, "block_id": "b", "action_ts": "1.2", "value": value}
        place = {"container": {"type": "view", "view_id": "V1"}}
        body = payloads.block_actions(WORKSPACE, who.person, action, place, _new("trigger"))
        return await delivered(world, "interactive", body)

    return deed


async def presses_alices_button(world: World, who: Who) -> list[Json]:
    """Press the button that Alice alone was shown, as somebody might who has got hold of its value."""
    before = await world.player.private_messages(HERE, user="U0ALICE")
    await mentions("")(world, ALICE)

    async def shown() -> list[Json]:
        return (await world.player.private_messages(HERE, user="U0ALICE"))[len(before) :]

    (message, *_) = await world.player.until(shown)
    (button,) = message["blocks"][-1]["elements"]
    return await presses(OPEN_OFFERED_FORM, button["value"])(world, who)


def sends_the_form_of_alices_shortcut(**tampered: Any) -> Deed:
    async def deed(world: World, who: Who) -> list[Json]:
        ts = (await _alert(world))["ts"]
        outcome = await world.player.shortcut(CALLBACK_ID, channel=HERE, message_ts=ts)
        return await _sent(world, who, outcome["views"][0], tampered)

    return deed


def sends_the_form_of_alices_home(channel: str | None = HERE, **tampered: Any) -> Deed:
    async def deed(world: World, who: Who) -> list[Json]:
        await world.player.open_home()

        async def drawn() -> list[Json]:
            home = await world.player.home()
            return [home] if home and OPEN_FORM in str(home["blocks"]) else []

        (home,) = await world.player.until(drawn)
        outcome = await world.player.click(OPEN_FORM, view_id=home["id"])
        return await _sent(world, who, outcome["views"][0], tampered, channel)

    return deed


async def _sent(world: World, who: Who, view: Json, tampered: Json, channel: str | None = None) -> list[Json]:
    metadata = json.dumps(json.loads(view["private_metadata"]) | tampered)
    if channel is None:
        return await submitted(world, who, view | {"private_metadata": metadata}, HEALTHY)
    chosen = {"channel": {"channel": {"type": "conversations_select", "selected_conversation": channel}}}
    gateway, connection, region = HEALTHY.split()
    typed = {"gateway_id": gateway, "connection_id": connection, "region": region}
    state = {name: {name: {"type": "plain_text_input", "value": value}} for name, value in typed.items()}
    sent = view | {"private_metadata": metadata, "state": {"values": state | chosen}}
    return await delivered(
        world, "interactive", payloads.view_submission(WORKSPACE, who.person, sent, _new("trigger"))
    )


DEEDS = {
    "mentions the bot with all that is needed": mentions(HEALTHY),
    "mentions the bot and says nothing": mentions(""),
    "mentions the bot to ask who they are": mentions("whoami"),
    "mentions the bot with nonsense": mentions("nonsense"),
    "mentions the bot where it is not": mentions(HEALTHY, NOT_ALLOWED),
    "mentions the bot for what the guardrail denies": mentions(PAYMENTS),
    "uses the shortcut": uses_the_shortcut(),
    "uses the shortcut where the bot is not": uses_the_shortcut(NOT_ALLOWED),
    "opens the Home": opens_home,
    "presses the button of the Home": presses(OPEN_FORM),
}

EVENTS = {name for name in DEEDS if name.startswith("mentions") or name == "opens the Home"}

OTHERS_FORMS = {
    "presses Alice's button": presses_alices_button,
    "sends the form of Alice's shortcut": sends_the_form_of_alices_shortcut(),
    "sends the form of Alice's Home": sends_the_form_of_alices_home(),
}


Row = tuple[str, Who, Deed, str]


def _rows_of_outsiders() -> Iterator[Row]:
    for name, (who, code) in (OUTSIDERS | MAPPED_OUTSIDERS).items():
        told = "" if who.user in NOT_TO_BE_TOLD else title(code)
        for deed_name, deed in DEEDS.items():
            if who.user != "U0VPNBOT" or deed_name not in EVENTS:  # what it does itself is let be
                yield f"{name} {deed_name}", who, deed, told
        if who.user != ALICE.user:
            for deed_name, deed in OTHERS_FORMS.items():
                told = "" if who.user in NOT_TO_BE_TOLD else title("access.form_not_yours")
                yield f"{name} {deed_name}", who, deed, told


def _rows_of_the_mapped() -> Iterator[Row]:
    not_here, elsewhere = title("access.channel_not_allowed"), title("access.other_organization")
    for deed_name, deed in (DEEDS | OTHERS_FORMS).items():
        if deed_name not in EVENTS:
            yield f"Alice of another organization {deed_name}", ABROAD, deed, elsewhere
    for deed_name, deed in OTHERS_FORMS.items():
        yield f"a colleague {deed_name}", BOB, deed, title("access.form_not_yours")
    for name, who in {"Alice": ALICE, "a colleague": BOB}.items():
        yield f"{name} mentions the bot where it is not allowed", who, mentions(HEALTHY, NOT_ALLOWED), not_here
        yield f"{name} says nothing to it there", who, mentions("", NOT_ALLOWED), not_here
        yield f"{name} uses the shortcut where it is not allowed", who, uses_the_shortcut(NOT_ALLOWED), not_here
        yield f"{name} mentions what the guardrail denies", who, mentions(PAYMENTS), title("access.guardrail")
        yield f"{name} presses a button of nobody's", who, presses(OPEN_OFFERED_FORM), title("bot.form_outdated")
    partner, other = Who("U0ALICE", "T0PARTNER"), title("access.other_workspace")
    for field in ("user_team", "source_team", "team"):
        deed = mentions(HEALTHY, **{field: partner.team})
        yield f"Alice's ID of another company, by {field}", partner, deed, other


def _rows_of_changed_forms() -> Iterator[Row]:
    not_yours = title("access.form_not_yours")
    of_shortcut: dict[str, Json] = {
        "another thread": {"thread_ts": "1767355200.000100"},
        "no thread": {"thread_ts": None},
        "another channel": {"channel_id": "C0PAYLOAD"},
        "no channel": {"channel_id": None, "thread_ts": None},
        "another seal": {"seal": "0" * 64},
    }
    for name, tampered in of_shortcut.items():
        deed = sends_the_form_of_alices_shortcut(**tampered)
        yield f"Alice writes {name} into the form of a shortcut", ALICE, deed, not_yours
    of_home: dict[str, Json] = {
        "a channel": {"channel_id": "C0PAYLOAD"},
        "a thread": {"thread_ts": "1767355200.000100"},
        "another seal": {"seal": "0" * 64},
    }
    for name, tampered in of_home.items():
        deed = sends_the_form_of_alices_home(**tampered)
        yield f"Alice writes {name} into the form of her Home", ALICE, deed, not_yours
    for channel in (NOT_ALLOWED, "D0ALICE", "D0BOB"):
        deed, not_there = sends_the_form_of_alices_home(channel), "Diagnoses may not be run in this channel"
        yield f"Alice chooses {channel} in the form of her Home", ALICE, deed, not_there


ROWS = [*_rows_of_outsiders(), *_rows_of_the_mapped(), *_rows_of_changed_forms()]
PEOPLE = sorted({who.user for _, who, _, _ in ROWS})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Give a world whose bot runs through the whole table."""
    folder = tmp_path_factory.mktemp("ways_in")
    async with living(folder, diagnosis_s=0.2, workspace=WORKSPACE) as alive:
        alive.write_access(BOOK)
        await alive.player.rates(None)
        async with alive.bot():
            await until_slack_has_said_who_all_are(alive)
            await _alert(alive)
            yield alive


async def _everything(world: World) -> dict[str, Json]:
    """Return all that is said and shown: in the open, to people alone, and on their Homes."""
    said = await everything_said(world, PEOPLE)
    return said | {view["hash"]: view for view in await world.player.views() if view["type"] == "home"}


async def _calls(world: World) -> list[Json]:
    """Return what the cloud has heard, but for what fills the menus of Alice's own form, as herself."""
    calls = await world.cloud_calls()
    return [call for call in calls if not call["operation"].startswith("Describe") and not _is_for_alice(call)]


def _is_for_alice(call: Json) -> bool:
    return call["operation"] == "AssumeRole" and "U0ALICE" in str(call["facts"])


async def test_the_table_is_long_enough_and_its_rows_differ() -> None:
    names = [name for name, *_ in ROWS]

    assert len(set(names)) == len(names) >= 200


@pytest.mark.parametrize(("who", "deed", "told"), [pytest.param(*row[1:], id=row[0]) for row in ROWS])
async def test_whoever_is_outside_is_told_so_alone_and_nothing_happens(
    world: World, who: Who, deed: Deed, told: str
) -> None:
    before, calls = await _everything(world), await _calls(world)
    audited = refusals_of(world, who)
    acks = await deed(world, who)

    async def answered() -> list[dict[str, Json]]:
        new = {ts: one for ts, one in (await _everything(world)).items() if ts not in before}
        return [new] if told in json.dumps([acks, list(new.values())], ensure_ascii=False) else []

    (new,) = await world.player.until(answered)
    await until_a_refusal_is_kept(world, who, audited)
    assert await _calls(world) == calls
    assert {part_of(one) for one in new.values()} <= {"", "ending"}
    assert UNDER_WAY not in json.dumps([acks, list(new.values())], ensure_ascii=False)


async def test_what_the_bot_itself_says_is_let_be(world: World) -> None:
    before, calls = await _everything(world), await _calls(world)
    await mentions(HEALTHY)(world, Who("U0VPNBOT"))
    await mentions(HEALTHY, bot_id="B0OTHER")(world, ALICE)
    await mentions(HEALTHY, edited={"user": "U0ALICE", "ts": "1767355200.000100"})(world, ALICE)

    assert await _everything(world) == before
    assert await _calls(world) == calls


@pytest.mark.parametrize("channel", ["C0SHARED", "C0PENDING", "C0ORG"])
async def test_from_a_shared_channel_a_mention_is_answered_to_its_author_alone(world: World, channel: str) -> None:
    before = await _everything(world)
    await mentions(HEALTHY, channel)(world, ALICE)

    async def reported() -> list[Json]:
        new = [one for ts, one in (await _everything(world)).items() if ts not in before]
        return new if "ending" in map(part_of, new) else []

    await world.player.until(reported, 30)
    assert await world.player.messages(channel) == []
