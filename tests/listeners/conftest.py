"""The listeners behind Socket Mode, with Slack played by the emulator and nobody else to talk to."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import ClientSession
from prometheus_client import CollectorRegistry
from slack_sdk.web.async_client import AsyncWebClient

from bot.access.book import load_book
from bot.access.desk import Access
from bot.access.groups import Groups
from bot.alibaba.endpoints import Endpoints
from bot.alibaba.rpc import RpcClient
from bot.alibaba.sts import StsApi
from bot.emulators.serving import serving
from bot.emulators.slack.emulator import SlackEmulator
from bot.emulators.slack.player import Player
from bot.emulators.slack.workspace import EXAMPLE
from bot.listeners import register
from bot.listeners.intake import Intake
from bot.listeners.regions import known_regions
from bot.model.ids import RegionId
from bot.slack.api import SlackApi
from bot.slack.client import build_client, build_session
from bot.slack.permalinks import Permalinks
from bot.store.database import Database, open_database
from bot.store.past import Past
from bot.store.runs import Runs
from bot.web.bolt import bolt_app
from bot.web.dispatch import Dispatch
from bot.web.meters import Meters
from bot.web.socket import SlackSocket

NOON = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)

FORM_KEY = b"what forms are sealed with in tests"

BOOK = """\
version: 1
workspaces: [T0EMULATED]
identities:
  oncall:
    assume_role: acs:ram::1234567890123456:role/vpn-diagnose-oncall
    regions: [cn-hangzhou, cn-qingdao]
    guardrail:
      - {Effect: Allow, Action: "vpc:DiagnoseVpnGateway", Resource: "*"}
      - {Effect: Deny, Action: "vpc:*", Resource: "acs:vpc:*:*:vpngateway/vpn-payments*"}
  lab:
    access_key: {id: env:LAB_KEY_ID, secret: env:LAB_KEY_SECRET}
    regions: [eu-central-1]
users: {U0ALICE: oncall, U0GUEST: lab}
channels: {allow: [C0INCIDENT, C0PAYLOAD, C0SHARED]}
"""


def nobody(request: httpx.Request) -> httpx.Response:
    """Answer for the cloud, which no listener may call."""
    raise AssertionError(request.url.host)


async def no_members(_: object) -> frozenset[Any]:
    return frozenset()


@pytest.fixture
async def slack_url() -> AsyncIterator[str]:
    async with serving(SlackEmulator().web_app()) as url:
        yield url


@pytest.fixture
async def client(slack_url: str) -> AsyncIterator[AsyncWebClient]:
    async with build_session() as session:
        yield build_client(EXAMPLE.app.bot_token.get_secret_value(), f"{slack_url}/api/", session)


@pytest.fixture
async def access(tmp_path: Path) -> AsyncIterator[Access]:
    file = tmp_path / "access.yml"
    file.write_text(BOOK, encoding="utf-8")
    rpc = RpcClient(httpx.MockTransport(nobody), Endpoints(None), lambda: NOON, lambda: "nonce")
    groups = Groups(no_members, lambda: NOON)
    desk = Access(load_book(file), None, StsApi(rpc), groups, {}, tmp_path, lambda: NOON)
    yield desk
    await desk.close()


@pytest.fixture
def woken() -> list[str]:
    """Return a list that gets longer each time the worker is woken."""
    return []


@pytest.fixture
def intake(access: Access, runs: Runs, database: Database, client: AsyncWebClient, woken: list[str]) -> Intake:
    drawn = iter(range(1_000))
    slack = SlackApi(client)
    return Intake(
        access=access,
        runs=runs,
        past=Past(database),
        permalink=Permalinks(slack),
        slack=slack,
        clock=lambda: NOON,
        entropy=lambda size: next(drawn).to_bytes(size, "big"),
        wake=lambda: woken.append("woken"),
        language="en",
        default_region=RegionId("cn-hangzhou"),
        known_regions=known_regions(),
        form_key=FORM_KEY,
    )


@pytest.fixture
def without_default_region(intake: Intake) -> Intake:
    return replace(intake, default_region=None)


@pytest.fixture
async def unwritable(intake: Intake, tmp_path: Path) -> AsyncIterator[Intake]:
    """Return an intake whose database has lost its tables."""
    async with open_database(f"sqlite:///{tmp_path}/gone.db", lambda: NOON) as database:
        await database.write(lambda connection: connection.exec_driver_sql("DROP TABLE runs"))
        yield replace(intake, runs=Runs(database))


@pytest.fixture
async def play(slack_url: str, client: AsyncWebClient) -> AsyncIterator[Callable[[Intake], Any]]:
    """Return what connects the listeners of an intake to Slack and gives somebody to play people with."""
    sockets: list[SlackSocket] = []

    async def connect(intake: Intake) -> Player:
        app = bolt_app(client, await intake.slack.auth_test())
        register(app, intake)
        dispatch = Dispatch(app, Meters(CollectorRegistry()), timer=lambda: 0.0, request_seen=lambda: None)
        socket = SlackSocket(dispatch, client, EXAMPLE.app.app_token)
        await socket.open()
        sockets.append(socket)
        player = Player(slack_url, session)
        await player.until_connected()
        return player

    async with ClientSession() as session:
        yield connect
        for socket in sockets:
            await socket.close()


@pytest.fixture
async def player(play: Callable[[Intake], Any], intake: Intake) -> Player:
    connected: Player = await play(intake)
    return connected
