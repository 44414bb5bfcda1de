"""Everything Slack may send comes back as a reply at once, and Bolt's traps stay shut."""

import asyncio
import logging
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.web.bolt import bolt_app
from bot.web.dispatch import Dispatch, Reply
from bot.web.meters import Meters
from tests.web.conftest import IDENTITY

COMMAND = {
    "command": "/vpn-diagnose",
    "text": "help",
    "team_id": "T0EMULATED",
    "user_id": "U0ALICE",
    "channel_id": "C0INCIDENT",
    "channel_name": "payload-oncall",
    "trigger_id": "1.2.3",
}


def acks(app: AsyncApp, **said: Any) -> None:
    async def listener(ack: AsyncAck) -> None:
        await ack(**said)

    app.command("/vpn-diagnose")(listener)


def answers_everything_else(app: AsyncApp) -> None:
    async def otherwise(error: Exception) -> BoltResponse:
        return BoltResponse(status=200, body={"text": type(error).__name__})

    app.error(otherwise)


async def at_once(dispatch: Dispatch, body: dict[str, Any]) -> Reply:
    """Return the reply, which must need nothing but turns of the loop: no timer, no poll."""
    task = asyncio.create_task(dispatch(body))
    for _ in range(100):
        await asyncio.sleep(0)
    assert task.done()
    return task.result()


async def test_a_bare_ack_says_nothing(app: AsyncApp, dispatch: Dispatch) -> None:
    acks(app)

    assert await dispatch(COMMAND) == Reply()


async def test_what_a_listener_says_with_its_ack_is_the_reply(app: AsyncApp, dispatch: Dispatch) -> None:
    acks(app, response_type="ephemeral", text="hello")

    assert await dispatch(COMMAND) == Reply(payload={"response_type": "ephemeral", "text": "hello"})


async def test_plain_words_are_a_text(app: AsyncApp, dispatch: Dispatch) -> None:
    acks(app, text="hello")

    assert await dispatch(COMMAND) == Reply(payload={"text": "hello"})


async def test_an_ack_waits_for_no_poll(app: AsyncApp, dispatch: Dispatch) -> None:
    acks(app)

    assert await at_once(dispatch, COMMAND) == Reply()


async def test_bolt_with_its_defaults_would_poll(meters: Meters) -> None:
    async def listener(ack: AsyncAck) -> None:
        await asyncio.sleep(0)
        await ack()

    client = AsyncWebClient(token="xoxb-test")
    app = AsyncApp(client=client, authorize=_the_bot, request_verification_enabled=False)
    app.command("/vpn-diagnose")(listener)
    task = asyncio.create_task(Dispatch(app, meters, timer=lambda: 0.0, request_seen=lambda: None)(COMMAND))
    for _ in range(100):
        await asyncio.sleep(0)

    assert not task.done()
    await task


async def test_an_exception_after_the_ack_is_answered_at_once(app: AsyncApp, dispatch: Dispatch) -> None:
    async def listener(ack: AsyncAck) -> None:
        await ack()
        raise LookupError

    app.command("/vpn-diagnose")(listener)
    answers_everything_else(app)

    assert await at_once(dispatch, COMMAND) == Reply(payload={"text": "LookupError"})


async def test_what_nobody_listens_to_is_answered(app: AsyncApp, dispatch: Dispatch) -> None:
    answers_everything_else(app)

    assert await dispatch(COMMAND) == Reply(payload={"text": BoltUnhandledRequestError.__name__})


async def test_our_own_events_are_acknowledged(dispatch: Dispatch) -> None:
    event = {"type": "app_mention", "user": IDENTITY.user_id, "text": "hi"}

    assert await dispatch({"type": "event_callback", "team_id": "T0EMULATED", "event": event}) == Reply()


async def test_the_address_check_of_the_events_api_is_answered(dispatch: Dispatch) -> None:
    reply = await dispatch({"type": "url_verification", "challenge": "3eZbrw1aB"})

    assert reply.payload == {"challenge": "3eZbrw1aB"}


async def test_a_probe_of_the_certificate_gets_no_other_path(app: AsyncApp, dispatch: Dispatch) -> None:
    acks(app, text="hello")

    assert await dispatch(COMMAND | {"ssl_check": "1"}) == Reply(payload={"text": "hello"})


