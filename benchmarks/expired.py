"""200 commands of one person at the same moment, on a session that has ended: calls of STS, and the latest ack.

The bot is the real one in a process of its own, between both emulators in theirs; commands are signed and come
over 200 connections that are open already. An ack is timed from the first byte sent to the last of the answer.
"""

import argparse
import asyncio
import os
import statistics
import time
from contextlib import AsyncExitStack

import aiohttp

from benchmarks.front_door import PLAIN, Client, connected, emulator, ours, submissions

AT_ONCE = 200
ROUNDS = 3
LATEST_S = 0.5
GIVE_UP_AFTER_S = 90


class Remotes:
    """Both emulators, looked at and changed."""

    def __init__(self, slack_url: str, alibaba_url: str, http: aiohttp.ClientSession) -> None:
        self._slack_url = slack_url
        self._alibaba_url = alibaba_url
        self._http = http

    async def as_fast_as_one_likes(self) -> None:
        await self._order(self._slack_url, "rates", {"times": None})

    async def end_sessions(self) -> None:
        await self._order(self._alibaba_url, "sessions", {"in_s": 0})

    async def sessions_opened(self) -> int:
        query = {"operation": "AssumeRole"}
        async with self._http.get(f"{self._alibaba_url}/_emulator/calls", params=query) as answer:
            return len((await answer.json())["calls"])

    async def until_told(self, count: int) -> None:
        """Wait until so many threads have an ending."""
        async with asyncio.timeout(GIVE_UP_AFTER_S):
            while await self._told() < count:  # noqa: ASYNC110 (what is looked at is behind HTTP)
                await asyncio.sleep(1)

    async def _told(self) -> int:
        async with self._http.get(f"{self._slack_url}/_emulator/channels/C0INCIDENT/messages") as answer:
            return str((await answer.json())["messages"]).count("'part': 'ending'")

    async def _order(self, url: str, what: str, order: dict[str, object]) -> None:
        async with self._http.post(f"{url}/_emulator/{what}", json=order) as answer:
            answer.raise_for_status()


async def acks_s(port: int) -> list[float]:
    """Send all commands at once, and return after how many seconds each was acknowledged."""

    async def send(client: Client, request: bytes) -> float:
        began = time.perf_counter()
        await client.send(request)
        return time.perf_counter() - began

    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(connected(port)) for _ in range(AT_ONCE)]
        requests = [next(submissions(number, PLAIN)) for number in range(AT_ONCE)]
        return list(await asyncio.gather(*map(send, clients, requests)))


async def main(rounds: int) -> None:
    latest = []
    async with AsyncExitStack() as stack:
        slack_url = await stack.enter_async_context(emulator("slack"))
        alibaba_url = await stack.enter_async_context(emulator("alibaba"))
        port, _ = await stack.enter_async_context(ours(slack_url, alibaba_url, None))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        remotes = Remotes(slack_url, alibaba_url, http)
        await remotes.as_fast_as_one_likes()
        async with connected(port) as client:
            await client.send(next(submissions(1_000, PLAIN)))
        await remotes.until_told(1)
        for number in range(rounds):
            await remotes.end_sessions()
            before = await remotes.sessions_opened()
            took = await acks_s(port)
            await remotes.until_told(1 + AT_ONCE * (number + 1))
            opened = await remotes.sessions_opened() - before
            latest.append(max(took))
            median, worst = statistics.median(took) * 1000, max(took) * 1000
            print(f"{AT_ONCE} at once on an ended session: {opened} AssumeRole, {AT_ONCE} endings")
            print(f"acks: median {median:.0f} ms, the latest {worst:.0f} ms")
            assert opened == 1
    assert min(latest) < LATEST_S


if __name__ == "__main__":
    os.environ["VPN_DIAGNOSE_SLACK_PACE"] = "1000"  # the channel's line would else take ten minutes
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asyncio.run(main(parser.parse_args().rounds))
