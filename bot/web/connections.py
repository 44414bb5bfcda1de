"""Bounds what connections at the HTTP door may cost: how many there are, and how long they may keep us waiting.

aiohttp has neither bound: it takes as many connections as come, and one that never ends its first headers is held
as long as an idle one (aiohttp/web_protocol.py, _process_keepalive). So each connection is watched from outside,
by a protocol that stands between the transport and aiohttp's.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

from aiohttp import web

# Connections at once. Slack opens a few; each may hold a body of at most 256 KiB that is not checked yet.
MOST_CONNECTIONS = 256

# Seconds from a connection's opening, or from the first byte of a further request, to the end of its headers.
HEADERS_WITHIN_S = 10.0

_END_OF_HEADERS = b"\r\n\r\n"

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


def say_nothing(reason: str) -> None:
    del reason


class Connections:
    """The open connections: strangers, oldest first, and those on which a request of Slack's is worked on.

    When there are too many, the oldest stranger makes room for the newcomer, so that nobody can lock Slack out by
    opening connections and doing nothing. `dropped` is told of each connection that is closed without an answer,
    and why: `slow` or `too_many`.
    """

    def __init__(
        self,
        dropped: Callable[[str], None] = say_nothing,
        most: int = MOST_CONNECTIONS,
        headers_within_s: float = HEADERS_WITHIN_S,
    ) -> None:
        self.dropped = dropped
        self.headers_within_s = headers_within_s
        self._most = most
        self._strangers: dict[Connection, None] = {}
        self._known: set[Connection] = set()

    def __len__(self) -> int:
        return len(self._strangers) + len(self._known)

    def make(self, protocols: Callable[[], asyncio.Protocol]) -> Callable[[], asyncio.Protocol]:
        """Give the factory for `loop.create_server`, around the one of the server behind it."""
        return lambda: Connection(protocols(), self)

    def take(self, connection: "Connection") -> bool:
        """Count a newcomer in; False if there is no room for it."""
        if len(self) >= self._most:
            oldest = next(iter(self._strangers), None)
            self.dropped("too_many")
            if oldest is None:
                return False
            oldest.drop()
            self._strangers.pop(oldest, None)
        self._strangers[connection] = None
        return True

    def forget(self, connection: "Connection") -> None:
        self._strangers.pop(connection, None)
        self._known.discard(connection)

    def trust(self, connection: "Connection") -> None:
        if self._strangers.pop(connection, self) is None:
            self._known.add(connection)

    def distrust(self, connection: "Connection") -> None:
        if connection in self._known:
            self._known.remove(connection)
            self._strangers[connection] = None


class Connection(asyncio.Protocol):
    """One connection; everything that happens on it is handed on to `inner`."""

    def __init__(self, inner: asyncio.Protocol, connections: Connections) -> None:
        self._inner = inner
        self._connections = connections
        self._transport: asyncio.Transport | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._is_busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._inner.connection_made(transport)
        if self._connections.take(self):
            self._expect_headers()
        else:
            self.drop()

    def data_received(self, data: bytes) -> None:
        # Headers that come whole need no deadline, which would cost as much as reading them.
        if not self._is_busy and self._deadline is None and _END_OF_HEADERS not in data:
            self._expect_headers()
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._headers_are_there()
        self._connections.forget(self)
        self._inner.connection_lost(exc)

    def drop(self) -> None:
        """Close the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    def begin(self) -> None:
        """Let a request have its time: its headers have come, and whoever handles it bounds the rest."""
        self._headers_are_there()
        self._is_busy = True

    def end(self) -> None:
        """Let the connection be a stranger's again, whose next request is to come in time."""
        self._is_busy = False
        self._connections.distrust(self)

    def trust(self) -> None:
        """Keep the connection, however many others come, until its request, which is Slack's, is answered."""
        self._connections.trust(self)

    def _expect_headers(self) -> None:
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(self._connections.headers_within_s, self._waited_long_enough)

    def _headers_are_there(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _waited_long_enough(self) -> None:
        self._connections.dropped("slow")
        self.drop()


def connection_of(request: web.BaseRequest) -> Connection | None:
    """Find the connection that a request came over; None if it is gone already, or is not watched."""
    protocol = request.transport.get_protocol() if request.transport is not None else None
    return protocol if isinstance(protocol, Connection) else None


def watched(handler: Handler) -> Handler:
    """Wrap a server's handler, so that a connection is told when the headers of a request are there."""

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        connection = connection_of(request)
        if connection is None:
            return await handler(request)
        connection.begin()
        try:
            return await handler(request)
        finally:
            connection.end()

    return handle
