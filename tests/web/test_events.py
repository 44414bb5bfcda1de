"""Requests at the route for Slack, over a real connection: what Slack signed is answered, all else gets 4xx."""

import asyncio
import gzip
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import ClientSession, web
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.emulators.serving import serving
from bot.emulators.slack.emulator import SlackEmulator
from bot.emulators.slack.player import Player
from bot.model.problem import Problem
from bot.web.dispatch import Dispatch
from bot.web.door import web_app
from bot.web.events import Events
from bot.web.guard import LARGEST_BODY, signature_of
from bot.web.listening import listening
from bot.web.meters import Meters
from tests.web.conftest import Seen

NOW = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
SECRET = SecretStr("emulator-signing-secret")
COMMAND = {"command": "/vpn-diagnose", "text": "planted-words", "team_id": "T0EMULATED", "user_id": "U0ALICE"}
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def commands(app: AsyncApp) -> list[str]:
    """Return the texts of the commands that have been run."""
    run: list[str] = []

    async def listener(ack: AsyncAck, body: dict[str, Any]) -> None:
        run.append(body["text"])
        await ack(text=body["text"]) if body["text"] else await ack()

    app.command("/vpn-diagnose")(listener)
    return run


async def ready() -> dict[str, str | None]:
    return {}


@asynccontextmanager
async def at(registry: CollectorRegistry, events: Events) -> AsyncIterator[str]:
    async with listening(web_app(ready, registry, events), "127.0.0.1", 0) as address:
        yield f"{address}/slack/events"


@pytest.fixture
async def url(
    commands: list[str], dispatch: Dispatch, meters: Meters, registry: CollectorRegistry, seen: Seen
) -> AsyncIterator[str]:
    del commands
    async with at(registry, Events(dispatch, SECRET, lambda: NOW, meters, seen.first_use)) as address:
        yield address


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession(auto_decompress=False) as opened:
        yield opened


def signed(body: bytes, content_type: str = FORM) -> dict[str, str]:
    return {
        "Content-Type": content_type,
        "X-Slack-Request-Timestamp": STAMP,
        "X-Slack-Signature": signature_of(SECRET, STAMP, body),
    }


def head(headers: dict[str, str], *framing: bytes) -> bytes:
    lines = [f"{name}: {value}".encode() for name, value in headers.items()]
    return b"\r\n".join([b"POST /slack/events HTTP/1.1", b"Host: x", *lines, *framing, b"", b""])


