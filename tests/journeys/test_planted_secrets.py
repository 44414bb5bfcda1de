"""Keys and tokens planted in everything that comes in: nothing of them comes out, wherever somebody may look."""

import json
import logging
import re
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.access.book import load_book
from bot.app.running import Bot
from bot.explain.problems import explain
from bot.listeners import ROUTES
from bot.model.problem import Problem
from bot.model.run import Language
from tests.journeys.test_changed_book import readiness
from tests.journeys.test_kept_in import metrics_of, stored_in
from tests.journeys.test_main_job import WAYS_IN
from tests.journeys.world import ACCESS_FILE, HEALTHY, Json, World

GATEWAY, CONNECTION, REGION = HEALTHY.split()

# What nobody else would write, so that any part of it that comes out is found; in the forms that they really have.
MARK = "planted"
SECRETS = {
    "a bot's token": "xoxb-1234567890-0987654321-PlantedPlantedPlanted00",
    "an app's token": "xapp-1-A0PLANTED-1234567890-planted0planted0planted0",
    "a key's ID": "LTAI5tPlantedPlanted0001",
    "a key's secret": "PlantedSecret0PlantedSecret0Pl",
    "an STS token": "CAIS8planted//PLANTED+planted0planted0planted0planted0==",
    "a word": "plantedword",
    "a phrase": "planted correct horse",
}

# What nobody can tell from a slip of the pen: whoever typed it may be told it again, and nobody else.
WORDS = {"a word", "a phrase"}

# What the bot itself is run with.
OWN = ("xoxb-emulator", "xapp-emulator", "emulator-base-secret")

# A session's, as the emulated cloud makes them.
SESSION_TOKEN = re.compile(r"CAIS[A-Za-z0-9+/=]{8}")

LANGUAGES: tuple[Language, ...] = ("en", "zh")

Plant = Callable[[World, Bot, str], Awaitable[Any]]


async def in_a_command(world: World, _: Bot, secret: str) -> Any:
    return await world.player.command(secret)


async def as_a_gateway(world: World, _: Bot, secret: str) -> Any:
    return await world.player.command(f"{secret} {CONNECTION} {REGION}")


async def as_an_address(world: World, _: Bot, secret: str) -> Any:
    return await world.player.command(f"{HEALTHY} source={secret.replace(' ', '')} destination=10.0.0.1")


async def as_a_region(world: World, _: Bot, secret: str) -> Any:
    return await world.player.command(f"{GATEWAY} {CONNECTION} region={secret}")


async def in_private_metadata(world: World, _: Bot, secret: str) -> Any:
    view = {"id": "V0PLANTED", "callback_id": next(iter(ROUTES.forms)), "private_metadata": secret}
    return await told(world, "interactive", {"type": "view_submission", "view": view})


async def in_fields(world: World, _: Bot, secret: str) -> Any:
    values = {name: {name: {"value": secret, "type": "plain_text_input"}} for name in ("gateway_id", "region")}
    view = {"id": "V0PLANTED", "callback_id": next(iter(ROUTES.forms)), "state": {"values": values}}
    return await told(world, "interactive", {"type": "view_submission", "view": view})


async def in_pressed_buttons(world: World, _: Bot, secret: str) -> Any:
    where: Json = {"channel": {"id": "C0INCIDENT"}, "message": {"ts": "1.1", "text": secret}}
    said = []
    for action_id in ROUTES.presses:
        action = {"action_id": action_id, "block_id": secret[:200], "type": "button", "value": secret}
        said.append(await told(world, "interactive", {"type": "block_actions", "actions": [action], **where}))
    return said


async def in_questions_of_menus(world: World, _: Bot, secret: str) -> Any:
    return [
        await told(world, "interactive", {"type": "block_suggestion", "action_id": action_id, "value": secret})
        for action_id in ROUTES.menus
    ]


async def in_alerts(world: World, _: Bot, secret: str) -> Any:
    message: Json = {"ts": "1.1", "text": f"{GATEWAY} is down, key {secret}", "user": "U0BOB"}
    about = {"type": "message_action", "message": message, "channel": {"id": "C0INCIDENT"}}
    return [await told(world, "interactive", about | {"callback_id": name}) for name in ROUTES.shortcuts]


async def in_events(world: World, _: Bot, secret: str) -> Any:
    said = []
    for kind in ROUTES.events:
        event: Json = {"type": kind, "text": f"<@U0VPNBOT> {secret}", "channel": "C0INCIDENT", "ts": "1.1"}
        event |= {"user": "U0ALICE", "inputs": {"gateway_id": secret}, "function_execution_id": "Fx0PLANTED"}
        body = {"type": "event_callback", "team_id": "T0EMULATED", "event_id": f"Ev0{kind}", "event": event}
        said.append(await told(world, "events_api", body))
    return said


async def told(world: World, kind: str, payload: Json) -> Any:
    """Bring a payload of Alice's to the bot, and return what its ack says."""
    whole = {
        "team": {"id": "T0EMULATED"},
        "user": {"id": "U0ALICE", "team_id": "T0EMULATED"},
        "trigger_id": f"{time.time_ns()}.1",
        "api_app_id": "A0VPNBOT",
    } | payload
    return await world.player.delivery(envelope={"type": kind, "payload": whole})


