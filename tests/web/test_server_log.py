"""The HTTP server's log says what went wrong, and quotes no byte of what strangers send."""

import asyncio
import gzip
import logging
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from bot.web.listening import listening
from bot.web.server_log import server_log

Handler = Callable[[web.Request], Awaitable[web.Response]]

PLANTED = b"planted-words"
POST = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
DAMAGED = gzip.compress(PLANTED * 1_000)[:40] + PLANTED


def encoded(encoding: bytes, body: bytes = PLANTED) -> bytes:
    return POST + b"Content-Encoding: %b\r\nContent-Length: %d\r\n\r\n%b" % (encoding, len(body), body)


async def status_of(url: str, request: bytes) -> int:
    """Return the status of the answer to some bytes, once the server has closed the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    writer.write(request)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return int(answer.split()[1])


async def reads_the_body(request: web.Request) -> web.Response:
    return web.Response(text=str(len(await request.read())))


async def leaves_the_body(_: web.Request) -> web.Response:
    return web.Response()


async def refuses_the_body(request: web.Request) -> web.Response:
    try:
        await request.read()
    except web.RequestPayloadError:
        return web.Response(status=400)
    return web.Response()


async def fails(request: web.Request) -> web.Response:
    raise LookupError(await request.text())


@pytest.mark.parametrize("handler", [reads_the_body, leaves_the_body, refuses_the_body])
@pytest.mark.parametrize(
    "request_bytes",
    [
        pytest.param(PLANTED + b"\x16\x03\r\n\r\n", id="not HTTP"),
        pytest.param(b"GET /planted-words HTTP/9.9\r\n\r\n", id="a version that does not exist"),
        pytest.param(POST + b"X-A\x00: planted-words\r\n\r\n", id="a name of a header that is none"),
        pytest.param(POST + b"planted-words\r\n\r\n", id="a header without a colon"),
        pytest.param(POST + b"Content-Length: planted-words\r\n\r\n", id="a length that is no number"),
        pytest.param(CHUNKED + b"planted-words\r\n", id="a chunk's length that is no number"),
        pytest.param(CHUNKED + b"2\r\nabplanted-words\r\n", id="a chunk longer than it says"),
        pytest.param(CHUNKED + b"2\r\nab\r\nplanted-words\r\n", id="a bad chunk after a good one"),
        pytest.param(b"POST / HTTP/1.1\r\nX: planted-words\r\nContent-Length: 0\r\n\r\n", id="no Host"),
        pytest.param(encoded(b"br"), id="an encoding that is not installed"),
        pytest.param(encoded(b"zstd"), id="another one"),
        pytest.param(encoded(b"gzip"), id="no gzip"),
        pytest.param(encoded(b"gzip", DAMAGED), id="gzip that is damaged"),
        pytest.param(encoded(b"deflate"), id="no deflate"),
        pytest.param(b"GET /" + PLANTED * 1_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", id="a very long path"),
        pytest.param(POST + b"X: " + PLANTED * 1_000 + b"\r\n\r\n", id="a very long header"),
        pytest.param(POST + b"planted-words: x\r\n" * 500 + b"\r\n", id="very many headers"),
        pytest.param(b"GET http://[planted-words/ HTTP/1.1\r\nHost: x\r\n\r\n", id="a host that is none"),
        pytest.param(b"GET http://planted-words:99999999/ HTTP/1.1\r\nHost: x\r\n\r\n", id="a port that is none"),
        pytest.param(b"POST * HTTP/1.1\r\nHost: planted-words\r\nContent-Length: 0\r\n\r\n", id="an asterisk"),
    ],
)
async def test_what_strangers_send_is_neither_quoted_nor_an_error(
    request_bytes: bytes, handler: Handler, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", handler)
    async with listening(app, "127.0.0.1", 0) as url:
        await status_of(url, request_bytes)

    assert "planted-words" not in caplog.text
    assert "Traceback" not in caplog.text
    assert all(record.levelno == logging.INFO for record in caplog.records)
    assert {record.name for record in caplog.records} <= {"bot.web.server_log"}


async def test_what_is_not_http_leaves_one_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with listening(web.Application(), "127.0.0.1", 0) as url:
        assert await status_of(url, CHUNKED + b"planted-words\r\n") == 400

    assert caplog.messages == ["refused what is no request (BadHttpMessage)"]


async def test_a_fault_of_ours_is_logged_with_its_place_and_without_the_request(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = web.Application()
    app.router.add_post("/", fails)
    async with listening(app, "127.0.0.1", 0) as url:
        assert await status_of(url, POST + b"Content-Length: 13\r\n\r\nplanted-words") == 500

    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert "LookupError" in record.getMessage()
    assert "in fails" in record.getMessage()
    assert "planted-words" not in caplog.text


def test_what_the_server_says_without_an_exception_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    server_log().warning("words of the server's own")

    assert caplog.messages == ["words of the server's own"]


def test_asking_for_the_log_twice_puts_one_line_in_place_of_a_record(caplog: pytest.LogCaptureFixture) -> None:
    server_log()
    server_log().error("planted-words", exc_info=LookupError("planted-words"))

    assert caplog.messages == ["unexpected LookupError in the HTTP door\n"]
