import asyncio
from typing import Any

import pytest

from bot.emulators.slack.workspace import ALERT, EXAMPLE
from tests.emulators.slack.playground import ALICE, INCIDENT, MALLORY, PRIVATE, Playground, playing

Json = dict[str, Any]


async def news(slack: Playground, after: int = 0, *, channel: str = INCIDENT, user: str = ALICE) -> Json:
    url = f"{slack.url}/_emulator/channels/{channel}/news?user={user}&after={after}"
    answer: Json = await (await slack.session.get(url)).json()
    return answer


async def test_only_what_is_new_is_listed(slack: Playground) -> None:
    await slack.posted("old")
    before = (await news(slack))["revision"]
    new = await slack.posted("new")
    seen = await news(slack, before)

    assert [message["ts"] for message in seen["messages"]] == [new]
    assert not seen["is_whole"]


async def test_what_was_changed_or_removed_is_news(slack: Playground) -> None:
    edited, removed = await slack.posted("before"), await slack.posted("too much")
    before = (await news(slack))["revision"]
    await slack.web.chat_update(channel=INCIDENT, ts=edited, text="after")
    await slack.web.chat_delete(channel=INCIDENT, ts=removed)
    seen = await news(slack, before)

    assert [message["text"] for message in seen["messages"]] == ["after"]
    assert seen["gone"] == [removed]


async def test_a_private_message_is_news_to_one_person_only(slack: Playground) -> None:
    await slack.web.chat_postEphemeral(channel=INCIDENT, user=ALICE, text="for you")

    assert [m["seen_only_by"] for m in (await news(slack))["messages"]] == [ALICE]
    assert (await news(slack, user=MALLORY))["messages"] == []


async def test_who_knows_what_a_reset_forgot_is_shown_everything(slack: Playground) -> None:
    for _ in range(3):
        await slack.posted()
    before = (await news(slack))["revision"]
    await slack.player.reset()
    await slack.posted("first")
    seen = await news(slack, before)

    assert (seen["is_whole"], [message["text"] for message in seen["messages"]]) == (True, ["first"])


@pytest.mark.parametrize("channel", [PRIVATE, "C0NOWHERE", "D0ALICE"])
async def test_there_is_no_news_of_a_channel_that_one_is_not_in(slack: Playground, channel: str) -> None:
    assert not (await news(slack, channel=channel, user=MALLORY))["ok"]


async def test_a_direct_message_opens_when_it_is_looked_at(slack: Playground) -> None:
    assert (await news(slack, channel="D0ALICE"))["messages"] == []


async def test_a_change_is_told_while_one_listens(slack: Playground) -> None:
    async with slack.session.get(f"{slack.url}/_emulator/live") as stream:
        first = await anext(aiter(stream.content))
        await stream.content.readline()
        await slack.posted()
        async with asyncio.timeout(5):
            second = await stream.content.readline()

    assert first.startswith(b"data: ")
    assert int(second[6:]) > int(first[6:])


async def test_what_another_app_said_stands_there_from_the_start_and_after_a_reset() -> None:
    async with playing(EXAMPLE.model_copy(update={"remarks": (ALERT,)})) as slack:
        await slack.player.reset()
        (alert,) = (await news(slack))["messages"]

    assert alert["bot_profile"]["name"] == "Netwatch"
    assert alert["app_id"] != EXAMPLE.app.id
