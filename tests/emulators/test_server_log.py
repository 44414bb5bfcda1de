import logging

import aiohttp
import pytest
from aiohttp import web

from bot.emulators.server_log import server_log
from bot.emulators.serving import serving


def an_app(failure: Exception) -> web.Application:
    async def fail(request: web.Request) -> web.Response:
        del request
        raise failure

    app = web.Application()
    app.router.add_get("/", fail)
    return app


async def test_a_failure_of_our_own_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(an_app(KeyError("ours"))) as base_url, aiohttp.ClientSession() as session:
        response = await session.get(base_url)

    assert response.status == 500
    assert "KeyError: 'ours'" in caplog.text


async def test_a_client_that_has_gone_is_not(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(an_app(ConnectionResetError("gone"))) as base_url, aiohttp.ClientSession() as session:
        await session.get(base_url)

    assert caplog.text == ""


def test_the_log_is_made_once() -> None:
    assert len(server_log().filters) == len(server_log().filters) == 1
    assert server_log().level == logging.INFO
