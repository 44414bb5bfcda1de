from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import pytest

from bot.access.book import Book
from bot.access.groups import Groups
from bot.access.mapping import identity_of
from bot.model.problem import Problem
from bot.model.request import Requester

if TYPE_CHECKING:
    from tests.access.conftest import Clock, SlackGroups

Found = Callable[[Requester], Awaitable[str]]
Person = Callable[..., Requester]

TEXT = """\
version: 1
workspaces: [T0ONE, T0TWO]
identities:
  oncall: {assume_role: "acs:ram::1:role/oncall"}
  lab: {access_key: {id: env:A, secret: env:B}}
users:
  T0ONE/U0ALICE: oncall
groups:
  T0ONE/S0NETWORK: oncall
  T0ONE/S0SECOND: oncall
  T0ONE/S0LAB: lab
"""


@pytest.fixture
def found(load: Callable[[str], Book], slack_groups: "SlackGroups", clock: "Clock") -> Found:
    """Return what names a person's identity, or the problem that keeps them from one."""
    book = load(TEXT)
    groups = Groups(slack_groups.list_members, clock)

    async def find(requester: Requester) -> str:
        await groups.refresh(group for ids in book.groups.values() for group in ids)
        try:
            return identity_of(book, groups, requester, clock.now).name
        except Problem as problem:
            return problem.code if problem.facts.items() >= requester.model_dump().items() else "facts are missing"

    return find


async def test_a_persons_own_line(found: Found, a_requester: Person) -> None:
    assert await found(a_requester("U0ALICE", "T0ONE")) == "oncall"


async def test_the_same_id_in_another_workspace_is_somebody_else(found: Found, a_requester: Person) -> None:
    assert await found(a_requester("U0ALICE", "T0TWO")) == "access.not_mapped"


async def test_another_workspace(found: Found, a_requester: Person) -> None:
    assert await found(a_requester("U0ALICE", "T0THREE")) == "access.other_workspace"


async def test_somebody_whom_nobody_mapped(found: Found, a_requester: Person) -> None:
    assert await found(a_requester("U0MALLORY", "T0ONE")) == "access.not_mapped"


async def test_a_group_maps_its_members(found: Found, a_requester: Person, slack_groups: "SlackGroups") -> None:
    slack_groups.members = {"S0LAB": {"U0BOB"}}

    assert await found(a_requester("U0BOB", "T0ONE")) == "lab"


async def test_a_group_maps_members_of_its_own_workspace_only(
    found: Found, a_requester: Person, slack_groups: "SlackGroups"
) -> None:
    slack_groups.members = {"S0LAB": {"U0BOB"}}

    assert await found(a_requester("U0BOB", "T0TWO")) == "access.not_mapped"


async def test_a_persons_own_line_wins_over_groups(
    found: Found, a_requester: Person, slack_groups: "SlackGroups"
) -> None:
    slack_groups.members = {"S0LAB": {"U0ALICE"}, "S0NETWORK": {"U0ALICE"}}

    assert await found(a_requester("U0ALICE", "T0ONE")) == "oncall"


async def test_two_groups_with_the_same_identity_agree(
    found: Found, a_requester: Person, slack_groups: "SlackGroups"
) -> None:
    slack_groups.members = {"S0NETWORK": {"U0BOB"}, "S0SECOND": {"U0BOB"}}

    assert await found(a_requester("U0BOB", "T0ONE")) == "oncall"


async def test_two_groups_with_different_identities_are_no_guess(
    found: Found, a_requester: Person, slack_groups: "SlackGroups"
) -> None:
    slack_groups.members = {"S0NETWORK": {"U0BOB"}, "S0LAB": {"U0BOB"}}

    assert await found(a_requester("U0BOB", "T0ONE")) == "access.groups_disagree"


async def test_a_group_whose_members_are_unknown_might_have_this_person(
    found: Found, a_requester: Person, slack_groups: "SlackGroups"
) -> None:
    slack_groups.problems = {"S0LAB": "slack.missing_scope"}

    assert await found(a_requester("U0BOB", "T0ONE")) == "access.groups_unknown"


async def test_an_unknown_group_might_disagree_with_a_known_one(
    found: Found, a_requester: Person, slack_groups: "SlackGroups"
) -> None:
    slack_groups.members = {"S0NETWORK": {"U0BOB"}}
    slack_groups.problems = {"S0LAB": "slack.missing_scope"}

    assert await found(a_requester("U0BOB", "T0ONE")) == "access.groups_unknown"


async def test_an_unknown_group_that_could_only_agree_does_not_matter(
    found: Found, a_requester: Person, slack_groups: "SlackGroups"
) -> None:
    slack_groups.members = {"S0NETWORK": {"U0BOB"}}
    slack_groups.problems = {"S0SECOND": "slack.missing_scope"}

    assert await found(a_requester("U0BOB", "T0ONE")) == "oncall"


async def test_unknown_groups_do_not_matter_to_somebody_with_a_line(
    found: Found, a_requester: Person, slack_groups: "SlackGroups"
) -> None:
    slack_groups.problems = {"S0LAB": "slack.unreachable", "S0NETWORK": "slack.unreachable"}

    assert await found(a_requester("U0ALICE", "T0ONE")) == "oncall"
