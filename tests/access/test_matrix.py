"""People, places and clicks that are to be refused, one table, through the real bot between the two emulators.

Of each: the cloud has heard nothing, the asker was answered, and nowhere was it said that anything is running.
"""

import itertools
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from bot.emulators.alibaba.emulator import AlibabaEmulator
from bot.emulators.alibaba.network_file import load_network
from bot.emulators.serving import serving
from bot.emulators.slack import payloads
from bot.emulators.slack.emulator import SlackEmulator
from bot.emulators.slack.functions import USER_CONTEXT
from bot.explain.phrases import phrase
from bot.slack.verdict import UNDER_WAY
from tests.access.refused import (
    ABROAD,
    ALICE,
    BOB,
    BOOK,
    LET_BE,
    MAPPED_OUTSIDERS,
    NOBODY,
    OUTSIDERS,
    PAYMENTS,
    WORKSPACE,
    Deed,
    Who,
    delivered,
    refusals_of,
    submitted,
    title,
    types,
    until_a_refusal_is_kept,
    until_slack_has_said_who_all_are,
)
from tests.journeys.world import HEALTHY, World, part_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

Json = dict[str, Any]

# How many times as often as at Slack methods may be called: one row follows the other at once.
PACE = 100


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Give a world whose bot runs through the whole table."""

    def clock() -> datetime:
        return datetime.now(UTC)

    alibaba = AlibabaEmulator(load_network(None), clock=clock, diagnosis_s=0.2)
    async with (
        serving(alibaba.web_app()) as alibaba_url,
        serving(SlackEmulator(WORKSPACE, clock=clock, times=PACE).web_app()) as slack_url,
        aiohttp.ClientSession() as session,
    ):
        alive = World(tmp_path_factory.mktemp("matrix"), slack_url, alibaba_url, session)
        alive.write_access(BOOK)
        async with alive.bot(VPN_DIAGNOSE_SLACK_PACE=str(PACE)):
            await until_slack_has_said_who_all_are(alive)
            yield alive


_triggers = (f"{number}.matrix" for number in itertools.count())


def sends_alices_form(values: str = HEALTHY, **tampered: str) -> Deed:
    """Send the form that Alice has opened, with `tampered` in its private_metadata."""

    async def deed(world: World, who: Who) -> list[Json]:
        opened = await world.player.command("", user="U0ALICE")
        view = opened["views"][0]
        if tampered:
            view["private_metadata"] = json.dumps(json.loads(view["private_metadata"]) | tampered)
        return await submitted(world, who, view, values)

    return deed


def sends_a_form_that_says(private_metadata: str) -> Deed:
    async def deed(world: World, who: Who) -> list[Json]:
        opened = await world.player.command("", user="U0ALICE")
        return await submitted(world, who, opened["views"][0] | {"private_metadata": private_metadata}, HEALTHY)

    return deed


def opens_a_menu_of_alices_form(field: str = "gateway_id", **tampered: str) -> Deed:
    """Ask for the options of a menu in the form that Alice has opened, in which a region is chosen."""

    async def deed(world: World, who: Who) -> list[Json]:
        view = await _alices_form(world, region="cn-hangzhou", **tampered)
        element = {"type": "external_select", "action_id": field}
        body = payloads.block_suggestion(WORKSPACE, who.person, element, field, "", payloads.in_view(view))
        return await delivered(world, "interactive", body)

    return deed


async def _chosen_in_alices_form(world: World, who: Who, **tampered: str) -> None:
    view = await _alices_form(world, **tampered)
    taken = {"text": {"type": "plain_text", "text": "cn-hangzhou"}, "value": "cn-hangzhou"}
    chosen = {"type": "external_select", "selected_option": taken}
    view["state"] = {"values": {"region": {"region": chosen}}}
    action = chosen | {"action_id": "region", "block_id": "region", "action_ts": "1"}
    place = payloads.in_view(view)
    body = payloads.block_actions(WORKSPACE, who.person, action, place, next(_triggers))
    assert await delivered(world, "interactive", body) == [{}]


async def _alices_form(world: World, **tampered: str) -> Json:
    view: Json = (await world.player.command("", user="U0ALICE"))["views"][0]
    metadata = json.loads(view["private_metadata"]) | tampered
    return view | {"private_metadata": json.dumps(metadata)}


def starts_a_workflow(
    typed: str = HEALTHY, channel: str = "C0INCIDENT", declared: str = USER_CONTEXT, **forged: Any
) -> Deed:
    """Come to the bot's step in a workflow; `forged` is what its builder has written into it besides."""

    async def deed(world: World, who: Who) -> list[Json]:
        begun = await world.player.start_workflow({}, callback_id=LET_BE.callback_id)
        gateway, connection, region = typed.split()
        values = {"channel_id": channel, "gateway_id": gateway, "connection_id": connection, "region": region}
        event = {
            "type": "function_executed",
            "function": {
                "callback_id": "diagnose_vpn_gateway",
                "input_parameters": [{"name": "started_by", "type": declared}],
            },
            "inputs": {"started_by": {"id": who.user, "secret": "Slack's own"}} | values | forged,
            "function_execution_id": begun["execution_id"],
        }
        body = {"type": "event_callback", "team_id": who.team, "event_id": next(_triggers), "event": event}
        await delivered(world, "events_api", body)
        return await world.player.until(lambda: _told_of_the_end(world, begun["execution_id"]))

    return deed


