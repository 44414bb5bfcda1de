"""What is somebody else's: their buttons, their forms, their menus. Nobody gets anything by them as another."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.listeners import ROUTES
from bot.listeners.offer import OPEN_OFFERED_FORM
from bot.slack.buttons import COMPARE, COPY_COMMAND, EXPORT, RUN_AGAIN, STOP_WATCHING, WATCH
from bot.slack.views import CALLBACK_ID
from tests.journeys.world import ACCESS_FILE, HEALTHY, Json, World, living, part_of

GATEWAY, CONNECTION, REGION = HEALTHY.split()
PRESSES = (RUN_AGAIN, COMPARE, WATCH, STOP_WATCHING, COPY_COMMAND, EXPORT)

# Mapped like Alice; that they are no full members only Slack knows.
GUESTS = ACCESS_FILE.replace("users: {", "users: {U0GUEST: oncall, U0PARTNER: oncall, U0DORA: oncall, ")

# In the book, with a guardrail that leaves out what Alice has diagnosed.
NARROWED = f"""\
version: 1
workspaces: [T0EMULATED]
identities:
  oncall: {{assume_role: "acs:ram::1234567890123456:role/vpn-diagnose-oncall"}}
  narrow:
    assume_role: "acs:ram::1234567890123456:role/vpn-diagnose-oncall"
    guardrail:
      - {{Effect: Allow, Action: "vpc:*", Resource: "*"}}
      - {{Effect: Deny, Action: "vpc:*", Resource: "acs:vpc:*:*:vpngateway/{GATEWAY}"}}
users: {{U0ALICE: oncall, U0BOB: narrow}}
"""


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with living(tmp_path, diagnosis_s=0.3) as alive:
        yield alive


async def sent(world: World, user: str, payload: Json, kind: str = "interactive") -> Json:
    """Bring a payload as Slack would for what this person does, whoever's it is; return what the ack says."""
    whole = {
        "team": {"id": "T0EMULATED"},
        "user": {"id": user, "team_id": "T0PARTNER" if user == "U0PARTNER" else "T0EMULATED"},
        "trigger_id": f"{time.time_ns()}.1",
        "api_app_id": "A0VPNBOT",
    }
    answer = await world.player.delivery(envelope={"type": kind, "payload": whole | payload})
    return dict(answer["acks"][0])


async def pressed(world: World, user: str, action_id: str, root: Json, *, channel: str = "C0INCIDENT") -> Json:
    value = str(root["metadata"]["event_payload"]["run_id"])
    container = {"channel_id": channel, "message_ts": root["replies"][-1]["ts"], "thread_ts": root["ts"]}
    action = {"type": "button", "action_id": action_id, "block_id": "b", "value": value}
    return await sent(world, user, {"type": "block_actions", "container": container, "actions": [action]})


async def told_alone(world: World, user: str, count: int) -> list[str]:
    """Wait until this person has been told so much alone in the channel, and return it."""

    async def seen() -> list[str]:
        texts = [one["text"] for one in await world.player.private_messages(user=user)]
        return texts if len(texts) >= count else []

    return await world.player.until(seen, 10)


def shape_of(roots: list[Json]) -> str:
    """Return what stands in a channel, with all that was edited."""
    return json.dumps(roots, sort_keys=True)


@pytest.mark.parametrize("user", ["U0MALLORY", "U0PARTNER"])
async def test_who_is_not_in_the_book_presses_in_vain(world: World, user: str) -> None:
    async with world.bot():
        await world.player.command(HEALTHY)
        root = await world.ending()
        before, calls = shape_of(await world.player.messages()), len(await world.cloud_calls())
        for action_id in PRESSES:
            await pressed(world, user, action_id, root)
        await asyncio.sleep(1)
        after = shape_of(await world.player.messages())

    assert after == before
    assert len(await world.cloud_calls()) == calls


@pytest.mark.parametrize("user", ["U0GUEST", "U0PARTNER", "U0DORA"])
async def test_who_is_mapped_and_no_member_gets_nothing_by_any_button(world: World, user: str) -> None:
    world.write_access(GUESTS)
    async with world.bot():
        await world.player.command(HEALTHY)
        root = await world.ending()
        calls = len(await world.cloud_calls())
        for action_id in PRESSES:
            await pressed(world, user, action_id, root)
        await asyncio.sleep(1)
        (after,) = await world.player.messages()

    assert len(await world.cloud_calls()) == calls
    assert STOP_WATCHING not in json.dumps(after)  # nobody watches
    assert not [reply for reply in after["replies"] if part_of(reply) == "started" and user in json.dumps(reply)]


async def test_a_guest_who_presses_watch_first_is_shown_to_watch_nothing(world: World) -> None:
    world.write_access(GUESTS)
    async with world.bot():
        await world.player.command(HEALTHY)
        root = await world.ending()
        await pressed(world, "U0GUEST", WATCH, root)
        seen = []
        for _ in range(20):
            seen.append(json.dumps(await world.player.messages()))
            await asyncio.sleep(0.05)

    assert not [one for one in seen if STOP_WATCHING in one]


