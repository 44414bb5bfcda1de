"""Ten thousand runs that wait for their next poll: memory and CPU of a real bot; and claims among 100,000 rows.

The bot is `vpn-diagnose serve` between both emulators. One run is asked for and started for real; the others are
copies of its row, each with a run's and a diagnosis' id of its own. No diagnosis ends, so that all of them share
120 polls in 60 s. The emulator keeps fewer diagnoses than that: the copies are given the first one's answer in
front of it. Memory is compared with the same bot on the same database without any run.

When the bot starts, all runs are due: each is looked at once, and told when to come back. That comes again when
the line before the quota, which is shorter than the runs are many, has been served: CPU is said for the time
between, and for both together.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
from aiohttp import web
from aiohttp.typedefs import Handler
from sqlalchemy import func, select

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.main_job import resident_mb
from benchmarks.store import fill, now, numbers, store_rows
from bot.alibaba.operation import RESULTS
from bot.commands.try_it import HEALTHY, settings_for
from bot.emulators.alibaba.emulator import AlibabaEmulator
from bot.emulators.alibaba.network_file import load_network
from bot.emulators.serving import serving
from bot.emulators.slack.emulator import SlackEmulator
from bot.emulators.slack.player import Player
from bot.model.ids import RunId
from bot.model.run import Run
from bot.store.database import Database, open_database
from bot.store.rows import new_row
from bot.store.runs import Runs
from bot.store.tables import leads
from bot.store.tables import runs as table
from bot.turns import MOST_TURNS
from tests.postgres import Server

PROJECT = Path(__file__).parents[1]
WAITING = 10_000
ROWS = 100_000
NEVER_S = 1e6

# How the IDs of diagnoses begin that are copies.
COPY = "vpndgn-copy"

# Seconds that a bot without runs is left alone, that all runs together may take to be looked at for the first
# time, and that the bot is then watched.
REST_S = 10.0
SETTLED_WITHIN_S = 100.0
WATCH_S = 45.0

# The share of a core below which a bot is calm.
CALM = 0.3

CLAIMED_AT_ONCE = 16
CLAIMS = 150
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class Load(NamedTuple):
    """What a bot did in some seconds: the CPU time it used, and the results that it asked the cloud for."""

    seconds: float
    cpu_s: float
    polls: int


class Results:
    """Answers for the diagnoses that are copies of a first one, and notes when results were asked for."""

    def __init__(self) -> None:
        self.asked_at: list[float] = []
        self._first: dict[str, Any] = {}

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.headers.get("x-acs-action") != "GetVpnGatewayDiagnoseResult":
            return await handler(request)
        self.asked_at.append(time.perf_counter())
        diagnose_id = request.query.get("DiagnoseId", "")
        if diagnose_id.startswith(COPY):
            assert self._first, "the first one was looked at before it was copied"
            return web.json_response(self._first | {"DiagnoseId": diagnose_id})
        answer = await handler(request)
        if diagnose_id and answer.status == HTTPStatus.OK:
            assert isinstance(answer, web.Response)
            self._first = json.loads(answer.text or "")
        return answer

    def most_in_a_window(self) -> int:
        """Return the most that were asked for in any 60 seconds."""
        return max(sum(at <= other < at + RESULTS.window_s for other in self.asked_at) for at in self.asked_at)


@asynccontextmanager
async def emulated() -> AsyncIterator[tuple[Player, str, Results]]:
    results = Results()
    alibaba = AlibabaEmulator(load_network(None), clock=now, diagnosis_s=NEVER_S).web_app()
    alibaba.middlewares.insert(0, results.middleware)
    async with (
        serving(alibaba) as alibaba_url,
        serving(SlackEmulator(clock=now).web_app()) as slack_url,
        aiohttp.ClientSession() as session,
    ):
        yield Player(slack_url, session), alibaba_url, results


@asynccontextmanager
async def served(player: Player, environ: dict[str, str]) -> AsyncIterator[int]:
    """Run `vpn-diagnose serve`; yields its process id once it is ready."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "serve", cwd=PROJECT, env=os.environ | environ
    )
    try:
        await player.until_connected()
        yield process.pid
    finally:
        process.terminate()
        await process.wait()


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


async def started_run(player: Player, environ: dict[str, str]) -> Run:
    """Ask for a diagnosis, and return the run once it waits for its result."""

    async def said() -> list[Any]:
        return [message for message in await player.messages() if message.get("replies")]

    async with served(player, environ):
        await player.command(HEALTHY.text)
        await player.until(said)
        await asyncio.sleep(2)
    async with open_database(environ["VPN_DIAGNOSE_DATABASE_URL"], now) as database:
        (run,) = await Runs(database).newest(1)
        await database.write(lambda connection: connection.execute(table.delete()))
        await database.write(lambda connection: connection.execute(leads.delete()))
    assert run.diagnose_id, run
    return run


