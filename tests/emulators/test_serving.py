import asyncio
import socket

import aiohttp
import pytest
from aiohttp import web

from bot.emulators.serving import LISTENS_AT, serving
from bot.model.problem import Problem


def an_app() -> web.Application:
    async def hello(request: web.Request) -> web.Response:
        del request
        return web.Response(text="hello")

    app = web.Application()
    app.router.add_get("/", hello)
    return app


async def test_it_answers_at_the_address_it_gives() -> None:
    async with serving(an_app()) as base_url, aiohttp.ClientSession() as session:
        response = await session.get(f"{base_url}/")

        assert await response.text() == "hello"


async def test_a_free_port_is_taken_unless_one_is_named() -> None:
    async with serving(an_app()) as one, serving(an_app()) as other:
        assert one != other


async def test_a_port_in_use_is_an_error_and_leaves_nothing_behind() -> None:
    async with serving(an_app()) as base_url:
        with pytest.raises(Problem, match=r"settings\.port_in_use"):
            async with serving(an_app(), port=int(base_url.rpartition(":")[2])):
                pass


async def test_it_stops_listening_at_the_end() -> None:
    async with serving(an_app()) as base_url:
        port = int(base_url.rpartition(":")[2])

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port)).close()


async def test_a_request_that_hangs_does_not_hold_the_shutdown() -> None:
    reached = asyncio.Event()

    async def hang(request: web.Request) -> web.Response:
        del request
        reached.set()
        await asyncio.sleep(3600)
        return web.Response()

    app = web.Application()
    app.router.add_get("/", hang)
    async with aiohttp.ClientSession() as session:
        async with serving(app) as base_url:
            waiting = asyncio.create_task(session.get(base_url).__aenter__())
            await reached.wait()

        with pytest.raises(aiohttp.ClientError):
            await waiting


async def test_the_application_knows_by_which_name_it_was_asked_to_listen() -> None:
    app = an_app()
    async with serving(app, host="localhost"):
        assert app[LISTENS_AT] == "localhost"


async def test_an_ipv6_address_is_put_in_brackets() -> None:
    try:
        async with serving(an_app(), host="::1") as base_url:
            assert base_url.startswith("http://[::1]:")
    except OSError:
        pytest.skip("this machine has no IPv6")
