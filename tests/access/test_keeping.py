"""The desk keeps up with what changes outside while it decides, with a sleep that a test ends."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bot.access.admission import Admission, Roster
from bot.access.book import Book, load_book
from bot.access.book_file import HELD_FOR, LOOK_EVERY_S, BookFile
from bot.access.desk import Access
from bot.access.groups import REFRESH_EVERY_S, Groups
from bot.access.keeping import keep_current
from bot.access.people import People
from bot.access.places import Places
from bot.model.credential import Credential
from bot.model.ids import ChannelId, GroupId, TeamId, UserId
from bot.model.problem import Problem
from bot.model.request import DiagnosisRequest, Requester
from bot.slack.directory import Account
from tests.access.conftest import BOOK

if TYPE_CHECKING:
    from tests.access.conftest import Clock, Cloud, SlackGroups

Person = Callable[..., Requester]
Request = Callable[..., DiagnosisRequest]

INCIDENT = ChannelId("C0INCIDENT")
ENVIRON = {"EXTERNAL_ID": "emulator-external-id", "LAB_KEY_ID": "LTAIemulatorLab"}


class Sleeper:
    """Lets those who sleep so long go on, once for each call of `wake`."""

    def __init__(self) -> None:
        self._sleeping: dict[float, list[asyncio.Event]] = {}

    async def __call__(self, seconds: float) -> None:
        waiting = asyncio.Event()
        self._sleeping.setdefault(seconds, []).append(waiting)
        await waiting.wait()

    async def wake(self, seconds: float) -> None:
        """Wake them, and wait until they sleep again."""
        waiting = await self._asleep(seconds, 1)
        self._sleeping[seconds] = []
        for one in waiting:
            one.set()
        await self._asleep(seconds, len(waiting))

    def let_go(self, seconds: float) -> None:
        """Wake whoever sleeps so long, if anybody does."""
        for one in self._sleeping.pop(seconds, []):
            one.set()

    async def _asleep(self, seconds: float, count: int) -> list[asyncio.Event]:
        async with asyncio.timeout(5):
            while len(self._sleeping.get(seconds, [])) < count:  # noqa: ASYNC110 (nobody tells)
                await asyncio.sleep(0.001)
        return self._sleeping[seconds]


class World:
    """A desk over access.yml in a folder, and a Slack that says what it is told to."""

    def __init__(
        self, folder: Path, cloud: "Cloud", base: Credential, slack_groups: "SlackGroups", clock: "Clock"
    ) -> None:
        self.file = folder / "access.yml"
        self.file.write_text(BOOK)
        (folder / "lab_key_secret").write_text("emulator-lab-secret")
        self.guests: set[str] = set()
        self.shared: set[str] = set()
        self.sleeper = Sleeper()
        self.access = Access(
            BookFile(self.file, ENVIRON, load_book(self.file), clock, TeamId("T0EMULATED")),
            base,
            cloud.sts,
            Roster(
                Groups(slack_groups.list_members, clock),
                People(self._account, None, clock),
                Places(self._is_shared, clock),
            ),
            ENVIRON,
            folder,
            clock,
        )

    async def changed(self, text: str) -> None:
        """Write access.yml, and let it be looked at twice."""
        self.file.write_text(text)
        await self.sleeper.wake(LOOK_EVERY_S)
        await self.sleeper.wake(LOOK_EVERY_S)

    async def outcome(self, requester: Requester, request: DiagnosisRequest) -> str:
        try:
            return (await self.access.authorize(requester, INCIDENT, request)).principal
        except Problem as problem:
            return problem.code

    async def _account(self, user: UserId) -> Account:
        values: dict[str, Any] = {"user_id": user, "team_id": TeamId("T0EMULATED"), "is_bot": False}
        return Account(**values, is_deactivated=False, is_guest=user in self.guests)

    async def _is_shared(self, channel_id: ChannelId) -> bool:
        return channel_id in self.shared


@pytest.fixture
async def world(
    tmp_path: Path, cloud: "Cloud", base: Credential, slack_groups: "SlackGroups", clock: "Clock"
) -> AsyncIterator[World]:
    alive = World(tmp_path, cloud, base, slack_groups, clock)
    await alive.access.refresh_groups()
    keeping = asyncio.create_task(alive.access.keep_current(alive.sleeper))
    yield alive
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    await alive.access.close()


async def test_somebody_who_is_taken_out_of_the_book_is_refused_with_a_session_that_would_last(
    world: World, a_requester: Person, a_request: Request
) -> None:
    before = await world.outcome(a_requester(), a_request())
    await world.changed(BOOK.replace("  U0ALICE: oncall\n", ""))
    after = await world.outcome(a_requester(), a_request())

    assert before.endswith("role/vpn-diagnose-oncall/slack-T0EMULATED-U0ALICE")
    assert after == "access.not_mapped"


async def test_a_narrower_guardrail_holds_at_the_next_step(
    world: World, a_requester: Person, a_request: Request
) -> None:
    await world.outcome(a_requester(), a_request())
    guardrail = '    guardrail: [{Effect: Allow, Action: "vpc:*", Resource: "acs:vpc:*:*:vpngateway/vpn-hub*"}]\n'
    await world.changed(BOOK.replace("    regions: [cn-hangzhou, cn-qingdao]\n", guardrail))

    assert await world.outcome(a_requester(), a_request()) == "access.guardrail"


async def test_an_identity_that_became_another_role_is_assumed_anew(
    world: World, a_requester: Person, a_request: Request, cloud: "Cloud", clock: "Clock"
) -> None:
    await world.outcome(a_requester(), a_request())
    await world.changed(BOOK.replace("role/vpn-diagnose-oncall", "role/vpn-closed"))
    clock.pass_by(seconds=HELD_FOR.total_seconds())
    await world.sleeper.wake(LOOK_EVERY_S)
    after = await world.outcome(a_requester(), a_request())

    assert after == "NoPermission"
    assert len(await cloud.calls("AssumeRole")) == 2


async def test_an_identity_that_stays_as_it_is_keeps_its_sessions(
    world: World, a_requester: Person, a_request: Request, cloud: "Cloud"
) -> None:
    before = await world.outcome(a_requester(), a_request())
    await world.changed(BOOK + "  S0MORE: lab\n")
    after = await world.outcome(a_requester(), a_request())

    assert before == after
    assert len(await cloud.calls("AssumeRole")) == 1


async def test_a_broken_book_changes_nothing_and_says_why(
    world: World, a_requester: Person, a_request: Request
) -> None:
    version = world.access.book_version
    await world.changed(BOOK.replace("U0BOB: lab", "U0BOB: nobody").replace("  U0ALICE: oncall\n", ""))

    assert "there is no identity (not shown)" in (world.access.why_stale() or "")
    assert world.access.book_version == version
    assert "role/vpn-diagnose-oncall" in await world.outcome(a_requester(), a_request())


async def test_a_book_without_the_bots_own_workspace_is_broken(world: World) -> None:
    await world.changed(BOOK.replace("[T0EMULATED]", "[T0OTHER]"))

    assert "T0EMULATED" in (world.access.why_stale() or "")


async def test_a_book_whose_secret_is_nowhere_is_broken(world: World) -> None:
    await world.changed(BOOK.replace("env:LAB_KEY_ID", "env:LAB_KEY"))

    assert "env:LAB_KEY is not set" in (world.access.why_stale() or "")


async def test_the_version_and_the_regions_are_those_in_force(world: World) -> None:
    before = world.access.book_version
    await world.changed(BOOK.replace("cn-qingdao", "eu-central-1"))

    assert world.access.why_stale() is None
    assert world.access.book_version == load_book(world.file).version != before
    assert world.access.named_regions == {"cn-hangzhou", "eu-central-1"}


async def test_who_left_a_group_is_out_at_the_next_round(
    world: World, a_requester: Person, a_request: Request, slack_groups: "SlackGroups"
) -> None:
    slack_groups.members = {"S0LAB": {"U0ERIN"}}
    await world.sleeper.wake(REFRESH_EVERY_S)
    before = await world.outcome(a_requester("U0ERIN"), a_request())
    slack_groups.members = {}
    await world.sleeper.wake(REFRESH_EVERY_S)

    assert before.endswith("user/lab")
    assert await world.outcome(a_requester("U0ERIN"), a_request()) == "access.not_mapped"


async def test_groups_that_had_to_wait_are_asked_for_before_the_next_round(
    load: Callable[[str], Book], clock: "Clock"
) -> None:
    asked: list[str] = []

    async def busy_once_each(group: GroupId) -> frozenset[UserId]:
        asked.append(group)
        if asked.count(group) == 1:
            raise Problem("slack.busy", retry_after_s="7")
        return frozenset()

    book = load(BOOK)
    groups = Groups(busy_once_each, clock)
    admission = Admission(book, Roster(groups), clock)
    await admission.refresh_groups()
    at_the_start = list(asked)
    sleeper = Sleeper()
    keeping = asyncio.create_task(keep_current(admission, None, lambda _: None, sleeper))
    async with asyncio.timeout(5):
        while groups.unknown(book.all_groups):
            sleeper.let_go(7.0)
            await asyncio.sleep(0.001)
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)

    assert len(at_the_start) == 1
    assert set(asked) == book.all_groups


async def test_a_group_of_which_slack_said_nothing_is_asked_for_again_once_the_book_is_in_force(
    world: World, slack_groups: "SlackGroups", clock: "Clock"
) -> None:
    slack_groups.problems = {"S0NEW": "slack.timeout"}
    await world.changed(BOOK + "  S0NEW: lab\n")
    clock.pass_by(seconds=HELD_FOR.total_seconds())
    await world.sleeper.wake(LOOK_EVERY_S)
    async with asyncio.timeout(5):
        while slack_groups.asked.count("S0NEW") < 2:  # noqa: ASYNC110 (nobody tells)
            await asyncio.sleep(0.001)

    assert world.access.why_stale() is None


async def test_who_became_a_guest_is_out_at_the_next_round(
    world: World, a_requester: Person, a_request: Request
) -> None:
    await world.outcome(a_requester(), a_request())
    world.guests = {"U0ALICE"}
    await world.sleeper.wake(REFRESH_EVERY_S)
    with pytest.raises(Problem) as raised:
        world.access.admit(a_requester(), INCIDENT, a_request())

    assert raised.value.code == "access.guest"
    assert await world.outcome(a_requester(), a_request()) == "access.guest"


async def test_a_decision_says_that_a_guest_is_not_admitted_and_by_which_book(
    world: World, a_requester: Person, a_request: Request, cloud: "Cloud"
) -> None:
    world.guests = {"U0ALICE"}
    decision, authorization, _ = await world.access.decide(a_requester(), INCIDENT, a_request())

    assert authorization is None
    assert decision.problem is not None
    assert decision.problem.code == "access.guest"
    assert decision.book_version.startswith(world.access.book_version)
    assert await cloud.calls("AssumeRole") == []


async def test_the_place_of_an_answer_is_asked_of_slack(world: World) -> None:
    world.shared = {"C0SHARED"}

    assert (await world.access.place(ChannelId("C0SHARED"))).private
    assert not (await world.access.place(INCIDENT)).private


async def test_a_book_without_its_file_stays_as_it_is(an_access: Callable[..., Awaitable[Access]]) -> None:
    access = await an_access()
    sleeper = Sleeper()
    keeping = asyncio.create_task(access.keep_current(sleeper))
    await sleeper.wake(LOOK_EVERY_S)
    keeping.cancel()

    assert access.why_stale() is None
    with pytest.raises(asyncio.CancelledError):
        await keeping


async def test_an_accident_while_looking_ends_the_looking(
    an_access: Callable[..., Awaitable[Access]], slack_groups: "SlackGroups"
) -> None:
    access = await an_access()
    sleeper = Sleeper()
    keeping = asyncio.create_task(access.keep_current(sleeper))
    slack_groups.members = {"S0LAB": {"nobody's ID"}}
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await sleeper.wake(REFRESH_EVERY_S)
    with pytest.raises(ExceptionGroup):
        await keeping
