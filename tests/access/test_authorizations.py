import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from bot.access.authorizations import KEY_HOLDS_FOR, MOST_HELD, Authorizations
from bot.access.identity import AccessKey, Identity
from bot.access.secrets import SecretReference
from bot.model.credential import Authorization, Credential
from bot.model.problem import Problem
from bot.model.request import Requester

if TYPE_CHECKING:
    from tests.access.conftest import Clock

Person = Callable[..., Requester]

SOURCE = AccessKey(id=SecretReference("env:A"), secret=SecretReference("env:B"))
ONCALL = Identity(name="oncall", source=SOURCE)
LAB = Identity(name="lab", source=SOURCE)


class Issue:
    """Issues numbered authorizations, once `open` is set, or the problem that it was given."""

    def __init__(self, clock: "Clock") -> None:
        self._clock = clock
        self.open = asyncio.Event()
        self.open.set()
        self.lasts: timedelta | None = timedelta(hours=1)
        self.fails: Exception | None = None
        self.count = 0

    async def __call__(self, identity: Identity, requester: Requester) -> Authorization:
        self.count += 1
        number = self.count
        await self.open.wait()
        if self.fails:
            raise self.fails
        credential = Credential(
            access_key_id=f"STS.{number}",
            access_key_secret=SecretStr("secret"),
            expires_at=self._clock.now + self.lasts if self.lasts else None,
        )
        return Authorization(
            identity=identity.name, principal=f"{identity.name}/{requester.user_id}", credential=credential
        )


@pytest.fixture
def issue(clock: "Clock") -> Issue:
    return Issue(clock)


@pytest.fixture
def held(issue: Issue, clock: "Clock") -> Authorizations:
    return Authorizations(issue, clock)


async def test_an_authorization_is_held(held: Authorizations, issue: Issue, a_requester: Person) -> None:
    first = await held.get(ONCALL, a_requester())
    second = await held.get(ONCALL, a_requester())

    assert first == second
    assert issue.count == 1


async def test_everyone_has_their_own(held: Authorizations, issue: Issue, a_requester: Person) -> None:
    principals = {
        (await held.get(identity, person)).principal
        for identity in (ONCALL, LAB)
        for person in (a_requester("U0ALICE"), a_requester("U0BOB"))
    }

    assert principals == {"oncall/U0ALICE", "oncall/U0BOB", "lab/U0ALICE", "lab/U0BOB"}
    assert issue.count == 4


async def test_the_same_id_of_another_team_has_its_own(
    held: Authorizations, issue: Issue, a_requester: Person
) -> None:
    await held.get(ONCALL, a_requester("U0ALICE", "T0ONE"))
    await held.get(ONCALL, a_requester("U0ALICE", "T0TWO"))

    assert issue.count == 2


async def test_it_is_renewed_five_minutes_before_its_end_while_the_old_one_is_used_on(
    held: Authorizations, issue: Issue, clock: "Clock", a_requester: Person
) -> None:
    await held.get(ONCALL, a_requester())
    clock.pass_by(minutes=54, seconds=59)
    before = await held.get(ONCALL, a_requester())
    clock.pass_by(seconds=1)
    meanwhile = await held.get(ONCALL, a_requester())
    await asyncio.sleep(0)
    after = await held.get(ONCALL, a_requester())

    used = [one.credential.access_key_id for one in (before, meanwhile, after)]
    assert used == ["STS.1", "STS.1", "STS.2"]
    assert issue.count == 2


async def test_it_is_not_used_within_half_a_minute_of_its_end(
    held: Authorizations, issue: Issue, clock: "Clock", a_requester: Person
) -> None:
    await held.get(ONCALL, a_requester())
    clock.pass_by(minutes=59, seconds=30)
    second = await held.get(ONCALL, a_requester())

    assert second.credential.access_key_id == "STS.2"
    assert issue.count == 2


