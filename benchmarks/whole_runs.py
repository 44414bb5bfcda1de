"""Whole runs a second with remotes that answer at once: the bot's engine beside DBOS and procrastinate.

Start, post, wait, poll, update, report; 32 runs are always under way, and every engine is in a process of its own.
Rounds take turns, the ratios are of medians in one run. All commits go to the disk: SQLite with synchronous=FULL,
PostgreSQL with fsync.

ours           the worker, the plot, the store and `precedence` as they run, one saved step at a time (nine saves a
               run); the thread looks at its lease before each message, and else answers at once, as do the cloud
               and the access desk. Each run asks about a gateway of its own. The first poll finds an unfinished
               diagnosis, the run is handed back for 10 ms and claimed again.
DBOS           an asyncio workflow with a step for each of the five, awaited where it is called, and sleep_async of
               1 ms before the poll; its pool as it comes. SQLite is given it in WAL mode, as ours is: as it comes
               (a rollback journal) it needs several trips to the disk a commit and is slower.
procrastinate  two jobs a run, since a job cannot wait: start and post; then, deferred without any delay, poll,
               update and report. Nothing is saved within a job. An asyncio worker with 32 jobs at a time, woken
               by NOTIFY, jobs left in the table as by default, a pool of 32 connections.
"""

import argparse
import asyncio
import contextlib
import itertools
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import SecretStr

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.store import a_run, now
from bot.access.deciding import Decided
from bot.access.places import Place
from bot.alibaba.vpn import StartedDiagnosis
from bot.diagnosis import Diagnosis
from bot.model.credential import Authorization, Credential
from bot.model.decision import Decision
from bot.model.ids import RegionId, RunId, VpnGatewayId
from bot.model.report import Connectivity, DiagnosisReport, DiagnosticItem, ResultLevel
from bot.model.request import DiagnosisRequest
from bot.model.run import Run
from bot.model.tunnels import Tunnels
from bot.precedence import Precedence
from bot.setbacks import Pace
from bot.slack.api import PostedMessage
from bot.store.database import open_database
from bot.store.runs import Runs
from bot.worker import Worker
from tests.postgres import Server

AT_ONCE = 32
WARM_S = 1.5
SECONDS = 4.0
ROUNDS = 3
LEASE_S = 60.0

# Seconds that a run waits for its poll: ours, in which it is handed back and claimed again, and DBOS's shortest.
OUR_WAIT_S = 0.01
DBOS_WAIT_S = 0.001

One = Callable[[], Awaitable[Any]]


class Rate(NamedTuple):
    """Whole runs a second, and the CPU time of the engine's process for each in milliseconds."""

    a_second: float
    cpu_ms: float


async def rate(one: One, seconds: float) -> Rate:
    """Do one run after another in `AT_ONCE` tasks, and count those that end after the engine is warm."""
    ends: list[float] = []
    warm = time.perf_counter() + WARM_S
    until = warm + seconds

    async def again() -> None:
        while time.perf_counter() < until:
            await one()
            ends.append(time.perf_counter())

    async def spent() -> float:
        await asyncio.sleep(WARM_S)
        before = time.process_time()
        await asyncio.sleep(seconds)
        return time.process_time() - before

    spending = asyncio.create_task(spent())
    await asyncio.gather(*(again() for _ in range(AT_ONCE)))
    cpu = await spending
    number = sum(warm <= end < until for end in ends)
    return Rate(number / seconds, cpu / max(number, 1) * 1e3)


# ours: what stands outside of the engine answers at once


class OpenDesk:
    """Lets everybody do everything, as one identity."""

    def __init__(self) -> None:
        credential = Credential(access_key_id="LTAIbench", access_key_secret=SecretStr("none"))
        self._authorization = Authorization(
            identity="oncall", principal="acs:ram::1:role/x", credential=credential
        )

    async def decide(self, *asked: object, ahead: bool) -> Decided:
        del asked, ahead
        decision = Decision(made_at=now(), identity="oncall", principal=self._authorization.principal)
        return Decided(decision, self._authorization)

    async def authorize(self, *asked: object) -> Authorization:
        del asked
        return self._authorization

    async def place(self, channel_id: str) -> Place:
        del channel_id
        return Place(private=False)


class InstantCloud:
    """Starts every diagnosis, which is finished when it is looked at for the second time."""

    def __init__(self) -> None:
        self._looked_at: set[str] = set()

    async def diagnose_vpn_gateway(self, credential: object, request: object, run_id: RunId) -> StartedDiagnosis:
        del credential, request
        return StartedDiagnosis(diagnose_id=f"vpndgn-{run_id}", request_id=str(run_id))

    async def get_vpn_gateway_diagnose_result(
        self, credential: object, region: RegionId, *, diagnose_id: str
    ) -> DiagnosisReport:
        del credential, region
        if diagnose_id not in self._looked_at:
            self._looked_at.add(diagnose_id)
            return a_report(diagnose_id, finished=False)
        self._looked_at.remove(diagnose_id)
        return a_report(diagnose_id, finished=True)


