"""httpx over aiohttp: the same bytes, httpx's failures, connections given back."""

import asyncio
import ssl
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import httpx
import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.alibaba.aiohttp_transport import AiohttpTransport, in_httpx_terms
from bot.alibaba.proxies import Proxies
from bot.alibaba.signature import canonical_query
from bot.emulators.serving import serving


def every_kind_of(error: type[Exception]) -> list[type[Exception]]:
    return [error, *(kind for child in error.__subclasses__() for kind in every_kind_of(child))]


@asynccontextmanager
async def served(handler: Any) -> AsyncIterator[tuple[httpx.AsyncClient, str]]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    transport = AiohttpTransport(ssl.create_default_context(), Proxies({}), httpx.Limits(max_connections=2))
    async with serving(app) as base_url, httpx.AsyncClient(transport=transport) as http:
        yield http, base_url


@pytest.mark.parametrize("kind", every_kind_of(aiohttp.ClientError), ids=lambda kind: kind.__name__)
def test_every_failure_of_aiohttp_is_one_of_httpx(kind: type[aiohttp.ClientError]) -> None:
    assert issubclass(in_httpx_terms(kind.__new__(kind)), httpx.RequestError)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (aiohttp.ClientConnectorDNSError, httpx.ConnectError),
        (aiohttp.ClientConnectorCertificateError, httpx.ConnectError),
        (aiohttp.ClientProxyConnectionError, httpx.ProxyError),
        (aiohttp.ClientHttpProxyError, httpx.ProxyError),
        (aiohttp.ConnectionTimeoutError, httpx.ConnectTimeout),
        (aiohttp.SocketTimeoutError, httpx.ReadTimeout),
        (aiohttp.ServerDisconnectedError, httpx.ReadError),
        (aiohttp.ClientOSError, httpx.ReadError),
        (aiohttp.ClientPayloadError, httpx.RemoteProtocolError),
        (aiohttp.ClientResponseError, httpx.RemoteProtocolError),
    ],
    ids=lambda kind: kind.__name__,
)
def test_a_failure_keeps_its_meaning(ours: type[aiohttp.ClientError], theirs: type[httpx.RequestError]) -> None:
    assert in_httpx_terms(ours.__new__(ours)) is theirs


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8"), min_size=1), st.text(st.characters(codec="utf-8")), min_size=1
    )
)
async def test_the_query_arrives_byte_by_byte(params: dict[str, str]) -> None:
    seen: list[str] = []

    async def note(request: web.Request) -> web.Response:
        seen.append(request.raw_path)
        return web.Response()

    async with served(note) as (http, base_url):
        await http.post(f"{base_url}/?{canonical_query(params)}")

    assert seen == [f"/?{canonical_query(params)}"]


async def test_headers_are_those_of_the_request_and_no_content_type_is_made_up() -> None:
    seen: dict[str, str] = {}

    async def note(request: web.Request) -> web.Response:
        seen.update({name.lower(): text for name, text in request.headers.items()})
        return web.Response()

    async with served(note) as (http, base_url):
        await http.send(httpx.Request("POST", base_url, headers={"host": "vpc.example", "x-acs-version": "1"}))

    assert seen.pop("content-length") == "0"
    assert set(seen) - {"accept", "accept-encoding", "user-agent"} == {"host", "x-acs-version"}
    assert seen["host"] == "vpc.example"


async def test_a_body_is_sent_and_an_answer_read_whole() -> None:
    async def echo(request: web.Request) -> web.Response:
        return web.Response(body=await request.read(), headers={"X-Two": "2"}, status=418)

    async with served(echo) as (http, base_url):
        answer = await http.post(base_url, content=b"tea")

    assert (answer.status_code, answer.content, answer.headers["x-two"]) == (418, b"tea", "2")


async def test_a_connection_of_an_answer_that_was_not_read_is_not_used_again() -> None:
    peers: list[object] = []

    async def much(request: web.Request) -> web.StreamResponse:
        peers.append(request.transport)
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            for _ in range(1000):
                await response.write(b" " * 2**16)
        except ConnectionError:
            pass
        return response

    async with served(much) as (http, base_url):
        for _ in range(3):
            async with http.stream("POST", base_url) as answer:
                await anext(answer.aiter_raw())

    assert len(set(map(id, peers))) == len(peers) == 3


async def test_a_server_that_does_not_answer_is_a_read_timeout() -> None:
    async def hang(request: web.Request) -> web.Response:
        del request
        await asyncio.sleep(5)
        return web.Response()

    async with served(hang) as (http, base_url):
        with pytest.raises(httpx.ReadTimeout):
            await http.post(base_url, timeout=httpx.Timeout(5, read=0.05))


async def test_an_unused_transport_closes_too() -> None:
    async with httpx.AsyncClient(
        transport=AiohttpTransport(ssl.create_default_context(), Proxies({}), httpx.Limits())
    ) as http:
        pass

    assert http.is_closed


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_gets_its_password_and_an_error_does_not(scheme: str) -> None:
    heads: list[str] = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        proxies = Proxies({"all": f"http://bot:hunter2@127.0.0.1:{port}"})
        transport = AiohttpTransport(ssl.create_default_context(), proxies, httpx.Limits())
        async with httpx.AsyncClient(transport=transport) as http:
            with pytest.raises(httpx.RequestError) as caught:
                await http.post(f"{scheme}://vpc.invalid/")

    assert f"Proxy-Authorization: {aiohttp.encode_basic_auth('bot', 'hunter2')}" in heads[0]
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))