async def _told_of_the_end(world: World, execution_id: str) -> list[Json]:
    return [each for each in await world.player.executions() if each["id"] == execution_id and each["error"]]


DEEDS = {
    "types all that is needed": types(HEALTHY),
    "asks for the form": types(""),
    "asks who they are": types("whoami"),
    "types nonsense": types("nonsense"),
    "asks in a direct message": types(HEALTHY, "D"),
    "asks where the bot is not": types(HEALTHY, "C0OPEN"),
    "asks for what the guardrail denies": types(PAYMENTS),
    "starts a workflow": starts_a_workflow(),
    "starts a workflow that answers where the bot is not": starts_a_workflow(channel="C0OPEN"),
    "starts a workflow for what the guardrail denies": starts_a_workflow(PAYMENTS),
}

MENUS = {
    "the gateways of Alice's form": opens_a_menu_of_alices_form(),
    "the connections of Alice's form": opens_a_menu_of_alices_form("connection_id"),
    "the regions of Alice's form": opens_a_menu_of_alices_form("region"),
    "the gateways of Alice's form in another channel": opens_a_menu_of_alices_form(channel_id="C0PRIVATE"),
}

FORMS = {
    "Alice's form": sends_alices_form(),
    "Alice's form for another channel": sends_alices_form(channel_id="C0PRIVATE"),
    "Alice's form for what the guardrail denies": sends_alices_form(PAYMENTS),
}


FORGERIES = {
    "Alice's ID": starts_a_workflow(started_by="U0ALICE", declared="slack#/types/user_id"),
    "Alice's ID where Slack's word belongs": starts_a_workflow(started_by="U0ALICE"),
    "Alice's ID without Slack's word": starts_a_workflow(started_by={"id": "U0ALICE"}),
    "an object of their own": starts_a_workflow(started_by={"id": "U0ALICE", "secret": "x"}, declared="object"),
    "nobody": starts_a_workflow(started_by=None),
    "several people": starts_a_workflow(started_by=[{"id": "U0ALICE", "secret": "x"}]),
    "Alice's ID into another field": starts_a_workflow(started_by=None, user_id="U0ALICE"),
}


def _rows() -> Iterator[tuple[str, Who, Deed, str]]:
    """Give each row: what it is called, who does what, and the problem that the asker is told of."""
    for name, (who, code) in (OUTSIDERS | MAPPED_OUTSIDERS).items():
        for deed_name, deed in DEEDS.items():
            yield f"{name} {deed_name}", who, deed, title(code)
        # A form is Alice's by her ID; whether that is hers in this workspace is decided after that.
        told = code if who.user == ALICE.user else "access.form_not_yours"
        for form_name, form in FORMS.items():
            if not (who.user == ALICE.user and "channel" in form_name):
                yield f"{name} sends {form_name}", who, form, title(told)
    for form_name, form in FORMS.items():
        yield f"a colleague sends {form_name}", BOB, form, title("access.form_not_yours")
    for name, who in {"Alice": ALICE, "a colleague": BOB}.items():
        not_here = title("access.channel_not_allowed")
        yield f"{name} asks in a direct message", who, types(HEALTHY, "D"), not_here
        yield f"{name} asks where it is not allowed", who, types(HEALTHY, "C0OPEN"), not_here
        yield f"{name} asks for the form where it is not allowed", who, types("", "C0OPEN"), not_here
        yield f"{name} asks who they are where it is not allowed", who, types("whoami", "C0OPEN"), not_here
        yield f"{name} asks for what the guardrail denies", who, types(PAYMENTS), title("access.guardrail")
        yield (
            f"{name}'s workflow answers where it is not allowed",
            who,
            starts_a_workflow(channel="C0OPEN"),
            not_here,
        )
        denied = title("access.guardrail")
        yield f"{name} starts a workflow for what is denied", who, starts_a_workflow(PAYMENTS), denied
    for channel in ("C0PRIVATE", "C0SHARED", "C0OPEN", "D0ALICE", "D0BOB"):
        deed = sends_alices_form(channel_id=channel)
        yield f"Alice moves her form to {channel}", ALICE, deed, title("access.form_not_yours")
    yield "Alice changes her form's seal", ALICE, sends_alices_form(seal="0" * 64), title("access.form_not_yours")
    yield "Alice asks the form for what is denied", ALICE, sends_alices_form(PAYMENTS), "The guardrail of your"
    for name, forgery in FORGERIES.items():
        yield f"a builder writes {name} into a workflow", NOBODY, forgery, title("access.workflow_nobody")
    for name, metadata in {
        "nothing": "",
        "no JSON": "{",
        "a list": "[]",
        "no seal": '{"channel_id": "C0INCIDENT"}',
        "who she would like to be": '{"channel_id": "C0INCIDENT", "seal": "", "user_id": "U0BOB"}',
    }.items():
        deed = sends_a_form_that_says(metadata)
        yield f"Alice writes {name} into her form", ALICE, deed, title("bot.form_outdated")