class InstantThread:
    """Says everything at once, after asking whether the run is still ours, as the real one does."""

    def __init__(self, fence: Callable[[Run], Awaitable[None]]) -> None:
        self._fence = fence
        self._numbers = itertools.count(1)

    async def post_root(self, run: Run, *, look_first: bool) -> PostedMessage:
        return PostedMessage(
            channel_id=run.conversation.channel_id, ts=await self._posted(run, look_first=look_first)
        )

    async def post_started(self, run: Run, *, look_first: bool) -> str:
        return await self._posted(run, look_first=look_first)

    async def post_ending(self, run: Run, *, look_first: bool) -> str:
        return await self._posted(run, look_first=look_first)

    async def edit_root(self, run: Run) -> None:
        await self._fence(run)

    async def _posted(self, run: Run, *, look_first: bool) -> str:
        assert not look_first, "nothing is interrupted here"
        await self._fence(run)
        return f"{next(self._numbers)}.000100"


def a_report(diagnose_id: str, *, finished: bool) -> DiagnosisReport:
    measured = Connectivity(target_ip="10.8.0.1", source_ip="192.168.1.1", loss_percent=0, rtt_ms=3.2)
    item = DiagnosticItem(name="PrivateIp", level=ResultLevel.NORMAL, level_text="normal", detail=measured)
    return DiagnosisReport(
        diagnose_id=diagnose_id,
        request_id="5BE01CD7-5A50-472D-AC14-CA181C5C03BE",
        region=RegionId("cn-hangzhou"),
        gateway_id=VpnGatewayId("vpn-healthy0000000000001"),
        connection_id=None,
        begin_time=now(),
        finish_time=now() if finished else None,
        finished_count=7 if finished else 3,
        total_count=7,
        items=(item,) * (7 if finished else 3),
    )


