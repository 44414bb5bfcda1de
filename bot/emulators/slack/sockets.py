"""Socket Mode: websockets over which envelopes go out and acks come back.

Protocol: docs.slack.dev/apis/events-api/using-socket-mode.
"""

import asyncio
import time
from collections import defaultdict, deque
from typing import Any

from aiohttp import WSMsgType, web

from bot.emulators.control import LARGEST_BODY, parse_json
from bot.emulators.ledger import Ledger
from bot.emulators.slack.ack import Ack
from bot.emulators.slack.limits import MOST_SOCKETS
from bot.emulators.slack.state import State

# Seconds that an app gets to answer a close; one that was killed never does.
CLOSE_PATIENCE_S = 0.5


class Sockets:
    """The open connections; an envelope goes to one of them, in turn.

    `is_deaf`: what is sent gets lost, either way, and pings are not answered, while TCP is alive: a network that
    has forgotten the connection. `greets`: whether a new connection gets its hello.
    """

    def __init__(self, state: State, ledger: Ledger, ack_within_s: float) -> None:
        self._state = state
        self._ledger = ledger
        self._ack_within_s = ack_within_s
        self._open: deque[web.WebSocketResponse] = deque()
        self._leaving: set[web.WebSocketResponse] = set()
        self._awaited: defaultdict[str, list[asyncio.Future[Any]]] = defaultdict(list)
        self._closing: set[asyncio.Task[None]] = set()
        self.is_deaf = False
        self.greets = True

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/link/", self._connect)]

    @property
    def count(self) -> int:
        return len(self._open)

    async def deliver(self, envelope: dict[str, Any]) -> Ack:
        """Send an envelope and wait for its ack."""
        started = time.perf_counter()
        envelope_id = envelope["envelope_id"]
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._awaited[envelope_id].append(answer)
        try:
            if not await self._send(envelope):
                return Ack(ack_ms=_since(started), error="dispatch_failed")
            async with asyncio.timeout(self._ack_within_s):
                payload = await answer
        except TimeoutError:
            return Ack(ack_ms=_since(started), error="operation_timeout")
        finally:
            self._forget(envelope_id, answer)
        # Socket Mode has no status: an ack stands for HTTP's 200.
        return Ack(ack_ms=_since(started), status=200, payload=payload)

    async def disconnect(self, reason: str, after_s: float | None = None) -> int:
        """Ask every connection to go. Gives how many there were.

        Slack leaves the app some seconds to connect anew, delivers over the old connections too until then, and
        closes them: after `after_s` seconds. None: nothing more is delivered over them, and the app is trusted to
        close.
        """
        sockets = tuple(self._open)
        if after_s is None:
            self._open.clear()
            self._leaving.update(sockets)
        for socket in sockets:
            await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": _DEBUG_INFO})
            if after_s is not None:
                closing = asyncio.create_task(self._close_later(socket, after_s))
                self._closing.add(closing)
                closing.add_done_callback(self._closing.discard)
        return len(sockets)

    def forget(self) -> None:
        """Hear and greet again."""
        self.is_deaf, self.greets = False, True

    async def close(self) -> None:
        for closing in self._closing:
            closing.cancel()
        for socket in (*self._open, *self._leaving):
            await socket.close(code=1001, message=b"the emulator stops")

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        if not self._state.take_ticket(request.query.get("ticket", "")):
            return web.json_response({"ok": False, "error": "invalid_ticket"}, status=403)
        socket = web.WebSocketResponse(max_msg_size=LARGEST_BODY, timeout=CLOSE_PATIENCE_S, autoping=False)
        await socket.prepare(request)
        if self.count >= MOST_SOCKETS:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return socket
        self._open.append(socket)
        try:
            if self.greets:
                await self._greet(socket)
            await self._listen(socket)
        finally:
            self._leaving.discard(socket)
            if socket in self._open:
                self._open.remove(socket)
        return socket

    async def _greet(self, socket: web.WebSocketResponse) -> None:
        connection_info = {"app_id": self._state.workspace.app.id}
        hello = {"type": "hello", "num_connections": self.count, "debug_info": _DEBUG_INFO}
        await socket.send_json({**hello, "connection_info": connection_info})
        self._ledger.record(self._state.mint.now(), "socket.hello", "app", "ok", {"connections": self.count})

    async def _listen(self, socket: web.WebSocketResponse) -> None:
        async for message in socket:
            if self.is_deaf:
                continue
            if message.type is WSMsgType.PING:
                await socket.pong(message.data)
            elif message.type is not WSMsgType.PONG:
                self._take(message.data)

    def _take(self, data: str | bytes) -> None:
        try:
            ack = parse_json(data)
        except ValueError:
            ack = None
        envelope_id = ack.get("envelope_id") if isinstance(ack, dict) else None
        awaited = self._awaited.get(envelope_id, ()) if isinstance(envelope_id, str) else ()
        if answer := next((each for each in awaited if not each.done()), None):
            answer.set_result(ack.get("payload"))
        else:
            # Too late, a second time, or for nothing that was sent; Slack ignores it, a test may want to know.
            self._ledger.record(self._state.mint.now(), "socket.ack", "app", "unknown_envelope", {})

    async def _close_later(self, socket: web.WebSocketResponse, after_s: float) -> None:
        await asyncio.sleep(after_s)
        if socket in self._open:
            self._open.remove(socket)
            self._leaving.add(socket)
        await socket.close()

    async def _send(self, envelope: dict[str, Any]) -> bool:
        if self.is_deaf:
            return bool(self._open)
        self._open.rotate(-1)
        for socket in tuple(self._open):
            try:
                await socket.send_json(envelope)
            except ConnectionResetError:
                continue
            return True
        return False

    def _forget(self, envelope_id: str, answer: asyncio.Future[Any]) -> None:
        self._awaited[envelope_id].remove(answer)
        if not self._awaited[envelope_id]:
            del self._awaited[envelope_id]


_DEBUG_INFO = {"host": "emulator", "build_number": 1, "approximate_connection_time": 18060}


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 3)
