"""What the audit trail costs: a refusal of its own, and checking and exporting a long trail, in time and memory.

`python benchmarks/audit.py [--rows N] [--seconds S] [--only sqlite|postgresql]`: N rows are checked and exported.
"""

import argparse
import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.store import now, rate
from bot.model.audit import Attempt, AuditEntry, turned_away
from bot.model.decision import Answer, Step, StepAnswer
from bot.model.ids import ChannelId, TeamId, UserId
from bot.model.problem import Problem
from bot.model.request import Requester
from bot.store.audit import Audit
from bot.store.audit_chain import append
from bot.store.database import Database, open_database
from tests.postgres import Server

TOGETHER = 1000


def an_entry() -> AuditEntry:
    stranger = Requester(team_id=TeamId("T0EMULATED"), user_id=UserId("U0MALLORY"))
    entry = turned_away(
        Attempt(stranger, ChannelId("C0INCIDENT")), Problem("access.not_mapped").details, now(), "b" * 64
    )
    steps = tuple(StepAnswer(step=step, answer=Answer.PASSED, request_id="R" * 36) for step in Step)
    return entry._replace(steps=steps)


async def appending(database: Database, waiters: int, seconds: float) -> str:
    audit = Audit(database)

    async def one() -> int:
        await audit.append(an_entry())
        return 1

    return str(await rate(waiters, seconds, one))


async def fill(database: Database, rows: int) -> None:
    for begin in range(0, rows, TOGETHER):
        entries = [an_entry() for _ in range(min(TOGETHER, rows - begin))]
        await database.write(partial(append, entries=entries))


def timed(url: str, *arguments: str) -> str:
    """Run the command as an administrator does, and return how long it took and how much memory at most."""
    command = [sys.executable, "-m", "bot", "audit", *arguments]
    begun = time.perf_counter()
    environ = os.environ | {"VPN_DIAGNOSE_DATABASE_URL": url, "PYTHONPATH": str(Path(__file__).parents[1])}
    subprocess.run(command, env=environ, stdout=subprocess.DEVNULL, check=True)  # noqa: S603 - the command is ours
    took = time.perf_counter() - begun
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return f"{took:8.1f} s, no process so far took more than {most:.0f} MB"


async def measure(name: str, url: str, rows: int, seconds: float) -> None:
    async with open_database(url, now) as database:
        print(f"{name}")
        print("  append, 1 waiting       ", await appending(database, 1, seconds))
        print("  append, 32 waiting      ", await appending(database, 32, seconds))
        await fill(database, rows)
        for task in ("verify", "export"):
            print(f"  {task} {rows} rows  ", await asyncio.to_thread(timed, url, task), flush=True)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
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