def _menu_rows() -> Iterator[tuple[str, Who, Deed, str]]:
    """Give the rows of the form's menus, in the manner of `_rows`."""
    not_yours = title("access.form_not_yours")
    for name, (who, code) in (OUTSIDERS | MAPPED_OUTSIDERS).items():
        told = title(code) if who.user == ALICE.user else not_yours
        for menu_name, menu in MENUS.items():
            if not (who.user == ALICE.user and "channel" in menu_name):
                yield f"{name} opens {menu_name}", who, menu, told
    for menu_name, menu in MENUS.items():
        yield f"a colleague opens {menu_name}", BOB, menu, not_yours
    for channel in ("C0PRIVATE", "C0SHARED", "C0OPEN", "D0BOB"):
        menu = opens_a_menu_of_alices_form(channel_id=channel)
        yield f"Alice moves her form to {channel} for its menus", ALICE, menu, not_yours
    forged = opens_a_menu_of_alices_form(seal="0" * 64)
    yield "Alice changes her form's seal for its menus", ALICE, forged, not_yours


def _rows_of_another_organization() -> Iterator[tuple[str, Who, Deed, str]]:
    """Give the rows of somebody who is called as Alice is, in the manner of `_rows`."""
    for name, deed in (DEEDS | FORMS | MENUS).items():
        if "workflow" not in name:
            yield f"Alice of another organization, {name}", ABROAD, deed, title("access.other_organization")


ROWS = [*_rows(), *_menu_rows(), *_rows_of_another_organization()]


@dataclass(frozen=True)
class Seen:
    """What is there to be seen: the calls that the cloud has had, every message by its `ts`, the audit trail."""

    cloud_calls: int
    messages: dict[str, Json]
    audited: int


async def _seen(world: World, who: Who) -> Seen:
    rooms = [room.id for room in WORKSPACE.channels] + await _direct_messages(world, who)
    roots = [message for room in rooms for message in await world.player.messages(room)]
    every = [one for root in roots for one in (root, *root.get("replies", ()))]
    return Seen(
        len(await world.cloud_calls()), {message["ts"]: message for message in every}, refusals_of(world, who)
    )


async def _direct_messages(world: World, who: Who) -> list[str]:
    channel = await world.direct_channel(who.user)
    return [channel] if channel else []


async def _assert_refused(world: World, before: Seen, who: Who, acks: list[Json], said: str) -> None:
    """Assert all that every refusal leaves, and all that it must not; one more record of it is asserted here."""

    async def once_answered() -> list[Seen]:
        seen = await _seen(world, who)
        new = [message for ts, message in seen.messages.items() if ts not in before.messages]
        return [seen] if said in json.dumps([acks, new], ensure_ascii=False) else []

    (after,) = await world.player.until(once_answered)
    new = {ts: message for ts, message in after.messages.items() if ts not in before.messages}
    assert after.cloud_calls == before.cloud_calls
    assert {part_of(message) for message in new.values()} <= {"ending"}
    assert UNDER_WAY not in json.dumps([acks, list(new.values())], ensure_ascii=False)


async def test_the_table_is_long_enough_and_its_rows_differ() -> None:
    names = [name for name, *_ in ROWS]

    assert len(set(names)) == len(names) >= 60


