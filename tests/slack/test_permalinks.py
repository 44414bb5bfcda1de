"""Addresses of messages, asked of Slack once each."""

from typing import TYPE_CHECKING

from bot.model.ids import ChannelId
from bot.slack.message import Message
from bot.slack.permalinks import Permalinks

if TYPE_CHECKING:
    from tests.slack.conftest import Slack

HERE = ChannelId("C0INCIDENT")


async def test_an_address_is_asked_for_once(slack: "Slack") -> None:
    posted = await slack.api.post_message(HERE, Message(text="root", blocks=[]))
    permalinks = Permalinks(slack.api)
    links = [await permalinks(HERE, posted.ts) for _ in range(3)]

    assert len(set(links)) == 1
    assert "/archives/C0INCIDENT/" in str(links[0])
    assert len(await slack.player.calls("chat.getPermalink")) == 1


async def test_a_message_that_is_gone_has_none(slack: "Slack") -> None:
    assert await Permalinks(slack.api)(HERE, "1767355200.000100") is None
