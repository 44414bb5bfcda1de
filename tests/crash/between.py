"""A server between the bot and an emulator, which answers some calls itself, with whatever is wanted."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

from bot.emulators.serving import serving

DROPPED = {"content-length", "transfer-encoding", "connection"}


@asynccontextmanager
async def standing_before(url: str, answers: Mapping[str, Callable[[], web.Response]]) -> AsyncIterator[str]:
    """Serve what is behind `url`, but answer whatever ends with one of these names ourselves."""

    async def relayed(request: web.Request) -> web.Response:
        name = request.headers.get("x-acs-action") or request.path.rpartition("/")[2]
        if name in answers:
            await request.read()
            return answers[name]()
        headers = {name: text for name, text in request.headers.items() if name.lower() not in DROPPED}
        if request.path.startswith("/api/"):  # the cloud's calls are signed with it, Slack's tell where we listen
            del headers["Host"]
        async with (
            aiohttp.ClientSession(auto_decompress=False) as session,
            session.request(
                request.method, f"{url}{request.raw_path}", headers=headers, data=await request.read()
            ) as answer,
        ):
            kept = {name: text for name, text in answer.headers.items() if name.lower() not in DROPPED}
            return web.Response(status=answer.status, headers=kept, body=await answer.read())

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", relayed)
    async with serving(app) as relay:
        yield relay
