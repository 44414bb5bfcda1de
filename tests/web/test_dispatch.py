"""Everything Slack may send comes back as a reply: once for each intent, and politely when it is too much."""

import asyncio
import json
import logging
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.model.problem import Problem
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


def said(payload: dict[str, Any]) -> Reply:
    return Reply(json.dumps(payload))


def acks(app: AsyncApp, **words: Any) -> None:
    async def listener(ack: AsyncAck) -> None:
        await ack(**words)

    app.command("/vpn-diagnose")(listener)


def counts(app: AsyncApp, turns: int = 0) -> list[None]:
    """Count the commands that are run, each of which takes so many turns of the loop."""
    done: list[None] = []

    async def listener(ack: AsyncAck) -> None:
        for _ in range(turns):
            await asyncio.sleep(0)
        done.append(None)
        await ack(text=str(len(done)))

    app.command("/vpn-diagnose")(listener)
    return done


def answers_everything_else(app: AsyncApp) -> None:
    async def otherwise(error: Exception) -> BoltResponse:
        return BoltResponse(status=200, body={"text": type(error).__name__})

    app.error(otherwise)


async def test_a_bare_ack_says_nothing(app: AsyncApp, dispatch: Dispatch) -> None:
    acks(app)

    assert await dispatch(COMMAND) == Reply()


async def test_what_a_listener_says_with_its_ack_is_the_reply(app: AsyncApp, dispatch: Dispatch) -> None:
    acks(app, response_type="ephemeral", text="hello")

    assert await dispatch(COMMAND) == said({"text": "hello", "response_type": "ephemeral"})


async def test_plain_words_are_a_text(app: AsyncApp, dispatch: Dispatch) -> None:
    acks(app, text="hello")

    assert await dispatch(COMMAND) == said({"text": "hello"})


async def test_what_nobody_listens_to_is_answered(app: AsyncApp, dispatch: Dispatch) -> None:
    answers_everything_else(app)

    assert await dispatch(COMMAND) == said({"text": BoltUnhandledRequestError.__name__})


async def test_our_own_events_are_acknowledged(dispatch: Dispatch) -> None:
    event = {"type": "app_mention", "user": IDENTITY.user_id, "text": "hi"}

    assert await dispatch({"type": "event_callback", "team_id": "T0EMULATED", "event": event}) == Reply()


async def test_the_address_check_of_the_events_api_is_answered(dispatch: Dispatch) -> None:
    reply = await dispatch({"type": "url_verification", "challenge": "3eZbrw1aB"})

    assert reply.payload == {"challenge": "3eZbrw1aB"}


async def test_a_probe_of_the_certificate_gets_no_other_path(app: AsyncApp, dispatch: Dispatch) -> None:
    acks(app, text="hello")

    assert await dispatch(COMMAND | {"ssl_check": "1"}) == said({"text": "hello"})


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

    assert await Dispatch(app, meters, timer=lambda: 0.0, request_seen=lambda: None)(COMMAND) == said(
        {"text": "hello"}
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


@pytest.mark.parametrize("event", [None, "text", 5, ["a"]], ids=str)
async def test_an_event_that_is_none_is_no_fault_of_a_listener(
    app: AsyncApp, dispatch: Dispatch, event: Any
) -> None:
    answers_everything_else(app)

    assert await dispatch({"type": "event_callback", "event": event}) == Reply()


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


async def test_what_slack_brings_again_is_answered_again_and_not_done_again(
    app: AsyncApp, dispatch: Dispatch
) -> None:
    done = counts(app)

    answers = [await dispatch(COMMAND) for _ in range(11)]

    assert answers == [said({"text": "1"})] * 11
    assert len(done) == 1


async def test_what_is_brought_again_while_it_is_worked_on_waits_for_that(
    app: AsyncApp, dispatch: Dispatch
) -> None:
    done = counts(app, turns=3)

    answers = await asyncio.gather(*(dispatch(COMMAND) for _ in range(11)))

    assert answers == [said({"text": "1"})] * 11
    assert len(done) == 1


async def test_two_intents_are_two(app: AsyncApp, dispatch: Dispatch) -> None:
    done = counts(app)
    await dispatch(COMMAND)
    await dispatch(COMMAND | {"trigger_id": "another"})

    assert len(done) == 2


class Stopped:
    """Commands that stay where they are until they may go on."""

    def __init__(self, app: AsyncApp) -> None:
        self.entered: asyncio.Queue[None] = asyncio.Queue()
        self.go_on = asyncio.Event()
        app.command("/vpn-diagnose")(self._listener)

    async def _listener(self, ack: AsyncAck) -> None:
        self.entered.put_nowait(None)
        await self.go_on.wait()
        await ack(text="hello")


def refuses(problem: Problem, body: dict[str, Any]) -> dict[str, Any]:
    return {"text": f"{problem.code} for {body['user_id']}"}


async def test_what_is_too_much_at_once_is_declined_early_and_not_in_silence(
    app: AsyncApp, meters: Meters, registry: CollectorRegistry
) -> None:
    stopped = Stopped(app)
    dispatch = Dispatch(app, meters, timer=lambda: 0.0, request_seen=lambda: None, decline=refuses, most_at_once=2)
    first = [asyncio.create_task(dispatch(COMMAND | {"trigger_id": str(number)})) for number in range(2)]
    for _ in first:
        await stopped.entered.get()
    third = await dispatch(COMMAND | {"trigger_id": "third"})
    stopped.go_on.set()

    assert third == said({"text": "bot.overloaded for U0ALICE"})
    assert await asyncio.gather(*first) == [said({"text": "hello"})] * 2
    assert await dispatch(COMMAND | {"trigger_id": "third"}) == said({"text": "hello"})
    assert registry.get_sample_value("vpn_diagnose_declined_payloads_total", {"code": "bot.overloaded"}) == 1


async def test_what_was_answered_is_answered_again_however_much_there_is(app: AsyncApp, meters: Meters) -> None:
    stopped = Stopped(app)
    stopped.go_on.set()
    dispatch = Dispatch(app, meters, timer=lambda: 0.0, request_seen=lambda: None, decline=refuses, most_at_once=1)
    await dispatch(COMMAND)
    await stopped.entered.get()
    stopped.go_on.clear()
    other = asyncio.create_task(dispatch(COMMAND | {"trigger_id": "other"}))
    await stopped.entered.get()
    again = await dispatch(COMMAND)
    other_again = asyncio.create_task(dispatch(COMMAND | {"trigger_id": "other"}))
    await asyncio.sleep(0)
    stopped.go_on.set()

    assert [again, await other, await other_again] == [said({"text": "hello"})] * 3


async def test_waiting_for_an_answer_in_the_making_takes_no_place_from_others(
    app: AsyncApp, meters: Meters
) -> None:
    stopped = Stopped(app)
    dispatch = Dispatch(app, meters, timer=lambda: 0.0, request_seen=lambda: None, decline=refuses, most_at_once=2)
    waiting = [asyncio.create_task(dispatch(COMMAND)) for _ in range(5)]
    await stopped.entered.get()
    other = asyncio.create_task(dispatch(COMMAND | {"trigger_id": "other"}))
    await asyncio.sleep(0)
    stopped.go_on.set()

    assert await asyncio.gather(*waiting, other) == [said({"text": "hello"})] * 6


async def test_without_words_a_payload_is_declined_with_a_bare_ack(dispatch: Dispatch) -> None:
    assert dispatch.decline(Problem("bot.overloaded"), COMMAND) == Reply()
