"""What connections may cost is bounded: their number, and how long each keeps us waiting. Over real sockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bot.web.connections import Connections, connection_of, watched
from bot.web.listening import listening

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
SLOW = b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"
KNOWN = b"GET /known HTTP/1.1\r\nHost: x\r\n\r\n"

SOON_S = 0.1
FAR_AWAY_S = 60.0
PATIENCE_S = 10.0


class Door:
    """A server whose `/` answers at once, `/slow` and `/known` once they may; `/known` is of somebody trusted."""

    def __init__(self, most: int = 100, headers_within_s: float = FAR_AWAY_S) -> None:
        self.dropped: list[str] = []
        self.connections = Connections(self.dropped.append, most, headers_within_s)
        self.entered: asyncio.Queue[None] = asyncio.Queue()
        self.go_on = asyncio.Event()
        self._port = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Door"]:
        app = web.Application()
        app.add_routes([web.get("/", self._quick), web.get("/slow", self._slow), web.get("/known", self._known)])
        async with listening(app, "127.0.0.1", 0, self.connections) as url:
            self._port = int(url.rpartition(":")[2])
            yield self
            self.go_on.set()

    async def somebody(self, says: bytes = b"") -> "Somebody":
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(says)
        return Somebody(reader, writer)

    async def is_empty(self) -> None:
        """Wait until the server has heard that everybody is gone."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.connections):  # noqa: ASYNC110 - it hears it from the loop
                await asyncio.sleep(0.01)

    async def _quick(self, _: web.Request) -> web.Response:
        return web.Response(text="quick")

    async def _slow(self, _: web.Request) -> web.Response:
        self.entered.put_nowait(None)
        await self.go_on.wait()
        return web.Response(text="slow")

    async def _known(self, request: web.Request) -> web.Response:
        connection = connection_of(request)
        assert connection is not None
        connection.trust()
        return await self._slow(request)


class Somebody:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def say(self, data: bytes) -> None:
        self._writer.write(data)

    async def answer(self) -> int:
        """Return the status of the next answer."""
        async with asyncio.timeout(PATIENCE_S):
            head = await self._reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].split()[0])
            await self._reader.readexactly(length)
        return int(head.split()[1])

    async def is_left(self) -> bool:
        """Wait until the other side has closed the connection."""
        async with asyncio.timeout(PATIENCE_S):
            try:
                return await self._reader.read() == b""
            except ConnectionResetError:
                return True

    async def leave(self) -> None:
        self._writer.close()
        await asyncio.gather(self._writer.wait_closed(), return_exceptions=True)


@pytest.mark.parametrize(
    "says",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"G", id="one byte"),
        pytest.param(b"POST /slack/events HTTP/1.1\r\nHost: x\r\nX-Long: ", id="headers without an end"),
        pytest.param(GET + b"GET / HTTP/1.1\r\n", id="a second request without an end"),
    ],
)
async def test_who_never_ends_the_headers_is_not_waited_for(says: bytes) -> None:
    async with Door(headers_within_s=SOON_S).open() as door:
        stranger = await door.somebody(says)
        if says.startswith(GET):
            assert await stranger.answer() == 200
            stranger.say(b"Host: x\r\n")

        assert await stranger.is_left()
        assert door.dropped == ["slow"]
        await stranger.leave()


async def test_a_header_now_and_then_buys_no_time() -> None:
    async with Door(headers_within_s=SOON_S).open() as door:
        stranger = await door.somebody(b"GET / HTTP/1.1\r\n")
        left = asyncio.create_task(stranger.is_left())
        while not left.done():
            stranger.say(b"X: x\r\n")
            await asyncio.wait([left], timeout=SOON_S / 10)

        assert door.dropped == ["slow"]
        await stranger.leave()


async def test_whoever_has_asked_may_be_idle_and_ask_again() -> None:
    async with Door(headers_within_s=SOON_S).open() as door:
        client = await door.somebody(GET)
        assert await client.answer() == 200
        silent = await door.somebody()
        assert await silent.is_left()  # so much time has gone by
        client.say(GET)

        assert await client.answer() == 200
        await asyncio.gather(client.leave(), silent.leave())


async def test_an_answer_may_take_longer_than_the_headers() -> None:
    async with Door(headers_within_s=SOON_S).open() as door:
        client = await door.somebody(SLOW)
        await door.entered.get()
        silent = await door.somebody()
        assert await silent.is_left()
        door.go_on.set()

        assert await client.answer() == 200
        await asyncio.gather(client.leave(), silent.leave())


async def test_without_the_bound_a_silent_connection_stays() -> None:
    async with Door(headers_within_s=FAR_AWAY_S).open() as door:
        silent = await door.somebody()
        await asyncio.sleep(2 * SOON_S)

        assert len(door.connections) == 1
        await silent.leave()


async def test_the_oldest_stranger_makes_room() -> None:
    async with Door(most=3).open() as door:
        strangers = [await door.somebody() for _ in range(3)]
        client = await door.somebody(GET)

        assert await client.answer() == 200
        assert await strangers[0].is_left()
        assert door.dropped == ["too_many"]
        assert len(door.connections) == 3
        await asyncio.gather(client.leave(), *(stranger.leave() for stranger in strangers))


async def test_whoever_is_worked_for_stays_however_many_come() -> None:
    async with Door(most=3).open() as door:
        client = await door.somebody(KNOWN)
        await door.entered.get()
        strangers = [await door.somebody() for _ in range(10)]
        for stranger in strangers[:8]:
            assert await stranger.is_left()
        door.go_on.set()

        assert await client.answer() == 200
        assert len(door.connections) == 3
        await asyncio.gather(client.leave(), *(stranger.leave() for stranger in strangers))


async def test_a_newcomer_gives_way_to_those_who_are_worked_for() -> None:
    async with Door(most=2).open() as door:
        clients = [await door.somebody(KNOWN) for _ in range(2)]
        for _ in clients:
            await door.entered.get()
        newcomer = await door.somebody(GET)

        assert await newcomer.is_left()
        door.go_on.set()
        assert [await client.answer() for client in clients] == [200, 200]
        await asyncio.gather(newcomer.leave(), *(client.leave() for client in clients))


async def test_somebody_trusted_once_is_a_stranger_again() -> None:
    async with Door(most=2).open() as door:
        door.go_on.set()
        clients = [await door.somebody(KNOWN) for _ in range(2)]
        assert [await client.answer() for client in clients] == [200, 200]
        newcomer = await door.somebody(GET)

        assert await newcomer.answer() == 200
        await asyncio.gather(newcomer.leave(), *(client.leave() for client in clients))


async def test_connections_that_are_gone_are_not_counted() -> None:
    async with Door().open() as door:
        client = await door.somebody(GET)
        await client.answer()
        await client.leave()
        await door.is_empty()

        assert door.dropped == []


async def test_a_connection_that_goes_while_it_is_worked_for_is_forgotten() -> None:
    async with Door().open() as door:
        client = await door.somebody(KNOWN)
        await door.entered.get()
        await client.leave()
        await door.is_empty()
        door.go_on.set()

        assert len(door.connections) == 0


async def test_a_server_that_is_not_watched_answers_too() -> None:
    async def found(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(text=str(connection_of(request)))

    runner = web.ServerRunner(web.Server(watched(found)))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    reader, writer = await asyncio.open_connection(*runner.addresses[0])
    writer.write(GET)

    assert await Somebody(reader, writer).answer() == 200
    await Somebody(reader, writer).leave()
    await runner.cleanup()
