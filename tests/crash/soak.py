"""New runs all the time and bots killed at random: what was acknowledged ends once, nothing starts twice.

`make soak ARGS="--seconds 60 --rate 20 --replicas 2 --database postgresql"` prints what came of it.
"""

import argparse
import asyncio
import contextlib
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from bot.emulators.slack.workspace import EXAMPLE, Channel, Person, Workspace
from bot.model.ids import ChannelId, UserId
from bot.model.value import Value
from tests.crash.site import BotProcess, all_ended, ask, start, what_is_wrong
from tests.journeys.world import World, living
from tests.postgres import a_database_url

Json = dict[str, Any]

QUESTIONS = (
    "vpn-healthy0000000000001 vco-healthy0000000000001 cn-hangzhou",
    "vpn-broken00000000000001 vco-broken00000000000001 cn-hangzhou",
    "vpn-lossy000000000000001 vco-lossy000000000000001 cn-hangzhou",
    "vpn-dual0000000000000001 vco-dual0000000000000001 cn-hangzhou",
)

CHANNELS_FOR_EACH_RUN_A_SECOND = 2
PEOPLE = 50

UNHINDERED = {
    "VPN_DIAGNOSE_SLACK_PACE": "1000",
    "VPN_DIAGNOSE_MOST_RUNS_PER_PERSON": "10000",
    "VPN_DIAGNOSE_MOST_RUNS_PER_GATEWAY": "10000",
}

# Seconds between two kills, drawn evenly; for the first to be acknowledged; for all to have ended at last.
KILLED_EVERY_S = (2.0, 8.0)
FIRST_ACKED_WITHIN_S = 120.0
ENDED_WITHIN_S = 900.0


class Outcome(Value):
    """What came of it; `wrong` is empty if all is well."""

    asked: int
    acked: int
    threads: int
    starts: int
    kills: int
    ended_after_s: float
    wrong: tuple[str, ...]


class Crowd:
    """The bots, some of which are killed now and then and come back at once."""

    def __init__(self, world: World, environ: dict[str, str], dice: random.Random) -> None:
        self._world = world
        self._environ = environ
        self._dice = dice
        self._bots: list[BotProcess] = []
        self.kills = 0

    async def start(self, replicas: int) -> None:
        self._bots = [await start(self._world, self._environ) for _ in range(replicas)]

    async def be_killed_at_random(self, enough: asyncio.Event) -> None:
        """Kill one now and then; not to be cancelled, as it may be in the middle of starting one."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(enough.wait(), self._dice.uniform(*KILLED_EVERY_S))
            if enough.is_set():
                return
            await self.kill_one()

    async def kill_one(self) -> None:
        place = self._dice.randrange(len(self._bots))
        await self._bots[place].kill()
        self.kills += 1
        self._bots[place] = await start(self._world, self._environ)

    async def end(self) -> None:
        for bot in self._bots:
            await bot.kill()


async def soak(world: World, environ: dict[str, str], *, seconds: float, rate: float, replicas: int) -> Outcome:
    """Ask `rate` times a second for so long while bots are killed, and wait until everything has ended.

    Where a bot takes longer to start than to be killed again, it goes on until something was acknowledged.
    """
    dice = random.Random(replicas)  # noqa: S311 - what is drawn is to be the same every time
    crowd = Crowd(world, environ, dice)
    ledger: dict[int, Json] = {}
    async with AsyncExitStack() as stack:
        stack.push_async_callback(crowd.end)
        await crowd.start(replicas)
        await stack.enter_async_context(_meanwhile(_keep(world, ledger)))
        enough = asyncio.Event()
        killing = asyncio.create_task(crowd.be_killed_at_random(enough))
        asked = await _ask_again_and_again(world, dice, seconds, rate)
        enough.set()
        await killing
        await crowd.kill_one()
        began = time.monotonic()
        acked = sum(await asyncio.gather(*asked))
        roots = await all_ended(world, acked, ENDED_WITHIN_S) if acked else []
        ended_after_s = time.monotonic() - began
        await _note(world, ledger)
    calls = list(ledger.values())
    return Outcome(
        asked=len(asked),
        acked=acked,
        threads=len(roots),
        starts=sum(1 for call in calls if call["facts"].get("accepted_start")),
        kills=crowd.kills,
        ended_after_s=round(ended_after_s, 1),
        wrong=tuple(what_is_wrong(roots, calls)),
    )


async def _ask_again_and_again(
    world: World, dice: random.Random, seconds: float, rate: float
) -> list["asyncio.Task[bool]"]:
    asked: list[asyncio.Task[bool]] = []
    began = time.monotonic()
    while time.monotonic() < began + seconds or (
        not any(task.done() and task.result() for task in asked)
        and time.monotonic() < began + FIRST_ACKED_WITHIN_S
    ):
        who = {"user": f"U0SOAK{dice.randrange(PEOPLE):03}", "channel": dice.choice(world.channels)}
        asked.append(asyncio.create_task(ask(world, dice.choice(QUESTIONS), **who)))
        await asyncio.sleep(1 / rate)
    return asked


@asynccontextmanager
async def _meanwhile(work: Any) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _keep(world: World, ledger: dict[int, Json]) -> None:
    """Copy the cloud's ledger before its oldest entries make room."""
    while True:
        await _note(world, ledger)
        await asyncio.sleep(1)


async def _note(world: World, ledger: dict[int, Json]) -> None:
    ledger |= {call["number"]: call for call in await world.cloud_calls("DiagnoseVpnGateway")}


def a_crowded_workspace(rate: float) -> Workspace:
    """Make a workspace with room for `rate` runs a second."""
    people = tuple(
        Person(id=UserId(f"U0SOAK{number:03}"), name=f"soak{number}", real_name=f"Soak {number}")
        for number in range(PEOPLE)
    )
    members = (*(person.id for person in people), UserId(EXAMPLE.app.bot_user_id))
    number = max(1, round(rate * CHANNELS_FOR_EACH_RUN_A_SECOND))
    channels = tuple(
        Channel(id=ChannelId(f"C0SOAK{each:03}"), name=f"soak-{each}", members=members) for each in range(number)
    )
    return EXAMPLE.model_copy(update={"people": EXAMPLE.people + people, "channels": channels})


def access_file() -> str:
    users = ", ".join(f"U0SOAK{number:03}: oncall" for number in range(PEOPLE))
    identities = '{oncall: {assume_role: "acs:ram::1234567890123456:role/vpn-diagnose-oncall"}}'
    return f"version: 1\nworkspaces: [T0EMULATED]\nidentities: {identities}\nusers: {{{users}}}\n"


async def soaked(folder: Path, *, seconds: float, rate: float, replicas: int, database: str) -> Outcome:
    """Play it in a world of its own."""
    async with living(folder, diagnosis_s=1, workspace=a_crowded_workspace(rate)) as world:
        world.write_access(access_file())
        await world.player.rates(None)  # it is about kills: at Slack's own pace the endings take half an hour
        postgresql = {"VPN_DIAGNOSE_DATABASE_URL": a_database_url()} if database == "postgresql" else {}
        environ = world.environ(**postgresql, **UNHINDERED)
        return await soak(world, environ, seconds=seconds, rate=rate, replicas=replicas)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make soak", description="Kill bots at random under new runs.")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=float, default=20, help="new runs a second")
    parser.add_argument("--replicas", type=int, default=1)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        outcome = asyncio.run(soaked(Path(folder), **vars(arguments)))
    print(outcome.model_dump_json(indent=2))  # noqa: T201 - that is what it is for
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
