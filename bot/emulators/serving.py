"""Bring an aiohttp application up on a port of this machine, and down again."""

import errno
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from bot.emulators.server_log import server_log
from bot.model.problem import Problem

# Seconds that requests in flight get when the server goes down; a hanging fault would hold it for ever.
SHUTDOWN_GRACE_S = 0.2

# Bytes of a request's first line: clients of Alibaba Cloud put OIDC tokens into it, of up to 20,000 characters.
LONGEST_LINE = 32 * 1024

# The address or name that an application was asked to listen at.
LISTENS_AT = web.AppKey("listens_at", str)


@asynccontextmanager
async def serving(app: web.Application, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve `app` while the block runs; yields the base URL, without a slash at its end.

    Port 0 takes a free one. Raises `Problem("settings.port_in_use")`, or `Problem("settings.invalid")` for an
    address that is not this machine's.
    """
    app[LISTENS_AT] = host
    runner = web.AppRunner(
        app,
        access_log=None,
        logger=server_log(),
        handle_signals=False,
        auto_decompress=False,  # signatures are over a body as it was sent; one that is packed stays packed
        shutdown_timeout=SHUTDOWN_GRACE_S,
        max_line_size=LONGEST_LINE,
    )
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise _refused(error, host, port) from error
        bound: int = runner.addresses[0][1]
        yield f"http://{_in_a_url(host)}:{bound}"
    finally:
        await runner.cleanup()


def _refused(error: OSError, host: str, port: int) -> Problem:
    if error.errno == errno.EADDRINUSE:
        return Problem("settings.port_in_use", host=host, port=port)
    return Problem("settings.invalid", name="--host", what="an address of this machine")


def _in_a_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
