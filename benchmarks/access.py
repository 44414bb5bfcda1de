"""How long a decision takes with 10,000 mapped people, how long their book takes to load, and to change."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx

from bot.access.admission import Roster
from bot.access.book import load_book
from bot.access.book_file import BookFile
from bot.access.desk import Access
from bot.access.groups import Groups
from bot.access.people import People
from bot.access.places import Places
from bot.alibaba.endpoints import Endpoints
from bot.alibaba.rpc import RpcClient
from bot.alibaba.sts import StsApi
from bot.model.ids import ChannelId, GroupId, TeamId, UserId
from bot.model.request import DiagnosisRequest, Requester
from bot.slack.directory import Account

PEOPLE = 10_000
GROUPS = 50
DECISIONS = 5_000
ROUNDS = 7
ADMIT_TARGET_US = 200.0
LOAD_TARGET_S = 1.0

# As many people as Slack's word is kept of; more would be asked about.
ASKING = 2_000

HEAD = """\
version: 1
workspaces: [T0123ABCD]
identities:
  oncall:
    assume_role: acs:ram::1234567890123456:role/vpn-diagnose-oncall
    guardrail:
      - {Effect: Allow, Action: "vpc:DiagnoseVpnGateway", Resource: "acs:vpc:cn-hangzhou:*:vpngateway/*"}
      - Effect: Allow
        Action: vpc:DiagnoseVpnGateway
        Resource: ["acs:vpc:cn-qingdao:*:vpngateway/vpn-hub*", "acs:vpc:cn-qingdao:*:vpnconnection/vco-branch*"]
      - {Effect: Deny, Action: "vpc:*", Resource: "acs:vpc:*:*:vpngateway/vpn-payments*"}
channels: {allow: [C0123ABCD]}
"""
REQUEST = DiagnosisRequest.model_validate(
    {"region": "cn-qingdao", "gateway_id": "vpn-hub0000000000000001", "connection_id": "vco-branch00000000000001"}
)
CHANNEL = ChannelId("C0123ABCD")


def book_text() -> str:
    users = "".join(f"  U{number:010d}: oncall\n" for number in range(PEOPLE))
    groups = "".join(f"  S{number:010d}: oncall\n" for number in range(GROUPS))
    return f"{HEAD}users:\n{users}groups:\n{groups}"


def write_book(path: Path, version: int = 0) -> None:
    path.write_text(f"{book_text()}# {version}\n", encoding="utf-8")


def best(job: Callable[[], object]) -> float:
    """Return the seconds of the best of several rounds: the others measure what else the machine was doing."""
    rounds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        job()
        rounds.append(time.perf_counter() - start)
    return min(rounds)


async def no_members(group: GroupId) -> frozenset[UserId]:
    del group
    return frozenset()


async def a_member(user: UserId) -> Account:
    team = TeamId("T0123ABCD")
    return Account(user_id=user, team_id=team, is_deactivated=False, is_bot=False, is_guest=False)


async def not_shared(channel: ChannelId) -> bool:
    del channel
    return False


def now() -> datetime:
    return datetime.now(UTC)


def desk(file: BookFile) -> Access:
    """Return a desk that can decide; what needs a network is never called."""
    rpc = RpcClient(httpx.AsyncHTTPTransport(), Endpoints(None), now, lambda: "nonce")
    roster = Roster(Groups(no_members, now), People(a_member, None, now), Places(not_shared, now))
    return Access(file, None, StsApi(rpc), roster, {}, Path(), now)


def admit_all(access: Access) -> None:
    for number in range(DECISIONS):
        access.admit(requester(number % ASKING), CHANNEL, REQUEST)


def requester(number: int) -> Requester:
    return Requester(team_id=TeamId("T0123ABCD"), user_id=UserId(f"U{number:010d}"))


async def until_known(access: Access) -> None:
    """Let Slack say of each of those who ask who they are."""
    for number in range(ASKING):
        access.admit(requester(number), CHANNEL, None)
        await asyncio.sleep(0)
        await asyncio.sleep(0)


async def held_up(job: Awaitable[object]) -> float:
    """Return the longest time in seconds for which the loop could do nothing else while `job` ran."""
    longest, last = 0.0, time.perf_counter()
    task = asyncio.ensure_future(job)
    while not task.done():
        await asyncio.sleep(0.001)
        longest, last = max(longest, time.perf_counter() - last - 0.001), time.perf_counter()
    return longest


def nobody(*_: object) -> bool:
    """Know that nobody is in any user group."""
    return False


async def changes(path: Path, file: BookFile) -> None:
    """Print what an unchanged file costs, and what a changed one."""
    start = time.perf_counter()
    for _ in range(100):
        await file.look(lambda _: None, nobody)
    print(f"one look at the unchanged file: {(time.perf_counter() - start) * 10:.1f} ms (one a second)")
    times = []
    for round_ in range(1, ROUNDS + 1):
        write_book(path, round_)
        await file.look(lambda _: None, nobody)
        times.append(await held_up(file.look(lambda _: None, nobody)))
    print(f"taking a new version up holds the loop for {min(times) * 1000:.0f} ms at most")


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "access.yml")
        write_book(path)
        load_s = best(lambda: load_book(path, {}))
        file = BookFile(path, {}, load_book(path), now)
        access = desk(file)
        await until_known(access)
        admit_us = best(lambda: admit_all(access)) / DECISIONS * 1e6
        print(f"loading {PEOPLE:,} people: {load_s:.2f} s (target: under {LOAD_TARGET_S:.0f} s)")
        print(f"one decision among them: {admit_us:.0f} µs (target: under {ADMIT_TARGET_US:.0f} µs)")
        await changes(path, file)


if __name__ == "__main__":
    asyncio.run(main())
