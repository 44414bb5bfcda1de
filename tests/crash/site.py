"""The site of an accident: bots as processes of their own between both emulators, and what must hold then."""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from bot.emulators.slack.player import NotPlayed
from tests.journeys.world import World, has_ended, part_of

Json = dict[str, Any]

PROJECT = Path(__file__).parents[2]

# Seconds for a bot to be there, and for everything to have ended after the last accident.
READY_WITHIN_S = 30
ENDED_WITHIN_S = 60


class Dying(NamedTuple):
    """Where a bot kills itself, or stops: see tests.crash.dying."""

    point: str
    number: int = 1
    signal: str = "SIGKILL"


class BotProcess:
    """A bot as a process of its own, with its log."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process = process
        self.log = log

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None

    @property
    def is_stopped(self) -> bool:
        """Tell whether it is stopped as by SIGSTOP (proc(5): the state stands behind the name)."""
        stat = Path(f"/proc/{self.pid}/stat").read_text()
        return stat.rpartition(")")[2].split()[0] == "T"

    async def died(self, within_s: float = READY_WITHIN_S) -> int:
        """Wait for its end and return the exit status, negative for a signal."""
        return await asyncio.wait_for(self._process.wait(), within_s)

    async def kill(self) -> None:
        if self.is_alive:
            self._process.kill()
        await self._process.wait()

    async def terminate(self) -> int:
        self._process.terminate()
        return await self.died()

    def stop(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)


async def start(world: World, environ: dict[str, str], dying: Dying | None = None) -> BotProcess:
    """Start a bot and wait until it says that it is ready."""
    inherited = {name: text for name, text in os.environ.items() if not name.startswith(("SLACK_", "ALIBABA_"))}
    how = ["bot"] if dying is None else ["tests.crash.dying", dying.signal, dying.point, str(dying.number)]
    log = world.folder / f"bot-{sum(1 for _ in world.folder.glob('bot-*.log'))}.log"
    with log.open("ab") as written:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *how, "serve", cwd=PROJECT, env=inherited | environ, stderr=written
        )
    bot = BotProcess(process, log)

    async def ready() -> bool:
        assert bot.is_alive, log.read_text()
        return "ready: Slack through" in log.read_text()

    await world.player.until(ready, READY_WITHIN_S)
    return bot


@asynccontextmanager
async def started(world: World, environ: dict[str, str], dying: Dying | None = None) -> AsyncIterator[BotProcess]:
    """Start a bot; what is left of it at the end is killed."""
    bot = await start(world, environ, dying)
    try:
        yield bot
    finally:
        bot.go_on() if bot.is_alive else None
        await bot.kill()


async def ask(world: World, text: str, **who: str) -> bool:
    """Send the command and tell whether it was acknowledged: only then it may not be lost."""
    try:
        answer = await world.player.command(text, **who)
    except NotPlayed:
        return False
    return "error" not in answer


async def all_ended(world: World, least: int, within_s: float = ENDED_WITHIN_S) -> list[Json]:
    """Wait until at least so many threads are there and all that are there have ended; return their roots."""

    async def ended() -> list[Json]:
        roots = [root for channel in world.channels for root in await world.player.messages(channel)]
        return roots if len(roots) >= least and all(map(has_ended, roots)) else []

    return await world.player.until(ended, within_s)


def what_is_wrong(roots: list[Json], cloud_calls: list[Json]) -> list[str]:
    """Return what was lost or done twice: each run has one root message, one DiagnoseId and one ending.

    A start that the cloud accepted and no thread tells of is a second one, or one that was lost.
    """
    wrong = [f"{count} root messages of {run}" for run, count in Counter(map(_run_id, roots)).items() if count > 1]
    for root in roots:
        parts = Counter(map(part_of, [root, *root.get("replies", ())]))
        wrong += [f"{count} times {part} of {_run_id(root)}" for part, count in parts.items() if count > 1]
        wrong += [] if parts["ending"] else [f"no ending of {_run_id(root)}"]
    told = str(roots)
    accepted = Counter(call["facts"]["diagnose_id"] for call in cloud_calls if call["facts"].get("accepted_start"))
    return wrong + [f"the start {one} is told nowhere" for one in accepted if one not in told]


def _run_id(message: Json) -> str:
    return str(message.get("metadata", {}).get("event_payload", {}).get("run_id", ""))