async def multiply(url: str, run: Run, number: int) -> None:
    """Store so many runs like this one, all of them due."""

    def another() -> dict[str, Any]:
        number = next(numbers)
        run_id = RunId.made(now(), number.to_bytes(10, "big"))
        at = now()
        changes = {"created_at": at, "started_at": at, "due_at": at, "diagnose_id": f"{COPY}{number:018}"}
        return new_row(run.changed(id=run_id, **changes))

    async with open_database(url, now) as database:
        for _ in range(number // 1000):
            await database.write(partial(store_rows, rows=[another() for _ in range(1000)]))


async def check_all_were_looked_at(url: str, run: Run) -> None:
    looked_at = select(func.count()).where(table.c.version > run.version, table.c.due_at.is_not(None))
    async with open_database(url, now) as database:
        number = await database.read(lambda connection: connection.execute(looked_at).scalar_one())
    assert number == WAITING, f"{number} of {WAITING} runs were looked at and go on waiting"


async def settled(pid: int) -> Load:
    """Wait until the bot has been through all its runs."""
    began = time.perf_counter()
    while time.perf_counter() - began < SETTLED_WITHIN_S:
        before = cpu_s(pid)
        await asyncio.sleep(2)
        if (cpu_s(pid) - before) / 2 < CALM:
            break
    return Load(time.perf_counter() - began, cpu_s(pid), 0)


async def watched(pid: int, results: Results, seconds: float) -> Load:
    began, used, asked = time.perf_counter(), cpu_s(pid), len(results.asked_at)
    await asyncio.sleep(seconds)
    return Load(time.perf_counter() - began, cpu_s(pid) - used, len(results.asked_at) - asked)


async def waiting(name: str, url: str, watch_s: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with emulated() as (player, alibaba_url, results):
            environ = settings_for(Path(folder), player.base_url, alibaba_url) | {
                "VPN_DIAGNOSE_DATABASE_URL": url,
                "VPN_DIAGNOSE_POLL_EVERY_S": "3",
                "VPN_DIAGNOSE_GIVE_UP_AFTER_S": "3600",
                "VPN_DIAGNOSE_LOG_LEVEL": "WARNING",
            }
            run = await started_run(player, environ)
            async with served(player, environ) as pid:
                await asyncio.sleep(REST_S)
                none_mb = resident_mb(pid)
            await multiply(url, run, WAITING)
            async with served(player, environ) as pid:
                first = await settled(pid)
                calm = await watched(pid, results, watch_s)
                many_mb = resident_mb(pid)
            await check_all_were_looked_at(url, run)
    print(f"{name}, {WAITING} runs waiting")
    print(f"  resident: {none_mb:.1f} MB without runs, {many_mb - none_mb:.1f} MB more with them (wanted: < 20)")
    share = calm.cpu_s / calm.seconds
    again_s = MOST_TURNS / RESULTS.per_s
    print(f"  all of them due: {first.seconds:.0f} s until calm, {first.cpu_s:.1f} s of CPU with the start")
    print(f"  then {share:.1%} of a core (wanted: < 10 %), {calm.polls / calm.seconds * 60:.0f} polls a minute")
    print(f"  both, as they come again every {again_s:.0f} s: {first.cpu_s / again_s + share:.1%} of a core")
    print(f"  at most {results.most_in_a_window()} polls in 60 s (allowed: {RESULTS.documented})", flush=True)


# claims, in a table that is empty and in one that is not


async def claim_time(database: Database) -> float:
    """Return the seconds of one claim; what was claimed has ended afterwards."""
    runs = Runs(database)
    await fill(database, CLAIMED_AT_ONCE, due_at=now() - timedelta(seconds=1))
    began = time.perf_counter()
    claims = await runs.claim_due(database.clock(), "bench", 60, CLAIMED_AT_ONCE)
    took = time.perf_counter() - began
    assert len(claims) == CLAIMED_AT_ONCE, len(claims)
    await asyncio.gather(*(runs.save(claim.run.changed(due_at=None), lease_until=None) for claim in claims))
    return took


async def claims(name: str, empty_url: str, full_url: str) -> None:
    async with open_database(empty_url, now) as empty, open_database(full_url, now) as full:
        await fill(full, WAITING, due_at=now() + timedelta(hours=1))
        await fill(full, ROWS - WAITING, due_at=None)
        took: dict[str, list[float]] = {"empty": [], "full": []}
        for _ in range(CLAIMS):
            took["empty"].append(await claim_time(empty))
            took["full"].append(await claim_time(full))
    few, many = (statistics.median(took[which]) * 1e3 for which in ("empty", "full"))
    print(
        f"{name}, {CLAIMED_AT_ONCE} runs claimed: median {few:.2f} ms in an empty table, {many:.2f} ms among"
        f" {ROWS} rows of which {WAITING} wait; ratio {many / few:.2f} (wanted: at most 2)",
        flush=True,
    )


async def measure(name: str, urls: list[str], watch_s: float) -> None:
    await claims(name, urls[0], urls[1])
    await waiting(name, urls[2], watch_s)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=WATCH_S, help="for how long the bot is watched")
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    arguments = parser.parse_args()
    if arguments.only != "postgresql":
        with tempfile.TemporaryDirectory() as folder:
            urls = [f"sqlite:///{folder}/{number}.db" for number in range(3)]
            await measure("SQLite", urls, arguments.seconds)
    if arguments.only != "sqlite":
        server = Server(durable=True)
        try:
            await measure("PostgreSQL", [server.new_database() for _ in range(3)], arguments.seconds)
        finally:
            server.stop()


if __name__ == "__main__":
    asyncio.run(main())