async def raw(url: str, request: bytes) -> bytes:
    port = int(url.rpartition(":")[2].partition("/")[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    status_line = await reader.readline()
    writer.close()
    await writer.wait_closed()
    return status_line


async def test_what_slack_signed_is_answered(url: str, session: ClientSession) -> None:
    body = urlencode(COMMAND).encode()

    answer = await session.post(url, data=body, headers=signed(body))

    assert answer.status == 200
    assert await answer.json() == {"text": "planted-words"}


async def test_what_slacks_emulator_signs_is_answered(
    dispatch: Dispatch, app: AsyncApp, meters: Meters, session: ClientSession
) -> None:
    async def listener(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack(text=body["channel_name"])

    app.command("/vpn-diagnose")(listener)
    route = web.Application()
    route.router.add_post("/slack/events", Events(dispatch, SECRET, lambda: NOW, meters).handle)
    async with (
        listening(route, "127.0.0.1", 0) as address,
        serving(SlackEmulator(clock=lambda: NOW, events_url=f"{address}/slack/events").web_app()) as slack,
    ):
        outcome = await Player(slack, session).command("", channel="C0PAYLOAD")

    assert outcome["status"] == 200
    assert outcome["payload"] == {"text": "payload-oncall"}


async def test_a_bare_ack_has_no_body(url: str, session: ClientSession) -> None:
    body = urlencode(COMMAND | {"text": ""}).encode()

    answer = await session.post(url, data=body, headers=signed(body))

    assert answer.status == 200
    assert await answer.read() == b""


async def test_a_command_in_a_channel_called_payload_is_answered(url: str, session: ClientSession) -> None:
    body = urlencode(COMMAND | {"channel_name": "payload-oncall"}).encode()

    answer = await session.post(url, data=body, headers=signed(body))

    assert await answer.json() == {"text": "planted-words"}


async def test_the_events_api_may_check_the_address(url: str, session: ClientSession) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB"}).encode()

    answer = await session.post(url, data=body, headers=signed(body, "application/json; charset=utf-8"))

    assert await answer.json() == {"challenge": "3eZbrw1aB"}


@pytest.mark.parametrize(
    ("body", "change", "status"),
    [
        pytest.param(b"{", {"X-Slack-Signature": "v0=" + "0" * 64}, 401, id="forged broken JSON"),
        pytest.param(b"payload=notjson", {"X-Slack-Signature": ""}, 401, id="an unsigned broken interaction"),
        pytest.param(b"ssl_check=1", {"X-Slack-Signature": ""}, 401, id="an unsigned certificate probe"),
        pytest.param(b"a=1", {"X-Slack-Request-Timestamp": "soon"}, 401, id="a timestamp that is no number"),
        pytest.param(b"a=1", {"X-Slack-Request-Timestamp": "1"}, 401, id="a very old timestamp"),
        pytest.param(b"a=1", {"X-Slack-Signature": "v0=\u00fc"}, 401, id="a signature that is not ASCII"),
        pytest.param(b"a=1", {"Content-Type": "multipart/form-data; boundary=x"}, 415, id="an upload"),
        pytest.param(b"payload=notjson", {}, 400, id="a signed body that is no payload"),
        pytest.param(b"x" * (LARGEST_BODY + 1), {}, 413, id="a body that is too large"),
    ],
)
async def test_everybody_else_gets_4xx(
    url: str, session: ClientSession, body: bytes, change: dict[str, str], status: int
) -> None:
    answer = await session.post(url, data=body, headers=signed(body) | change)

    assert answer.status == status


@pytest.mark.parametrize(
    ("framing", "body", "status"),
    [
        pytest.param(b"Content-Length: 300000", b"", 413, id="a length that is too large, and nothing behind it"),
        pytest.param(b"Content-Length: 99999999999999", b"x", 413, id="a length beyond all measure"),
        pytest.param(b"Content-Length: 3", b"x" * 300_000, 400, id="a length that is too small"),
        pytest.param(b"Content-Length: -1", b"x", 400, id="a negative length"),
        pytest.param(b"Content-Length: 3\r\nContent-Length: 4", b"xxxx", 400, id="two lengths"),
        pytest.param(b"Content-Length: 3\r\nTransfer-Encoding: chunked", b"3\r\nxxx\r\n0\r\n\r\n", 400, id="both"),
        pytest.param(b"Transfer-Encoding: chunked", b"49F40\r\n" + b"x" * 302_912, 413, id="one large chunk"),
        pytest.param(
            b"Transfer-Encoding: chunked", b"FFFFFFFFFFFFFFFFF\r\nxx", 400, id="a chunk beyond all measure"
        ),
    ],
)
async def test_the_size_is_what_arrives_and_what_is_said(
    url: str, commands: list[str], framing: bytes, body: bytes, status: int
) -> None:
    assert b" %d " % status in await raw(url, head(signed(b""), framing) + body)
    assert commands == []


async def test_a_body_whose_head_is_refused_is_not_waited_for(url: str) -> None:
    unsigned = signed(b"") | {"X-Slack-Signature": ""}

    assert b" 401 " in await raw(url, head(unsigned, b"Content-Length: 200000"))


async def test_the_same_signed_bytes_are_let_in_once(
    url: str, session: ClientSession, commands: list[str]
) -> None:
    body = urlencode(COMMAND).encode()
    answers = [await session.post(url, data=body, headers=signed(body)) for _ in range(11)]

    assert [answer.status for answer in answers] == [200] + [401] * 10
    assert await answers[1].json() == {"refused": "replayed"}
    assert commands == ["planted-words"]


async def test_the_same_signed_bytes_at_the_same_time_are_let_in_once(
    url: str, session: ClientSession, commands: list[str]
) -> None:
    body = urlencode(COMMAND).encode()
    answers = await asyncio.gather(*(session.post(url, data=body, headers=signed(body)) for _ in range(20)))

    assert sorted(answer.status for answer in answers) == [200] + [401] * 19
    assert len(commands) == 1


async def test_without_a_memory_a_replay_is_let_in(
    dispatch: Dispatch, meters: Meters, registry: CollectorRegistry, session: ClientSession, commands: list[str]
) -> None:
    del commands
    body = urlencode(COMMAND).encode()
    async with at(registry, Events(dispatch, SECRET, lambda: NOW, meters, most_known=0)) as url:
        answers = [await session.post(url, data=body, headers=signed(body)) for _ in range(2)]

    assert [answer.status for answer in answers] == [200, 200]


async def test_signed_bytes_are_remembered_before_anything_is_parsed(url: str, session: ClientSession) -> None:
    answers = [await session.post(url, data=b"payload=notjson", headers=signed(b"payload=notjson")) for _ in "12"]

    assert [answer.status for answer in answers] == [400, 401]


async def test_nobody_can_have_a_signature_refused_that_is_not_theirs(
    url: str, session: ClientSession, seen: Seen
) -> None:
    body = urlencode(COMMAND).encode()
    forged = await session.post(url, data=b"another body", headers=signed(body))
    remembered = dict(seen.signatures)
    genuine = await session.post(url, data=body, headers=signed(body))

    assert (forged.status, remembered, genuine.status) == (401, {}, 200)


async def broken(signature: str, at: datetime) -> bool:
    del signature, at
    raise Problem("bot.not_stored")


@pytest.mark.parametrize(
    ("body", "status"), [(urlencode(COMMAND).encode(), 200), (b"payload=notjson", 400)], ids=["a command", "none"]
)
async def test_what_cannot_be_remembered_is_declined_in_words(
    app: AsyncApp,
    meters: Meters,
    registry: CollectorRegistry,
    session: ClientSession,
    commands: list[str],
    body: bytes,
    status: int,
) -> None:
    dispatch = Dispatch(
        app,
        meters,
        timer=lambda: 0.0,
        request_seen=lambda: None,
        decline=lambda problem, _: {"text": problem.code},
    )
    async with at(registry, Events(dispatch, SECRET, lambda: NOW, meters, broken)) as url:
        answer = await session.post(url, data=body, headers=signed(body))

        assert answer.status == status
        assert await answer.json() == ({"text": "bot.not_stored"} if status == 200 else {"refused": "body"})
    assert commands == []


async def test_a_bot_alone_takes_nothing_back_because_a_signature_could_not_be_noted(
    dispatch: Dispatch, meters: Meters, registry: CollectorRegistry, session: ClientSession, commands: list[str]
) -> None:
    body = urlencode(COMMAND).encode()
    async with at(registry, Events(dispatch, SECRET, lambda: NOW, meters, broken, known={})) as url:
        answers = [(await session.post(url, data=body, headers=signed(body))).status for _ in range(2)]

    assert answers == [200, 401]
    assert commands == ["planted-words"]


async def test_a_bot_alone_answers_once_the_use_is_noted(
    dispatch: Dispatch, meters: Meters, registry: CollectorRegistry, session: ClientSession, commands: list[str]
) -> None:
    noted = asyncio.Event()

    async def first_use(signature: str, at: datetime) -> bool:
        del signature, at
        return await noted.wait()

    body = urlencode(COMMAND).encode()
    async with at(registry, Events(dispatch, SECRET, lambda: NOW, meters, first_use, known={})) as url:
        answering = asyncio.create_task(session.post(url, data=body, headers=signed(body)))
        async with asyncio.timeout(10):
            while not commands:  # noqa: ASYNC110 - it comes over the network
                await asyncio.sleep(0.01)
        early = answering.done()
        noted.set()

        assert (await answering).status == 200
    assert not early


async def test_a_bot_that_was_not_alone_after_all_refuses_what_the_database_knows(
    dispatch: Dispatch, meters: Meters, registry: CollectorRegistry, session: ClientSession, commands: list[str]
) -> None:
    del commands
    body = urlencode(COMMAND).encode()
    seen = Seen()
    for _ in range(2):
        async with at(registry, Events(dispatch, SECRET, lambda: NOW, meters, seen.first_use, known={})) as url:
            answer = await session.post(url, data=body, headers=signed(body))

    assert answer.status == 401


async def test_a_large_body_without_a_length_is_refused(url: str, session: ClientSession) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(LARGEST_BODY // 1024 + 2):
            yield b"x" * 1024

    answer = await session.post(url, data=endless(), headers=signed(b""))

    assert answer.status == 413


async def test_a_bomb_is_refused(url: str, session: ClientSession) -> None:
    bomb = gzip.compress(b"\0" * LARGEST_BODY * 10)

    answer = await session.post(url, data=bomb, headers=signed(bomb) | {"Content-Encoding": "gzip"})

    assert answer.status == 415


async def test_what_only_says_it_is_compressed_is_refused(url: str, session: ClientSession) -> None:
    answer = await session.post(url, data=b"a=1", headers=signed(b"a=1") | {"Content-Encoding": "gzip"})

    assert answer.status == 415


async def test_other_methods_are_refused(url: str, session: ClientSession) -> None:
    answer = await session.get(url)

    assert answer.status == 405


async def test_what_is_not_http_is_refused(url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    assert b" 400 " in await raw(url, b"planted-words\x00\xff\r\n\r\n")
    assert "planted-words" not in caplog.text


async def test_a_connection_that_is_cut_in_the_middle_leaves_no_trace(
    url: str, session: ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    port = int(url.rpartition(":")[2].partition("/")[0])
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nplanted-words")
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    await session.get(url)

    assert "Traceback" not in caplog.text


async def test_refusals_are_counted_and_logged_without_the_body(
    url: str, session: ClientSession, registry: CollectorRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    body = b"text=planted-words"
    await session.post(url, data=body, headers=signed(body) | {"X-Slack-Signature": "v0=" + "1" * 64})

    assert registry.get_sample_value("vpn_diagnose_refused_requests_total", {"reason": "signature"}) == 1
    assert "refused a request from 127.0.0.1: signature" in caplog.text
    assert "planted-words" not in caplog.text
    assert "1" * 64 not in caplog.text


async def test_a_body_that_does_not_arrive_is_not_waited_for(
    dispatch: Dispatch, meters: Meters, registry: CollectorRegistry
) -> None:
    events = Events(dispatch, SECRET, lambda: NOW, meters, read_timeout_s=0.01)
    async with at(registry, events) as address:
        status_line = await raw(address, head(signed(b""), b"Content-Length: 9") + b"a=")

    assert b" 408 " in status_line
    assert registry.get_sample_value("vpn_diagnose_refused_requests_total", {"reason": "slow"}) == 1
