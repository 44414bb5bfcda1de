"""Socket Mode: every envelope is acknowledged, a bad token is said at once, and a lost connection comes back."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.model.problem import Problem
from bot.slack.client import build_client, build_session
from bot.web.dispatch import Dispatch
from bot.web.envelopes import MOST_ENVELOPES
from bot.web.link import Patience
from bot.web.listening import listening
from bot.web.meters import Meters
from bot.web.socket import SlackSocket
from tests.web.slack_side import TOKEN, SlackSide

COMMAND = {"command": "/vpn-diagnose", "text": "planted-words", "team_id": "T0EMULATED", "user_id": "U0ALICE"}
QUICK = Patience(ping_every_s=0.2, first_pause_s=0.02, settled_after_s=0.1)
FAR_AWAY_S = 60.0


@pytest.fixture
async def slack() -> AsyncIterator[SlackSide]:
    side = SlackSide()
    async with listening(side.app(), "127.0.0.1", 0) as url:
        side.url = url
        yield side
        for socket in side.sockets:
            await socket.close()


@pytest.fixture
async def client(slack: SlackSide) -> AsyncIterator[AsyncWebClient]:
    async with build_session() as session:
        yield build_client("xoxb-planted-token", f"{slack.url}/api/", session)


@pytest.fixture
async def socket(dispatch: Dispatch, client: AsyncWebClient) -> AsyncIterator[SlackSocket]:
    async with opened(SlackSocket(dispatch, client, TOKEN, QUICK)) as connected:
        yield connected


@asynccontextmanager
async def opened(socket: SlackSocket) -> AsyncIterator[SlackSocket]:
    await socket.open()
    try:
        yield socket
    finally:
        await socket.close()


def says(app: AsyncApp, **said: Any) -> None:
    async def listener(ack: AsyncAck) -> None:
        await ack(**said)

    app.command("/vpn-diagnose")(listener)


def envelope(**changes: Any) -> dict[str, Any]:
    return {
        "envelope_id": "e1", "type": "slash_commands", "accepts_response_payload": True, "payload": COMMAND
    } | changes  # fmt: skip


@pytest.mark.usefixtures("socket")
async def test_an_envelope_is_acknowledged(app: AsyncApp, slack: SlackSide) -> None:
    says(app)

    assert await slack.deliver(envelope()) == {"envelope_id": "e1"}


@pytest.mark.usefixtures("socket")
async def test_the_reply_goes_back_with_the_acknowledgement(app: AsyncApp, slack: SlackSide) -> None:
    says(app, text="hello", response_type="ephemeral")

    answer = await slack.deliver(envelope())

    assert answer == {"envelope_id": "e1", "payload": {"text": "hello", "response_type": "ephemeral"}}


@pytest.mark.usefixtures("socket")
async def test_no_reply_goes_where_slack_takes_none(app: AsyncApp, slack: SlackSide) -> None:
    says(app, text="hello")

    assert await slack.deliver(envelope(accepts_response_payload=False)) == {"envelope_id": "e1"}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"type": "brand_new"}, id="an unknown type"),
        pytest.param({"payload": None}, id="no payload"),
        pytest.param({"payload": ["a"]}, id="a payload that is no object"),
        pytest.param({"payload": {"team": 5}}, id="a payload in an unknown shape"),
    ],
)
@pytest.mark.usefixtures("socket")
async def test_what_is_not_understood_is_acknowledged_too(
    app: AsyncApp, slack: SlackSide, changes: dict[str, Any]
) -> None:
    says(app)

    assert await slack.deliver(envelope(**changes)) == {"envelope_id": "e1"}


@pytest.mark.usefixtures("socket")
async def test_what_is_no_envelope_does_no_harm(app: AsyncApp, slack: SlackSide) -> None:
    says(app)
    link = await slack.next_connection()
    for text in ("[]", "{", "planted", '{"type": "debug"}', '{"envelope_id": 5}'):
        await link.send_str(text)

    assert await slack.deliver(envelope()) == {"envelope_id": "e1"}


async def test_a_bad_token_is_said_at_once(slack: SlackSide, dispatch: Dispatch, client: AsyncWebClient) -> None:
    slack.answers_to_open = [{"ok": False, "error": "invalid_auth"}]

    with pytest.raises(Problem) as raised:
        await SlackSocket(dispatch, client, TOKEN).open()

    assert raised.value.code == "settings.slack_app_token"
    assert raised.value.facts == {"error": "invalid_auth"}
    assert slack.asked == 1


async def test_trouble_that_is_not_the_tokens_is_not_blamed_on_it(
    slack: SlackSide, dispatch: Dispatch, client: AsyncWebClient
) -> None:
    slack.answers_to_open = [{"ok": False, "error": "internal_error"}]

    with pytest.raises(Problem) as raised:
        await SlackSocket(dispatch, client, TOKEN).open()

    assert raised.value.code == "slack.internal_error"


async def test_a_socket_that_cannot_be_opened_in_time_is_given_up(
    slack: SlackSide, dispatch: Dispatch, client: AsyncWebClient
) -> None:
    slack.expired_tickets = 1_000
    socket = SlackSocket(dispatch, client, TOKEN, QUICK.changed(connect_within_s=0.05))

    with pytest.raises(Problem) as raised:
        await socket.open()

    assert raised.value.code == "slack.unreachable"
    assert await socket.why_deaf() == "the Socket Mode connection is not open"


async def test_an_expired_address_is_asked_for_anew(
    slack: SlackSide, dispatch: Dispatch, client: AsyncWebClient
) -> None:
    slack.expired_tickets = 1

    async with opened(SlackSocket(dispatch, client, TOKEN, QUICK)) as socket:
        assert await socket.why_deaf() is None


@pytest.mark.usefixtures("socket")
async def test_a_disconnect_is_survived(app: AsyncApp, slack: SlackSide) -> None:
    says(app)
    first = await slack.next_connection()
    await first.send_json({"type": "disconnect", "reason": "refresh_requested"})
    await slack.next_connection()

    assert await slack.deliver(envelope()) == {"envelope_id": "e1"}


@pytest.mark.usefixtures("socket")
async def test_a_connection_that_is_cut_comes_back(app: AsyncApp, slack: SlackSide) -> None:
    says(app)
    first = await slack.next_connection()
    await first.close()
    await slack.next_connection()

    assert await slack.deliver(envelope()) == {"envelope_id": "e1"}


async def test_closing_lets_an_answer_in_progress_go_out(
    app: AsyncApp, slack: SlackSide, dispatch: Dispatch, client: AsyncWebClient
) -> None:
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def listener(ack: AsyncAck) -> None:
        entered.set()
        await go_on.wait()
        await ack()

    app.command("/vpn-diagnose")(listener)
    socket = SlackSocket(dispatch, client, TOKEN)
    await socket.open()
    await slack.sockets[-1].send_json(envelope())
    await entered.wait()
    closing = asyncio.create_task(socket.close())
    for _ in range(20):
        await asyncio.sleep(0)
    early = closing.done()
    go_on.set()
    await closing

    assert not early
    assert await slack.next_answer() == {"envelope_id": "e1"}


async def test_closing_gives_up_an_answer_that_does_not_come(
    app: AsyncApp, dispatch: Dispatch, client: AsyncWebClient, slack: SlackSide
) -> None:
    entered, ended = asyncio.Event(), asyncio.Event()

    async def listener() -> None:
        entered.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    app.command("/vpn-diagnose")(listener)
    socket = SlackSocket(dispatch, client, TOKEN, QUICK.changed(drain_s=0.01))
    await socket.open()
    await slack.sockets[-1].send_json(envelope())
    await entered.wait()
    await socket.close()

    assert ended.is_set()


async def test_an_answer_after_the_connection_is_gone_does_no_harm(
    app: AsyncApp, slack: SlackSide, dispatch: Dispatch, client: AsyncWebClient, caplog: pytest.LogCaptureFixture
) -> None:
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def listener(ack: AsyncAck) -> None:
        entered.set()
        await go_on.wait()
        await ack()

    app.command("/vpn-diagnose")(listener)
    async with opened(SlackSocket(dispatch, client, TOKEN, QUICK.changed(first_pause_s=FAR_AWAY_S))) as socket:
        slack.expired_tickets = 1_000
        await slack.sockets[-1].send_json(envelope())
        await entered.wait()
        await slack.sockets[-1].close()
        await until_lost(socket)
        go_on.set()

    assert "an acknowledgement did not reach Slack" in caplog.messages
    assert await socket.why_deaf() == "the Socket Mode connection is not open"


async def test_closing_twice_or_before_opening_does_no_harm(dispatch: Dispatch, client: AsyncWebClient) -> None:
    socket = SlackSocket(dispatch, client, TOKEN)

    await socket.close()
    await socket.close()


async def test_a_proxy_of_the_machine_is_not_used_for_loopback(
    app: AsyncApp, slack: SlackSide, dispatch: Dispatch, client: AsyncWebClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    says(app)

    async with opened(SlackSocket(dispatch, client, TOKEN)):
        assert await slack.deliver(envelope()) == {"envelope_id": "e1"}


async def test_neither_payloads_nor_tokens_are_in_the_log(
    app: AsyncApp, slack: SlackSide, dispatch: Dispatch, client: AsyncWebClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    says(app, text="planted-words")

    async with opened(SlackSocket(dispatch, client, TOKEN)):
        await slack.deliver(envelope())

    assert "planted-words" not in caplog.text
    assert "planted-token" not in caplog.text


async def until_lost(socket: SlackSocket) -> str:
    """Wait until the socket says that it is deaf, and return why."""
    async with asyncio.timeout(10):
        while (reason := await socket.why_deaf()) is None:  # noqa: ASYNC110 - it is asked, as /readyz is
            await asyncio.sleep(0.01)
    return reason


async def until_said(socket: SlackSocket, words: str) -> None:
    async with asyncio.timeout(10):
        while words not in str(await socket.why_deaf()):  # noqa: ASYNC110 - it is asked, as /readyz is
            await asyncio.sleep(0.01)


async def until_heard(socket: SlackSocket) -> None:
    async with asyncio.timeout(10):
        while await socket.why_deaf() is not None:  # noqa: ASYNC110 - it is asked, as /readyz is
            await asyncio.sleep(0.01)


async def test_a_connection_on_which_nothing_comes_back_is_noticed_and_replaced(
    app: AsyncApp, slack: SlackSide, dispatch: Dispatch, client: AsyncWebClient
) -> None:
    says(app)
    async with opened(SlackSocket(dispatch, client, TOKEN, QUICK.changed(connect_within_s=0.2))) as socket:
        await slack.next_connection()
        slack.is_deaf, slack.greeting = True, None
        reason = await until_lost(socket)
        slack.is_deaf, slack.greeting = False, {"type": "hello"}
        await until_heard(socket)

        assert reason == "the Socket Mode connection is lost (Slack did not answer)"
        assert await slack.deliver(envelope()) == {"envelope_id": "e1"}


async def test_without_pings_a_connection_on_which_nothing_comes_back_would_pass(
    slack: SlackSide, dispatch: Dispatch, client: AsyncWebClient
) -> None:
    slack.is_deaf = True
    async with opened(SlackSocket(dispatch, client, TOKEN, QUICK.changed(ping_every_s=FAR_AWAY_S))) as socket:
        await asyncio.sleep(4 * QUICK.ping_every_s)

        assert await socket.why_deaf() is None


async def test_a_connection_without_a_hello_is_none(
    slack: SlackSide, dispatch: Dispatch, client: AsyncWebClient
) -> None:
    slack.greeting = None
    with pytest.raises(Problem) as raised:
        await SlackSocket(dispatch, client, TOKEN, QUICK.changed(connect_within_s=0.1)).open()

    assert raised.value.code == "slack.unreachable"
    assert len(slack.sockets) == 1


async def test_a_new_connection_without_a_hello_is_given_up_for_another(
    app: AsyncApp, slack: SlackSide, dispatch: Dispatch, client: AsyncWebClient
) -> None:
    says(app)
    async with opened(SlackSocket(dispatch, client, TOKEN, QUICK.changed(connect_within_s=0.1))) as socket:
        first = await slack.next_connection()
        slack.greeting = None
        await first.close()
        await until_said(socket, "lost (Slack did not answer in time)")
        slack.greeting = {"type": "hello"}
        await until_heard(socket)

        assert await slack.deliver(envelope()) == {"envelope_id": "e1"}


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
@pytest.mark.usefixtures("socket")
async def test_the_next_connection_is_there_before_the_last_is_given_up(
    app: AsyncApp, slack: SlackSide, reason: str
) -> None:
    says(app)
    first = await slack.next_connection()
    await first.send_json({"type": "disconnect", "reason": reason})
    second = await slack.next_connection()

    assert not first.closed
    assert await slack.deliver(envelope(envelope_id="over the first"), first) == {"envelope_id": "over the first"}
    assert await slack.deliver(envelope(envelope_id="over both"), second) == {"envelope_id": "over both"}


async def test_nothing_is_opened_twice_for_one_disconnect(
    slack: SlackSide, dispatch: Dispatch, client: AsyncWebClient
) -> None:
    async with opened(SlackSocket(dispatch, client, TOKEN, QUICK)) as socket:
        first = await slack.next_connection()
        await first.send_json({"type": "disconnect", "reason": "warning"})
        second = await slack.next_connection()
        await first.send_json({"type": "disconnect", "reason": "refresh_requested"})
        await first.close()
        await asyncio.sleep(3 * QUICK.settled_after_s)

        assert not second.closed
        assert slack.asked == 2
        assert await socket.why_deaf() is None


async def test_a_connection_that_has_a_successor_and_does_not_end_is_closed(
    slack: SlackSide, dispatch: Dispatch, client: AsyncWebClient
) -> None:
    async with opened(SlackSocket(dispatch, client, TOKEN, QUICK.changed(replace_within_s=0.05))):
        first = await slack.next_connection()
        await first.send_json({"type": "disconnect", "reason": "warning"})
        second = await slack.next_connection()
        async with asyncio.timeout(5):
            while not first.closed:  # noqa: ASYNC110 - the other side hears of it from the network
                await asyncio.sleep(0.01)

        assert not second.closed


async def test_an_answer_outlives_the_connection_that_the_question_came_over(
    app: AsyncApp, slack: SlackSide, dispatch: Dispatch, client: AsyncWebClient
) -> None:
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def listener(ack: AsyncAck) -> None:
        entered.set()
        await go_on.wait()
        await ack()

    app.command("/vpn-diagnose")(listener)
    async with opened(SlackSocket(dispatch, client, TOKEN, QUICK)):
        first = await slack.next_connection()
        await first.send_json(envelope())
        await entered.wait()
        await first.send_json({"type": "disconnect", "reason": "refresh_requested"})
        await slack.next_connection()
        await first.close()
        go_on.set()

        assert await slack.next_answer() == {"envelope_id": "e1"}


async def test_too_many_connections_are_waited_out(
    app: AsyncApp, slack: SlackSide, dispatch: Dispatch, client: AsyncWebClient
) -> None:
    says(app)
    async with opened(SlackSocket(dispatch, client, TOKEN, QUICK)) as socket:
        first = await slack.next_connection()
        slack.greeting = {"type": "disconnect", "reason": "too_many_websockets"}
        await first.close()
        await slack.next_connection()
        await until_said(socket, "lost (Slack said too_many_websockets)")
        slack.greeting = {"type": "hello"}
        await until_heard(socket)

        assert await slack.deliver(envelope()) == {"envelope_id": "e1"}


async def test_a_token_that_is_taken_away_later_is_said(
    slack: SlackSide, dispatch: Dispatch, client: AsyncWebClient
) -> None:
    async with opened(SlackSocket(dispatch, client, TOKEN, QUICK)) as socket:
        first = await slack.next_connection()
        slack.answers_to_open = [{"ok": False, "error": "token_revoked"}] * 100
        await first.close()
        await until_said(socket, "lost (settings.slack_app_token)")


def test_attempts_become_rarer_and_never_stop() -> None:
    patience = Patience(first_pause_s=1, longest_pause_s=30)

    assert [patience.pause_s(failures) for failures in range(8)] == [0, 1, 2, 4, 8, 16, 30, 30]
    assert patience.pause_s(500) == 30


async def test_slack_may_switch_connections_off_without_being_flooded(
    slack: SlackSide, dispatch: Dispatch, client: AsyncWebClient
) -> None:
    patience = QUICK.changed(settled_after_s=FAR_AWAY_S, first_pause_s=FAR_AWAY_S, longest_pause_s=FAR_AWAY_S)
    async with opened(SlackSocket(dispatch, client, TOKEN, patience)):
        for _ in range(2):
            link = await slack.next_connection()
            await link.send_json({"type": "disconnect", "reason": "link_disabled"})
        await asyncio.sleep(0.1)

        assert slack.asked == 2


@pytest.mark.usefixtures("socket")
async def test_an_envelope_that_is_brought_again_is_acknowledged_again_and_not_done_again(
    app: AsyncApp, slack: SlackSide
) -> None:
    done: list[None] = []

    async def listener(ack: AsyncAck) -> None:
        done.append(None)
        await ack(text=f"number {len(done)}", response_type="ephemeral")

    app.command("/vpn-diagnose")(listener)
    link = await slack.next_connection()
    for _ in range(11):
        await link.send_json(envelope())
    answers = [await slack.next_answer() for _ in range(11)]

    assert answers == [answers[0]] * 11
    assert answers[0]["payload"]["text"] == "number 1"
    assert len(done) == 1


@pytest.mark.usefixtures("socket")
async def test_an_envelope_under_another_name_is_known_by_its_intent(app: AsyncApp, slack: SlackSide) -> None:
    done: list[None] = []

    async def listener(ack: AsyncAck) -> None:
        done.append(None)
        await ack()

    app.command("/vpn-diagnose")(listener)
    payload = COMMAND | {"trigger_id": "1.2.3"}
    answers = [await slack.deliver(envelope(envelope_id=name, payload=payload)) for name in "ab"]

    assert answers == [{"envelope_id": "a"}, {"envelope_id": "b"}]
    assert len(done) == 1


async def test_no_more_is_read_than_can_be_held(
    app: AsyncApp, meters: Meters, slack: SlackSide, client: AsyncWebClient
) -> None:
    entered: list[None] = []
    go_on = asyncio.Event()

    async def listener(ack: AsyncAck) -> None:
        entered.append(None)
        await go_on.wait()
        await ack()

    app.command("/vpn-diagnose")(listener)
    dispatch = Dispatch(app, meters, timer=lambda: 0.0, request_seen=lambda: None, most_at_once=1_000_000)
    async with opened(SlackSocket(dispatch, client, TOKEN, QUICK)):
        link = await slack.next_connection()
        for number in range(MOST_ENVELOPES + 20):
            await link.send_json(envelope(envelope_id=str(number)))
        async with asyncio.timeout(10):
            while len(entered) < MOST_ENVELOPES:  # noqa: ASYNC110 - they come over the network
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        held = len(entered)
        go_on.set()
        answers = [await slack.next_answer() for _ in range(MOST_ENVELOPES + 20)]

    assert held == MOST_ENVELOPES
    assert len({answer["envelope_id"] for answer in answers}) == MOST_ENVELOPES + 20


async def test_a_connection_that_nobody_looks_after_is_said(socket: SlackSocket, slack: SlackSide) -> None:
    await slack.next_connection()
    assert socket._keeper is not None
    socket._keeper.cancel()
    await asyncio.gather(socket._keeper, return_exceptions=True)

    assert await socket.why_deaf() == "the Socket Mode connection is no longer looked after"
