"""The traps of the installed Bolt and SDK: that they are there, and that nothing of ours falls into them.

Each has a test against Bolt as it comes, which says when a new version has mended it, and one against our door.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import ClientError, ClientSession, web
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.client import build_client, build_session
from bot.web.body import parse_body
from bot.web.dispatch import Dispatch, Reply
from bot.web.door import web_app
from bot.web.events import Events
from bot.web.guard import signature_of
from bot.web.listening import listening
from bot.web.meters import Meters
from tests.web.conftest import Seen

SECRET = SecretStr("emulator-signing-secret")
FORM = "application/x-www-form-urlencoded"
COMMAND = {"command": "/vpn-diagnose", "text": "help", "team_id": "T0EMULATED", "user_id": "U0ALICE"}
BODY = urlencode(COMMAND).encode()

# Turns of the loop that are more than any listener here needs: what is not done by then waits for a timer.
TURNS = 100

Listen = Callable[[AsyncApp], None]


def bare_bolt(**choices: Any) -> AsyncApp:
    """Make an app as Bolt comes, but for the call of auth.test before each ack."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T0EMULATED", bot_token="xoxb-test")

    return AsyncApp(
        client=AsyncWebClient(token="xoxb-test", base_url="http://127.0.0.1:9/api/"),
        authorize=authorize,
        signing_secret=SECRET.get_secret_value(),
        **choices,
    )


@asynccontextmanager
async def served_by_bolt(app: AsyncApp) -> AsyncIterator[str]:
    async with listening(app.web_app("/slack/events"), "127.0.0.1", 0) as url:
        yield f"{url}/slack/events"


@pytest.fixture
async def door(
    app: AsyncApp, dispatch: Dispatch, meters: Meters, registry: CollectorRegistry, seen: Seen
) -> AsyncIterator[str]:
    """Serve our door, with a command that says hello."""

    async def ready() -> dict[str, str | None]:
        return {}

    says_hello(app)
    events = Events(dispatch, SECRET, lambda: datetime.now(UTC), meters, seen.first_use)
    async with listening(web_app(ready, registry, events), "127.0.0.1", 0) as url:
        yield f"{url}/slack/events"


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as opened:
        yield opened


def says_hello(app: AsyncApp) -> list[None]:
    run: list[None] = []

    async def listener(ack: AsyncAck) -> None:
        run.append(None)
        await ack(text="hello", response_type="ephemeral")

    app.command("/vpn-diagnose")(listener)
    return run


def signed(body: bytes = BODY, content_type: str = FORM) -> dict[str, str]:
    stamp = str(int(datetime.now(UTC).timestamp()))
    return {
        "Content-Type": content_type,
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": signature_of(SECRET, stamp, body),
    }


def as_slack_sends_it() -> AsyncBoltRequest:
    return AsyncBoltRequest(mode="socket_mode", body=COMMAND)


async def in_turns(task: "asyncio.Task[Any]") -> bool:
    """Tell whether a task is done after some turns of the loop, for which its clock stands: no timer fires."""
    loop = asyncio.get_running_loop()
    stopped_at = loop.time()
    loop.time = lambda: stopped_at  # type: ignore[method-assign]
    for _ in range(TURNS):
        await asyncio.sleep(0)
    del loop.time
    return task.done()


# The word `payload` (slack_bolt/request/internals.py, parse_body).

PAYLOAD_WORDS = [
    pytest.param({"text": "payload"}, id="the text"),
    pytest.param({"channel_name": "payload-oncall"}, id="a channel's name"),
    pytest.param({"user_name": "payload"}, id="a person's name"),
]


@pytest.mark.parametrize("words", PAYLOAD_WORDS)
async def test_bolt_loses_a_command_with_the_word_payload_in_it(
    session: ClientSession, words: dict[str, str]
) -> None:
    body = urlencode(COMMAND | words).encode()
    app = bare_bolt()
    run = says_hello(app)
    async with served_by_bolt(app) as url, session.post(url, data=body, headers=signed(body)) as answer:
        assert answer.status == 404
    assert run == []


@pytest.mark.parametrize("words", PAYLOAD_WORDS)
async def test_our_door_answers_a_command_with_the_word_payload_in_it(
    door: str, session: ClientSession, words: dict[str, str]
) -> None:
    body = urlencode(COMMAND | words).encode()

    async with session.post(door, data=body, headers=signed(body)) as answer:
        assert await answer.json() == {"text": "hello", "response_type": "ephemeral"}


@pytest.mark.parametrize("words", PAYLOAD_WORDS)
def test_our_parser_reads_what_bolts_parser_loses(words: dict[str, str]) -> None:
    body = urlencode(COMMAND | words)

    assert AsyncBoltRequest(body=body).body == {}
    assert parse_body(FORM, body.encode()) == COMMAND | words


