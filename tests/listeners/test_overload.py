"""Whoever asks when too much is worked on is told so at once, and can ask again without typing anew."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from functools import partial

import pytest
from aiohttp import ClientSession
from prometheus_client import CollectorRegistry
from slack_sdk.web.async_client import AsyncWebClient

from bot.emulators.slack.player import Player
from bot.emulators.slack.workspace import EXAMPLE
from bot.listeners import register
from bot.listeners.intake import Intake
from bot.listeners.unknown import declined_reply
from bot.model.ids import RunId
from bot.model.run import Run
from bot.store.database import Database
from bot.store.runs import Runs
from bot.web.bolt import bolt_app
from bot.web.dispatch import Dispatch
from bot.web.meters import Meters
from bot.web.socket import SlackSocket
from tests.listeners.told import Teller

COMMAND = "vpn-healthy0000000000001 vco-healthy0000000000001"
FIELDS = {
    "region": "cn-hangzhou",
    "gateway_id": "vpn-healthy0000000000001",
    "connection_id": "vco-healthy0000000000001",
}


class SlowRuns(Runs):
    """Stores runs once it may."""

    def __init__(self, runs: Runs) -> None:
        super().__init__(runs._database)
        self.entered = asyncio.Event()
        self.go_on = asyncio.Event()

    async def add(
        self, run: Run, delivery: str, press: str | None = None, book_version: str | None = None
    ) -> RunId:
        self.entered.set()
        await self.go_on.wait()
        return await super().add(run, delivery, press, book_version)


@pytest.fixture
def slow(runs: Runs) -> SlowRuns:
    return SlowRuns(runs)


@pytest.fixture
def tell(database: Database, intake: Intake, a_run: Callable[..., Run]) -> Teller:
    return Teller(database, intake.slack, a_run)


@pytest.fixture
async def player(slack_url: str, client: AsyncWebClient, intake: Intake, slow: SlowRuns) -> AsyncIterator[Player]:
    """Return somebody whose bot works on one thing at a time."""
    app = bolt_app(client, await intake.slack.auth_test())
    register(app, replace(intake, runs=slow))
    dispatch = Dispatch(
        app,
        Meters(CollectorRegistry()),
        timer=lambda: 0.0,
        request_seen=lambda: None,
        decline=partial(declined_reply, intake=intake),
        most_at_once=1,
    )
    socket = SlackSocket(dispatch, client, EXAMPLE.app.app_token)
    await socket.open()
    async with ClientSession() as session:
        connected = Player(slack_url, session)
        await connected.until_connected()
        yield connected
    await socket.close()


async def test_a_command_too_many_is_declined_in_private(player: Player, slow: SlowRuns) -> None:
    first = asyncio.create_task(player.command(COMMAND))
    await slow.entered.wait()
    second = await player.command(COMMAND)
    (private,) = await player.private_messages(user="U0ALICE")
    slow.go_on.set()

    assert second["status"] == 200
    assert "Try again in a few seconds" in private["text"]
    assert (await first)["status"] == 200
    assert len(await slow.newest(10)) == 1


async def test_a_form_too_many_stays_open_and_can_be_sent_again(player: Player, slow: SlowRuns) -> None:
    view = (await player.command(""))["views"][0]
    for name, value in FIELDS.items():  # chosen in the menus while they answer
        await player.click(name, value=value, view_id=view["id"])
    first = asyncio.create_task(player.command(COMMAND))
    await slow.entered.wait()
    declined = await player.submit(view["id"], {})
    slow.go_on.set()
    await first
    sent = await player.submit(view["id"], {})

    assert not declined["closed"]
    assert "Try again in a few seconds" in declined["errors"]["destination_ip"]
    assert declined["shown"] == []
    assert sent["closed"]
    assert len(await slow.newest(10)) == 2


async def test_a_press_too_many_is_declined_in_private(player: Player, slow: SlowRuns, tell: Teller) -> None:
    told = await tell()
    first = asyncio.create_task(player.command(COMMAND))
    await slow.entered.wait()
    declined = await told.pressed(player, "run_again")
    private = await player.until(lambda: player.private_messages(user="U0ALICE"))
    slow.go_on.set()
    await first

    assert declined["status"] == 200
    assert "Too much at once" in private[0]["text"]
    assert private[0]["thread_ts"] == told.run.posted.root_ts
    assert len(await slow.newest(10)) == 2
