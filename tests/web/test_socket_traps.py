"""The traps of the SDK's Socket Mode client, for which ours stands in: that the installed version has them.

Ours is held to the opposite by the tests of `bot.web.socket`.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

from bot.web.listening import listening
from tests.web.slack_side import TOKEN, SlackSide

# The SDK's pause between two pings, two attempts, and two looks at its connection.
EVERY_S = 0.02


@pytest.fixture
async def slack() -> AsyncIterator[SlackSide]:
    side = SlackSide()
    async with listening(side.app(), "127.0.0.1", 0) as url:
        side.url = url
        yield side
        for socket in side.sockets:
            await socket.close()


@asynccontextmanager
async def sdk(slack: SlackSide) -> AsyncIterator[SocketModeClient]:
    client = SocketModeClient(
        app_token=TOKEN.get_secret_value(),
        web_client=AsyncWebClient(base_url=f"{slack.url}/api/"),
        ping_interval=EVERY_S,
    )
    try:
        yield client
    finally:
        await client.close()  # type: ignore[no-untyped-call]  # the SDK annotates no return type
        tasks = [client.message_processor, client.message_receiver, client.current_session_monitor]
        await asyncio.gather(*(task for task in tasks if task is not None), return_exceptions=True)


async def connected(client: SocketModeClient) -> None:
    await client.connect()  # type: ignore[no-untyped-call]  # the SDK annotates no return type


async def test_it_gives_the_last_connection_up_before_it_opens_the_next(slack: SlackSide) -> None:
    async with sdk(slack) as client:
        await connected(client)
        first = await slack.next_connection()
        await first.send_json({"type": "disconnect", "reason": "warning"})
        await slack.next_connection()

        assert first.closed


async def test_it_takes_a_connection_without_a_hello_for_good(slack: SlackSide) -> None:
    slack.greeting = None
    async with sdk(slack) as client:
        await connected(client)
        await slack.next_connection()

        assert await client.is_connected()


async def test_it_tries_a_bad_token_for_ever(slack: SlackSide) -> None:
    refused: dict[str, Any] = {"ok": False, "error": "invalid_auth"}
    slack.answers_to_open = [refused] * 1_000
    async with sdk(slack) as client:
        connecting = asyncio.create_task(connected(client))
        async with asyncio.timeout(10):
            while slack.asked < 5:  # noqa: ASYNC110 - it is asked over the network
                await asyncio.sleep(EVERY_S)

        assert not connecting.done()
        connecting.cancel()


async def test_it_queues_without_bound(slack: SlackSide) -> None:
    async with sdk(slack) as client:
        assert client.message_queue.maxsize == 0
