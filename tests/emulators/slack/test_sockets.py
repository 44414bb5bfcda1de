import asyncio
from typing import Any

import aiohttp
import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.emulators.slack.limits import MOST_SOCKETS
from tests.emulators.slack.playground import Playground, playing


async def a_socket(slack: Playground) -> ClientWebSocketResponse:
    url = (await slack.web.apps_connections_open(app_token="xapp-emulator"))["url"]
    return await slack.session.ws_connect(url)


async def test_a_connection_is_greeted_with_hello(slack: Playground) -> None:
    socket = await a_socket(slack)
    hello = await socket.receive_json()
    await socket.close()

    assert (hello["type"], hello["num_connections"]) == ("hello", 1)
    assert hello["connection_info"] == {"app_id": "A0VPNBOT"}


async def test_a_ticket_is_good_for_one_connection_and_not_for_long(slack: Playground) -> None:
    url = (await slack.web.apps_connections_open(app_token="xapp-emulator"))["url"]
    await (await slack.session.ws_connect(url)).close()
    late = (await slack.web.apps_connections_open(app_token="xapp-emulator"))["url"]
    slack.clock.forward(minutes=5)

    for used in (url, late, f"{slack.url}/link/"):
        with pytest.raises(WSServerHandshakeError):
            await slack.session.ws_connect(used)


async def test_the_official_client_takes_and_acks_a_command(slack: Playground) -> None:
    async with slack.app() as taken:
        outcome = await slack.player.command("help")

    assert (outcome["status"], outcome["shown"]) == (200, [])
    assert outcome["ack_ms"] > 0
    assert (taken[0].type, taken[0].accepts_response_payload) == ("slash_commands", True)
    assert taken[0].payload["text"] == "help"


async def test_without_an_ack_the_person_is_told_of_a_timeout() -> None:
    async with playing(ack_within_s=0.02) as slack:
        socket = await a_socket(slack)
        outcome = await slack.player.command()
        await socket.close()

        assert outcome["error"] == "operation_timeout"
        assert outcome["shown"] == ['/vpn-diagnose failed with the error "operation_timeout"']
        assert [m["user"] for m in await slack.player.private_messages(user="U0ALICE")] == ["USLACKBOT"]


async def test_an_ack_that_comes_too_late_is_noted() -> None:
    async with playing(ack_within_s=0.02) as slack:
        socket = await a_socket(slack)
        await socket.receive_json()
        await slack.player.command()
        await socket.send_json({"envelope_id": (await socket.receive_json())["envelope_id"]})
        noted = await slack.player.until(lambda: slack.player.calls("socket.ack"))
        await socket.close()

        assert [call["outcome"] for call in noted] == ["unknown_envelope"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"envelope_id": 1}', '{"envelope_id": {}}', "[" * 10_000])
async def test_an_ack_that_makes_no_sense_is_noted_and_survived(slack: Playground, text: str) -> None:
    socket = await a_socket(slack)
    await socket.send_str(text)
    await slack.player.until(lambda: slack.player.calls("socket.ack"))

    assert not socket.closed
    await socket.close()


async def test_without_any_connection_nothing_can_be_dispatched(slack: Playground) -> None:
    outcome = await slack.player.command()

    assert outcome["error"] == "dispatch_failed"
    (delivered,) = await slack.player.calls("deliver.slash_commands")
    assert delivered["outcome"] == "dispatch_failed"


async def test_envelopes_go_to_the_connections_in_turn(slack: Playground) -> None:
    async with slack.app() as one, slack.app() as other:
        for _ in range(4):
            await slack.player.command()

        assert (len(one), len(other)) == (2, 2)


async def test_a_connection_too_many_is_sent_away(slack: Playground) -> None:
    sockets = [await a_socket(slack) for _ in range(MOST_SOCKETS)]
    extra = await a_socket(slack)

    assert (await extra.receive_json())["reason"] == "too_many_websockets"
    assert (await extra.receive()).type is WSMsgType.CLOSE
    for socket in (*sockets, extra):
        await socket.close()


async def test_the_official_client_comes_back_after_a_disconnect(slack: Playground) -> None:
    async with slack.app() as taken:
        await slack.player.delivery(disconnect="refresh_requested")
        await slack.player.until_connected()
        await slack.player.command()

        assert len(taken) == 1
        assert len(await slack.player.calls("apps.connections.open")) == 2


async def test_the_same_envelope_can_be_brought_again(slack: Playground) -> None:
    async with slack.app() as taken:
        await slack.player.command()
        again = await slack.player.delivery(redeliver=3)

    assert len(again["acks"]) == 3
    assert {request.envelope_id for request in taken} == {taken[0].envelope_id}
    assert len({request.payload["trigger_id"] for request in taken}) == 1


async def test_an_event_without_an_ack_is_brought_again_at_once() -> None:
    async with playing(ack_within_s=0.05) as slack:
        socket = await a_socket(slack)
        mentioning = asyncio.create_task(slack.player.mention("help"))
        _, first, second = [await socket.receive_json(timeout=5) for _ in range(3)]
        outcome = await mentioning
        await socket.close()

    assert first["envelope_id"] == second["envelope_id"]
    assert (first["retry_attempt"], second["retry_attempt"], second["retry_reason"]) == (0, 1, "timeout")
    assert outcome["error"] == "operation_timeout"


