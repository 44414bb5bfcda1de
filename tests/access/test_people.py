"""Who is a full member, by what Slack says of them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

import pytest

from bot.access.people import People
from bot.model.ids import TeamId, UserId
from bot.model.problem import Problem
from bot.model.request import Requester
from bot.slack.directory import Account

if TYPE_CHECKING:
    from tests.access.conftest import Clock

Person = Callable[..., Requester]


def an_account(**changes: Any) -> Account:
    values: dict[str, Any] = {
        "user_id": UserId("U0ALICE"),
        "team_id": TeamId("T0EMULATED"),
        "is_deactivated": False,
        "is_bot": False,
        "is_guest": False,
    }
    return Account(**values | changes)


class Slack:
    """Says this of everybody, or fails with that."""

    def __init__(self) -> None:
        self.account = an_account()
        self.fails: str | None = None
        self.asked = 0

    async def look(self, user: UserId) -> Account:
        del user
        self.asked += 1
        if self.fails:
            raise Problem(self.fails, retry_after_s=30) if "limited" in self.fails else Problem(self.fails)
        return self.account


@pytest.fixture
def slack() -> Slack:
    return Slack()


@pytest.fixture
async def people(slack: Slack, clock: "Clock") -> AsyncIterator[People]:
    asked = People(slack.look, None, clock)
    yield asked
    await asked.close()


async def _outcome(people: People, requester: Requester) -> str:
    try:
        await people.check(requester)
    except Problem as problem:
        return problem.code if problem.facts.items() >= requester.model_dump().items() else "facts are missing"
    return "member"


async def test_a_full_member_passes(people: People, a_requester: Person) -> None:
    assert await _outcome(people, a_requester()) == "member"


ORGANIZATION = {"enterprise_id": TeamId("E0ORG"), "teams": frozenset({TeamId("T0EMULATED"), TeamId("T0SISTER")})}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"is_guest": True}, "access.guest", id="guest"),
        pytest.param({"is_guest": None}, "access.guest", id="perhaps a guest"),
        pytest.param({"is_bot": True}, "access.not_a_person", id="bot"),
        pytest.param({"is_bot": None}, "access.not_a_person", id="perhaps a bot"),
        pytest.param({"is_deactivated": True}, "access.deactivated", id="left"),
        pytest.param({"is_deactivated": True, "is_guest": None, "is_bot": None}, "access.deactivated", id="gone"),
        pytest.param({"is_stranger": True}, "access.stranger", id="stranger"),
        pytest.param(
            {"team_id": TeamId("T0PARTNER")}, "access.stranger", id="another company in a shared channel"
        ),
        pytest.param({"team_id": None}, "access.stranger", id="of no workspace"),
        pytest.param({"user_id": UserId("U0OTHER")}, "access.stranger", id="another account than was asked for"),
        pytest.param(ORGANIZATION, "access.stranger", id="the same ID in an organization that is not ours"),
    ],
)
async def test_everybody_else_is_outside(
    people: People, slack: Slack, a_requester: Person, changes: dict[str, Any], code: str
) -> None:
    slack.account = an_account(**changes)

    assert await _outcome(people, a_requester()) == code


async def test_slackbot_is_nobody_whatever_slack_says(people: People, slack: Slack, a_requester: Person) -> None:
    slack.account = an_account(user_id=UserId("USLACKBOT"))

    assert await _outcome(people, a_requester("USLACKBOT")) == "access.not_a_person"


@pytest.mark.parametrize(
    ("changes", "team", "code"),
    [
        pytest.param({}, "T0EMULATED", "member", id="in their workspace"),
        pytest.param({}, "T0SISTER", "member", id="in their other workspace"),
        pytest.param({"team_id": TeamId("T0HOME")}, "T0HOME", "member", id="at home"),
        pytest.param(
            {}, "T0COUSIN", "access.stranger", id="in a workspace of the organization that is not theirs"
        ),
        pytest.param(
            {"enterprise_id": TeamId("E0OTHER")}, "T0EMULATED", "access.stranger", id="of another organization"
        ),
        pytest.param({"enterprise_id": None, "teams": frozenset()}, "T0EMULATED", "member", id="of none"),
        pytest.param({"enterprise_id": None}, "T0SISTER", "access.stranger", id="of none, with workspaces"),
    ],
)
async def test_in_an_organization_a_person_is_at_home_in_their_workspaces_of_it(
    slack: Slack, clock: "Clock", a_requester: Person, changes: dict[str, Any], team: str, code: str
) -> None:
    slack.account = an_account(**ORGANIZATION | changes)
    people = People(slack.look, TeamId("E0ORG"), clock)

    assert await _outcome(people, a_requester(team=team)) == code


@pytest.mark.parametrize("code", ["slack.user_not_found", "slack.user_not_visible"])
async def test_somebody_whom_slack_does_not_know_is_a_stranger(
    people: People, slack: Slack, a_requester: Person, code: str
) -> None:
    slack.fails = code

    assert await _outcome(people, a_requester()) == "access.stranger"


@pytest.mark.parametrize(
    "code", ["slack.unreachable", "slack.timeout", "slack.ratelimited", "slack.not_understood"]
)
async def test_nobody_passes_while_slack_says_nothing(
    people: People, slack: Slack, a_requester: Person, code: str
) -> None:
    slack.fails = code
    with pytest.raises(Problem) as raised:
        await people.check(a_requester())

    assert raised.value.code == "access.person_unknown"
    assert raised.value.facts["reason"] == code


async def test_slack_is_asked_again_when_it_wants_to_be(people: People, slack: Slack, a_requester: Person) -> None:
    slack.fails = "slack.ratelimited"
    with pytest.raises(Problem) as raised:
        await people.check(a_requester())

    assert raised.value.facts["retry_after_s"] == "30"


async def test_a_missing_scope_is_told_as_such(people: People, slack: Slack, a_requester: Person) -> None:
    slack.fails = "slack.missing_scope"
    with pytest.raises(Problem) as raised:
        await people.check(a_requester())

    assert raised.value.code == "slack.missing_scope"


async def test_a_member_passes_for_15_minutes_while_slack_is_away(
    people: People, slack: Slack, a_requester: Person, clock: "Clock"
) -> None:
    await people.check(a_requester())
    slack.fails = "slack.unreachable"
    clock.pass_by(minutes=15)
    held = await _outcome(people, a_requester())
    clock.pass_by(seconds=1)

    assert held == "member"
    assert await _outcome(people, a_requester()) == "access.person_unknown"


async def test_somebody_who_is_deactivated_is_out_within_five_minutes(
    people: People, slack: Slack, a_requester: Person, clock: "Clock"
) -> None:
    await people.check(a_requester())
    slack.account = an_account(is_deactivated=True)
    clock.pass_by(minutes=5, seconds=1)

    assert await _outcome(people, a_requester()) == "access.deactivated"


async def test_the_same_person_asking_from_two_workspaces_is_decided_about_twice(
    people: People, slack: Slack, a_requester: Person
) -> None:
    assert await _outcome(people, a_requester(team="T0EMULATED")) == "member"
    assert await _outcome(people, a_requester(team="T0OTHER")) == "access.stranger"
    assert slack.asked == 1


async def test_nobody_waits_before_an_ack_and_slack_is_asked_meanwhile(
    people: People, slack: Slack, a_requester: Person
) -> None:
    slack.account = an_account(is_guest=True)
    people.check_known(a_requester())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    with pytest.raises(Problem) as raised:
        people.check_known(a_requester())

    assert raised.value.code == "access.guest"
    assert slack.asked == 1


async def test_those_who_asked_lately_are_renewed(
    people: People, slack: Slack, a_requester: Person, clock: "Clock"
) -> None:
    await people.check(a_requester())
    clock.pass_by(minutes=14)
    slack.account = an_account(is_guest=True)
    await people.refresh()
    with pytest.raises(Problem) as raised:
        people.check_known(a_requester())

    assert raised.value.code == "access.guest"


async def test_a_locale_is_what_slack_last_said_and_is_not_asked_for(
    people: People, slack: Slack, clock: "Clock", a_requester: Person
) -> None:
    slack.account = an_account(locale="zh-CN")
    before = people.locale(a_requester())
    await people.check(a_requester())
    clock.pass_by(days=1)

    assert (before, people.locale(a_requester()), slack.asked) == (None, "zh-CN", 1)


async def _hear(people: People, requester: Requester) -> None:
    """Raise what somebody hears who is not in the book, if it is Slack's word."""
    await people.learn(requester, within_s=5, in_book=False)
    people.check_said(requester, in_book=False)


async def test_an_unmapped_guest_who_became_a_member_is_one_at_the_first_try(
    people: People, slack: Slack, clock: "Clock", a_requester: Person
) -> None:
    slack.account = an_account(is_guest=True)
    with pytest.raises(Problem, match=r"access\.guest"):
        await _hear(people, a_requester())
    slack.account = an_account()
    clock.pass_by(days=2)
    await _hear(people, a_requester())

    assert slack.asked == 2


async def test_what_slack_said_long_ago_refuses_nobody(
    people: People, slack: Slack, clock: "Clock", a_requester: Person
) -> None:
    slack.account = an_account(is_guest=True)
    with pytest.raises(Problem, match=r"access\.guest"):
        await _hear(people, a_requester())
    slack.fails = "slack.unreachable"
    clock.pass_by(minutes=15, seconds=1)

    with pytest.raises(Problem, match=r"access\.person_unknown"):
        await _hear(people, a_requester())


async def test_what_slack_said_of_somebody_who_was_mapped_is_not_asked_again_for_the_refusal(
    people: People, slack: Slack, a_requester: Person
) -> None:
    await people.check(a_requester())
    await _hear(people, a_requester())

    assert slack.asked == 1
