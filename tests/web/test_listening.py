"""The door opens on the address it is told, or says why it cannot."""

import gc
import logging

import pytest
from aiohttp import ClientSession, web

from bot.model.problem import Problem
from bot.web.listening import listening
from tests.web.test_server_log import status_of


async def test_a_port_that_is_taken_is_named() -> None:
    async with listening(web.Application(), "127.0.0.1", 0) as url:
        port = int(url.rpartition(":")[2])
        with pytest.raises(Problem) as raised:
            async with listening(web.Application(), "127.0.0.1", port):
                pass

    assert raised.value.code == "settings.port_in_use"
    assert raised.value.facts == {"host": "127.0.0.1", "port": str(port)}


async def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(Problem) as raised:
        async with listening(web.Application(), "192.0.2.1", 0):
            pass

    assert raised.value.code == "settings.invalid"


@pytest.mark.parametrize("line", [b"POST /", b"GET /none", b"POST *", b"OPTIONS *", b"CONNECT x:1"])
async def test_what_nobody_can_offer_is_refused_wherever_it_is_expected(line: bytes) -> None:
    async with listening(web.Application(), "127.0.0.1", 0) as url:
        status = await status_of(url, line + b" HTTP/1.1\r\nHost: x\r\nExpect: \xee\r\nConnection: close\r\n\r\n")

    assert status in {400, 417}


@pytest.mark.parametrize(
    "target",
    [
        b"http://xn--/",
        b"http://xn--a%0asecret/",
        b"http://xn--/?planted",
        b"https://[::1]:99999/",
        b"http://\xff/",
        b"//xn--/",
        b"http:///",
        b"ws://xn--:5/",
    ],
)
async def test_a_target_that_names_no_host_is_refused_without_a_fault(
    target: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with listening(web.Application(), "127.0.0.1", 0) as url:
        status = await status_of(url, b"GET " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        gc.collect()

    assert 400 <= status < 500
    assert all(record.levelno < logging.ERROR for record in caplog.records)


async def test_a_host_of_another_script_in_a_target_is_a_host() -> None:
    app = web.Application()
    app.router.add_get("/", answer)
    async with listening(app, "127.0.0.1", 0) as url:
        status = await status_of(
            url, b"GET http://xn--bcher-kva.example/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )

    assert status == 200


async def answer(request: web.Request) -> web.Response:
    del request
    return web.Response()


async def test_a_body_that_waits_to_be_asked_for_is_asked_for() -> None:
    async def read(request: web.Request) -> web.Response:
        return web.Response(text=await request.text())

    app = web.Application()
    app.router.add_post("/", read)
    async with listening(app, "127.0.0.1", 0) as url, ClientSession() as session:
        answer = await session.post(url, data=b"hello", expect100=True)

        assert await answer.text() == "hello"


async def test_an_address_of_ipv6_is_a_url() -> None:
    try:
        async with listening(web.Application(), "::1", 0) as url:
            assert url.startswith("http://[::1]:")
    except Problem:
        pytest.skip("this machine has no IPv6")
