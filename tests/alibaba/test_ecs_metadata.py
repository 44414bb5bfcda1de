"""The role of an instance, from a metadata server that is a real one on this machine."""

import asyncio
import json
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from bot.alibaba.ecs_metadata import EcsMetadata
from bot.alibaba.transport import build_http
from bot.emulators.serving import serving
from bot.model.problem import Problem

GIVEN = {
    "AccessKeyId": "STS.example-id",
    "AccessKeySecret": "example-secret",
    "Expiration": "2026-01-02T18:00:00Z",
    "SecurityToken": "CAIS-example",
    "LastUpdated": "2026-01-02T12:00:00Z",
    "Code": "Success",
}


class Instance:
    """An instance with the role `bot`, which wants a token of its own."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []
        self.token: Any = lambda: web.Response(text="token-1")
        self.role: Any = lambda: web.json_response(GIVEN)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.seen.append((request.method, request.path))
        if request.path == "/latest/api/token":
            good = request.method == "PUT" and request.headers["X-aliyun-ecs-metadata-token-ttl-seconds"] == "60"
            return self.token() if good else web.Response(status=400)
        if request.headers.get("X-aliyun-ecs-metadata-token") != "token-1":
            return web.Response(status=403)
        return self.role() if request.path.endswith("/security-credentials/bot") else web.Response(status=404)


@pytest.fixture
def instance() -> Instance:
    return Instance()


@asynccontextmanager
async def metadata(instance: Instance) -> AsyncIterator[EcsMetadata]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", instance.answer)
    async with serving(app) as base_url, build_http() as http:
        yield EcsMetadata(http, base_url)


async def failing(instance: Instance, role_name: str = "bot") -> Problem:
    async with metadata(instance) as asked:
        with pytest.raises(Problem) as caught:
            await asked.credential(role_name)
    return caught.value


async def test_the_credential_of_the_role_is_read_with_a_token(instance: Instance) -> None:
    async with metadata(instance) as asked:
        credential = await asked.credential("bot")

    assert credential.access_key_id == "STS.example-id"
    assert credential.access_key_secret.get_secret_value() == "example-secret"
    assert credential.security_token is not None
    assert credential.security_token.get_secret_value() == "CAIS-example"
    assert credential.expires_at == datetime(2026, 1, 2, 18, tzinfo=UTC)
    assert instance.seen == [
        ("PUT", "/latest/api/token"),
        ("GET", "/latest/meta-data/ram/security-credentials/bot"),
    ]


async def test_no_secret_is_shown(instance: Instance) -> None:
    async with metadata(instance) as asked:
        credential = await asked.credential("bot")

    assert "example-secret" not in repr(credential)
    assert "CAIS" not in repr(credential)


async def test_a_role_that_the_instance_has_not_is_named(instance: Instance) -> None:
    problem = await failing(instance, "other")

    assert (problem.code, problem.facts) == ("access.machine_role_missing", {"role": "other"})


@pytest.mark.parametrize("name", ["", "..", "a/b", "a?b", "a b", "\u5317", "x" * 65])
async def test_what_is_no_name_of_a_role_is_not_asked_for(name: str, instance: Instance) -> None:
    problem = await failing(instance, name)

    assert problem.code == "access.machine_role_missing"
    assert instance.seen == []


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"Code": "Failed"}, 200),
        ({"Code": None}, 200),
        ({"AccessKeySecret": ""}, 200),
        ({"SecurityToken": "two\nlines"}, 200),
        ({"AccessKeyId": 7}, 200),
        ({"Expiration": "soon"}, 200),
        ({}, 500),
        ({}, 403),
        ({}, 302),
    ],
)
async def test_an_answer_without_a_credential_is_not_understood(
    changes: dict[str, Any], status: int, instance: Instance
) -> None:
    instance.role = lambda: web.json_response(GIVEN | changes, status=status)

    problem = await failing(instance)

    assert (problem.code, problem.facts) == ("access.machine_not_understood", {"http_status": str(status)})
    assert "example-secret" not in "".join(traceback.format_exception(problem))


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"AccessKeySecret": "example-secret', b" " * 2**22])
async def test_what_is_no_json_object_is_not_understood_and_not_quoted(body: bytes, instance: Instance) -> None:
    instance.role = lambda: web.Response(body=body)

    problem = await failing(instance)

    assert problem.code == "access.machine_not_understood"
    assert "example-secret" not in "".join(traceback.format_exception(problem))


@pytest.mark.parametrize(
    "token",
    [
        lambda: web.Response(status=403),
        lambda: web.Response(status=404, text="no such page"),
        lambda: web.Response(text=""),
        lambda: web.Response(text="two\nlines"),
        lambda: web.Response(body=b"\xff"),
        lambda: web.Response(text="x" * 1001),
    ],
    ids=["forbidden", "not there", "empty", "of two lines", "no text", "too long"],
)
async def test_without_a_token_nothing_is_asked_for(token: Callable[[], web.Response], instance: Instance) -> None:
    instance.token = token

    problem = await failing(instance)

    assert problem.code == "access.machine_not_understood"
    assert instance.seen == [("PUT", "/latest/api/token")]


async def test_where_nobody_listens_there_is_no_instance(instance: Instance) -> None:
    async with metadata(instance) as gone:
        pass
    async with build_http() as http:
        with pytest.raises(Problem) as caught:
            await EcsMetadata(http, str(gone._base)).credential("bot")

    assert (caught.value.code, caught.value.facts) == ("access.machine_silent", {"host": "127.0.0.1"})


async def test_what_a_failure_came_from_does_not_hold_the_token_of_the_instance() -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            return httpx.Response(200, text="token-1")
        raise httpx.ReadError("reset", request=request)

    with pytest.raises(Problem) as caught:
        await EcsMetadata(httpx.MockTransport(fail)).credential("bot")

    assert isinstance(caught.value.__cause__, httpx.ReadError)
    assert "token-1" not in str(caught.value.__cause__.request.headers)


async def test_a_server_that_does_not_answer_is_given_up() -> None:
    async def hang(request: httpx.Request) -> httpx.Response:
        del request
        await asyncio.sleep(60)
        raise AssertionError

    with pytest.raises(Problem, match=r"access\.machine_silent"):
        await EcsMetadata(httpx.MockTransport(hang), within_s=0.01).credential("bot")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(json_values | st.fixed_dictionaries({}, optional=dict.fromkeys(GIVEN, json_values)))
async def test_no_answer_raises_anything_but_a_problem(value: Any) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        body = b"token-1" if request.method == "PUT" else json.dumps(value).encode()
        return httpx.Response(200, content=body)

    with pytest.raises(Problem, match=r"access\.machine_not_understood"):
        await EcsMetadata(httpx.MockTransport(answer)).credential("bot")