async def test_a_payload_does_not_choose_the_token(app: AsyncApp, dispatch: Dispatch) -> None:
    used: list[str | None] = []

    async def listener(ack: AsyncAck, client: AsyncWebClient) -> None:
        used.append(client.token)
        await ack()

    app.command("/vpn-diagnose")(listener)
    await dispatch(COMMAND | {"bot_access_token": "xwfp-theirs", "function_data": {"execution_id": "Fx1"}})

    assert used == ["xoxb-test"]


async def test_a_stray_client_id_does_not_turn_on_oauth(monkeypatch: pytest.MonkeyPatch, meters: Meters) -> None:
    monkeypatch.setenv("SLACK_CLIENT_ID", "1.2")
    monkeypatch.setenv("SLACK_CLIENT_SECRET", "made-up")
    app = bolt_app(AsyncWebClient(token="xoxb-test", base_url="http://127.0.0.1:9/api/"), IDENTITY)
    acks(app, text="hello")

    assert await Dispatch(app, meters, timer=lambda: 0.0, request_seen=lambda: None)(COMMAND) == Reply(
        payload={"text": "hello"}
    )


async def test_bolt_writes_no_payload_into_the_log(
    app: AsyncApp, dispatch: Dispatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answers_everything_else(app)
    await dispatch(COMMAND | {"text": "planted-words"})
    event = {"type": "message", "user": IDENTITY.user_id, "text": "planted-words"}
    await dispatch({"type": "event_callback", "event": event})
    await dispatch({"team": 5, "text": "planted-words"})

    assert "planted-words" not in caplog.text


def test_bolts_own_parser_would_lose_a_command_that_says_payload() -> None:
    assert AsyncBoltRequest(body="command=%2Fvpn-diagnose&channel_name=payload-oncall").body == {}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"team": 5}, id="a number for a team"),
        pytest.param({"authorizations": 5}, id="a number for authorizations"),
        pytest.param({"authorizations": {"a": 1}}, id="an object for a list"),
        pytest.param({"user": 5}, id="a number for a person"),
        pytest.param({"view": {"app_installed_team_id": []}, "type": "view_submission"}, id="a list for a team"),
        pytest.param({"type": "block_actions", "actions": []}, id="no actions"),
        pytest.param({"type": "block_actions"}, id="actions missing"),
        pytest.param({"type": "event_callback", "event": None}, id="no event"),
        pytest.param({"type": "event_callback", "event": "text"}, id="text for an event"),
        pytest.param({"response_urls": [5]}, id="a number for an address"),
        pytest.param({"type": "view_submission", "view": "text"}, id="text for a view"),
    ],
)
async def test_a_payload_in_an_unknown_shape_is_acknowledged(
    app: AsyncApp, dispatch: Dispatch, body: dict[str, Any]
) -> None:
    answers_everything_else(app)
    acks(app)

    assert isinstance(await dispatch(body), Reply)


KEYS = st.sampled_from(
    ["type", "team", "team_id", "user", "view", "event", "authorizations", "channel", "actions", "id", "command",
     "enterprise", "message", "item", "thread_ts", "response_urls", "function_data", "callback_id", "block_id"]
)  # fmt: skip
TYPES = st.sampled_from(["block_actions", "view_submission", "event_callback"])
LEAVES = st.none() | st.integers() | st.text() | TYPES
PAYLOADS = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=20
)


@pytest.fixture
def dispatch_to_listeners(app: AsyncApp, dispatch: Dispatch) -> Dispatch:
    answers_everything_else(app)
    acks(app)
    return dispatch


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)
@given(body=st.dictionaries(KEYS, PAYLOADS, max_size=8))
async def test_no_payload_makes_dispatch_raise(dispatch_to_listeners: Dispatch, body: dict[str, Any]) -> None:
    assert isinstance(await dispatch_to_listeners(body), Reply)


async def test_acks_are_measured(app: AsyncApp, registry: CollectorRegistry, meters: Meters) -> None:
    acks(app)
    ticks = iter([10.0, 10.25])
    await Dispatch(app, meters, timer=lambda: next(ticks), request_seen=lambda: None)(COMMAND)

    assert registry.get_sample_value("vpn_diagnose_ack_seconds_sum") == 0.25


async def _the_bot() -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=None, team_id="T0EMULATED", bot_token="xoxb-test")
