"""Thousands of requests that are not from Slack: nothing is let in, nothing breaks, and Slack's own get through.

The long form is `python -m tests.crash.storm`.
"""

import gc
import json
import logging
import tracemalloc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import pytest
from aiohttp import web
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.model.ids import TeamId, UserId
from bot.slack.api import BotIdentity
from bot.web.body import parse_body
from bot.web.bolt import bolt_app
from bot.web.connections import Connections
from bot.web.dispatch import Dispatch
from bot.web.door import web_app
from bot.web.events import Events
from bot.web.guard import Refusal, check_head, check_signature
from bot.web.listening import listening
from bot.web.meters import Meters
from bot.web.replays import MOST_KNOWN, FirstUse, always_first
from tests.crash.junk import Slack, junk
from tests.crash.storm import storm

SECRET = SecretStr("emulator-signing-secret")
REQUESTS = 2_000
FEW = 200

# Seconds, so short that what waits for the door's patience does not make the test long.
HEADERS_WITHIN_S = 0.5
BODY_WITHIN_S = 0.2

# Seconds for an answer of a door that waits for more than it gets.
PATIENCE_S = 0.5

# What a door stands on, and how many bytes of it may be left behind by requests of 100 times as much.
STANDS_ON = [tracemalloc.Filter(inclusive=True, filename_pattern=f"*/{part}/*") for part in ("bot", "aiohttp")]
MOST_GROWTH = 100_000

Check = Callable[[web.Request, bytes], Refusal | None]
Parse = Callable[[str, bytes], Any]


def now() -> datetime:
    return datetime.now(UTC)


SLACK = Slack(SECRET, now)


class Memory:
    def __init__(self) -> None:
        self._seen: set[str] = set()

    async def first_use(self, signature: str, at: datetime) -> bool:
        del at
        first = signature not in self._seen
        self._seen.add(signature)
        return first


def listening_bolt() -> AsyncApp:
    """Make our Bolt, with a command that says hello and an answer to all else."""
    identity = BotIdentity(team_id=TeamId("T0EMULATED"), user_id=UserId("U0VPNBOT"), bot_id="B0VPNBOT")
    app = bolt_app(AsyncWebClient(token="xoxb-test", base_url="http://127.0.0.1:9/api/"), identity)

    async def command(ack: AsyncAck) -> None:
        await ack(text="hello", response_type="ephemeral")

    async def otherwise() -> BoltResponse:
        return BoltResponse(status=200)

    app.command("/vpn-diagnose")(command)
    app.error(otherwise)
    return app


async def ready() -> dict[str, str | None]:
    return {}


@asynccontextmanager
async def our_door(first_use: FirstUse, most_known: int = MOST_KNOWN) -> AsyncIterator[str]:
    registry = CollectorRegistry()
    meters = Meters(registry)
    dispatch = Dispatch(listening_bolt(), meters, timer=lambda: 0.0, request_seen=lambda: None)
    events = Events(dispatch, SECRET, now, meters, first_use, most_known=most_known, read_timeout_s=BODY_WITHIN_S)
    async with served(web_app(ready, registry, events)) as url:
        yield url


@asynccontextmanager
async def served(app: web.Application) -> AsyncIterator[str]:
    async with listening(app, "127.0.0.1", 0, Connections(headers_within_s=HEADERS_WITHIN_S)) as url:
        yield f"{url}/slack/events"


async def test_nothing_but_slack_is_let_in_and_nothing_breaks(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with our_door(Memory().first_use) as url:
        toll = await storm(url, SLACK, junk(SLACK, REQUESTS, 1))

    assert toll.requests > REQUESTS
    assert (toll.let_in, toll.broken, toll.unanswered, toll.turned_away) == (0, 0, 0, 0), str(toll)
    assert "Traceback" not in caplog.text
    assert all(record.levelno < logging.ERROR for record in caplog.records)


def held_by_the_door() -> int:
    """Return how many bytes are alive that were taken by the code that the door stands on."""
    gc.collect()
    snapshot = tracemalloc.take_snapshot().filter_traces(STANDS_ON)
    return sum(trace.size for trace in snapshot.traces)


async def growth(url: str) -> int:
    """Return by how many bytes a storm makes a door grow, after another storm."""
    first, second = (list(junk(SLACK, FEW, chance)) for chance in (1, 1_000))
    tracemalloc.start()
    try:
        await storm(url, SLACK, first, PATIENCE_S)
        before = held_by_the_door()
        await storm(url, SLACK, second, PATIENCE_S)
        return held_by_the_door() - before
    finally:
        tracemalloc.stop()


async def test_what_was_refused_leaves_nothing_behind() -> None:
    async with our_door(Memory().first_use) as url:
        assert await growth(url) < MOST_GROWTH


async def test_a_door_that_keeps_what_it_gets_would_be_found_out() -> None:
    kept: list[bytes] = []

    async def keep(request: web.Request) -> web.Response:
        kept.append(await request.read())
        return web.Response(status=401)

    app = web.Application()
    app.router.add_post("/slack/events", keep)
    async with served(app) as url:
        assert await growth(url) > MOST_GROWTH


async def test_a_door_without_a_memory_would_be_found_out() -> None:
    async with our_door(always_first, most_known=0) as url:
        toll = await storm(url, SLACK, junk(SLACK, FEW, 1))

    assert toll.let_in == toll.outcomes["replayed", 200] > 0


def a_door(check: Check, parse: Parse) -> web.Application:
    """Make a door like ours with other ideas of what to check and how to parse."""
    dispatch = Dispatch(
        listening_bolt(), Meters(CollectorRegistry()), timer=lambda: 0.0, request_seen=lambda: None
    )

    async def handle(request: web.Request) -> web.Response:
        body = await request.read()
        refusal = check_head(request.method, request.content_type, request.headers, now()) or check(request, body)
        payload = refusal or parse(request.content_type, body)
        if isinstance(payload, Refusal):
            return web.Response(status=payload.status)
        await dispatch(payload)
        return web.Response()

    app = web.Application()
    app.router.add_post("/slack/events", handle)
    return app


def signed(request: web.Request, body: bytes) -> Refusal | None:
    return check_signature(request.headers, body, SECRET)


def anything(request: web.Request, body: bytes) -> Refusal | None:
    del request, body
    return None


def carelessly(content_type: str, body: bytes) -> Any:
    return json.loads(body) if content_type == "application/json" else dict(parse_qsl(body.decode()))


async def test_a_door_that_checks_no_signature_would_be_found_out() -> None:
    async with served(a_door(anything, parse_body)) as url:
        toll = await storm(url, SLACK, junk(SLACK, FEW, 1), PATIENCE_S)

    assert toll.outcomes["forged", 200] > 0


async def test_a_door_that_parses_without_bounds_would_be_found_out() -> None:
    async with served(a_door(signed, carelessly)) as url:
        toll = await storm(url, SLACK, junk(SLACK, FEW, 1), PATIENCE_S)

    assert toll.outcomes["signed", 500] > 0


async def test_bolts_own_door_is_found_out() -> None:
    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T0EMULATED", bot_token="xoxb-test")

    app = AsyncApp(authorize=authorize, signing_secret=SECRET.get_secret_value(), process_before_response=True)

    async def command(ack: AsyncAck) -> None:
        await ack()

    app.command("/vpn-diagnose")(command)
    async with served(app.web_app("/slack/events")) as url:
        toll = await storm(url, SLACK, junk(SLACK, FEW, 1), PATIENCE_S)

    assert toll.outcomes["forged", 500] > 0
    assert toll.outcomes["replayed", 200] > 0
