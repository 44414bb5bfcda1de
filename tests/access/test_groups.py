import logging
from typing import TYPE_CHECKING

import pytest

from bot.access.groups import REFRESH_EVERY_S, Groups
from bot.model.ids import GroupId, UserId
from bot.slack.pacing import Caller, Pacing

if TYPE_CHECKING:
    from tests.access.conftest import Clock, SlackGroups

ONE, TWO, THREE = GroupId("S0ONE"), GroupId("S0TWO"), GroupId("S0THREE")


def _people(ids: str) -> frozenset[UserId]:
    return frozenset(UserId(one) for one in ids.split())


@pytest.fixture
def groups(slack_groups: "SlackGroups", clock: "Clock") -> Groups:
    slack_groups.members = {ONE: {"U0A", "U0B"}, TWO: {"U0C"}}
    return Groups(slack_groups.list_members, clock)


def test_a_group_that_was_never_asked_for_is_unknown(groups: Groups, clock: "Clock") -> None:
    assert groups.members(ONE, clock.now) is None


async def test_members_are_what_slack_said(groups: Groups, clock: "Clock") -> None:
    await groups.refresh([ONE, TWO])

    assert groups.members(ONE, clock.now) == _people("U0A U0B")
    assert groups.members(TWO, clock.now) == _people("U0C")


async def test_a_removed_member_is_gone_after_the_next_answer(
    groups: Groups, slack_groups: "SlackGroups", clock: "Clock"
) -> None:
    await groups.refresh([ONE])
    slack_groups.members[ONE] = {"U0A"}
    await groups.refresh([ONE])

    assert groups.members(ONE, clock.now) == _people("U0A")


async def test_the_last_answer_holds_for_15_minutes(
    groups: Groups, slack_groups: "SlackGroups", clock: "Clock"
) -> None:
    await groups.refresh([ONE])
    slack_groups.problems[ONE] = "slack.internal_error"
    clock.pass_by(minutes=15)
    await groups.refresh([ONE])
    held = groups.members(ONE, clock.now)
    clock.pass_by(seconds=1)

    assert held == _people("U0A U0B")
    assert groups.members(ONE, clock.now) is None


async def test_a_new_answer_ends_not_knowing(groups: Groups, clock: "Clock") -> None:
    await groups.refresh([ONE])
    clock.pass_by(hours=1)
    await groups.refresh([ONE])

    assert groups.members(ONE, clock.now) == _people("U0A U0B")


async def test_an_answer_from_the_future_is_none(groups: Groups, clock: "Clock") -> None:
    await groups.refresh([ONE])
    clock.pass_by(minutes=-1)

    assert groups.members(ONE, clock.now) is None


async def test_a_deleted_group_has_no_members(groups: Groups, slack_groups: "SlackGroups", clock: "Clock") -> None:
    await groups.refresh([ONE])
    slack_groups.problems[ONE] = "slack.no_such_subteam"
    await groups.refresh([ONE])

    assert groups.members(ONE, clock.now) == frozenset()


async def test_one_group_without_an_answer_does_not_keep_the_others_from_theirs(
    groups: Groups, slack_groups: "SlackGroups", clock: "Clock"
) -> None:
    slack_groups.problems[ONE] = "slack.missing_scope"
    await groups.refresh([ONE, TWO])

    assert groups.members(ONE, clock.now) is None
    assert groups.members(TWO, clock.now) == _people("U0C")


class Seconds:
    """The seconds of a clock that goes on only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


class Paced:
    """A Slack of many groups that is asked no faster than it allows."""

    def __init__(self) -> None:
        self.seconds = Seconds()
        self._pacing = Pacing(lambda: self.seconds.now, self.seconds.sleep)

    async def list_members(self, group: GroupId) -> frozenset[UserId]:
        async with self._pacing.admitted("usergroups.users.list", Caller(group)):
            return _people("U0A")


FORTY = [GroupId(f"S0{number}") for number in range(40)]


async def test_forty_groups_are_known_after_one_round_that_waits_for_their_turns(clock: "Clock") -> None:
    slack = Paced()
    groups = Groups(slack.list_members, clock)
    await groups.refresh(FORTY, slack.seconds.sleep)

    assert groups.unknown(FORTY) == []
    assert slack.seconds.now < REFRESH_EVERY_S


async def test_a_round_that_may_not_wait_takes_what_goes_at_once_and_another_one_the_rest(clock: "Clock") -> None:
    slack = Paced()
    groups = Groups(slack.list_members, clock)
    await groups.refresh(FORTY)
    left = groups.unknown(FORTY)
    waited = slack.seconds.now
    await groups.refresh(left, slack.seconds.sleep)

    assert (waited, left) == (0, FORTY[10:])
    assert groups.unknown(FORTY) == []


@pytest.mark.parametrize("code", ["slack.ratelimited", "slack.unreachable", "slack.timeout", "slack.interrupted"])
async def test_slack_is_not_asked_on_while_it_is_away(
    groups: Groups, slack_groups: "SlackGroups", code: str
) -> None:
    slack_groups.problems[ONE] = code
    await groups.refresh([ONE, TWO, THREE])

    assert slack_groups.asked == [ONE]


async def test_the_group_that_waited_longest_is_asked_first(
    groups: Groups, slack_groups: "SlackGroups", clock: "Clock"
) -> None:
    await groups.refresh([TWO])
    clock.pass_by(minutes=1)
    await groups.refresh([ONE])
    slack_groups.asked.clear()
    await groups.refresh([ONE, TWO, THREE])

    assert slack_groups.asked == [THREE, TWO, ONE]


async def test_a_missing_answer_is_in_the_log(
    groups: Groups, slack_groups: "SlackGroups", caplog: pytest.LogCaptureFixture
) -> None:
    slack_groups.problems[ONE] = "slack.missing_scope"
    with caplog.at_level(logging.WARNING):
        await groups.refresh([ONE])

    assert caplog.messages == ["the members of S0ONE are not known anew: slack.missing_scope"]
