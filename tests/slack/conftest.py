"""Slack's emulator, and the bot's own client towards it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.emulators.serving import serving
from bot.emulators.slack import EXAMPLE, SlackEmulator
from bot.emulators.slack.player import Player
from bot.slack.api import SlackApi
from bot.slack.client import build_client, build_session

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Slack:
    """A served workspace; `api` is what production uses, `player` what people see and do."""

    url: str
    session: aiohttp.ClientSession
    api: SlackApi
    player: Player

    def api_with(self, token: str) -> SlackApi:
        return SlackApi(build_client(token, f"{self.url}/api/", self.session))

    async def texts(self, channel: str = "C0INCIDENT") -> list[str]:
        """Give the texts in a channel and its threads, in their order."""
        said: list[dict[str, Any]] = await self.player.messages(channel)
        return [part["text"] for root in said for part in [root, *root.get("replies", ())]]


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with _workspace(EXAMPLE.app.scopes) as served:
        yield served


@pytest.fixture
async def slack_without_history() -> AsyncIterator[Slack]:
    """Give a workspace in which the app may only speak."""
    async with _workspace(("commands", "chat:write")) as served:
        yield served


@asynccontextmanager
async def _workspace(scopes: tuple[str, ...]) -> AsyncIterator[Slack]:
    emulator = SlackEmulator(EXAMPLE.granting(*scopes))
    async with serving(emulator.web_app()) as url, build_session() as session:
        api = SlackApi(build_client("xoxb-emulator", f"{url}/api/", session))
        yield Slack(url, session, api, Player(url, session))


@asynccontextmanager
async def answering(handle: Handler, total_s: float = 5.0) -> AsyncIterator[SlackApi]:
    """Give a client towards something that answers in Slack's place."""
    app = web.Application()
    app.router.add_route("*", "/api/{method}", handle)
    async with (
        serving(app) as base_url,
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=total_s)) as session,
    ):
        yield SlackApi(build_client("xoxb-emulator", f"{base_url}/api/", session))
