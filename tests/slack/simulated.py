"""Slack and the bot's client in a time of their own, in which minutes pass at once, and runs that come back."""

import heapq
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.emulators.serving import serving
from bot.emulators.slack import EXAMPLE, SlackEmulator
from bot.emulators.slack.player import Player
from bot.model.problem import Problem
from bot.slack.api import SlackApi
from bot.slack.client import build_client, build_session
from bot.slack.pacing import PATIENCE_S, Pacing
from tests.slack.scenes import NOON

Step = Callable[[], Awaitable[object]]


class SimulatedTime:
    """Seconds since noon; whoever pauses makes them pass."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def clock(self) -> datetime:
        return NOON + timedelta(seconds=self.now)

    async def pause(self, for_s: float) -> None:
        assert for_s <= PATIENCE_S
        self.now += for_s


@dataclass(frozen=True)
class SimulatedSlack:
    """A workspace that is as strict as Slack about how often it is called."""

    time: SimulatedTime
    api: SlackApi
    player: Player

    def another_bot(self) -> SlackApi:
        """Give a bot that knows nothing of what this one did, as after a restart."""
        return SlackApi(self.api._client, Pacing(self.time.monotonic, self.time.pause), self.time.clock)

    async def refused(self) -> int:
        """Count the answers of 429."""
        return sum(call["outcome"] == "ratelimited" for call in await self.player.calls())


@asynccontextmanager
async def simulated_slack() -> AsyncIterator[SimulatedSlack]:
    time = SimulatedTime()
    emulator = SlackEmulator(EXAMPLE, time.clock)
    async with serving(emulator.web_app()) as url, build_session() as session:
        client = build_client("xoxb-emulator", f"{url}/api/", session)
        pacing = Pacing(time.monotonic, time.pause)
        api = SlackApi(client, pacing, time.clock, time.monotonic)
        yield SimulatedSlack(time, api, Player(url, session))


async def finished(time: SimulatedTime, runs: Sequence[tuple[float, Sequence[Step]]]) -> list[list[float]]:
    """Do the steps of runs that begin at their times and come back when told; return when each step was done.

    A step that returns a float is followed by the next one after so many seconds.
    """
    done: list[list[float]] = [[] for _ in runs]
    coming = [(begins, number) for number, (begins, _) in enumerate(runs)]
    heapq.heapify(coming)
    while coming:
        at, number = heapq.heappop(coming)
        time.now = max(time.now, at)
        steps = runs[number][1]
        try:
            result = await steps[len(done[number])]()
        except Problem as problem:
            if problem.code != "slack.busy":
                raise
            heapq.heappush(coming, (time.now + float(problem.facts["retry_after_s"]), number))
            continue
        done[number].append(time.now)
        if len(done[number]) < len(steps):
            heapq.heappush(coming, (time.now + (result if isinstance(result, float) else 0.0), number))
    return done
