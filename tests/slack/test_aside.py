"""What is for one person alone: nobody else sees it, wherever it is told."""

from typing import TYPE_CHECKING

import pytest

from bot.model.ids import ChannelId, UserId
from bot.model.problem import Problem
from bot.slack.aside import Aside, tell_alone
from bot.slack.blocks import line, rich_text, words
from bot.slack.message import Message
from bot.slack.pacing import Caller
from tests.slack.parsed_by_slack import texts

if TYPE_CHECKING:
    from bot.model.run import Language
    from tests.slack.conftest import Slack

ALICE = UserId("U0ALICE")
PRIVATE = Message(text="for Alice", blocks=[rich_text(line(words("for Alice")))])
AT_INCIDENT = Aside(ChannelId("C0INCIDENT"), ALICE, "en")


async def test_it_is_shown_where_it_was_asked_to_the_asker_alone(slack: "Slack") -> None:
    await tell_alone(slack.api, AT_INCIDENT, PRIVATE)
    (shown,) = await slack.player.private_messages(user="U0ALICE")

    assert shown["text"] == "for Alice"
    assert await slack.texts() == []
    assert await slack.player.private_messages(user="U0BOB") == []


@pytest.mark.parametrize("error", ["user_not_in_channel", "not_in_channel", "channel_not_found", "is_archived"])
async def test_where_slack_does_not_let_us_it_is_a_direct_message(slack: "Slack", error: str) -> None:
    await slack.player.fault("chat.postEphemeral", "error", error=error)
    await tell_alone(slack.api, AT_INCIDENT, PRIVATE)
    posted = await slack.player.calls("chat.postMessage")

    assert [call["outcome"] for call in posted] == ["ok"]
    assert await slack.player.private_messages(user="U0ALICE") == []
    assert await slack.texts() == []


@pytest.mark.parametrize("kind", ["http_503", "reset_before", "throttle"])
async def test_where_slack_stumbles_it_is_told_the_other_way(slack: "Slack", kind: str) -> None:
    await slack.player.fault("chat.postEphemeral", kind)
    await tell_alone(slack.api, AT_INCIDENT, PRIVATE)

    assert len(await slack.player.calls("chat.postMessage")) == 1


async def test_in_a_direct_message_it_is_said_there_in_the_thread_that_was_asked_in(slack: "Slack") -> None:
    asked = await slack.api.post_message(ALICE, Message(text="asked here", blocks=[]))
    await tell_alone(slack.api, Aside(asked.channel_id, ALICE, "en", asked.ts), PRIVATE)
    (root,) = await slack.player.messages(asked.channel_id)

    assert [reply["text"] for reply in root["replies"]] == ["for Alice"]
    assert await slack.player.calls("chat.postEphemeral") == []


async def test_in_direct_messages_of_others_it_is_said_in_those_with_the_bot(slack: "Slack") -> None:
    ours = await slack.api.post_message(ALICE, Message(text="hello", blocks=[]))
    await tell_alone(slack.api, Aside(ChannelId("D0ALICEANDBOB"), ALICE, "en", "1.1"), PRIVATE)

    assert await slack.texts(ours.channel_id) == ["hello", "for Alice"]


async def in_direct_messages(slack: "Slack") -> str:
    """Return what stands in those of Alice with the bot."""
    (said,) = await slack.player.messages(await slack.api.open_direct_message(ALICE))
    return texts(said["blocks"])


@pytest.mark.parametrize(
    ("language", "said"), [("en", "not a member of that channel"), ("zh", "不是该频道的成员")]
)
async def test_in_direct_messages_it_is_said_which_place_it_is_for_and_why_it_is_not_there(
    slack: "Slack", language: "Language", said: str
) -> None:
    await tell_alone(slack.api, Aside(ChannelId("C0OPEN"), ALICE, language), PRIVATE)

    above, *_ = (await slack.player.messages(await slack.api.open_direct_message(ALICE)))[0]["blocks"]
    assert {"type": "channel", "channel_id": "C0OPEN"} in above["elements"][0]["elements"]
    assert said in texts([above])
    assert "for Alice" in await in_direct_messages(slack)


async def test_where_slack_stumbled_it_is_not_called_closed(slack: "Slack") -> None:
    await slack.player.fault("chat.postEphemeral", "http_503")
    await tell_alone(slack.api, AT_INCIDENT, PRIVATE)

    assert "Slack did not take this there" in await in_direct_messages(slack)


async def test_in_ones_own_direct_messages_no_other_place_is_named(slack: "Slack") -> None:
    asked = await slack.api.post_message(ALICE, Message(text="asked here", blocks=[]))
    await slack.player.fault("chat.postMessage", "http_503")
    await tell_alone(slack.api, Aside(asked.channel_id, ALICE, "en"), PRIVATE)

    assert texts((await slack.player.messages(asked.channel_id))[-1]["blocks"]).strip() == "for Alice"


async def test_whoever_comes_back_waits_for_a_turn_and_takes_no_other_way(slack: "Slack") -> None:
    await slack.player.fault("chat.postEphemeral", "throttle", seconds=9)
    with pytest.raises(Problem) as raised:
        await tell_alone(slack.api, AT_INCIDENT, PRIVATE, Caller("run"))

    assert raised.value.code == "slack.busy"
    assert await slack.player.calls("chat.postMessage") == []


async def test_whoever_comes_back_waits_for_a_turn_in_direct_messages_too(slack: "Slack") -> None:
    await slack.player.fault("chat.postEphemeral", "error", error="not_in_channel", times=2)
    await slack.player.fault("chat.postMessage", "throttle", seconds=9)
    for _ in range(2):
        with pytest.raises(Problem) as raised:
            await tell_alone(slack.api, AT_INCIDENT, PRIVATE, Caller("run"))

        assert raised.value.code == "slack.busy"
        assert raised.value.facts["operation"] == "chat.postMessage"


async def test_where_neither_way_works_the_caller_is_told(slack: "Slack") -> None:
    for operation in ("chat.postEphemeral", "chat.postMessage"):
        await slack.player.fault(operation, "error", error="account_inactive")
    with pytest.raises(Problem) as raised:
        await tell_alone(slack.api, AT_INCIDENT, PRIVATE)

    assert raised.value.code == "slack.account_inactive"
