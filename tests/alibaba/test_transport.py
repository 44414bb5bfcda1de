"""The shared HTTP client, and the failures that it can meet on a real wire."""

import logging
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from aiohttp import web

from bot.alibaba.rpc import RpcClient
from bot.alibaba.transport import LARGEST_ANSWER, build_http, meaning
from bot.alibaba.vpn import DESCRIBE_REGIONS
from bot.emulators.faults import Fault, FaultKind, answer_through
from bot.emulators.serving import serving
from bot.model.credential import Credential
from bot.model.problem import Problem

REGIONS = {"Regions": {"Region": [{"RegionId": "cn-qingdao"}]}, "RequestId": "0ED8D006"}

Clients = Callable[..., RpcClient]


def every_kind_of(error: type[Exception]) -> list[type[Exception]]:
    return [error, *(kind for child in error.__subclasses__() for kind in every_kind_of(child))]


@asynccontextmanager
async def cloud(*orders: Fault) -> AsyncIterator[str]:
    """Serve good answers after the ordered faults; yields the base URL."""
    left = list(orders)

    async def answer(request: web.Request) -> web.StreamResponse:
        async def well() -> web.Response:
            return web.json_response(REGIONS)

        def badly(fault: Fault) -> web.Response:
            return web.json_response({"Code": "InternalError", "Message": "?"}, status=int(fault.kind[-3:]))

        return await answer_through(left.pop(0) if left else None, request, well, badly)

    app = web.Application()
    app.router.add_post("/", answer)
    async with serving(app) as base_url:
        yield base_url


@pytest.mark.parametrize("kind", every_kind_of(httpx.RequestError), ids=lambda kind: kind.__name__)
def test_every_failure_of_httpx_has_a_meaning(kind: type[httpx.RequestError]) -> None:
    assert meaning(kind("made up")).startswith("cloud.")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (httpx.ConnectError(""), "cloud.unreachable"),
        (httpx.ConnectTimeout(""), "cloud.unreachable"),
        (httpx.ProxyError(""), "cloud.unreachable"),
        (httpx.ReadTimeout(""), "cloud.timeout"),
        (httpx.PoolTimeout(""), "cloud.timeout"),
        (httpx.ReadError(""), "cloud.interrupted"),
        (httpx.RemoteProtocolError(""), "cloud.interrupted"),
        (ssl.SSLError(), "cloud.interrupted"),
    ],
    ids=repr,
)
def test_a_failure_means_what_people_can_act_on(error: Exception, code: str) -> None:
    assert meaning(error) == code


@pytest.mark.parametrize("kind", ["reset_before", "reset_after", "truncated", "http_500", "http_503"])
async def test_a_passing_failure_is_gone_at_the_third_attempt(
    kind: str, rpc_over: Clients, credential: Credential
) -> None:
    async with cloud(Fault(kind=FaultKind(kind)), Fault(kind=FaultKind(kind))) as base_url, build_http() as http:
        answer = await rpc_over(http, base_url).call(DESCRIBE_REGIONS, {}, credential, None)

    assert answer == REGIONS


@pytest.mark.parametrize("kind", ["reset_before", "reset_after", "truncated"])
async def test_a_connection_that_breaks_each_time_is_an_interruption(
    kind: str, rpc_over: Clients, credential: Credential
) -> None:
    async with cloud(*[Fault(kind=FaultKind(kind))] * 3) as base_url, build_http() as http:
        with pytest.raises(Problem) as caught:
            await rpc_over(http, base_url).call(DESCRIBE_REGIONS, {}, credential, None)

    assert caught.value.code == "cloud.interrupted"
    assert caught.value.facts == {"operation": "DescribeRegions", "host": "127.0.0.1"}