ROLE = '"acs:ram::1234567890123456:role/vpn-diagnose-oncall"'
GUARDED = ROLE + ', guardrail: [{Effect: Allow, Action: "vpc:*", Resource: %s}]'
BOOK: dict[str, Callable[[str], str]] = {
    "as a role": lambda secret: ACCESS_FILE.replace(ROLE, secret),
    "as the reference to a key": lambda secret: ACCESS_FILE.replace('"env:READONLY_SECRET"', secret),
    "as an external ID": lambda secret: ACCESS_FILE.replace(ROLE, f"{ROLE}, external_id: {secret}"),
    "as a region": lambda secret: ACCESS_FILE.replace(ROLE, f"{ROLE}, regions: [{secret}]"),
    "as somebody's identity": lambda secret: ACCESS_FILE.replace("U0ALICE: oncall", f"U0ALICE: {secret}"),
    "as a person": lambda secret: ACCESS_FILE.replace("U0ALICE:", f"{secret}:"),
    "as a workspace": lambda secret: ACCESS_FILE.replace("[T0EMULATED]", f"[{secret}]"),
    "as a key of the file": lambda secret: ACCESS_FILE + f"{secret}: 1\n",
    "as a key of an identity": lambda secret: ACCESS_FILE.replace(ROLE, f"{ROLE}, {secret}: 1"),
    "as a channel": lambda secret: ACCESS_FILE + f"channels: {{allow: [{secret}]}}\n",
    "twice": lambda secret: ACCESS_FILE + f"{secret}: 1\n{secret}: 2\n",
    "as a resource": lambda secret: ACCESS_FILE.replace(ROLE, GUARDED % secret),
    "as a condition": lambda secret: ACCESS_FILE.replace(
        ROLE, GUARDED % f'"*", Condition: {{DateLessThan: {{"acs:CurrentTime": {secret}}}}}'
    ),
    "as an operator": lambda secret: ACCESS_FILE.replace(
        ROLE, GUARDED % f'"*", Condition: {{{secret}: {{"acs:CurrentTime": "2026-01-01"}}}}'
    ),
    "as an effect": lambda secret: ACCESS_FILE.replace(ROLE, (GUARDED % '"*"').replace("Allow", secret)),
    "as an action": lambda secret: ACCESS_FILE.replace(ROLE, (GUARDED % '"*"').replace('"vpc:*"', secret)),
    "behind a broken line": lambda secret: ACCESS_FILE + f"users: {{{secret}: [}}\n",
}

FROM_SLACK: dict[str, Plant] = {
    "in a command": in_a_command,
    "as a gateway": as_a_gateway,
    "as an address": as_an_address,
    "as a typed region": as_a_region,
    "in private metadata": in_private_metadata,
    "in fields": in_fields,
    "in pressed buttons": in_pressed_buttons,
    "in questions of menus": in_questions_of_menus,
    "in alerts": in_alerts,
    "in events": in_events,
}


async def everything_that_others_were_told(world: World) -> str:
    said: list[Any] = [await world.player.messages(channel) for channel in world.channels]
    return json.dumps([*said, await world.player.private_messages(user="U0BOB"), await world.player.views()])


@pytest.fixture
def kept(world: World, caplog: pytest.LogCaptureFixture) -> Callable[[Bot], Awaitable[str]]:
    """Return what gathers all that is left of a day: logs of every level, the database, what was counted."""
    caplog.set_level(logging.DEBUG)

    async def gather(bot: Bot) -> str:
        stored = stored_in(world.folder).decode("latin-1")
        return caplog.text + stored + await metrics_of(bot.address) + json.dumps(await readiness(bot.address))

    return gather


@pytest.mark.parametrize("place", FROM_SLACK)
async def test_what_people_send_by_mistake_is_kept_nowhere_and_told_to_nobody(
    world: World, kept: Callable[[Bot], Awaitable[str]], place: str
) -> None:
    async with world.bot() as bot:
        for kind, secret in SECRETS.items():
            answered = json.dumps(await FROM_SLACK[place](world, bot, secret))
            assert kind in WORDS or MARK not in answered.lower(), secret
        left = await kept(bot)
        said = await everything_that_others_were_told(world)

    assert MARK not in left.lower()
    assert MARK not in said.lower()
    assert not [own for own in OWN if own in left]


@pytest.mark.parametrize("place", BOOK)
def test_what_stands_in_the_wrong_place_of_the_book_is_not_quoted(tmp_path: Path, place: str) -> None:
    file = tmp_path / "access.yml"
    for secret in SECRETS.values():
        file.write_text(BOOK[place](json.dumps(secret)), encoding="utf-8")

        with pytest.raises(Problem) as refused:
            load_book(file)
        told = "".join(explain(refused.value.details, language).in_full for language in LANGUAGES)

        assert MARK not in f"{refused.value.facts} {refused.value} {told}".lower(), secret


async def test_what_is_wrong_in_the_book_is_told_in_the_log_and_in_readyz_without_it(
    world: World, kept: Callable[[Bot], Awaitable[str]]
) -> None:
    async with world.bot() as bot:
        world.write_access(BOOK["as the reference to a key"](SECRETS["a word"]))

        async def stale() -> str:
            return str((await readiness(bot.address))["warnings"].get("access_file", ""))

        reason = await world.player.until(stale)
        left = await kept(bot)

    assert reason in left
    assert MARK not in left.lower()


@WAYS_IN
async def test_what_the_bot_itself_works_with_is_kept_nowhere(
    world: World, kept: Callable[[Bot], Awaitable[str]], way_in: dict[str, str]
) -> None:
    async with world.bot(**way_in) as bot:
        await world.player.command(HEALTHY)
        await world.ending()
        left = await kept(bot)
        said = json.dumps(await world.player.messages())

    assert GATEWAY in left
    assert not [own for own in (*OWN, *way_in.values()) if own and own in left + said]
    assert not SESSION_TOKEN.search(left + said)
