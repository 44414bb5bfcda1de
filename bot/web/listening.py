"""Brings the HTTP door up on an address and takes it down again, letting requests in flight end."""

import asyncio
import errno
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.http import RawRequestMessage
from yarl import URL

from bot.model.problem import Problem
from bot.web.connections import Connections, Handler, watched
from bot.web.server_log import server_log

# Seconds for requests in flight when the door closes; each of them is bounded by less.
DRAIN_S = 5.0

# Seconds for which an idle connection is kept; a proxy in front keeps its own for about a minute.
KEEP_ALIVE_S = 75.0

# Seconds for the rest of a body that was refused: what still comes is read and thrown away.
LINGER_S = 1.0

# Stands in for a target that cannot be read, and the mark of a request that came with one.
_NOWHERE = URL("/")
_HAS_NO_TARGET = web.RequestKey("has_no_target", bool)


@asynccontextmanager
async def listening(
    app: web.Application, host: str, port: int, connections: Connections | None = None
) -> AsyncIterator[str]:
    """Serve `app` while the block runs; yields the address, `http://host:port`. Port 0 takes a free one.

    Raises `Problem("settings.port_in_use")`, or `Problem("settings.invalid")` for an address that is not ours.
    """
    runner = web.AppRunner(
        app,
        access_log=None,
        auto_decompress=False,  # a signature is over the bytes that were sent, and a bomb stays packed
        handle_signals=False,
        keepalive_timeout=KEEP_ALIVE_S,
        lingering_time=LINGER_S,
        shutdown_timeout=DRAIN_S,
        logger=server_log(),
    )
    await runner.setup()
    try:
        server = await _bound(runner, Connections() if connections is None else connections, host, port)
        try:
            number: int = server.sockets[0].getsockname()[1]
            yield f"http://{f'[{host}]' if ':' in host else host}:{number}"
        finally:
            server.close()
    finally:
        await runner.cleanup()


async def _bound(runner: web.AppRunner, connections: Connections, host: str, port: int) -> asyncio.Server:
    protocols = runner.server
    assert protocols is not None  # noqa: S101 - the runner is set up
    protocols.request_factory = _for_any_target(protocols.request_factory)
    protocols.request_handler = watched(_readable(_as_expected(protocols.request_handler)))
    try:
        return await asyncio.get_running_loop().create_server(connections.make(protocols), host, port)
    except OSError as error:
        raise _refused(error, host, port) from error


def _for_any_target(make: Callable[..., web.BaseRequest]) -> Callable[..., web.BaseRequest]:
    """Make a request of one whose target names a host that is none, too.

    aiohttp looks at the host outside all that answers for a fault (aiohttp/web_protocol.py, start): the connection
    would end without an answer, with a traceback that quotes the request.
    """

    def made(message: RawRequestMessage, *others: Any) -> web.BaseRequest:
        try:
            return make(message, *others)
        except ValueError:
            request = make(message._replace(url=_NOWHERE), *others)
            request[_HAS_NO_TARGET] = True
            return request

    return made


def _readable(handler: Handler) -> Handler:
    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=400) if request.get(_HAS_NO_TARGET) else await handler(request)

    return handle


def _as_expected(handler: Handler) -> Handler:
    """Refuse what a request expects and nobody offers; aiohttp breaks on words that it cannot say back (a 500)."""

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        if request.headers.get("Expect", "100-continue").lower() != "100-continue":
            return web.Response(status=417)
        return await handler(request)

    return handle


def _refused(error: OSError, host: str, port: int) -> Problem:
    if error.errno == errno.EADDRINUSE:
        return Problem("settings.port_in_use", host=host, port=port)
    return Problem(
        "settings.invalid", name="VPN_DIAGNOSE_HOST or VPN_DIAGNOSE_PORT", what="an address of this machine"
    )
