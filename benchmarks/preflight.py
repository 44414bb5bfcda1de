"""What credentials and the preflight cost: calls of STS for 200 commands at once, and round trips before a start.

Every answer of the emulated cloud is held back by the same time, so that time is counted in round trips. The
emulator is a process of its own; what it and we compute comes on top, and is told apart by one call alone.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import aiohttp
from pydantic import SecretStr

from bot.access.base import holding
from bot.access.book import load_book
from bot.access.desk import Access
from bot.access.groups import Groups
from bot.access.probes import Probes
from bot.alibaba.endpoints import Endpoints
from bot.alibaba.ram import RamApi
from bot.alibaba.rpc import RpcClient
from bot.alibaba.sts import StsApi
from bot.alibaba.transport import build_http
from bot.alibaba.tunnels import TunnelApi
from bot.alibaba.vpn import VpnApi
from bot.model.credential import Credential
from bot.model.decision import Answer
from bot.model.ids import ChannelId, GroupId, TeamId, UserId
from bot.model.request import DiagnosisRequest, Requester

AT_ONCE = 200
ROUND_TRIP_S = 0.1
ROUNDS = 7
PAUSE_S = 5.0  # so that the part of the quotas that questions may use is there again
OPERATIONS = (
    "AssumeRole",
    "GetCallerIdentity",
    "GetVpnGatewayDiagnoseResult",
    "DescribeVpnGateways",
    "DescribeVpnConnections",
)
BOOK = """\
version: 1
workspaces: [T0EMULATED]
identities: {oncall: {assume_role: "acs:ram::1234567890123456:role/vpn-diagnose-oncall"}}
users: {U0ALICE: oncall}
"""
ALICE = Requester(team_id=TeamId("T0EMULATED"), user_id=UserId("U0ALICE"))
CHANNEL = ChannelId("C0INCIDENT")
REQUEST = DiagnosisRequest.model_validate(
    {
        "region": "cn-hangzhou",
        "gateway_id": "vpn-healthy0000000000001",
        "connection_id": "vco-healthy0000000000001",
    }
)
BASE = Credential(access_key_id="LTAIemulatorBase", access_key_secret=SecretStr("emulator-base-secret"))


class Clock:
    """Our clock, which can be put forward so that sessions end."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class Cloud(NamedTuple):
    """The emulator, and somebody to pull its strings."""

    url: str
    http: aiohttp.ClientSession

    async def order(self, what: str, order: dict[str, Any]) -> None:
        async with self.http.post(f"{self.url}/_emulator/{what}", json=order) as answer:
            answer.raise_for_status()

    async def calls(self, operation: str) -> int:
        async with self.http.get(f"{self.url}/_emulator/calls", params={"operation": operation}) as answer:
            return len((await answer.json())["calls"])

    async def slow(self) -> None:
        """Hold every answer back by a round trip's time."""
        for operation in OPERATIONS:
            fault = {"operation": operation, "kind": "delay", "seconds": ROUND_TRIP_S, "times": 100_000}
            await self.order("faults", fault)


@asynccontextmanager
async def emulated() -> AsyncIterator[Cloud]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "emulate", "alibaba"), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    url = json.loads(await process.stdout.readline())["ready"]
    try:
        async with aiohttp.ClientSession() as http:
            yield Cloud(url, http)
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def desk(cloud: Cloud, clock: Clock) -> AsyncIterator[Access]:
    async def no_members(group: GroupId) -> frozenset[UserId]:
        del group
        return frozenset()

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "access.yml"
        file.write_text(BOOK)
        async with build_http() as http:
            rpc = RpcClient(http, Endpoints(cloud.url), clock, lambda: uuid4().hex)
            sts = StsApi(rpc)
            probes = Probes(VpnApi(rpc), sts, RamApi(rpc), TunnelApi(rpc))
            groups = Groups(no_members, clock)
            access = Access(load_book(file), holding(BASE, clock), sts, groups, {}, Path(folder), clock, probes)
            yield access
            await access.close()


async def timed(job: Any) -> float:
    start = time.perf_counter()
    await job
    return time.perf_counter() - start


async def one_call_for_all(cloud: Cloud, access: Access, clock: Clock) -> None:
    """Print how many sessions are opened when 200 commands find theirs expired."""
    await access.authorize(ALICE, CHANNEL, REQUEST)
    before = await cloud.calls("AssumeRole")
    clock.ahead = timedelta(minutes=59, seconds=40)
    await cloud.order("clock", {"move_s": clock.ahead.total_seconds()})
    together = asyncio.gather(*(access.authorize(ALICE, CHANNEL, REQUEST) for _ in range(AT_ONCE)))
    seconds = await timed(together)
    calls = await cloud.calls("AssumeRole") - before
    print(f"{AT_ONCE} at once on an expired session: {calls} AssumeRole, all served after {seconds * 1000:.0f} ms")
    assert calls == 1


async def round_trips(cloud: Cloud, access: Access, clock: Clock) -> None:
    """Print how much later a start is with the preflight than without, in round trips, beside one call alone."""
    await cloud.slow()
    warm, asked, alone = [], [], []
    for _ in range(ROUNDS):
        clock.ahead += timedelta(minutes=2)  # so that the cloud is asked whose session it is
        await cloud.order("clock", {"move_s": 120})
        await asyncio.sleep(PAUSE_S)
        warm.append(await timed(access.authorize(ALICE, CHANNEL, REQUEST)))
        began = time.perf_counter()
        decided = await access.decide(ALICE, CHANNEL, REQUEST)
        asked.append(time.perf_counter() - began)
        assert decided.authorization is not None
        assert all(one.answer is Answer.PASSED for one in decided.decision.steps), "a question was not asked"
        alone.append(await one_call(cloud))
    four, one = ((min(times) - min(warm)) / ROUND_TRIP_S for times in (asked, alone))
    print(f"warm credentials: {min(warm) * 1e6:.0f} us; one call alone: {one:.2f} round trips")
    print(f"four at once: a start is {four:.2f} round trips later, {four - one:.2f} of it computing")
    assert four < one + 0.3


async def one_call(cloud: Cloud) -> float:
    """Time the smallest thing that this emulator holds back, over a connection that is open."""
    began = time.perf_counter()
    async with cloud.http.post(f"{cloud.url}/", headers={"x-acs-action": "GetCallerIdentity"}) as answer:
        await answer.read()
    return time.perf_counter() - began


async def main() -> None:
    clock = Clock()
    async with emulated() as cloud, desk(cloud, clock) as access:
        await one_call_for_all(cloud, access, clock)
        await round_trips(cloud, access, clock)


if __name__ == "__main__":
    asyncio.run(main())
