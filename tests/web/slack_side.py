"""Slack's side of Socket Mode, bare: what it hands out and says is what a test tells it to."""

import asyncio
import json
from typing import Any

from aiohttp import WSMsgType, web
from pydantic import SecretStr

TOKEN = SecretStr("xapp-planted-token")


class SlackSide:
    """What Slack does: hands out an address with a ticket, and speaks over the websocket."""

    def __init__(self) -> None:
        self.url = ""
        self.answers_to_open: list[dict[str, Any]] = []
        self.expired_tickets = 0
        self.asked = 0
        self.sockets: list[web.WebSocketResponse] = []
        self.greeting: dict[str, Any] | None = {"type": "hello"}
        self.is_deaf = False
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
        socket = web.WebSocketResponse(autoping=False, timeout=0.1)
        await socket.prepare(request)
        self.sockets.append(socket)
        if self.greeting is not None:
            await socket.send_json(self.greeting)
        self.connected.put_nowait(socket)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self.received.put_nowait(json.loads(message.data))
            elif message.type is WSMsgType.PING and not self.is_deaf:
                await socket.pong(message.data)
        return socket

    async def deliver(self, envelope: dict[str, Any], socket: web.WebSocketResponse | None = None) -> Any:
        await (socket or self.sockets[-1]).send_json(envelope)
        return await self.next_answer()

    async def next_answer(self) -> Any:
        return await asyncio.wait_for(self.received.get(), 5)

    async def next_connection(self) -> web.WebSocketResponse:
        return await asyncio.wait_for(self.connected.get(), 10)
