"""Half of a new access.yml, wherever it ends, gives nobody more than the version in force."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import permutations, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.access.admission import Admission, Roster
from bot.access.book import parse_book
from bot.access.groups import Groups
from bot.access.half_written import Version, why_held_back
from bot.access.places import Places
from bot.model.ids import ChannelId, GroupId, TeamId, UserId
from bot.model.problem import Problem
from bot.model.request import DiagnosisRequest, Requester

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)

WHOLE = """\
version: 1
workspaces: [T0ONE]
identities:
  lab: {assume_role: "acs:ram::1234567890123456:role/lab"}
users:
  U0ALICE: lab
  U0BOB: lab
"""


def _version(text: str) -> Version:
    return Version(parse_book(text.encode(), Path("access.yml")), text.encode())


def _nobody(user: UserId, group: GroupId) -> bool:
    del user, group
    return False


@pytest.mark.parametrize(
    ("found", "said"),
    [
        pytest.param(WHOLE[: WHOLE.index("  U0BOB")], "the beginning of the version in force", id="beginning"),
        pytest.param("# by hand\n" + WHOLE[:-1], "its last line has no end", id="a line that is cut"),
        pytest.param(WHOLE + "  U0EVE: lab\n", "U0EVE of T0ONE has a line", id="more"),
        pytest.param(WHOLE.replace("  U0ALICE: lab\n", ""), None, id="less"),
        pytest.param("# by hand\n" + WHOLE[: WHOLE.index("  U0BOB")], None, id="less, though it may be cut"),
    ],
)
def test_what_looks_cut_or_gives_more_is_held_back(found: str, said: str | None) -> None:
    why = why_held_back(_version(WHOLE), _version(found), _nobody)

    assert (why is None) if said is None else (said in (why or ""))


# Files over a world so small that all that can happen in it is tried.

TEAMS, USERS, GROUPS, CHANNELS = ("T0ONE", "T0TWO"), ("U0ALICE", "U0BOB"), ("S0ONE", "S0TWO"), ("C0ONE", "C0TWO")
REGIONS, GATEWAYS, CONNECTIONS = ("cn-hangzhou", "cn-qingdao"), ("vpn-a", "vpn-pay"), ("vco-a", "vco-b")


def _statement(effect: str, *resources: str) -> str:
    return f'{{Effect: {effect}, Action: "vpc:*", Resource: [{", ".join(f"{one!r}" for one in resources)}]}}'


HUB, PAY, BRANCH = (
    "acs:vpc:*:*:vpngateway/vpn-a",
    "acs:vpc:*:*:vpngateway/vpn-pay",
    "acs:vpc:*:*:vpnconnection/vco-a",
)
ALLOWS = [_statement("Allow", *resources) for resources in (["*"], [HUB], [HUB, PAY], [HUB, BRANCH])]
DENIALS = [_statement("Deny", *resources) for resources in ([PAY], [PAY, HUB], [BRANCH])]

Fields = dict[str, Any]


def _lists(things: Sequence[str], least: int = 0) -> st.SearchStrategy[tuple[str, ...]]:
    orders = [order for size in range(least, 3) for order in permutations(things, size)]
    return st.sampled_from(orders)


def _mapping(kind: Sequence[str]) -> st.SearchStrategy[tuple[tuple[str, str | None], ...]]:
    """Draw lines that map people or groups, most of them of the first workspace, to identities."""
    who = [f"{TEAMS[0]}/{one}" for one in kind] + [f"{TEAMS[1]}/{kind[0]}"]
    lines = st.tuples(*(st.tuples(st.just(one), st.sampled_from(["a", "b", None])) for one in who))
    return lines.flatmap(st.permutations).map(tuple)


GUARDRAILS = st.just(()) | st.tuples(_lists(ALLOWS, least=1), _lists(DENIALS)).map(
    lambda halves: halves[0] + halves[1]
)
IDENTITY = st.tuples(st.sampled_from(["lab", "lab", "other"]), GUARDRAILS)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "workspaces": st.sampled_from([TEAMS, TEAMS[:1]]),
    "identities": st.tuples(st.tuples(st.just("a"), IDENTITY), st.tuples(st.just("b"), IDENTITY)),
    "users": _mapping(USERS),
    "groups": _mapping(GROUPS),
    "channels": _lists(CHANNELS),
    "shared": _lists(CHANNELS),
}


@st.composite
def pairs(draw: st.DrawFn) -> tuple[str, str]:
    """Draw two versions of a file that differ by what stands in one or two places, and by their order."""
    before = {name: draw(values) for name, values in FIELDS.items()}
    changed = draw(st.sets(st.sampled_from(sorted(FIELDS)), min_size=1, max_size=2))
    after = before | {name: draw(FIELDS[name]) for name in sorted(changed)}
    return draw(_texts(before)), draw(_texts(after))


def _texts(fields: Fields) -> st.SearchStrategy[str]:
    sections = [name for name in ("workspaces", "identities", "users", "groups", "channels") if fields[name]]
    return st.permutations(sections).map(
        lambda order: "version: 1\n" + "".join(line + "\n" for name in order for line in _lines(name, fields))
    )


def _lines(name: str, fields: Fields) -> Iterator[str]:
    yield f"{name}:"
    if name == "workspaces":
        yield from (f"  - {team}" for team in fields[name])
    elif name == "identities":
        for identity, (role, guardrail) in fields[name]:
            yield from (f"  {identity}:", f"    assume_role: acs:ram::1234567890123456:role/{role}")
            yield from ("    guardrail:", *(f"      - {one}" for one in guardrail)) if guardrail else ()
    elif name == "channels":
        shared = [one for one in fields["shared"] if one in fields[name]]
        yield from ("  allow:", *(f"    - {one}" for one in fields[name]))
        yield from ("  shared:", *(f"    - {one}" for one in shared)) if shared else ()
    else:
        lines = [f"  {who}: {to}" for who, to in fields[name] if to and who.startswith(fields["workspaces"])]
        yield from lines or ["  {}"]


def _versions(text: str) -> Iterator[Version]:
    """Give what can be read of a text that ends after any of its lines; within a line nothing is taken at once."""
    for end, letter in enumerate(text, start=1):
        if letter == "\n":
            try:
                yield _version(text[:end])
            except Problem:
                continue


MEMBERS = st.fixed_dictionaries(dict.fromkeys(GROUPS, st.sampled_from([USERS, USERS[:1], USERS[1:], (), None])))


async def _decider(version: Version, members: Mapping[str, tuple[str, ...] | None]) -> Admission:
    async def list_members(group: GroupId) -> frozenset[UserId]:
        said = members[group]
        if said is None:
            raise Problem("slack.missing_scope")
        return frozenset(map(UserId, said))

    async def is_shared(channel: ChannelId) -> bool:
        return bool(channel)

    places = Places(is_shared, lambda: NOW)
    admission = Admission(version.book, Roster(Groups(list_members, lambda: NOW), None, places), lambda: NOW)
    await admission.refresh_groups()
    return admission


REQUESTERS = [Requester(team_id=TeamId(team), user_id=UserId(user)) for team, user in product(TEAMS, USERS)]
REQUESTS = [
    DiagnosisRequest.model_validate({"region": region, "gateway_id": gateway, "connection_id": connection})
    for region, gateway, connection in product(REGIONS, GATEWAYS, CONNECTIONS)
]


async def _given(admission: Admission) -> set[tuple[Any, ...]]:
    """Try everything: who may diagnose what, from where and as whom, and where reports are open to others."""
    given: set[tuple[Any, ...]] = set()
    for requester, channel, request in product(REQUESTERS, map(ChannelId, CHANNELS), REQUESTS):
        try:
            identity = admission.admit_known(requester, channel, request)
        except Problem:
            continue
        given.add((requester, channel, request, identity.source))
    given |= {(channel,) for channel in CHANNELS if not (await admission.place(ChannelId(channel))).private}
    await admission.close()
    return given


async def _check_halves(texts: tuple[str, str], members: Mapping[str, tuple[str, ...] | None]) -> list[Version]:
    before, after = _version(texts[0]), texts[1]
    admission = await _decider(before, members)
    had = await _given(admission)
    taken = [half for half in _versions(after) if why_held_back(before, half, admission.may_be_in) is None]
    for half in taken:
        assert await _given(await _decider(half, members)) <= had, half.content.decode()
    return taken


IN_FORCE = """\
version: 1
workspaces:
  - T0ONE
