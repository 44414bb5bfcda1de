"""Where others read along, by what Slack says of a channel."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest

from bot.access.places import Places
from bot.model.ids import ChannelId
from bot.model.problem import Problem

if TYPE_CHECKING:
    from tests.access.conftest import Clock

INCIDENT = ChannelId("C0INCIDENT")


class Slack:
    """Says this of every channel, or fails with that."""

    def __init__(self) -> None:
        self.shared = False
        self.fails: str | None = None
        self.asked: list[str] = []

    async def look(self, channel_id: ChannelId) -> bool:
        self.asked.append(channel_id)
        if self.fails:
            raise Problem(self.fails)
        return self.shared


@pytest.fixture
def slack() -> Slack:
    return Slack()


@pytest.fixture
async def places(slack: Slack, clock: "Clock") -> AsyncIterator[Places]:
    asked = Places(slack.look, clock)
    yield asked
    await asked.close()


@pytest.mark.parametrize("shared", [True, False])
async def test_a_channel_is_shared_if_slack_says_so(places: Places, slack: Slack, *, shared: bool) -> None:
    slack.shared = shared

    assert await places.is_shared(INCIDENT) is shared


async def test_a_channel_that_is_being_shared_is_noticed_within_a_minute(
    places: Places, slack: Slack, clock: "Clock"
) -> None:
    before = await places.is_shared(INCIDENT)
    slack.shared = True
    clock.pass_by(minutes=1, seconds=1)

    assert before is False
    assert await places.is_shared(INCIDENT) is True


async def test_slack_is_not_asked_for_every_message(places: Places, slack: Slack) -> None:
    for _ in range(5):
        await places.is_shared(INCIDENT)

    assert slack.asked == [INCIDENT]


async def test_without_the_scope_every_channel_might_be_shared(places: Places, slack: Slack) -> None:
    slack.fails = "slack.missing_scope"

    assert await places.is_shared(INCIDENT) is True


@pytest.mark.parametrize("code", ["slack.unreachable", "slack.ratelimited", "slack.channel_not_found"])
async def test_any_other_failure_is_told(places: Places, slack: Slack, code: str) -> None:
    slack.fails = code
    with pytest.raises(Problem) as raised:
        await places.is_shared(INCIDENT)

    assert raised.value.code == code


async def test_the_last_answer_holds_for_15_minutes_while_slack_is_away(
    places: Places, slack: Slack, clock: "Clock"
) -> None:
    await places.is_shared(INCIDENT)
    slack.fails = "slack.unreachable"
    clock.pass_by(minutes=15)
    held = await places.is_shared(INCIDENT)
    clock.pass_by(seconds=1)
    with pytest.raises(Problem):
        await places.is_shared(INCIDENT)

    assert held is False


async def test_a_direct_message_is_between_two(places: Places, slack: Slack) -> None:
    assert await places.is_shared(ChannelId("D0ALICE")) is False
    assert slack.asked == []


async def test_what_was_wanted_lately_is_renewed(places: Places, slack: Slack, clock: "Clock") -> None:
    await places.is_shared(INCIDENT)
    clock.pass_by(seconds=50)
    slack.shared = True
    await places.refresh()

    assert await places.is_shared(INCIDENT) is True