class Watched(Runs):
    """Says when the last save of a run is committed."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.ended: dict[RunId, asyncio.Future[Run]] = {}

    async def save(self, run: Run, *, lease_until: datetime | None) -> Run:
        saved = await super().save(run, lease_until=lease_until)
        if saved.due_at is None:
            self.ended.pop(saved.id).set_result(saved)
        return saved


@asynccontextmanager
async def ours(url: str) -> AsyncIterator[One]:
    async with open_database(url, now) as database:
        runs = Watched(database)
        worker = a_worker(runs, database.clock)

        async def one() -> None:
            run = a_run(due_at=now())
            ended = runs.ended[run.id] = asyncio.get_running_loop().create_future()
            await runs.add(run, f"trigger:{run.id}")
            worker.wake()
            assert (await ended).report, "it ends with a report"

        async with database.present("bench", worker.wake):
            working = asyncio.create_task(worker.work())
            yield one
            worker.stop()
            await working


async def no_tunnels(authorization: Authorization, request: DiagnosisRequest) -> Tunnels:
    del authorization, request
    return Tunnels()


def a_worker(runs: Runs, clock: Callable[[], datetime]) -> Worker:
    access: Any = OpenDesk()
    vpn: Any = InstantCloud()
    thread: Any = InstantThread(runs.still_ours)
    return Worker(
        runs,
        Diagnosis(access, vpn, thread, runs, Pace(poll_every_s=OUR_WAIT_S, give_up_after_s=300), no_tunnels),
        owner="bench",
        lease_s=LEASE_S,
        clock=clock,
        new_error_id=lambda: "bench",
        give_way=Precedence(time.monotonic).give_way,
    )


# theirs: five functions that answer at once


async def start(number: int) -> str:
    return f"vpndgn-{number}"


async def post(diagnose_id: str) -> str:
    return f"{diagnose_id}.000100"


async def poll(diagnose_id: str) -> str:
    return a_report(diagnose_id, finished=True).model_dump_json()


async def update(ts: str) -> None:
    assert ts


async def report(ts: str, found: str) -> str:
    assert found
    return ts


@asynccontextmanager
async def dbos(url: str) -> AsyncIterator[One]:
    from dbos import DBOS

    if url.startswith("sqlite:"):
        with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
    DBOS(config={"name": "bench", "system_database_url": url, "log_level": "ERROR"})
    begins, posts, polls, updates, reports = (DBOS.step()(step) for step in (start, post, poll, update, report))

    @DBOS.workflow()
    async def diagnose(number: int) -> None:
        diagnose_id = await begins(number)
        ts = await posts(diagnose_id)
        await DBOS.sleep_async(DBOS_WAIT_S)
        found = await polls(diagnose_id)
        await updates(ts)
        await reports(ts, found)

    DBOS.launch()
    numbers = itertools.count(1)
    yield lambda: diagnose(next(numbers))
    DBOS.destroy()


@asynccontextmanager
async def procrastinate(url: str) -> AsyncIterator[One]:
    from procrastinate import App, PsycopgConnector

    app = App(connector=PsycopgConnector(conninfo=url, min_size=AT_ONCE, max_size=AT_ONCE))
    ended: dict[int, asyncio.Future[None]] = {}

    @app.task(name="look")
    async def look(number: int, diagnose_id: str, ts: str) -> None:
        found = await poll(diagnose_id)
        await update(ts)
        await report(ts, found)
        ended.pop(number).set_result(None)

    @app.task(name="begin")
    async def begin(number: int) -> None:
        diagnose_id = await start(number)
        await look.defer_async(number=number, diagnose_id=diagnose_id, ts=await post(diagnose_id))

    numbers = itertools.count(time.time_ns())

    async def one() -> None:
        number = next(numbers)
        over = ended[number] = asyncio.get_running_loop().create_future()
        await begin.defer_async(number=number)
        await over

    async with app.open_async():
        if not await app.check_connection_async():
            await app.schema_manager.apply_schema_async()
        working = asyncio.create_task(
            app.run_worker_async(concurrency=AT_ONCE, install_signal_handlers=False, shutdown_graceful_timeout=1)
        )
        yield one
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


ENGINES: dict[str, Callable[[str], AbstractAsyncContextManager[One]]] = {
    "ours": ours,
    "dbos": dbos,
    "procrastinate": procrastinate,
}


async def engine(name: str, url: str, seconds: float) -> None:
    """Measure one engine in this process."""
    async with ENGINES[name](url) as one:
        measured = await rate(one, seconds)
    print(*measured)


async def in_a_process(name: str, url: str, seconds: float) -> Rate:
    arguments = ("--engine", name, "--url", url, "--seconds", str(seconds))
    started = await asyncio.create_subprocess_exec(
        sys.executable, __file__, *arguments, stdout=asyncio.subprocess.PIPE, env=os.environ
    )
    said, _ = await started.communicate()
    assert started.returncode == 0, name
    a_second, cpu_ms = map(float, said.split())
    return Rate(a_second, cpu_ms)


async def compare(database: str, urls: dict[str, str], rounds: int, seconds: float) -> None:
    """Measure the engines in turns, each on a database of its own, and print the medians and their ratios."""
    rates: dict[str, list[Rate]] = {name: [] for name in urls}
    for _ in range(rounds):
        for name, url in urls.items():
            rates[name].append(await in_a_process(name, url, seconds))
    print(f"{database}, {AT_ONCE} runs at a time, {rounds} rounds of {seconds:.0f} s")
    for name, measured in rates.items():
        every = [one.a_second for one in measured]
        cpu_ms = statistics.median(one.cpu_ms for one in measured)
        print(
            f"  {name:<14} median {statistics.median(every):7.1f} runs/s, {min(every):.1f} to {max(every):.1f},"
            f" {cpu_ms:.1f} ms of CPU each"
        )
    mine = statistics.median(one.a_second for one in rates["ours"])
    for name, wanted in (("dbos", 2), ("procrastinate", 1)):
        if name in rates:
            theirs = statistics.median(one.a_second for one in rates[name])
            print(f"  ours / {name:<14} {mine / theirs:.2f} (wanted: at least {wanted})", flush=True)


async def main(only: str | None, rounds: int, seconds: float) -> None:
    if only != "postgresql":
        with tempfile.TemporaryDirectory() as folder:
            urls = {name: f"sqlite:///{folder}/{name}.db" for name in ("ours", "dbos")}
            await compare("SQLite", urls, rounds, seconds)
    if only != "sqlite":
        server = Server(durable=True)
        try:
            await compare("PostgreSQL", {name: server.new_database() for name in ENGINES}, rounds, seconds)
        finally:
            server.stop()


def read_arguments() -> Any:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    parser.add_argument("--engine", choices=ENGINES, help="measure one, for the benchmark itself")
    parser.add_argument("--url", help="the database of that one")
    return parser.parse_args()


if __name__ == "__main__":
    asked = read_arguments()
    if asked.engine:
        asyncio.run(engine(asked.engine, asked.url, asked.seconds))
    else:
        asyncio.run(main(asked.only, asked.rounds, asked.seconds))
