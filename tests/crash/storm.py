"""A storm of junk on a front door, and the toll: what was let in, what broke, what was left without an answer.

`python -m tests.crash.storm --requests 100000` raises it on a bot in a process of its own, and weighs the process.
"""

import argparse
import asyncio
import itertools
import os
import socket
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from bot.emulators.slack.workspace import EXAMPLE
from tests.crash.junk import Junk, Slack, genuine, junk
from tests.journeys.world import World, living

# Connections at once, and requests between two genuine ones: in the long form more, as a spell lasts as long as
# its slowest request, which may be one that never ends its headers.
AT_ONCE = 64
SPELL = 500
LONG_SPELL = 5_000

# Seconds for an answer; the door itself waits 3 for a body and 10 for headers.
PATIENCE_S = 30.0

# The outcome of a connection that was closed without an answer, and of one that was neither.
CLOSED = 0
SILENT = -1

ALIVE = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

PROJECT = Path(__file__).parents[2]


class Toll:
    """How often each kind of request had which outcome: a status, CLOSED or SILENT."""

    def __init__(self) -> None:
        self.outcomes: Counter[tuple[str, int]] = Counter()

    def add(self, kind: str, outcome: int) -> None:
        self.outcomes[kind, outcome] += 1

    @property
    def requests(self) -> int:
        return self.outcomes.total()

    @property
    def let_in(self) -> int:
        """Those with a success as their answer that are not from Slack, or are from Slack for the second time."""
        return sum(n for (kind, got), n in self.outcomes.items() if 200 <= got < 400 and kind not in _FROM_SLACK)

    @property
    def broken(self) -> int:
        return sum(n for (_, got), n in self.outcomes.items() if got >= 500)

    @property
    def unanswered(self) -> int:
        return sum(n for (_, got), n in self.outcomes.items() if got == SILENT)

    @property
    def turned_away(self) -> int:
        """Those of Slack's own requests, new and in good order, that did not get their answer."""
        return sum(n for (kind, got), n in self.outcomes.items() if kind == "genuine" and got != 200)

    def __str__(self) -> str:
        lines = [f"  {kind:<10} {got or 'closed':>6} {n:>8}" for (kind, got), n in sorted(self.outcomes.items())]
        return "\n".join(lines)


_FROM_SLACK = frozenset({"genuine", "signed"})


async def storm(
    url: str, slack: Slack, coming: Iterable[Junk], patience_s: float = PATIENCE_S, spell: int = SPELL
) -> Toll:
    """Send what is coming to the door at `url`, with a genuine request now and then, which is replayed."""
    toll = Toll()
    left = iter(coming)
    for number in itertools.count():
        batch = list(itertools.islice(left, spell))
        if not batch:
            return toll
        new = genuine(slack, number)
        toll.add("genuine", await outcome(url, new, patience_s))
        replays = [Junk("replayed", new)] * (len(batch) // 20 + 1)
        await _send(url, [*batch, *replays], toll, patience_s)
    raise AssertionError


async def _send(url: str, batch: Iterable[Junk], toll: Toll, patience_s: float) -> None:
    left = iter(batch)

    async def send() -> None:
        for one in left:
            toll.add(one.kind, await outcome(url, one.data, patience_s))

    async with asyncio.TaskGroup() as senders:
        for _ in range(AT_ONCE):
            senders.create_task(send())


async def outcome(url: str, data: bytes, patience_s: float = PATIENCE_S) -> int:
    """Send some bytes and return the status of the answer, CLOSED if there was none, SILENT if nothing came."""
    parts = urlsplit(url)
    try:
        async with asyncio.timeout(patience_s):
            return await _answered(str(parts.hostname), int(parts.port or 80), data)
    except TimeoutError:
        return SILENT
    except ConnectionError:
        return CLOSED


async def _answered(host: str, port: int, data: bytes) -> int:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(data)
        while line := await reader.readline():
            if line.startswith(b"HTTP/") and not line.split()[1].startswith(b"1"):  # 100 is not the answer yet
                return int(line.split()[1])
        return CLOSED
    finally:
        writer.transport.abort()


@asynccontextmanager
async def a_bot(world: World) -> AsyncIterator[tuple[str, int]]:
    """Run `vpn-diagnose serve` behind HTTP; yields where Slack's requests go, and the process's id."""
    environ = {name: text for name, text in os.environ.items() if not name.startswith(("SLACK_", "ALIBABA_"))}
    port = _free_port()
    changes = {
        "SLACK_APP_TOKEN": "",
        "SLACK_SIGNING_SECRET": EXAMPLE.app.signing_secret.get_secret_value(),
        "VPN_DIAGNOSE_PORT": str(port),
        "VPN_DIAGNOSE_LOG_LEVEL": "WARNING",
    }
    log = world.folder / "log"
    with log.open("ab") as written:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "serve",
            cwd=PROJECT,
            env=environ | world.environ(**changes),
            stderr=written,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        await _until_it_answers(url)
        yield f"{url}/slack/events", process.pid
    finally:
        process.terminate()
        await process.wait()
        sys.stdout.write(log.read_text(encoding="utf-8")[-2_000:])


async def _until_it_answers(url: str) -> None:
    async with asyncio.timeout(30):
        while await outcome(url, ALIVE) != 200:  # noqa: ASYNC110 - it is asked from outside
            await asyncio.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return float(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))) / 1024


async def main(requests: int, chance: int) -> int:
    slack = Slack(EXAMPLE.app.signing_secret, lambda: datetime.now(UTC))
    with tempfile.TemporaryDirectory() as folder:
        async with living(Path(folder)) as world, a_bot(world) as (url, pid):
            await storm(url, slack, junk(slack, requests // 10, chance), spell=LONG_SPELL)
            before = resident_mb(pid)
            toll = await storm(url, slack, junk(slack, requests, 2 * chance), spell=LONG_SPELL)
            after = resident_mb(pid)
    print(toll)  # noqa: T201 - this is what it is for
    print(  # noqa: T201
        f"{toll.requests} requests: {toll.let_in} let in, {toll.broken} answers of 5xx, {toll.unanswered} without"
        f" an answer, {toll.turned_away} of Slack's own turned away; memory {before:.1f} MB, then {after:.1f} MB"
    )
    return 1 if toll.let_in or toll.broken or toll.unanswered or toll.turned_away else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--chance", type=int, default=1)
    asked = parser.parse_args()
    sys.exit(asyncio.run(main(asked.requests, asked.chance)))
