"""Socket Mode: every envelope is acknowledged, a bad token is said at once, and a lost connection comes back."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import WSMsgType, web
from pydantic import SecretStr
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.model.problem import Problem
from bot.slack.client import build_client, build_session
from bot.web.dispatch import Dispatch
from bot.web.listening import listening
from bot.web.socket import SlackSocket

TOKEN = SecretStr("xapp-planted-token")
COMMAND = {"command": "/vpn-diagnose", "text": "planted-words", "team_id": "T0EMULATED", "user_id": "U0ALICE"}
PING_EVERY_S = 0.2


class SlackSide:
    """What Slack does: hands out an address with a ticket, and speaks over the websocket."""

    def __init__(self) -> None:
        self.url = ""
        self.answers_to_open: list[dict[str, Any]] = []
        self.expired_tickets = 0
        self.asked = 0
        self.sockets: list[web.WebSocketResponse] = []
        self.connected: asyncio.Queue[web.WebSocketResponse] = asyncio.Queue()
        self.received: asyncio.Queue[Any] = asyncio.Queue()

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/api/apps.connections.open", self._open)
        app.router.add_get("/link", self._link)
        return app

    async def _open(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == f"Bearer {TOKEN.get_secret_value()}"
        self.asked += 1
        answer = self.answers_to_open.pop(0) if self.answers_to_open else {"ok": True}
        return web.json_response(answer | {"url": f"{self.url.replace('http', 'ws', 1)}/link?ticket={self.asked}"})

    async def _link(self, request: web.Request) -> web.StreamResponse:
        if int(request.query["ticket"]) <= self.expired_tickets:
            return web.Response(status=408)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        await socket.send_json({"type": "hello"})
        self.connected.put_nowait(socket)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self.received.put_nowait(json.loads(message.data))
        return socket

    async def deliver(self, envelope: dict[str, Any]) -> Any:
        await self.sockets[-1].send_json(envelope)
        return await asyncio.wait_for(self.received.get(), 5)

    async def next_connection(self) -> web.WebSocketResponse:
        return await asyncio.wait_for(self.connected.get(), 10)


@pytest.fixture
async def slack() -> AsyncIterator[SlackSide]:
    side = SlackSide()
    async with listening(side.app(), "127.0.0.1", 0) as url:
        side.url = url
        yield side
        for socket in side.sockets:
            await socket.close()


@pytest.fixture
async def client(slack: SlackSide) -> AsyncIterator[AsyncWebClient]:
    async with build_session() as session:
        yield build_client("xoxb-planted-token", f"{slack.url}/api/", session)


@pytest.fixture
async def socket(dispatch: Dispatch, client: AsyncWebClient) -> AsyncIterator[SlackSocket]:
    async with opened(SlackSocket(dispatch, client, TOKEN, ping_every_s=PING_EVERY_S)) as connected:
        yield connected


@asynccontextmanager
async def opened(socket: SlackSocket) -> AsyncIterator[SlackSocket]:
    await socket.open()
    try:
        yield socket
    finally:
        await socket.close()


def says(app: AsyncApp, **said: Any) -> None:
    async def listener(ack: AsyncAck) -> None:
        await ack(**said)

    app.command("/vpn-diagnose")(listener)


def envelope(**changes: Any) -> dict[str, Any]:
    return {
        "envelope_id": "e1", "type": "slash_commands", "accepts_response_payload": True, "payload": COMMAND
    } | changes  # fmt: skip


@pytest.mark.usefixtures("socket")
async def test_an_envelope_is_acknowledged(app: AsyncApp, slack: SlackSide) -> None:
    says(app)

    assert await slack.deliver(envelope()) == {"envelope_id": "e1"}


@pytest.mark.usefixtures("socket")
async def test_the_reply_goes_back_with_the_acknowledgement(app: AsyncApp, slack: SlackSide) -> None:
    says(app, text="hello", response_type="ephemeral")

    answer = await slack.deliver(envelope())

    assert answer == {"envelope_id": "e1", "payload": {"text": "hello", "response_type": "ephemeral"}}


@pytest.mark.usefixtures("socket")
async def test_no_reply_goes_where_slack_takes_none(app: AsyncApp, slack: SlackSide) -> None:
    says(app, text="hello")

    assert await slack.deliver(envelope(accepts_response_payload=False)) == {"envelope_id": "e1"}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"type": "brand_new"}, id="an unknown type"),
        pytest.param({"payload": None}, id="no payload"),
        pytest.param({"payload": ["a"]}, id="a payload that is no object"),
        pytest.param({"payload": {"team": 5}}, id="a payload in an unknown shape"),
    ],
)
@pytest.mark.usefixtures("socket")
async def test_what_is_not_understood_is_acknowledged_too(
    app: AsyncApp, slack: SlackSide, changes: dict[str, Any]
) -> None:
    says(app)

    assert await slack.deliver(envelope(**changes)) == {"envelope_id": "e1"}


@pytest.mark.usefixtures("socket")
async def test_what_is_no_envelope_does_no_harm(app: AsyncApp, slack: SlackSide) -> None:
    says(app)
    link = await slack.next_connection()
    for text in ("[]", "{", "planted", '{"type": "debug"}', '{"envelope_id": 5}'):
        await link.send_str(text)

    assert await slack.deliver(envelope()) == {"envelope_id": "e1"}


async def test_a_bad_token_is_said_at_once(slack: SlackSide, dispatch: Dispatch, client: AsyncWebClient) -> None:
    slack.answers_to_open = [{"ok": False, "error": "invalid_auth"}]

    with pytest.raises(Problem) as raised:
        await SlackSocket(dispatch, client, TOKEN).open()

    assert raised.value.code == "settings.slack_app_token"
    assert raised.value.facts == {"error": "invalid_auth"}
    assert slack.asked == 1


async def test_trouble_that_is_not_the_tokens_is_not_blamed_on_it(
    slack: SlackSide, dispatch: Dispatch, client: AsyncWebClient
) -> None:
    slack.answers_to_open = [{"ok": False, "error": "internal_error"}]

    with pytest.raises(Problem) as raised:
        await SlackSocket(dispatch, client, TOKEN).open()

    assert raised.value.code == "slack.internal_error"


async def test_a_socket_that_cannot_be_opened_in_time_is_given_up(
    slack: SlackSide, dispatch: Dispatch, client: AsyncWebClient
) -> None:
    slack.expired_tickets = 1_000
    socket = SlackSocket(dispatch, client, TOKEN, ping_every_s=0.01, connect_timeout_s=0.05)

    with pytest.raises(Problem) as raised:
        await socket.open()

    assert raised.value.code == "slack.unreachable"
    assert await socket.why_deaf() == "the Socket Mode connection is not open"


async def test_an_expired_address_is_asked_for_anew(
    slack: SlackSide, dispatch: Dispatch, client: AsyncWebClient
) -> None:
    slack.expired_tickets = 1

    async with opened(SlackSocket(dispatch, client, TOKEN, ping_every_s=0.05)) as socket:
        assert await socket.why_deaf() is None


@pytest.mark.usefixtures("socket")
async def test_a_disconnect_is_survived(app: AsyncApp, slack: SlackSide) -> None:
    says(app)
    first = await slack.next_connection()
    await first.send_json({"type": "disconnect", "reason": "refresh_requested"})
    await slack.next_connection()

    assert await slack.deliver(envelope()) == {"envelope_id": "e1"}


@pytest.mark.usefixtures("socket")
async def test_a_connection_that_is_cut_comes_back(app: AsyncApp, slack: SlackSide) -> None:
    says(app)
    first = await slack.next_connection()
    await first.close()
    await slack.next_connection()

    assert await slack.deliver(envelope()) == {"envelope_id": "e1"}


async def test_closing_lets_an_answer_in_progress_go_out(
    app: AsyncApp, slack: SlackSide, dispatch: Dispatch, client: AsyncWebClient
) -> None:
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def listener(ack: AsyncAck) -> None:
        entered.set()
        await go_on.wait()
        await ack()

    app.command("/vpn-diagnose")(listener)
    socket = SlackSocket(dispatch, client, TOKEN)
    await socket.open()
    await slack.sockets[-1].send_json(envelope())
    await entered.wait()
    closing = asyncio.create_task(socket.close())
    await asyncio.sleep(0)
    go_on.set()
    await closing

    assert await slack.received.get() == {"envelope_id": "e1"}


async def test_an_answer_after_the_connection_is_gone_does_no_harm(
    app: AsyncApp, slack: SlackSide, dispatch: Dispatch, client: AsyncWebClient
) -> None:
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def listener(ack: AsyncAck) -> None:
        entered.set()
        await go_on.wait()
        await ack()

    app.command("/vpn-diagnose")(listener)
    async with opened(SlackSocket(dispatch, client, TOKEN, ping_every_s=60)) as socket:
        await slack.sockets[-1].send_json(envelope())
        await entered.wait()
        await slack.sockets[-1].close()
        go_on.set()

    assert await socket.why_deaf() == "the Socket Mode connection is not open"


async def test_closing_twice_or_before_opening_does_no_harm(dispatch: Dispatch, client: AsyncWebClient) -> None:
    socket = SlackSocket(dispatch, client, TOKEN)

    await socket.close()
    await socket.close()


async def test_a_proxy_of_the_machine_is_not_used_for_loopback(
    app: AsyncApp, slack: SlackSide, dispatch: Dispatch, client: AsyncWebClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    says(app)

    async with opened(SlackSocket(dispatch, client, TOKEN)):
        assert await slack.deliver(envelope()) == {"envelope_id": "e1"}


async def test_neither_payloads_nor_tokens_are_in_the_log(
    app: AsyncApp, slack: SlackSide, dispatch: Dispatch, client: AsyncWebClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    says(app, text="planted-words")

    async with opened(SlackSocket(dispatch, client, TOKEN)):
        await slack.deliver(envelope())

    assert "planted-words" not in caplog.text
    assert "planted-token" not in caplog.text