@pytest.mark.parametrize(("who", "deed", "said"), [pytest.param(*row[1:], id=row[0]) for row in ROWS])
async def test_whoever_is_outside_is_told_so_and_nothing_happens(
    world: World, who: Who, deed: Deed, said: str
) -> None:
    before = await _seen(world, who)
    acks = await deed(world, who)

    await _assert_refused(world, before, who, acks, said)
    await until_a_refusal_is_kept(world, who, before.audited)


@pytest.mark.parametrize(
    ("who", "tampered"),
    [
        *(pytest.param(who, {}, id=name) for name, (who, _) in (OUTSIDERS | MAPPED_OUTSIDERS).items()),
        pytest.param(BOB, {}, id="a colleague"),
        pytest.param(ABROAD, {}, id="Alice of another organization"),
        pytest.param(ALICE, {"channel_id": "C0PRIVATE"}, id="Alice, of another channel"),
        pytest.param(ALICE, {"seal": "0" * 64}, id="Alice, with a seal of her own"),
    ],
)
async def test_a_choice_in_alices_form_by_whoever_is_outside_looks_for_nothing(
    world: World, who: Who, tampered: Json
) -> None:
    before = await _seen(world, who)
    await _chosen_in_alices_form(world, who, **tampered)

    await until_a_refusal_is_kept(world, who, before.audited)
    assert (await _seen(world, who)).cloud_calls == before.cloud_calls


@pytest.mark.parametrize(
    ("user", "code"),
    [
        pytest.param("U1GUEST", "access.guest", id="a guest"),
        pytest.param("U1DORA", "access.deactivated", id="somebody who left"),
        pytest.param("U1FLOW", "access.not_a_person", id="a workflow"),
        pytest.param("U1AFAR", "access.stranger", id="a stranger"),
        pytest.param("U1GHOST", "access.stranger", id="an ID that nobody has"),
    ],
)
async def test_whoever_the_bot_meets_for_the_first_time_is_refused_before_anything_is_said(
    world: World, user: str, code: str
) -> None:
    before = await _seen(world, ALICE)
    acks = await types(HEALTHY)(world, Who(user))

    await _assert_refused(world, before, ALICE, acks, title(code))
    assert refusals_of(world, Who(user)) > 0


async def test_a_guest_whom_the_bot_meets_for_the_first_time_sees_no_form(world: World) -> None:
    outcome = await world.player.command("", user="U2GUEST")

    assert title("access.guest") in str(outcome["payload"])
    assert outcome["views"] == []
    assert refusals_of(world, Who("U2GUEST")) == 1


@pytest.mark.parametrize("channel", ["C0SHARED", "C0PENDING", "C0ORG"])
async def test_from_a_shared_channel_the_report_goes_to_the_asker_alone(world: World, channel: str) -> None:
    before = await _seen(world, ALICE)
    await types(HEALTHY, channel)(world, ALICE)

    async def reported() -> list[Json]:
        seen = await _seen(world, ALICE)
        new = [message for ts, message in seen.messages.items() if ts not in before.messages]
        return new if "ending" in map(part_of, new) else []

    new = await world.player.until(reported)
    assert phrase("moved.shared", "en") in json.dumps(new, ensure_ascii=False)
    assert await world.player.messages(channel) == []


async def test_a_shared_channel_that_the_book_names_has_the_report(world: World) -> None:
    await types(HEALTHY, "C0KNOWN")(world, ALICE)
    root = await world.ending("C0KNOWN")

    assert root["replies"][-1]["metadata"]["event_payload"]["state"] == "reported"


async def test_alice_is_admitted(world: World) -> None:
    await types(HEALTHY, "C0PAYLOAD")(world, ALICE)
    root = await world.ending("C0PAYLOAD")

    assert root["replies"][-1]["metadata"]["event_payload"]["state"] == "reported"


async def test_alices_own_form_is_taken(world: World) -> None:
    before = len(await world.cloud_calls("DiagnoseVpnGateway"))
    acks = await sends_alices_form()(world, ALICE)
    await world.player.until(lambda: _started(world, before))

    assert acks == [{}]


async def _started(world: World, before: int) -> bool:
    return len(await world.cloud_calls("DiagnoseVpnGateway")) > before


async def test_alices_own_menus_show_what_she_sees(world: World) -> None:
    (answer,) = await opens_a_menu_of_alices_form()(world, ALICE)

    assert "vpn-healthy0000000000001" in str(answer)
    assert "vpn-payments" not in str(answer)
