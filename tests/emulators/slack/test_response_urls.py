from typing import Any

import pytest
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.emulators.slack import EXAMPLE
from bot.emulators.slack.answers import answer_at
from bot.emulators.slack.hooks import Hook
from bot.emulators.slack.refused import Refused
from bot.emulators.slack.state import State
from tests.emulators.slack.playground import ALICE, INCIDENT, OPEN, Clock, Playground, plain

BUTTON = {"type": "actions", "elements": [{"type": "button", "action_id": "a", "text": plain("x")}]}


async def a_response_url(slack: Playground, channel: str = INCIDENT) -> str:
    async with slack.app() as taken:
        await slack.player.command(channel=channel)
    return str(taken[0].payload["response_url"])


async def a_response_url_of_a_press(slack: Playground, ts: str) -> str:
    async with slack.app() as taken:
        await slack.player.click("a", channel=INCIDENT, message_ts=ts)
    return str(taken[0].payload["response_url"])


async def test_the_official_client_answers_privately_even_where_the_bot_is_not(slack: Playground) -> None:
    hook = AsyncWebhookClient(await a_response_url(slack, OPEN), session=slack.session)
    answer = await hook.send(text="only for you")

    assert (answer.status_code, answer.body) == (200, "ok")
    assert [m["text"] for m in await slack.player.private_messages(OPEN, user=ALICE)] == ["only for you"]


async def test_an_answer_may_be_for_all_and_go_into_a_thread(slack: Playground) -> None:
    root = await slack.posted("root")
    hook = AsyncWebhookClient(await a_response_url(slack), session=slack.session)
    await hook.send_dict({"text": "for all", "response_type": "in_channel", "thread_ts": root})

    (message,) = await slack.player.messages()
    assert [reply["text"] for reply in message["replies"]] == ["for all"]


async def test_the_message_that_was_pressed_can_be_replaced_and_deleted(slack: Playground) -> None:
    ts = await slack.posted("before", blocks=[BUTTON])
    hook = AsyncWebhookClient(await a_response_url_of_a_press(slack, ts), session=slack.session)
    await hook.send(text="after", replace_original=True)
    replaced = await slack.player.messages()
    await hook.send(delete_original=True)

    assert [m["text"] for m in replaced] == ["after"]
    assert await slack.player.messages() == []


async def test_a_private_message_that_was_pressed_can_be_replaced(slack: Playground) -> None:
    posted = await slack.web.chat_postEphemeral(channel=INCIDENT, user=ALICE, text="x", blocks=[BUTTON])
    hook = AsyncWebhookClient(await a_response_url_of_a_press(slack, posted["message_ts"]), session=slack.session)
    await hook.send(text="after", replace_original=True)

    assert [m["text"] for m in await slack.player.private_messages(user=ALICE)] == ["after"]


async def test_a_command_has_no_original_to_delete_or_replace(slack: Playground) -> None:
    hook = AsyncWebhookClient(await a_response_url(slack), session=slack.session)
    await hook.send(delete_original=True)
    await hook.send(text="new", replace_original=True)

    assert [m["text"] for m in await slack.player.private_messages(user=ALICE)] == ["new"]


async def test_what_was_pressed_may_be_gone_by_now(slack: Playground) -> None:
    ts = await slack.posted("before", blocks=[BUTTON])
    hook = AsyncWebhookClient(await a_response_url_of_a_press(slack, ts), session=slack.session)
    await slack.web.chat_delete(channel=INCIDENT, ts=ts)

    assert (await hook.send(text="after", replace_original=True)).status_code == 200
    assert await slack.player.messages() == []


async def test_five_answers_are_the_end_of_it(slack: Playground) -> None:
    hook = AsyncWebhookClient(await a_response_url(slack), session=slack.session)
    answers = [await hook.send(text=str(number)) for number in range(6)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [404]
    assert "used_url" in answers[-1].body


async def test_half_an_hour_is_the_end_of_it(slack: Playground) -> None:
    hook = AsyncWebhookClient(await a_response_url(slack), session=slack.session)
    slack.clock.forward(minutes=31)

    assert "expired_url" in (await hook.send(text="late")).body


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"json": {}}, "no_text"),
        ({"json": {"text": 1}}, "invalid_arguments"),
        ({"json": {"blocks": [{"type": "x"}]}}, "invalid_blocks"),
        ({"data": b"{"}, "invalid_payload"),
        ({"data": b"\xff"}, "invalid_payload"),
        ({"json": []}, "invalid_payload"),
        ({"data": {"other": "x"}}, "invalid_payload"),
    ],
)
async def test_an_answer_that_says_nothing_is_refused(
    slack: Playground, given: dict[str, Any], error: str
) -> None:
    response = await slack.session.post(await a_response_url(slack), **given)

    assert (response.status, (await response.json())["error"]) == (400, error)


async def test_a_form_may_hold_the_answer(slack: Playground) -> None:
    response = await slack.session.post(await a_response_url(slack), data={"payload": '{"text": "hello"}'})

    assert response.status == 200


async def test_a_made_up_address_is_not_found(slack: Playground) -> None:
    assert (await slack.session.post(f"{slack.url}/hooks/abc", json={"text": "x"})).status == 404


async def test_it_can_be_throttled(slack: Playground) -> None:
    await slack.player.fault("response_url", "throttle", seconds=3)
    response = await slack.session.post(await a_response_url(slack), json={"text": "x"})

    assert (response.status, response.headers["Retry-After"]) == (429, "3")


async def test_a_channel_that_was_forgotten_takes_no_answer(slack: Playground) -> None:
    await slack.web.conversations_open(users=ALICE)
    url = await a_response_url(slack, "D0ALICE")
    await slack.player.reset()

    assert (await slack.session.post(url, json={"text": "x"})).status == 404


def test_a_channel_that_is_not_there_takes_no_answer() -> None:
    state = State(EXAMPLE, Clock(), lambda size: b"x" * size)
    hook = Hook(user_id=ALICE, channel_id="C0NOWHERE", message_ts=None, issued_at=state.mint.now())

    with pytest.raises(Refused, match="channel_not_found"):
        answer_at(state, hook, {"text": "x"})