async def test_who_presses_asks_as_themselves(world: World) -> None:
    async with world.bot():
        await world.player.command(HEALTHY)
        root = await world.ending()
        await pressed(world, "U0BOB", RUN_AGAIN, root)

        async def refused() -> str:
            said = json.dumps(await world.player.messages())
            return said if "as readonly" in said or "readonly" in said else ""

        await world.player.until(refused, 20)
        starts = [call for call in await world.cloud_calls("DiagnoseVpnGateway") if call["outcome"] == "ok"]

    assert [re.sub(r".*/", "", call["caller"]) for call in starts] == ["slack-T0EMULATED-U0ALICE"]


@pytest.mark.parametrize("action_id", [RUN_AGAIN, COMPARE, WATCH, COPY_COMMAND, EXPORT])
async def test_a_guardrail_holds_for_what_somebody_else_has_diagnosed(world: World, action_id: str) -> None:
    world.write_access(NARROWED)
    async with world.bot():
        await world.player.command(HEALTHY)
        root = await world.ending()
        before, calls = shape_of(await world.player.messages()), len(await world.cloud_calls())
        await pressed(world, "U0BOB", action_id, root)
        (said,) = await told_alone(world, "U0BOB", 1)

    assert "guardrail" in said.lower()
    assert shape_of(await world.player.messages()) == before
    assert len(await world.cloud_calls()) == calls


async def test_a_button_that_is_said_to_be_elsewhere_is_nobodys(world: World) -> None:
    async with world.bot():
        await world.player.command(HEALTHY)
        root = await world.ending()
        for action_id in PRESSES:
            await pressed(world, "U0BOB", action_id, root, channel="C0SHARED")
        await asyncio.sleep(0.5)
        elsewhere = await world.player.messages("C0SHARED")

    assert elsewhere == []


async def opened_form(world: World, user: str) -> Json:
    await world.player.command("", user=user)
    (view,) = await world.player.views(user)
    return view


def filled(view: Json) -> Json:
    values = {
        name: {name: {"type": "plain_text_input", "value": value}}
        for name, value in (("region", REGION), ("gateway_id", GATEWAY), ("connection_id", CONNECTION))
    }
    metadata = view["private_metadata"]
    state = {"values": values}
    return {"id": "V0STOLEN", "callback_id": CALLBACK_ID, "private_metadata": metadata, "state": state}


async def test_somebody_elses_form_is_not_taken(world: World) -> None:
    async with world.bot():
        view = await opened_form(world, "U0ALICE")
        answer = await sent(world, "U0BOB", {"type": "view_submission", "view": filled(view)})
        await asyncio.sleep(0.5)
        messages = await world.player.messages()

    assert "payload" in answer
    assert messages == []
    assert await world.cloud_calls("DiagnoseVpnGateway") == []


async def test_a_form_whose_channel_was_changed_is_not_taken(world: World) -> None:
    async with world.bot():
        view = filled(await opened_form(world, "U0ALICE"))
        view["private_metadata"] = view["private_metadata"].replace("C0INCIDENT", "C0PAYLOAD")
        await sent(world, "U0ALICE", {"type": "view_submission", "view": view})
        await asyncio.sleep(0.5)

    assert await world.player.messages("C0PAYLOAD") == []


async def test_a_button_that_opens_somebody_elses_form_opens_none(world: World) -> None:
    async with world.bot():
        await world.player.mention("")

        async def offered() -> list[str]:
            told = await world.player.private_messages(user="U0ALICE")
            blocks = [block for message in told for block in message["blocks"] if block["type"] == "actions"]
            return [str(block["elements"][0]["value"]) for block in blocks]

        (value,) = await world.player.until(offered)
        action = {"type": "button", "action_id": OPEN_OFFERED_FORM, "block_id": "b", "value": value}
        container = {"channel_id": "C0INCIDENT", "message_ts": "1.1"}
        await sent(world, "U0BOB", {"type": "block_actions", "container": container, "actions": [action]})
        (said,) = await told_alone(world, "U0BOB", 1)

    assert said
    assert await world.player.views("U0BOB") == []


@pytest.mark.parametrize("user", ["U0BOB", "U0MALLORY", "U0PARTNER"])
async def test_somebody_elses_menus_offer_nothing_that_they_see(world: World, user: str) -> None:
    async with world.bot():
        view = filled(await opened_form(world, "U0ALICE"))
        view["private_metadata"] = json.dumps(json.loads(view["private_metadata"]) | {"region": REGION})
        own = await asked(world, "U0ALICE", view)
        others = await asked(world, user, view)

    assert GATEWAY in own
    assert GATEWAY not in others


async def asked(world: World, user: str, view: Json) -> str:
    said: list[Any] = []
    for action_id in ROUTES.menus:
        question = {"type": "block_suggestion", "action_id": action_id, "block_id": action_id, "value": ""}
        said.append(await sent(world, user, question | {"view": view}))
    return json.dumps(said)
