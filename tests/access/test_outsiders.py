"""Whoever is not in access.yml is asked about for the words of a refusal: sparingly, and to admit nobody by."""

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest

from bot.access.outsiders import MOST_A_MINUTE, Outsiders
from bot.model.ids import TeamId, UserId
from bot.model.problem import Problem
from bot.slack.directory import Account

if TYPE_CHECKING:
    from tests.access.conftest import Clock

EVE = UserId("U0EVE")


class Slack:
    """Says of everybody that they use it in Chinese, once `open` is set, or fails with that."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self.fails: str | None = None
        self.asked = 0

    async def look(self, user: UserId) -> Account:
        self.asked += 1
        await self.open.wait()
        if self.fails:
            raise Problem(self.fails)
        team = TeamId("T0EMULATED")
        return Account(
            user_id=user, team_id=team, is_deactivated=False, is_bot=False, is_guest=True, locale="zh-CN"
        )


@pytest.fixture
def slack() -> Slack:
    return Slack()


@pytest.fixture
async def outsiders(slack: Slack, clock: "Clock") -> AsyncIterator[Outsiders]:
    asked = Outsiders(slack.look, clock)
    yield asked
    await asked.close()


async def test_what_slack_says_in_time_is_known(outsiders: Outsiders, slack: Slack) -> None:
    await outsiders.learn(EVE, within_s=5)
    await outsiders.learn(EVE, within_s=5)

    assert outsiders.locale(EVE) == "zh-CN"
    assert slack.asked == 1


async def test_a_slow_slack_is_not_waited_for_and_asked_once_meanwhile(outsiders: Outsiders, slack: Slack) -> None:
    slack.open.clear()
    await outsiders.learn(EVE, within_s=0.01)
    await outsiders.learn(EVE, within_s=0.01)
    before = outsiders.locale(EVE)
    slack.open.set()
    await outsiders.learn(EVE, within_s=5)

    assert (before, outsiders.locale(EVE), slack.asked) == (None, "zh-CN", 1)


async def test_a_slack_that_fails_is_no_problem_of_theirs(outsiders: Outsiders, slack: Slack) -> None:
    slack.fails = "slack.unreachable"
    await outsiders.learn(EVE, within_s=5)

    assert outsiders.locale(EVE) is None


async def test_a_crowd_of_them_makes_so_many_calls_a_minute(
    outsiders: Outsiders, slack: Slack, clock: "Clock"
) -> None:
    for number in range(MOST_A_MINUTE + 10):
        await outsiders.learn(UserId(f"U0EVE{number}"), within_s=5)
    within_a_minute = slack.asked
    clock.pass_by(minutes=1)
    await outsiders.learn(EVE, within_s=5)

    assert within_a_minute == MOST_A_MINUTE
    assert outsiders.locale(EVE) == "zh-CN"


async def test_what_slack_said_long_ago_is_asked_again_and_waited_for(
    outsiders: Outsiders, slack: Slack, clock: "Clock"
) -> None:
    await outsiders.learn(EVE, within_s=5)
    clock.pass_by(minutes=15, seconds=1)
    await outsiders.learn(EVE, within_s=5)

    assert outsiders.account(EVE) is not None
    assert slack.asked == 2


async def test_what_slack_said_holds_for_15_minutes_but_for_the_language(
    outsiders: Outsiders, slack: Slack, clock: "Clock"
) -> None:
    await outsiders.learn(EVE, within_s=5)
    slack.fails = "slack.unreachable"
    clock.pass_by(minutes=15)
    held = outsiders.account(EVE)
    clock.pass_by(seconds=1)

    assert held is not None
    assert outsiders.account(EVE) is None
    assert outsiders.locale(EVE) == "zh-CN"
