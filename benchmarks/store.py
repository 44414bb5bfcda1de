"""What the store does in a second: adds, claims and saves, on SQLite and on PostgreSQL with commits to the disk.

`python benchmarks/store.py [--rows N] [--seconds S] [--only sqlite|postgresql]`: N ended runs lie in the tables
beforehand.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert

sys.path.insert(0, str(Path(__file__).parents[1]))

from bot.model.ids import ChannelId, RegionId, RunId, TeamId, UserId, VpnConnectionId, VpnGatewayId
from bot.model.request import Conversation, DiagnosisRequest, Requester
from bot.model.run import Run, RunState
from bot.store.database import Database, open_database
from bot.store.rows import new_row
from bot.store.runs import Runs
from bot.store.signatures import Signatures
from bot.store.tables import runs as table
from tests.postgres import Server

numbers = count(1)


class Rate(NamedTuple):
    """How many a second, the CPU time of each in microseconds, the median wait for one in milliseconds."""

    a_second: float
    cpu_us: float
    median_ms: float

    def __str__(self) -> str:
        return f"{self.a_second:8.0f} /s {self.cpu_us:8.0f} µs CPU {self.median_ms:8.2f} ms"


def now() -> datetime:
    return datetime.now(UTC)


def a_run(due_at: datetime | None, **changes: object) -> Run:
    number = next(numbers)
    return Run(
        id=RunId.made(now(), number.to_bytes(10, "big")),
        requester=Requester(team_id=TeamId("T0EMULATED"), user_id=UserId(f"U0{number % 1000:04}")),
        conversation=Conversation(channel_id=ChannelId("C0INCIDENT")),
        request=DiagnosisRequest(
            region=RegionId("cn-hangzhou"),
            gateway_id=VpnGatewayId(f"vpn-{number:020}"),
            connection_id=VpnConnectionId(f"vco-{number:020}"),
        ),
        language="en",
        created_at=now(),
        due_at=due_at,
    ).changed(**changes)


async def rate(waiters: int, seconds: float, one: Callable[[], Awaitable[int]]) -> Rate:
    """Call `one`, which says how much it has done, again and again in so many tasks."""
    took: list[float] = []
    done = 0
    until = time.perf_counter() + seconds

    async def again() -> None:
        nonlocal done
        while time.perf_counter() < until:
            begun = time.perf_counter()
            did = await one()
            done += did
            took.append(time.perf_counter() - begun)

    cpu, begun = time.process_time(), time.perf_counter()
    await asyncio.gather(*(again() for _ in range(waiters)))
    spent, elapsed = time.process_time() - cpu, time.perf_counter() - begun
    return Rate(done / elapsed, spent / max(done, 1) * 1e6, statistics.median(took) * 1e3)


async def add_some(runs: Runs) -> int:
    run = a_run(due_at=now() + timedelta(hours=1))
    await runs.add(run, f"trigger:{run.id}")
    return 1


async def adding(database: Database, waiters: int, seconds: float) -> Rate:
    runs = Runs(database)
    return await rate(waiters, seconds, lambda: add_some(runs))


async def signing(database: Database, waiters: int, seconds: float) -> Rate:
    signatures = Signatures(database)

    async def one() -> int:
        await signatures.first_use(f"v0={next(numbers):064}", now())
        return 1

    return await rate(waiters, seconds, one)


async def saving(database: Database, waiters: int, seconds: float) -> Rate:
    """Save runs step by step, keeping the lease."""
    runs = Runs(database)
    await fill(database, waiters, due_at=now() - timedelta(seconds=1))
    claims = await runs.claim_due(database.clock(), "us", 60, waiters)
    held = [claim.run for claim in claims]

    async def one() -> int:
        run = held.pop()
        await runs.still_ours(run)
        held.append(await runs.save(run, lease_until=database.clock() + timedelta(seconds=60)))
        return 1

    measured = await rate(waiters, seconds, one)
    for run in held:
        await runs.save(run.changed(due_at=None), lease_until=None)
    return measured


async def claiming(database: Database, limit: int, seconds: float) -> Rate:
    """Claim runs, so many at a time, from a stock of due ones."""
    runs = Runs(database)
    await fill(database, 20_000, due_at=now() - timedelta(seconds=1))

    async def one() -> int:
        return len(await runs.claim_due(database.clock(), "us", 60, limit))

    measured = await rate(1, seconds, one)
    end = table.update().where(table.c.due_at.is_not(None)).values(due_at=None, ended_at=1.0)
    await database.write(lambda connection: connection.execute(end.values(lease_owner=None, lease_until=None)))
    return measured


async def whole(database: Database, waiters: int, seconds: float) -> Rate:
    """Do all that the store does for a run of seven steps: a claim, saves that keep the lease, a wait, the end."""
    runs = Runs(database)
    ready: asyncio.Queue[Run] = asyncio.Queue()
    claiming = asyncio.Event()

    async def claimer() -> None:
        while True:
            await claiming.wait()
            claiming.clear()
            for claim in await runs.claim_due(database.clock(), "us", 60, waiters):
                ready.put_nowait(claim.run)
            await runs.next_due()

    async def one() -> int:
        run = a_run(due_at=now() - timedelta(seconds=1))
        await runs.add(run, f"trigger:{run.id}")
        claiming.set()
        run = await ready.get()
        for state in (RunState.SUBMITTED, RunState.DIAGNOSING, RunState.DIAGNOSING):
            await runs.still_ours(run)
            run = await runs.save(run.changed(state=state), lease_until=database.clock() + timedelta(seconds=60))
        await runs.save(run, lease_until=None)
        claiming.set()
        run = await ready.get()
        for state in (RunState.REPORTED, RunState.REPORTED):
            await runs.still_ours(run)
            run = await runs.save(run.changed(state=state), lease_until=database.clock() + timedelta(seconds=60))
        await runs.still_ours(run)
        await runs.save(run.changed(due_at=None), lease_until=None)
        return 1

    task = asyncio.create_task(claimer())
    measured = await rate(waiters, seconds, one)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return measured


async def fill(database: Database, rows: int, due_at: datetime | None) -> None:
    ended = None if due_at is not None else now().timestamp()
    for begin in range(0, rows, 1000):
        many = [new_row(a_run(due_at)) | {"ended_at": ended} for _ in range(min(1000, rows - begin))]
        await database.write(partial(store_rows, rows=many))


def store_rows(connection: Connection, rows: list[dict[str, Any]]) -> None:
    connection.execute(insert(table), rows)


async def measure(name: str, url: str, rows: int, seconds: float) -> None:
    async with open_database(url, now) as database:
        await fill(database, rows, due_at=None)
        print(f"{name}, {rows} rows")
        print("  add, 1 waiting          ", await adding(database, 1, seconds))
        print("  add, 32 waiting         ", await adding(database, 32, seconds))
        print("  signature, 32 waiting   ", await signing(database, 32, seconds))
        print("  save, 1 at a time       ", await saving(database, 1, seconds))
        print("  save, 16 at a time      ", await saving(database, 16, seconds))
        print("  claim, 1 at a time      ", await claiming(database, 1, seconds))
        print("  claim, 16 at a time     ", await claiming(database, 16, seconds))
        print("  whole runs, 16 at a time", await whole(database, 16, seconds), flush=True)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--only")
    arguments = parser.parse_args()
    if arguments.only != "postgresql":
        with tempfile.TemporaryDirectory() as folder:
            await measure("SQLite", f"sqlite:///{folder}/bot.db", arguments.rows, arguments.seconds)
    if arguments.only != "sqlite":
        server = Server(durable=True)
        try:
            await measure("PostgreSQL", server.new_database(), arguments.rows, arguments.seconds)
        finally:
            server.stop()


if __name__ == "__main__":
    asyncio.run(main())
