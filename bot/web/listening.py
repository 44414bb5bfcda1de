"""Brings the HTTP door up on an address and takes it down again, letting requests in flight end."""

import errno
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from bot.model.problem import Problem
from bot.web.server_log import server_log

# Seconds for requests in flight when the door closes; each of them is bounded by less.
DRAIN_S = 5.0

# Seconds for which an idle connection is kept; a proxy in front keeps its own for about a minute. It is also what
# the headers of a request may take: aiohttp has no other bound (aiohttp/web_protocol.py, _process_keepalive).
KEEP_ALIVE_S = 75.0


@asynccontextmanager
async def listening(app: web.Application, host: str, port: int) -> AsyncIterator[str]:
    """Serve `app` while the block runs; yields the address, `http://host:port`. Port 0 takes a free one.

    Raises `Problem("settings.port_in_use")`, or `Problem("settings.invalid")` for an address that is not ours.
    """
    runner = web.AppRunner(
        app,
        access_log=None,
        handle_signals=False,
        keepalive_timeout=KEEP_ALIVE_S,
        shutdown_timeout=DRAIN_S,
        logger=server_log(),
    )
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise _refused(error, host, port) from error
        bound: int = runner.addresses[0][1]
        yield f"http://{f'[{host}]' if ':' in host else host}:{bound}"
    finally:
        await runner.cleanup()


def _refused(error: OSError, host: str, port: int) -> Problem:
    if error.errno == errno.EADDRINUSE:
        return Problem("settings.port_in_use", host=host, port=port)
    return Problem(
        "settings.invalid", name="VPN_DIAGNOSE_HOST or VPN_DIAGNOSE_PORT", what="an address of this machine"
    )