async def test_a_server_that_never_answers_is_given_up_in_time(rpc_over: Clients, credential: Credential) -> None:
    async with cloud(Fault(kind=FaultKind.HANG)) as base_url, build_http() as http:
        with pytest.raises(Problem) as caught:
            await rpc_over(http, base_url, within_s=0.1).call(DESCRIBE_REGIONS, {}, credential, None)

    assert caught.value.code == "cloud.timeout"
    assert caught.value.facts == {"operation": "DescribeRegions", "seconds": "0.1"}


async def test_a_page_of_a_captive_portal_is_not_understood(rpc_over: Clients, credential: Credential) -> None:
    async with cloud(Fault(kind=FaultKind.HTML)) as base_url, build_http() as http:
        with pytest.raises(Problem) as caught:
            await rpc_over(http, base_url).call(DESCRIBE_REGIONS, {}, credential, None)

    assert caught.value.code == "cloud.not_understood"
    assert caught.value.facts == {"operation": "DescribeRegions", "http_status": "200"}


async def test_nobody_listening_is_unreachable(rpc_over: Clients, credential: Credential) -> None:
    async with cloud() as base_url:
        gone = base_url

    async with build_http() as http:
        with pytest.raises(Problem) as caught:
            await rpc_over(http, gone).call(DESCRIBE_REGIONS, {}, credential, None)

    assert caught.value.code == "cloud.unreachable"


async def test_a_server_without_tls_is_unreachable_over_https(rpc_over: Clients, credential: Credential) -> None:
    async with cloud() as base_url, build_http() as http:
        with pytest.raises(Problem) as caught:
            await rpc_over(http, base_url.replace("http", "https")).call(DESCRIBE_REGIONS, {}, credential, None)

    assert caught.value.code == "cloud.unreachable"


async def test_calls_one_after_another_share_a_connection_and_no_cookie(
    rpc_over: Clients, credential: Credential
) -> None:
    peers: set[object] = set()
    cookies: list[str | None] = []

    async def answer(request: web.Request) -> web.Response:
        peers.add(request.transport)
        cookies.append(request.headers.get("cookie"))
        return web.json_response(REGIONS, headers={"Set-Cookie": "acw_tc=1; Path=/"})

    app = web.Application()
    app.router.add_post("/", answer)
    async with serving(app) as base_url, build_http() as http:
        for _ in range(3):
            await rpc_over(http, base_url).call(DESCRIBE_REGIONS, {}, credential, None)

    assert len(peers) == 1
    assert cookies == [None, None, None]


async def test_a_proxy_is_used_for_the_cloud_and_not_for_this_machine(
    rpc_over: Clients, credential: Credential, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    async def proxy(request: web.Request) -> web.Response:
        seen.append(str(request.url))
        return web.json_response(REGIONS)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", proxy)
    async with serving(app) as proxy_url, cloud() as base_url:
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HTTP_PROXY", proxy_url)
        async with build_http() as http:
            await rpc_over(http, base_url).call(DESCRIBE_REGIONS, {}, credential, None)
            await rpc_over(http, "http://vpc.invalid").call(DESCRIBE_REGIONS, {}, credential, None)

    assert seen == ["http://vpc.invalid/"]


async def test_addresses_with_what_they_carry_stay_out_of_the_log(
    rpc_over: Clients, credential: Credential, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    async with cloud() as base_url, build_http() as http:
        await rpc_over(http, base_url).call(DESCRIBE_REGIONS, {"ExternalId": "shared-with-few"}, credential, None)

    assert "shared-with-few" not in caplog.text


async def test_an_answer_without_end_is_not_read_to_the_end(rpc_over: Clients, credential: Credential) -> None:
    async def flood(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(LARGEST_ANSWER // 2**16 + 1):
            await response.write(b" " * 2**16)
        return response

    app = web.Application()
    app.router.add_post("/", flood)
    async with serving(app) as base_url, build_http() as http:
        with pytest.raises(Problem) as caught:
            await rpc_over(http, base_url).call(DESCRIBE_REGIONS, {}, credential, None)

    assert caught.value.code == "cloud.not_understood"