identities:
  powerful:
    assume_role: acs:ram::1234567890123456:role/lab
  limited:
    assume_role: acs:ram::1234567890123456:role/lab
    guardrail:
      - {Effect: Allow, Action: "vpc:*", Resource: "acs:vpc:*:*:vpngateway/vpn-a"}
"""
FURTHER = '      - {Effect: Allow, Action: "vpc:*", Resource: "*"}\n'
TWO_GROUPS = "groups:\n  S0ONE: powerful\n  S0TWO: limited\n"
EVERYBODY = {"S0ONE": USERS, "S0TWO": USERS}
A_GROUP_AND_WHO_IS_HELD_DOWN = (
    IN_FORCE + "users:\n  U0BOB: powerful\n",
    IN_FORCE + "groups:\n  S0ONE: powerful\nusers:\n  U0BOB: powerful\n  U0ALICE: limited\n",
)
THE_GROUP_THAT_DISAGREED_IS_GONE = (
    IN_FORCE + TWO_GROUPS,
    IN_FORCE + TWO_GROUPS.replace("  S0ONE: powerful\n", ""),
)
A_FURTHER_ALLOW = (
    IN_FORCE + "users:\n  U0ALICE: limited\n",
    IN_FORCE + FURTHER + "users:\n  U0ALICE: limited\n",
)


def test_half_of_a_new_version_that_is_taken_at_once_gives_nobody_more() -> None:
    taken: list[Version] = []

    @settings(max_examples=100, deadline=None)
    @given(pairs(), MEMBERS)
    @example(A_GROUP_AND_WHO_IS_HELD_DOWN, EVERYBODY)
    @example(THE_GROUP_THAT_DISAGREED_IS_GONE, EVERYBODY)
    @example(A_FURTHER_ALLOW, EVERYBODY)
    def hold(texts: tuple[str, str], members: dict[str, tuple[str, ...] | None]) -> None:
        taken.extend(asyncio.run(_check_halves(texts, members)))

    hold()

    assert taken