# The poll for the ack every 10 ms (slack_bolt/listener/asyncio_runner.py, run).


async def test_bolt_waits_for_a_timer_before_it_answers() -> None:
    async def listener(ack: AsyncAck) -> None:
        await asyncio.sleep(0)
        await ack()

    app = bare_bolt()
    app.command("/vpn-diagnose")(listener)
    task = asyncio.create_task(app.async_dispatch(as_slack_sends_it()))

    assert not await in_turns(task)
    await task


async def test_our_dispatch_waits_for_no_timer(app: AsyncApp, dispatch: Dispatch) -> None:
    async def listener(ack: AsyncAck) -> None:
        await asyncio.sleep(0)
        await ack()

    app.command("/vpn-diagnose")(listener)
    task = asyncio.create_task(dispatch(COMMAND))

    assert await in_turns(task)
    assert task.result() == Reply()


# An exception after the ack takes the ack back (slack_bolt/listener/asyncio_runner.py, run).


def fails_after_its_ack(app: AsyncApp) -> None:
    async def listener(ack: AsyncAck) -> None:
        await ack(text="hello")
        raise LookupError

    app.command("/vpn-diagnose")(listener)


async def test_bolt_takes_an_ack_back_when_something_fails_after_it() -> None:
    app = bare_bolt()
    fails_after_its_ack(app)
    for listener in app._async_listeners:
        listener.ack_timeout = 0  # else 3 seconds go by before the answer, which is the same
    answer = await app.async_dispatch(as_slack_sends_it())

    assert answer.status == 404


async def test_bolt_that_processes_first_takes_it_back_too() -> None:
    app = bare_bolt(process_before_response=True)
    fails_after_its_ack(app)
    answer = await app.async_dispatch(as_slack_sends_it())

    assert answer.status == 500


async def test_our_door_answers_when_something_fails_after_the_ack(app: AsyncApp, dispatch: Dispatch) -> None:
    async def otherwise(error: Exception) -> BoltResponse:
        return BoltResponse(status=200, body={"text": f"sorry: {type(error).__name__}"})

    fails_after_its_ack(app)
    app.error(otherwise)
    task = asyncio.create_task(dispatch(COMMAND))

    assert await in_turns(task)
    assert task.result() == Reply('{"text": "sorry: LookupError"}')


# Work that nobody holds and nobody waits for (slack_bolt/listener/asyncio_runner.py and lazy_listener).


def works_after_its_ack(app: AsyncApp) -> tuple[asyncio.Event, list[str]]:
    go_on, done = asyncio.Event(), list[str]()

    async def listener(ack: AsyncAck) -> None:
        await ack()
        await go_on.wait()
        done.append("the work")

    app.command("/vpn-diagnose")(listener)
    return go_on, done


async def test_bolt_answers_while_work_goes_on_in_a_task_that_nobody_knows() -> None:
    app = bare_bolt()
    go_on, done = works_after_its_ack(app)
    before = asyncio.all_tasks()
    await app.async_dispatch(as_slack_sends_it())
    stray = asyncio.all_tasks() - before

    assert len(stray) == 1
    assert done == []
    go_on.set()
    await asyncio.gather(*stray)


async def test_our_answer_is_the_end_of_the_work_and_leaves_no_task(app: AsyncApp, dispatch: Dispatch) -> None:
    go_on, done = works_after_its_ack(app)
    before = asyncio.all_tasks()
    answering = asyncio.create_task(dispatch(COMMAND))

    assert not await in_turns(answering)
    assert asyncio.all_tasks() - before == {answering}
    go_on.set()
    await answering
    assert done == ["the work"]


# The SDK sends a POST again when the connection was cut (slack_sdk/http_retry/builtin_async_handlers.py).


class Drops:
    """A Slack that takes the first message and hangs up before it answers."""

    def __init__(self) -> None:
        self.posted = 0

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/api/chat.postMessage", self._post)
        return app

    async def _post(self, request: web.Request) -> web.Response:
        await request.read()
        self.posted += 1
        if self.posted == 1:
            assert request.transport is not None
            request.transport.abort()
        return web.json_response({"ok": True, "ts": "1.2", "channel": "C0INCIDENT"})


async def test_the_sdk_posts_twice_when_the_connection_is_cut() -> None:
    slack = Drops()
    async with listening(slack.app(), "127.0.0.1", 0) as url:
        await AsyncWebClient(token="xoxb-test", base_url=f"{url}/api/").chat_postMessage(
            channel="C0INCIDENT", text="once"
        )

    assert slack.posted == 2