async def test_a_clock_that_is_behind_the_clouds_does_not_make_a_session_last_longer(
    held: Authorizations, issue: Issue, clock: "Clock", a_requester: Person
) -> None:
    issue.lasts = timedelta(hours=1, minutes=10)  # as it looks when our clock is ten minutes behind
    await held.get(ONCALL, a_requester())
    clock.pass_by(minutes=59, seconds=30)
    second = await held.get(ONCALL, a_requester())

    assert second.credential.access_key_id == "STS.2"


async def test_an_access_key_is_looked_up_again_after_five_minutes(
    held: Authorizations, issue: Issue, clock: "Clock", a_requester: Person
) -> None:
    issue.lasts = None
    await held.get(ONCALL, a_requester())
    clock.pass_by(minutes=4)
    await held.get(ONCALL, a_requester())
    before = issue.count
    clock.pass_by(seconds=KEY_HOLDS_FOR.total_seconds())
    await held.get(ONCALL, a_requester())
    await asyncio.sleep(0)

    assert (before, issue.count) == (1, 2)


async def test_an_access_key_is_used_on_while_nobody_can_be_asked_whose_it_is(
    held: Authorizations, issue: Issue, clock: "Clock", a_requester: Person
) -> None:
    issue.lasts = None
    await held.get(ONCALL, a_requester())
    issue.fails = Problem("cloud.unreachable")
    clock.pass_by(minutes=14)
    await held.get(ONCALL, a_requester())
    await asyncio.sleep(0)
    still = await held.get(ONCALL, a_requester())
    clock.pass_by(minutes=1)
    with pytest.raises(Problem) as raised:
        await held.get(ONCALL, a_requester())

    assert still.credential.access_key_id == "STS.1"
    assert raised.value.code == "cloud.unreachable"


async def test_an_identity_that_became_another_role_is_not_served_with_the_old_one(
    held: Authorizations, issue: Issue, a_requester: Person
) -> None:
    await held.get(ONCALL, a_requester())
    other = ONCALL.changed(source=SOURCE.changed(id=SecretReference("env:C")))
    second = await held.get(other, a_requester())

    assert second.credential.access_key_id == "STS.2"
    assert issue.count == 2


async def test_two_hundred_at_once_lead_to_one_call(
    held: Authorizations, issue: Issue, a_requester: Person
) -> None:
    issue.open.clear()
    waiting = [asyncio.create_task(held.get(ONCALL, a_requester())) for _ in range(200)]
    await asyncio.sleep(0)
    issue.open.set()
    authorizations = await asyncio.gather(*waiting)

    assert issue.count == 1
    assert {one.credential.access_key_id for one in authorizations} == {"STS.1"}


async def test_one_who_waits_does_not_hold_up_another_person(
    held: Authorizations, issue: Issue, a_requester: Person
) -> None:
    await held.get(ONCALL, a_requester("U0BOB"))
    issue.open.clear()
    waiting = asyncio.create_task(held.get(ONCALL, a_requester("U0ALICE")))
    await asyncio.sleep(0)
    other = await held.get(ONCALL, a_requester("U0BOB"))
    issue.open.set()

    assert other.principal == "oncall/U0BOB"
    assert (await waiting).principal == "oncall/U0ALICE"


@pytest.mark.parametrize("who", ["the first", "the second", "both"])
async def test_those_who_give_up_leave_the_renewal_to_the_others(
    held: Authorizations, issue: Issue, a_requester: Person, who: str
) -> None:
    issue.open.clear()
    waiting = [asyncio.create_task(held.get(ONCALL, a_requester())) for _ in range(3)]
    await asyncio.sleep(0)
    for index in {"the first": [0], "the second": [1], "both": [0, 1]}[who]:
        waiting[index].cancel()
    await asyncio.sleep(0)
    issue.open.set()

    assert (await waiting[2]).credential.access_key_id == "STS.1"
    assert issue.count == 1


async def test_a_renewal_that_nobody_waits_for_any_more_is_held(
    held: Authorizations, issue: Issue, a_requester: Person
) -> None:
    issue.open.clear()
    waiting = asyncio.create_task(held.get(ONCALL, a_requester()))
    await asyncio.sleep(0)
    waiting.cancel()
    issue.open.set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    authorization = await held.get(ONCALL, a_requester())

    assert authorization.credential.access_key_id == "STS.1"


