from http import HTTPStatus
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.emulators.slack.limits import POSTS_A_MINUTE, POSTS_AT_ONCE, TIER_1, TIER_3
from bot.emulators.slack.rates import MOST_COUNTED, Rates
from tests.emulators.slack.playground import ALICE, INCIDENT, Clock, Playground, refusal


async def _refused(call: Any) -> tuple[int, str]:
    """Return the status and Retry-After of a call that comes too often."""
    with pytest.raises(SlackApiError) as raised:
        await call
    response = raised.value.response
    assert response.data == {"ok": False, "error": "ratelimited"}
    return response.status_code, response.headers["Retry-After"]


async def test_a_few_posts_at_once_are_taken_and_then_one_a_second(slack: Playground) -> None:
    for number in range(POSTS_AT_ONCE):
        await slack.posted(f"message {number}")

    assert await _refused(slack.web.chat_postMessage(channel=INCIDENT, text="more")) == (429, "1")
    slack.clock.forward(seconds=1)
    assert await slack.posted("a second later")
    assert await _refused(slack.web.chat_postMessage(channel=INCIDENT, text="more")) == (429, "1")


async def test_other_channels_and_methods_are_not_concerned(slack: Playground) -> None:
    for number in range(POSTS_AT_ONCE):
        ts = await slack.posted(f"message {number}")

    assert await slack.posted("elsewhere", channel="C0PAYLOAD")
    assert (await slack.web.chat_update(channel=INCIDENT, ts=ts, text="edited"))["ok"]


async def test_a_person_and_the_direct_messages_with_them_are_one_channel(slack: Playground) -> None:
    direct = (await slack.web.conversations_open(users=ALICE))["channel"]["id"]
    for number in range(POSTS_AT_ONCE):
        await slack.posted(f"message {number}", channel=(ALICE, direct)[number % 2])

    assert await _refused(slack.web.chat_postMessage(channel=direct, text="more")) == (429, "1")
    assert await _refused(slack.web.chat_postMessage(channel=ALICE, text="more")) == (429, "1")


async def test_a_method_may_be_called_as_often_as_its_tier_says(slack: Playground) -> None:
    for _ in range(TIER_3):
        await slack.web.conversations_history(channel=INCIDENT)
        slack.clock.forward(seconds=0.1)

    assert await _refused(slack.web.conversations_history(channel=INCIDENT)) == (429, "55")
    slack.clock.forward(seconds=55)
    assert (await slack.web.conversations_history(channel=INCIDENT))["ok"]


async def test_an_app_may_connect_ten_times_in_a_row(slack: Playground) -> None:
    app = {"app_token": "xapp-emulator"}
    for _ in range(TIER_1):
        await slack.web.apps_connections_open(**app)

    assert TIER_1 >= 10
    assert (await _refused(slack.web.apps_connections_open(**app)))[0] == HTTPStatus.TOO_MANY_REQUESTS


async def test_who_has_no_good_token_is_told_so_however_often(slack: Playground) -> None:
    for _ in range(TIER_3 + 1):
        refused = await refusal(slack.web.conversations_info(channel=INCIDENT, token="xoxb-wrong"))

    assert refused["error"] == "invalid_auth"


async def test_a_refused_call_is_in_the_ledger(slack: Playground) -> None:
    for number in range(POSTS_AT_ONCE):
        await slack.posted(f"message {number}")
    await _refused(slack.web.chat_postMessage(channel=INCIDENT, text="more"))

    assert [call["outcome"] for call in await slack.player.calls("chat.postMessage")][-2:] == ["ok", "ratelimited"]


async def test_whoever_has_no_time_lets_time_pass_faster(slack: Playground) -> None:
    await slack.player.rates(10)
    for number in range(POSTS_AT_ONCE):
        await slack.posted(f"message {number}")
    slack.clock.forward(seconds=0.1)
    await slack.posted("a tenth of a second later")

    assert (await _refused(slack.web.chat_postMessage(channel=INCIDENT, text="more")))[0] == 429


async def test_the_rates_can_be_switched_off_and_a_reset_forgets_what_was_counted(slack: Playground) -> None:
    for number in range(POSTS_AT_ONCE):
        await slack.posted(f"message {number}")
    await slack.player.reset()
    for number in range(POSTS_AT_ONCE):
        await slack.posted(f"message {number}")

    await slack.player.rates(None)

    for number in range(100):
        await slack.posted(f"message {number}")
        await slack.web.conversations_history(channel=INCIDENT)


def test_a_workspace_takes_so_many_posts_a_minute_over_all_channels() -> None:
    clock = Clock()
    rates = Rates(clock)
    taken = [rates.post_wait_s(f"C{number}") for number in range(POSTS_A_MINUTE)]

    assert set(taken) == {0.0}
    assert rates.post_wait_s("C-more") == 60.0
    clock.forward(seconds=61)
    assert rates.post_wait_s("C-more") == 0.0


def test_what_is_counted_is_bounded() -> None:
    clock = Clock()
    rates = Rates(clock)
    for number in range(MOST_COUNTED + 1):
        rates.post_wait_s(f"C{number}")
        clock.forward(seconds=1)

    assert len(rates._full_at) == MOST_COUNTED