async def test_our_client_posts_once_when_the_connection_is_cut() -> None:
    slack = Drops()
    async with listening(slack.app(), "127.0.0.1", 0) as url, build_session() as session:
        client = build_client("xoxb-test", f"{url}/api/", session)
        with pytest.raises(ClientError):
            await client.chat_postMessage(channel="C0INCIDENT", text="once")

    assert slack.posted == 1


# What is not from Slack is parsed first, and answered with 500 (slack_bolt/request, slack_sdk/signature).

JUNK = [
    pytest.param("application/json", b"{", {}, id="broken JSON"),
    pytest.param("application/json", b"[]", {}, id="a list"),
    pytest.param(FORM, b"payload=notjson", {}, id="an interaction that is no JSON"),
    pytest.param(FORM, BODY, {"X-Slack-Request-Timestamp": "soon"}, id="a timestamp that is no number"),
    pytest.param(FORM, BODY, {"X-Slack-Signature": "v0=\u00fc"}, id="a signature that is not ASCII"),
]


def forged(content_type: str, changes: dict[str, str]) -> dict[str, str]:
    stamp = str(int(datetime.now(UTC).timestamp()))
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": "v0=" + "0" * 64}
    return headers | {"Content-Type": content_type} | changes


@pytest.mark.parametrize(("content_type", "body", "changes"), JUNK)
async def test_bolt_answers_unsigned_junk_with_500(
    session: ClientSession, content_type: str, body: bytes, changes: dict[str, str]
) -> None:
    async with served_by_bolt(bare_bolt()) as url:
        answer = await session.post(url, data=body, headers=forged(content_type, changes))

        assert answer.status == 500


@pytest.mark.parametrize(("content_type", "body", "changes"), JUNK)
async def test_our_door_answers_unsigned_junk_with_401(
    door: str,
    session: ClientSession,
    content_type: str,
    body: bytes,
    changes: dict[str, str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = await session.post(door, data=body, headers=forged(content_type, changes))

    assert answer.status == 401
    assert "Traceback" not in caplog.text


# The whole body of a forged request in the log (slack_bolt/middleware/request_verification).


async def test_bolt_writes_the_body_of_a_forged_request_into_the_log(
    session: ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with served_by_bolt(bare_bolt()) as url:
        await session.post(url, data=b"text=planted-words", headers=forged(FORM, {}))

    assert "planted-words" in caplog.text


async def test_our_door_writes_no_body_into_the_log(
    door: str, session: ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await session.post(door, data=b"text=planted-words", headers=forged(FORM, {}))

    assert "planted-words" not in caplog.text


# The same twice: as signed bytes, and as a payload (nothing in Bolt looks for either).


async def test_bolt_lets_the_same_signed_bytes_in_each_time(session: ClientSession) -> None:
    app = bare_bolt(process_before_response=True)
    run = says_hello(app)
    headers = signed()
    async with served_by_bolt(app) as url:
        answers = [(await session.post(url, data=BODY, headers=headers)).status for _ in range(3)]

    assert answers == [200, 200, 200]
    assert len(run) == 3


async def test_our_door_lets_the_same_signed_bytes_in_once(door: str, session: ClientSession) -> None:
    headers = signed()
    answers = [(await session.post(door, data=BODY, headers=headers)).status for _ in range(3)]

    assert answers == [200, 401, 401]


async def test_bolt_runs_a_payload_that_is_brought_again() -> None:
    app = bare_bolt(process_before_response=True)
    run = says_hello(app)
    for _ in range(2):
        await app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=COMMAND | {"trigger_id": "1.2.3"}))

    assert len(run) == 2


async def test_our_dispatch_runs_it_once(app: AsyncApp, dispatch: Dispatch) -> None:
    run = says_hello(app)
    answers = [await dispatch(COMMAND | {"trigger_id": "1.2.3"}) for _ in range(2)]

    assert [json.loads(answer.text or "{}")["text"] for answer in answers] == ["hello", "hello"]
    assert len(run) == 1


# A client for each request, which looks through the environment for proxies (slack_bolt/app/async_app.py).


def keeps_its_client(app: AsyncApp) -> list[AsyncWebClient]:
    kept: list[AsyncWebClient] = []

    async def listener(ack: AsyncAck, client: AsyncWebClient) -> None:
        kept.append(client)
        await ack()

    app.command("/vpn-diagnose")(listener)
    return kept


async def test_bolt_makes_a_client_for_each_request() -> None:
    app = bare_bolt()
    kept = keeps_its_client(app)
    await app.async_dispatch(as_slack_sends_it())

    assert kept[0] is not app.client


async def test_our_requests_share_one_client(app: AsyncApp, dispatch: Dispatch) -> None:
    kept = keeps_its_client(app)
    await dispatch(COMMAND)

    assert kept[0] is app.client
