"""Who is admitted, by the book in force and by what Slack says of people and channels."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from bot.access.admission import Admission, Roster
from bot.access.book import Book
from bot.access.groups import Groups
from bot.access.outsiders import MOST_A_MINUTE
from bot.access.people import People
from bot.access.places import Places
from bot.model.ids import ChannelId, UserId, VpnGatewayId
from bot.model.problem import Problem
from bot.model.request import DiagnosisRequest, Requester
from bot.slack.directory import Account
from tests.access.conftest import BOOK

if TYPE_CHECKING:
    from tests.access.conftest import Clock, SlackGroups

Person = Callable[..., Requester]
Request = Callable[..., DiagnosisRequest]
Load = Callable[[str], Book]

INCIDENT = ChannelId("C0INCIDENT")
SHARED = ChannelId("C0SHARED")


@dataclass
class Slack:
    """What Slack would say of people and channels: what is named here is outside, or shared."""

    guests: set[str] = field(default_factory=set)
    shared: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    away: bool = False

    async def account(self, user: UserId) -> Account:
        self._note(user)
        team = "T0EMULATED"
        values = {"user_id": user, "team_id": team, "is_deactivated": False, "is_bot": False}
        return Account.model_validate({**values, "is_guest": user in self.guests})

    async def is_shared(self, channel_id: ChannelId) -> bool:
        self._note(channel_id)
        return channel_id in self.shared

    def _note(self, asked: str) -> None:
        self.asked.append(asked)
        if self.away:
            raise Problem("slack.unreachable")


@pytest.fixture
def slack() -> Slack:
    return Slack()


@pytest.fixture
async def an_admission(
    load: Load, slack: Slack, slack_groups: "SlackGroups", clock: "Clock"
) -> AsyncIterator[Callable[..., Admission]]:
    """Return a builder of admissions, with Slack to ask."""
    built: list[Admission] = []

    def build(text: str = BOOK, **changes: Any) -> Admission:
        values: dict[str, Any] = {
            "groups": Groups(slack_groups.list_members, clock),
            "people": People(slack.account, None, clock),
            "places": Places(slack.is_shared, clock),
        }
        admission = Admission(load(text), Roster(**values | changes), clock, new_groups_within_s=0.01)
        built.append(admission)
        return admission

    yield build
    for admission in built:
        await admission.close()


Build = Callable[..., Admission]


async def _refusal(admitted: Awaitable[object]) -> str:
    with pytest.raises(Problem) as raised:
        await admitted
    return raised.value.code


def _refusal_at_once(admission: Admission, requester: Requester) -> str:
    with pytest.raises(Problem) as raised:
        admission.admit_known(requester, INCIDENT, None)
    return raised.value.code


async def test_a_member_with_a_line_is_admitted(an_admission: Build, a_requester: Person) -> None:
    assert (await an_admission().admit(a_requester(), INCIDENT, None)).name == "oncall"


async def test_a_guest_is_refused_whatever_the_book_says(
    an_admission: Build, slack: Slack, a_requester: Person
) -> None:
    slack.guests = {"U0ALICE"}

    assert await _refusal(an_admission().admit(a_requester(), INCIDENT, None)) == "access.guest"


async def test_a_guest_is_refused_through_a_group_too(
    an_admission: Build, slack: Slack, slack_groups: "SlackGroups", a_requester: Person
) -> None:
    slack.guests = {"U0ERIN"}
    slack_groups.members = {"S0NETWORK": {"U0ERIN"}}
    admission = an_admission()
    await admission.refresh_groups()

    assert await _refusal(admission.admit(a_requester("U0ERIN"), INCIDENT, None)) == "access.guest"


UNMAPPED = BOOK.split("groups:")[0]
DISAGREEING = UNMAPPED + "groups: {S0NETWORK: oncall, S0SECOND: lab}\n"


@pytest.mark.parametrize("text", [UNMAPPED, DISAGREEING], ids=["not mapped", "groups that disagree"])
async def test_who_is_outside_hears_that_and_nothing_of_the_mapping(
    an_admission: Build, slack: Slack, slack_groups: "SlackGroups", a_requester: Person, text: str
) -> None:
    slack.guests = {"U0EVE"}
    slack_groups.members = {"S0NETWORK": {"U0EVE"}, "S0SECOND": {"U0EVE"}}
    admission = an_admission(text)
    await admission.refresh_groups()

    assert await _refusal(admission.admit(a_requester("U0EVE"), INCIDENT, None)) == "access.guest"
    assert _refusal_at_once(admission, a_requester("U0EVE")) == "access.guest"
    assert slack.asked == ["U0EVE"]


async def test_who_is_outside_hears_that_at_once_when_slack_was_asked_first(
    an_admission: Build, slack: Slack, a_requester: Person
) -> None:
    slack.guests = {"U0EVE"}
    admission = an_admission(UNMAPPED)
    await admission.learn_who(a_requester("U0EVE"), within_s=0.01, unmapped_within_s=5)

    assert _refusal_at_once(admission, a_requester("U0EVE")) == "access.guest"


async def test_while_slack_does_not_say_who_somebody_is_they_hear_nothing_of_the_mapping(
    an_admission: Build, slack: Slack, a_requester: Person
) -> None:
    slack.away = True
    admission = an_admission(UNMAPPED)

    assert _refusal_at_once(admission, a_requester("U0EVE")) == "access.person_unknown"
    assert await _refusal(admission.admit(a_requester("U0EVE"), INCIDENT, None)) == "access.person_unknown"
    assert await _refusal(admission.admit_anywhere(a_requester("U0EVE"))) == "access.person_unknown"


async def test_what_slack_said_of_somebody_while_they_were_mapped_is_not_asked_again(
    an_admission: Build, load: Load, slack: Slack, a_requester: Person
) -> None:
    admission = an_admission()
    await admission.refresh_groups()
    await admission.admit(a_requester("U0BOB"), INCIDENT, None)
    await admission.replace(load(UNMAPPED.replace("  U0BOB: lab\n", "")))

    assert _refusal_at_once(admission, a_requester("U0BOB")) == "access.not_mapped"
    assert slack.asked == ["U0BOB"]


async def test_a_flood_by_people_who_are_not_mapped_asks_slack_so_often_a_minute(
    an_admission: Build, slack: Slack, a_requester: Person
) -> None:
    admission = an_admission(UNMAPPED)
    said = [
        await _refusal(admission.admit(a_requester(f"U0EVE{number}"), INCIDENT, None))
        for number in range(MOST_A_MINUTE + 10)
    ]

    assert said == ["access.not_mapped"] * MOST_A_MINUTE + ["access.person_unknown"] * 10
    assert (await admission.admit(a_requester(), INCIDENT, None)).name == "oncall"
    assert len(slack.asked) == MOST_A_MINUTE + 1


THROUGH_A_GROUP = UNMAPPED + "groups: {S0NETWORK: oncall}\n"


async def test_while_nobody_knows_who_is_in_a_group_everybody_hears_that_however_many_ask(
    an_admission: Build, slack: Slack, a_requester: Person
) -> None:
    admission = an_admission(THROUGH_A_GROUP)
    crowd = [a_requester(f"U0EVE{number}") for number in range(2 * MOST_A_MINUTE)]
    for person in crowd:
        await admission.learn_who(person, within_s=5, unmapped_within_s=5)

    assert {_refusal_at_once(admission, person) for person in crowd} == {"access.groups_unknown"}
    assert {await _refusal(admission.admit(person, INCIDENT, None)) for person in crowd} == {
        "access.groups_unknown"
    }
    assert (await admission.admit(a_requester(), INCIDENT, None)).name == "oncall"
    assert len(slack.asked) == MOST_A_MINUTE + 1


async def test_who_may_be_in_a_group_is_waited_for_no_longer_than_who_is_in_the_book(
    an_admission: Build, slack: Slack, a_requester: Person, clock: "Clock"
) -> None:
    async def silent(user: UserId) -> Account:
        await asyncio.Event().wait()
        return await slack.account(user)

    admission = an_admission(THROUGH_A_GROUP, people=People(silent, None, clock))
    async with asyncio.timeout(5):
        await admission.learn_who(a_requester("U0ERIN"), within_s=0.01, unmapped_within_s=60)

    assert _refusal_at_once(admission, a_requester("U0ERIN")) == "access.groups_unknown"


async def test_a_guest_hears_that_while_the_members_of_a_group_are_not_known(
    an_admission: Build, slack: Slack, a_requester: Person
) -> None:
    slack.guests = {"U0EVE"}
    admission = an_admission(THROUGH_A_GROUP)

    assert await _refusal(admission.admit(a_requester("U0EVE"), INCIDENT, None)) == "access.guest"
    assert _refusal_at_once(admission, a_requester("U0EVE")) == "access.guest"


async def test_which_group_it_is_hears_only_whom_slack_calls_a_full_member(
    an_admission: Build, slack: Slack, a_requester: Person
) -> None:
    admission, erin = an_admission(THROUGH_A_GROUP), a_requester("U0ERIN")
    slack.away = True
    with pytest.raises(Problem, match=r"access\.groups_unknown") as unknown:
        await admission.admit(erin, INCIDENT, None)
    slack.away = False
    with pytest.raises(Problem, match=r"access\.groups_unknown") as member:
        await admission.admit(erin, INCIDENT, None)

    assert "group_id" not in unknown.value.facts
    assert member.value.facts["group_id"] == "S0NETWORK"


async def test_who_was_a_guest_long_ago_is_not_refused_for_good_while_slack_is_away(
    an_admission: Build, slack: Slack, slack_groups: "SlackGroups", a_requester: Person, clock: "Clock"
) -> None:
    slack.guests = {"U0ERIN"}
    admission, erin = an_admission(THROUGH_A_GROUP), a_requester("U0ERIN")
    await admission.refresh_groups()
    as_guest = await _refusal(admission.admit(erin, INCIDENT, None))
    slack.guests.clear()
    slack_groups.members = {"S0NETWORK": {"U0ERIN"}}
    clock.pass_by(days=2)
    await admission.refresh_groups()
    as_member = await admission.admit(erin, INCIDENT, None)
    slack.away = True
    clock.pass_by(minutes=20)

    assert (as_guest, as_member.name) == ("access.guest", "oncall")
    assert _refusal_at_once(admission, erin) == "access.groups_unknown"
    assert await _refusal(admission.admit(erin, INCIDENT, None)) == "access.groups_unknown"


async def test_those_whose_groups_disagree_are_asked_about_whatever_strangers_use_up(
    an_admission: Build, slack: Slack, slack_groups: "SlackGroups", a_requester: Person
) -> None:
    slack_groups.members = {"S0NETWORK": {"U0ERIN"}, "S0SECOND": {"U0ERIN"}}
    admission, erin = an_admission(DISAGREEING), a_requester("U0ERIN")
    await admission.refresh_groups()
    for number in range(MOST_A_MINUTE):
        await _refusal(admission.admit(a_requester(f"U0EVE{number}"), INCIDENT, None))
    await admission.learn_who(erin, within_s=0.01, unmapped_within_s=5)

    assert _refusal_at_once(admission, erin) == "access.groups_disagree"
    assert await _refusal(admission.admit(erin, INCIDENT, None)) == "access.groups_disagree"
    assert slack.asked.count("U0ERIN") == 1


async def test_before_the_ack_nobody_waits_and_at_the_next_request_it_is_known(
    an_admission: Build, slack: Slack, a_requester: Person
) -> None:
    slack.guests = {"U0ALICE"}
    admission = an_admission()
    first = admission.admit_known(a_requester(), INCIDENT, None)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    with pytest.raises(Problem) as raised:
        admission.admit_known(a_requester(), INCIDENT, None)

    assert first.name == "oncall"
    assert raised.value.code == "access.guest"


async def test_while_slack_is_away_nobody_new_is_admitted(
    an_admission: Build, slack: Slack, a_requester: Person
) -> None:
    slack.away = True

    assert await _refusal(an_admission().admit(a_requester(), INCIDENT, None)) == "access.person_unknown"


async def test_what_the_book_says_after_slack_has_answered_counts(
    an_admission: Build, load: Load, a_requester: Person, clock: "Clock"
) -> None:
    answering = asyncio.Event()

    async def slowly(user: UserId) -> Account:
        await answering.wait()
        return await Slack().account(user)

    admission = an_admission(people=People(slowly, None, clock))
    waiting = asyncio.create_task(admission.admit(a_requester("U0BOB"), INCIDENT, None))
    await asyncio.sleep(0)
    await admission.replace(load(BOOK.split("groups:")[0].replace("  U0BOB: lab\n", "")))
    answering.set()

    assert await _refusal(waiting) == "access.not_mapped"


async def test_channel_and_guardrail_are_asked_after_the_person(
    an_admission: Build, slack: Slack, a_requester: Person, a_request: Request
) -> None:
    guarded = BOOK.replace(
        "    regions: [cn-hangzhou, cn-qingdao]\n",
        '    guardrail: [{Effect: Allow, Action: "vpc:*", Resource: "acs:vpc:*:*:vpngateway/vpn-healthy*"}]\n',
    )
    admission = an_admission(guarded + "channels: {allow: [C0INCIDENT]}\n")
    broken = a_request(gateway_id=VpnGatewayId("vpn-broken00000000000001"))
    in_private = await _refusal(admission.admit(a_requester(), ChannelId("D0ALICE"), None))
    behind_the_guardrail = await _refusal(admission.admit(a_requester(), INCIDENT, broken))

    assert in_private == "access.channel_not_allowed"
    assert behind_the_guardrail == "access.guardrail"
    assert (await admission.admit(a_requester(), INCIDENT, a_request())).name == "oncall"
    assert slack.asked == ["U0ALICE"]


async def test_those_who_asked_and_where_are_renewed_together(
    an_admission: Build, slack: Slack, a_requester: Person
) -> None:
    admission = an_admission()
    await admission.admit(a_requester(), INCIDENT, None)
    await admission.place(INCIDENT)
    slack.asked.clear()
    await admission.refresh_people()

    assert slack.asked == ["U0ALICE", "C0INCIDENT"]


# Where answers belong


async def test_answers_belong_where_the_question_was_asked(an_admission: Build) -> None:
    assert not (await an_admission().place(INCIDENT)).private


async def test_answers_from_a_shared_channel_belong_to_the_asker_alone(an_admission: Build, slack: Slack) -> None:
    slack.shared = {SHARED}

    assert (await an_admission().place(SHARED)).private


async def test_a_shared_channel_that_the_book_names_is_open(an_admission: Build, slack: Slack) -> None:
    slack.shared = {SHARED}
    admission = an_admission(BOOK + "channels: {shared: [C0SHARED]}\n")

    assert not (await admission.place(SHARED)).private
    assert slack.asked == []


async def test_an_unknown_place_is_no_place(an_admission: Build, slack: Slack) -> None:
    slack.away = True

    assert await _refusal(an_admission().place(INCIDENT)) == "slack.unreachable"


async def test_without_anybody_to_ask_the_book_alone_decides(an_admission: Build, a_requester: Person) -> None:
    admission = an_admission(people=None, places=None)

    assert (await admission.admit(a_requester(), INCIDENT, None)).name == "oncall"
    assert not (await admission.place(SHARED)).private
    await admission.refresh_people()


# Another version of the book


async def test_somebody_who_was_taken_out_is_out_at_once(
    an_admission: Build, load: Load, a_requester: Person
) -> None:
    admission = an_admission()
    await admission.refresh_groups()
    await admission.admit(a_requester("U0BOB"), INCIDENT, None)
    await admission.replace(load(BOOK.replace("  U0BOB: lab\n", "")))

    assert await _refusal(admission.admit(a_requester("U0BOB"), INCIDENT, None)) == "access.not_mapped"
    assert admission.regions(a_requester("U0BOB")) == ()


async def test_the_members_of_a_new_group_are_known_when_the_book_that_names_it_comes_into_force(
    an_admission: Build, load: Load, a_requester: Person, slack_groups: "SlackGroups"
) -> None:
    slack_groups.members = {"S0NEW": {"U0ERIN"}}
    admission = an_admission()
    await admission.refresh_groups()
    slack_groups.asked.clear()
    await admission.replace(load(BOOK + "  S0NEW: lab\n"))

    assert slack_groups.asked == ["S0NEW"]
    assert (await admission.admit(a_requester("U0ERIN"), INCIDENT, None)).name == "lab"


async def test_a_slow_slack_does_not_keep_a_book_from_coming_into_force(
    an_admission: Build, load: Load, a_requester: Person, clock: "Clock"
) -> None:
    async def silent(_: object) -> frozenset[UserId]:
        await asyncio.Event().wait()
        return frozenset()

    before = BOOK.split("groups:")[0]
    admission = an_admission(before, groups=Groups(silent, clock))
    after = load(before.replace("  U0BOB: lab\n", "") + "groups: {S0NEW: oncall}\n")
    async with asyncio.timeout(5):
        await admission.replace(after)
    refusal = await _refusal(admission.admit(a_requester("U0BOB"), INCIDENT, None))

    assert admission.book is after
    assert refusal == "access.groups_unknown"


async def test_an_unmapped_member_is_told_to_be_added(
    an_admission: Build, slack: Slack, a_requester: Person
) -> None:
    admission = an_admission(UNMAPPED)
    await admission.learn_who(a_requester("U0EVE"), within_s=0.01, unmapped_within_s=5)

    assert _refusal_at_once(admission, a_requester("U0EVE")) == "access.not_mapped"
    assert await _refusal(admission.admit(a_requester("U0EVE"), INCIDENT, None)) == "access.not_mapped"
    assert slack.asked == ["U0EVE"]


async def test_slack_is_not_asked_about_people_of_other_workspaces(
    an_admission: Build, slack: Slack, a_requester: Person
) -> None:
    admission, eve = an_admission(), a_requester("U0EVE", team="T0ELSEWHERE")
    await admission.learn_who(eve, within_s=5, unmapped_within_s=5)

    assert _refusal_at_once(admission, eve) == "access.other_workspace"
    assert await _refusal(admission.admit(eve, INCIDENT, None)) == "access.other_workspace"
    assert slack.asked == []