async def test_a_problem_is_everybodys_and_is_not_held(
    held: Authorizations, issue: Issue, a_requester: Person
) -> None:
    issue.fails = Problem("NoPermission", request_id="R-1")
    problems = await asyncio.gather(*(held.get(ONCALL, a_requester()) for _ in range(3)), return_exceptions=True)
    issue.fails = None
    authorization = await held.get(ONCALL, a_requester())

    assert [str(problem) for problem in problems] == ["NoPermission (RequestId R-1)"] * 3
    assert len({id(problem) for problem in problems}) == 3
    assert authorization.credential.access_key_id == "STS.2"


async def test_a_problem_does_not_bring_an_expired_one_back(
    held: Authorizations, issue: Issue, clock: "Clock", a_requester: Person
) -> None:
    await held.get(ONCALL, a_requester())
    clock.pass_by(hours=1)
    issue.fails = Problem("cloud.unreachable")
    with pytest.raises(Problem) as raised:
        await held.get(ONCALL, a_requester())

    assert raised.value.code == "cloud.unreachable"


async def test_an_accident_is_not_hidden(held: Authorizations, issue: Issue, a_requester: Person) -> None:
    issue.fails = ZeroDivisionError("a mistake of ours")
    with pytest.raises(ZeroDivisionError):
        await held.get(ONCALL, a_requester())


async def test_what_is_forgotten_is_issued_anew(held: Authorizations, issue: Issue, a_requester: Person) -> None:
    await held.get(ONCALL, a_requester())
    held.forget(a_requester(), "oncall")
    held.forget(a_requester(), "oncall")
    await held.get(ONCALL, a_requester())

    assert issue.count == 2


async def test_others_are_not_forgotten_with_it(held: Authorizations, issue: Issue, a_requester: Person) -> None:
    await held.get(ONCALL, a_requester("U0BOB"))
    await held.get(LAB, a_requester("U0ALICE"))
    held.forget(a_requester("U0ALICE"), "oncall")
    await held.get(ONCALL, a_requester("U0BOB"))
    await held.get(LAB, a_requester("U0ALICE"))

    assert issue.count == 2


async def test_all_of_one_person_can_be_forgotten(held: Authorizations, issue: Issue, a_requester: Person) -> None:
    await held.get(ONCALL, a_requester("U0ALICE"))
    await held.get(LAB, a_requester("U0ALICE"))
    held.forget(a_requester("U0ALICE"), None)
    await held.get(ONCALL, a_requester("U0ALICE"))
    await held.get(LAB, a_requester("U0ALICE"))

    assert issue.count == 4


async def test_what_is_newer_than_the_refused_one_is_kept(held: Authorizations, a_requester: Person) -> None:
    await held.get(ONCALL, a_requester())
    held.forget(a_requester(), None, refused="STS.0")
    kept = await held.get(ONCALL, a_requester())
    held.forget(a_requester(), None, refused="STS.1")
    newer = await held.get(ONCALL, a_requester())

    assert kept.credential.access_key_id == "STS.1"
    assert newer.credential.access_key_id == "STS.2"


async def test_the_one_not_used_for_longest_makes_room(
    held: Authorizations, issue: Issue, a_requester: Person
) -> None:
    for number in range(MOST_HELD):
        await held.get(ONCALL, a_requester(f"U0{number}"))
    await held.get(ONCALL, a_requester("U00"))  # used again, so the second is now the oldest
    await held.get(ONCALL, a_requester("U0NEW"))
    count = issue.count
    await held.get(ONCALL, a_requester("U00"))
    kept = issue.count == count
    await held.get(ONCALL, a_requester("U01"))

    assert kept
    assert issue.count == count + 1


async def test_closing_gives_up_what_is_under_way(held: Authorizations, issue: Issue, a_requester: Person) -> None:
    issue.open.clear()
    waiting = asyncio.create_task(held.get(ONCALL, a_requester()))
    await asyncio.sleep(0)
    await held.close()

    with pytest.raises(asyncio.CancelledError):
        await waiting
