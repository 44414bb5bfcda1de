"""However often Slack brings the same thing, through either door, it is done once, and no fault is said."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp import ClientSession
from prometheus_client import CollectorRegistry
from slack_sdk.web.async_client import AsyncWebClient

from bot.emulators.serving import serving
from bot.emulators.slack.emulator import SlackEmulator
from bot.emulators.slack.player import Player
from bot.emulators.slack.workspace import EXAMPLE
from bot.listeners import register
from bot.listeners.intake import Intake
from bot.slack.api import SlackApi
from bot.slack.client import build_client, build_session
from bot.store.runs import Runs
from bot.web.bolt import bolt_app
from bot.web.dispatch import Dispatch
from bot.web.door import web_app
from bot.web.events import Events
from bot.web.listening import listening
from bot.web.meters import Meters
from bot.web.socket import SlackSocket
from tests.listeners.conftest import NOON
from tests.web.conftest import Seen

Json = dict[str, Any]

COMMAND = "vpn-healthy0000000000001 vco-healthy0000000000001"
FIELDS = {
    "region": "cn-hangzhou",
    "gateway_id": "vpn-healthy0000000000001",
    "connection_id": "vco-healthy0000000000001",
}


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Bench:
    """Slack, played; and one bot after another behind one of the two doors, with one database."""

    player: Player
    clock: Clock
    runs: Runs
    restart: Callable[[], Awaitable[None]]

    async def again(self, times: int) -> list[Json]:
        """Let Slack bring the last thing again, so many times at once."""
        acks: list[Json] = (await self.player.delivery(redeliver=times))["acks"]
        return acks

    async def stored(self) -> int:
        return len(await self.runs.newest(100))


async def ready() -> dict[str, str | None]:
    return {}


class Door:
    """One of the two doors, opened anew with each bot."""

    def __init__(self, kind: str, intake: Intake, client: AsyncWebClient, player: Player, clock: Clock) -> None:
        self._kind = kind
        self._intake = intake
        self._client = client
        self._player = player
        self._clock = clock
        self._seen = Seen()
        self._stack = AsyncExitStack()

    async def open(self) -> None:
        app = bolt_app(self._client, await self._intake.slack.auth_test())
        register(app, self._intake)
        meters = Meters(CollectorRegistry())
        dispatch = Dispatch(app, meters, timer=lambda: 0.0, request_seen=lambda: None)
        if self._kind == "socket":
            socket = SlackSocket(dispatch, self._client, EXAMPLE.app.app_token)
            await socket.open()
            self._stack.push_async_callback(socket.close)
            await self._player.until_connected()
            return
        events = Events(dispatch, EXAMPLE.app.signing_secret, self._clock, meters, self._seen.first_use)
        door = web_app(ready, CollectorRegistry(), events)
        url = await self._stack.enter_async_context(listening(door, "127.0.0.1", 0))
        await self._player.delivery(events_url=f"{url}/slack/events")

    async def close(self) -> None:
        await self._stack.aclose()

    async def open_anew(self) -> None:
        await self.close()
        await self.open()


@pytest.fixture(params=["http", "socket"])
async def bench(request: pytest.FixtureRequest, intake: Intake, runs: Runs) -> AsyncIterator[Bench]:
    clock = Clock()
    emulator = SlackEmulator(clock=clock)
    async with serving(emulator.web_app()) as url, build_session() as calls, ClientSession() as session:
        client = build_client(EXAMPLE.app.bot_token.get_secret_value(), f"{url}/api/", calls)
        player = Player(url, session)
        door = Door(request.param, replace(intake, slack=SlackApi(client)), client, player, clock)
        await door.open()
        yield Bench(player, clock, runs, door.open_anew)
        await door.close()


MINUTES = pytest.mark.parametrize("minutes", [1, 5, 9])
TIMES = pytest.mark.parametrize("times", [1, 10])


@TIMES
@MINUTES
async def test_a_command_that_is_brought_again_later_is_answered_alike_and_run_once(
    bench: Bench, minutes: int, times: int
) -> None:
    first = await bench.player.command(COMMAND)
    bench.clock.now += timedelta(minutes=minutes)
    acks = await bench.again(times)

    # Over HTTP the same bytes within the same second are one signature, of which one is let in.
    answered = [ack for ack in acks if ack["status"] == 200]
    assert [ack["payload"] for ack in answered] == [first["payload"]] * len(answered)
    assert answered
    assert await bench.stored() == 1


@TIMES
async def test_a_command_that_is_brought_again_at_once_is_run_once(bench: Bench, times: int) -> None:
    await bench.player.command(COMMAND)
    acks = await bench.again(times)

    assert {ack["status"] for ack in acks} <= {200, 401}
    assert await bench.stored() == 1


@TIMES
@MINUTES
async def test_a_command_that_is_brought_to_the_next_bot_is_run_once(
    bench: Bench, minutes: int, times: int
) -> None:
    first = await bench.player.command(COMMAND)
    await bench.restart()
    bench.clock.now += timedelta(minutes=minutes)
    acks = await bench.again(times)

    assert acks[0]["payload"] == first["payload"] or acks[0]["status"] == 401
    assert {ack["status"] for ack in acks} <= {200, 401}
    assert await bench.stored() == 1


@TIMES
@MINUTES
async def test_a_form_that_is_brought_again_is_run_once(bench: Bench, minutes: int, times: int) -> None:
    view = (await bench.player.command(""))["views"][0]
    sent = await bench.player.submit(view["id"], FIELDS)
    bench.clock.now += timedelta(minutes=minutes)
    before = await bench.again(times)
    await bench.restart()
    bench.clock.now += timedelta(minutes=minutes)
    after = await bench.again(times)

    assert sent["closed"]
    assert not any(ack.get("payload") for ack in (*before, *after) if ack["status"] == 200)
    assert await bench.stored() == 1


async def test_a_form_that_is_sent_twice_in_a_hurry_is_run_once(bench: Bench) -> None:
    view = (await bench.player.command(""))["views"][0]
    await asyncio.gather(*(bench.player.submit(view["id"], FIELDS) for _ in range(5)), return_exceptions=True)

    assert await bench.stored() == 1


@TIMES
@MINUTES
async def test_a_command_that_opened_the_form_ends_in_no_fault_when_it_is_brought_again(
    bench: Bench, minutes: int, times: int
) -> None:
    first = await bench.player.command("")
    before = await bench.again(times)
    await bench.restart()
    bench.clock.now += timedelta(minutes=minutes)
    after = await bench.again(times)

    assert len(first["views"]) == 1
    assert len(await bench.player.views()) == 1
    assert not any(ack.get("payload") for ack in (*before, *after) if ack["status"] == 200)
    assert any(ack["status"] == 200 for ack in after)


async def test_two_commands_alike_are_two(bench: Bench) -> None:
    await bench.player.command(COMMAND)
    await bench.player.command(COMMAND)

    assert await bench.stored() == 2