async def test_an_event_that_is_brought_again_says_so(slack: Playground) -> None:
    async with slack.app() as taken:
        await slack.player.mention("help")
        await slack.player.delivery(redeliver=1)

    assert [(r.retry_attempt, r.retry_reason) for r in taken] == [(0, ""), (1, "timeout")]
    assert taken[0].accepts_response_payload is False


async def test_there_is_nothing_to_bring_again_at_first(slack: Playground) -> None:
    response = await slack.session.post(f"{slack.url}/_emulator/delivery", json={"redeliver": 1})

    assert response.status == 409


async def test_an_envelope_that_no_app_knows_can_be_sent(slack: Playground) -> None:
    async with slack.app() as taken:
        answer = await slack.player.delivery(envelope={"type": "novelty", "payload": {"a": 1}})

    assert answer["acks"][0]["status"] == 200
    assert (taken[0].type, taken[0].payload) == ("novelty", {"a": 1})


async def test_a_restart_of_the_emulator_repeats_no_identifier() -> None:
    seen: list[Any] = []
    for _ in range(2):
        async with playing() as slack, slack.app() as taken:
            await slack.player.command()
            seen += [(taken[0].envelope_id, taken[0].payload["trigger_id"])]

    assert seen[0][0] != seen[1][0]
    assert seen[0][1] != seen[1][1]


async def test_many_people_at_once_get_their_own_acks(slack: Playground) -> None:
    async def answer(request: SocketModeRequest) -> dict[str, str]:
        return {"text": request.payload["text"]}

    async with slack.app(answer):
        outcomes = await asyncio.gather(*(slack.player.command(str(number)) for number in range(30)))

    assert [outcome["payload"]["text"] for outcome in outcomes] == [str(number) for number in range(30)]


async def test_a_deaf_connection_answers_nothing_and_brings_nothing() -> None:
    async with playing(ack_within_s=0.02) as slack:
        await slack.player.delivery(deaf=True)
        url = (await slack.web.apps_connections_open(app_token="xapp-emulator"))["url"]
        socket = await slack.session.ws_connect(url, autoping=False)
        await socket.receive_json()
        await socket.ping()
        outcome = await slack.player.command()
        with pytest.raises(TimeoutError):
            await socket.receive(timeout=0.05)
        await socket.close()

        assert outcome["error"] == "operation_timeout"


async def test_a_connection_that_hears_answers_pings(slack: Playground) -> None:
    url = (await slack.web.apps_connections_open(app_token="xapp-emulator"))["url"]
    socket = await slack.session.ws_connect(url, autoping=False)
    await socket.receive_json()
    await socket.pong()
    await socket.ping(b"still there?")
    answer = await socket.receive(timeout=5)
    await socket.close()

    assert (answer.type, answer.data) == (WSMsgType.PONG, b"still there?")


async def test_a_connection_may_go_without_its_hello_until_a_reset(slack: Playground) -> None:
    await slack.player.delivery(greets=False)
    silent = await a_socket(slack)
    with pytest.raises(TimeoutError):
        await silent.receive(timeout=0.05)
    await slack.player.reset()
    greeted = await a_socket(slack)

    assert (await greeted.receive_json())["type"] == "hello"
    await silent.close()
    await greeted.close()


async def test_a_connection_that_is_to_be_replaced_is_used_until_it_is_closed(slack: Playground) -> None:
    sockets = slack.emulator._courier.sockets
    old = await a_socket(slack)
    assert (await old.receive_json())["type"] == "hello"
    await slack.player.delivery(disconnect="warning", after_s=0.05)
    assert (await old.receive_json())["reason"] == "warning"
    delivery = asyncio.create_task(slack.player.command())
    await old.send_json({"envelope_id": (await old.receive_json())["envelope_id"]})

    assert (await delivery)["status"] == 200
    assert (await old.receive()).type is WSMsgType.CLOSE
    assert sockets.count == 0


async def test_the_emulator_may_stop_while_a_connection_is_to_be_replaced() -> None:
    async with playing() as slack:
        socket = await a_socket(slack)
        await slack.player.delivery(disconnect="warning", after_s=60)
        await socket.close()

        assert slack.emulator._courier.sockets.count <= 1


async def test_a_connection_that_just_closes_is_passed_over(slack: Playground) -> None:
    sockets = slack.emulator._courier.sockets
    socket = await a_socket(slack)
    await socket.receive_json()
    closing = asyncio.create_task(sockets._open[0].close())
    await asyncio.sleep(0)
    ack = await sockets.deliver({"envelope_id": "e"})
    await socket.close()
    await closing

    assert ack.error == "dispatch_failed"


async def test_an_app_that_does_not_listen_any_more_does_not_hold_the_emulator_up() -> None:
    async with aiohttp.ClientSession() as outlasting:
        async with playing() as slack:
            url = (await slack.web.apps_connections_open(app_token="xapp-emulator"))["url"]
            socket = await outlasting.ws_connect(url)
            await slack.player.delivery(disconnect="warning")

        assert (await socket.receive_json())["type"] == "hello"
        assert (await socket.receive_json())["reason"] == "warning"
        assert (await socket.receive()).type is WSMsgType.CLOSE
