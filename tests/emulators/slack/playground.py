"""A served workspace with a clock that stands still, and apps made of the official clients."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.emulators.serving import serving
from bot.emulators.slack import EXAMPLE, SlackEmulator, Workspace
from bot.emulators.slack.player import Player

Json = dict[str, Any]
Answer = Callable[[SocketModeRequest], Awaitable[Json | None]]

ALICE, MALLORY, BOT = "U0ALICE", "U0MALLORY", "U0VPNBOT"
INCIDENT, OPEN, PRIVATE, ARCHIVED = "C0INCIDENT", "C0OPEN", "C0PRIVATE", "C0ARCHIVED"


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Playground:
    url: str
    session: aiohttp.ClientSession
    emulator: SlackEmulator
    clock: Clock
    player: Player
    web: AsyncWebClient

    async def posted(self, text: str = "hello", **more: Any) -> str:
        """Post as the bot; gives the ts."""
        answer = await self.web.chat_postMessage(channel=more.pop("channel", INCIDENT), text=text, **more)
        return str(answer["ts"])

    @asynccontextmanager
    async def app(self, answer: Answer | None = None) -> AsyncIterator[list[SocketModeRequest]]:
        """Connect an app through the official client; it acks with what `answer` gives. Yields what it got."""
        taken: list[SocketModeRequest] = []

        async def take(client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
            taken.append(request)
            payload = await answer(request) if answer else None
            await client.send_socket_mode_response(SocketModeResponse(request.envelope_id, payload))

        client = SocketModeClient("xapp-emulator", web_client=AsyncWebClient(base_url=f"{self.url}/api/"))
        client.socket_mode_request_listeners.append(take)
        await client.connect()  # type: ignore[no-untyped-call] # slack_sdk leaves it untyped
        await self.player.until_connected()
        try:
            yield taken
        finally:
            await client.close()  # type: ignore[no-untyped-call] # slack_sdk leaves it untyped

    async def open_form(self, *blocks: Json, **view: Any) -> Json:
        """Let the bot open a form for Alice."""
        content = a_view(*blocks, **view)

        async def answer(request: SocketModeRequest) -> None:
            await self.web.views_open(trigger_id=request.payload["trigger_id"], view=content)

        async with self.app(answer):
            opened: Json = (await self.player.command())["views"][0]
        return opened


@asynccontextmanager
async def playing(workspace: Workspace = EXAMPLE, ack_within_s: float = 3.0) -> AsyncIterator[Playground]:
    clock = Clock()
    emulator = SlackEmulator(workspace, clock, ack_within_s=ack_within_s)
    async with serving(emulator.web_app()) as url, aiohttp.ClientSession() as session:
        token = "xoxb-emulator"
        web = AsyncWebClient(token, base_url=f"{url}/api/", session=session, retry_handlers=[])
        yield Playground(url, session, emulator, clock, Player(url, session), web)


async def refusal(call: Awaitable[AsyncSlackResponse]) -> Json:
    """Give the answer of a call that Slack refuses."""
    try:
        answer = await call
    except SlackApiError as error:
        refused: Json = error.response.data
        return refused
    raise AssertionError(f"was not refused: {answer.data!r}")


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def an_input(name: str = "gateway_id", **more: Any) -> Json:
    element = {"type": "plain_text_input", "action_id": name, **more.pop("element", {})}
    return {"type": "input", "block_id": name, "label": plain(name), "element": element, **more}


def a_view(*blocks: Json, **more: Any) -> Json:
    content = {"type": "modal", "title": plain("Diagnose"), "submit": plain("Start"), **more}
    return {**content, "blocks": list(blocks) or [an_input()]}
