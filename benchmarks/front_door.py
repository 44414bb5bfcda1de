"""Submissions over HTTP, acked and durable, beside a bare Bolt that only acks: how many a second, and how soon.

The bot is the real one in a process of its own, between both emulators in theirs; its worker takes the runs up
meanwhile. Bare Bolt runs on the same server. Rounds take turns, and the ratios are of medians in one run.
"""

import argparse
import asyncio
import contextlib
import json
import os
import socket
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from pydantic import SecretStr
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bot.commands.try_it import settings_for
from bot.web.guard import signature_of
from bot.web.listening import listening

CONNECTIONS = 32
SECONDS = 3.0
ROUNDS = 5
ALONE = 500
PLAIN = "vpn-healthy0000000000001 vco-healthy0000000000001 cn-hangzhou"
SECRET = SecretStr("emulator-signing-secret")
PROJECT = Path(__file__).parents[1]


def submissions(connection: int, submission_text: str) -> Iterator[bytes]:
    """Give signed commands as Slack sends them, each with a trigger of its own."""
    started = time.time_ns()
    number = 0
    while True:
        number += 1
        fields = {
            "token": "emulated-verification-token",
            "team_id": "T0EMULATED",
            "team_domain": "emulated",
            "channel_id": "C0INCIDENT",
            "channel_name": "incident",
            "user_id": "U0ALICE",
            "user_name": "alice",
            "command": "/vpn-diagnose",
            "text": submission_text,
            "api_app_id": "A0VPNBOT",
            "is_enterprise_install": "false",
            "response_url": "https://hooks.slack.com/commands/T0EMULATED/397700885554/96rGlfmibIGlgcZRskXaIFfN",
            "trigger_id": f"{started}.{connection}.{number}",
        }
        body = urlencode(fields).encode()
        stamp = str(int(time.time()))
        yield (
            f"POST /slack/events HTTP/1.1\r\nHost: bot\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"X-Slack-Request-Timestamp: {stamp}\r\nX-Slack-Signature: {signature_of(SECRET, stamp, body)}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode() + body


class Client:
    """One connection that is kept; an answer that is not 200 ends the benchmark."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, request: bytes) -> bytes:
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
        body = await self._reader.readexactly(length)
        assert head.startswith(b"HTTP/1.1 200"), head + body
        return body


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Client]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Client(reader, writer)
    finally:
        writer.close()


async def throughput(port: int, connections: int, seconds: float) -> tuple[float, int]:
    """Return the acks a second, and how many there were, over connections that are always in use."""
    acked = 0

    async def use(number: int) -> None:
        nonlocal acked
        async with connected(port) as client:
            coming = submissions(number, PLAIN)
            while time.perf_counter() < end:
                await client.send(next(coming))
                acked += 1

    began = time.perf_counter()
    end = began + seconds
    await asyncio.gather(*(use(number) for number in range(connections)))
    return acked / (time.perf_counter() - began), acked


async def alone(port: int, number: int) -> tuple[float, int]:
    """Return the median seconds to an ack when nothing else is asked, and how many there were."""
    took = []
    async with connected(port) as client:
        for request, _ in zip(submissions(1_000, PLAIN), range(number), strict=False):
            began = time.perf_counter()
            await client.send(request)
            took.append(time.perf_counter() - began)
    return statistics.median(took), number


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def process(*arguments: str, **environ: str) -> AsyncIterator[asyncio.subprocess.Process]:
    started = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=PROJECT, env=os.environ | environ, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield started
    finally:
        started.terminate()
        await started.wait()


@asynccontextmanager
async def emulator(service: str) -> AsyncIterator[str]:
    async with process("-m", "bot", "emulate", service) as started:
        assert started.stdout is not None
        yield str(json.loads(await started.stdout.readline())["ready"])


async def until_open(port: int) -> None:
    async with asyncio.timeout(30):
        while True:
            with contextlib.suppress(OSError):
                async with connected(port):
                    return
            await asyncio.sleep(0.05)


@asynccontextmanager
async def ours(slack_url: str, alibaba_url: str, database: str | None) -> AsyncIterator[tuple[int, Path]]:
    """Run the bot; yields its port and where its SQLite file would be."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        changes = {
            "SLACK_APP_TOKEN": "",
            "SLACK_SIGNING_SECRET": SECRET.get_secret_value(),
            "VPN_DIAGNOSE_PORT": str(port),
            "VPN_DIAGNOSE_LOG_LEVEL": "ERROR",
            "VPN_DIAGNOSE_MOST_RUNS": "10000000",
            "VPN_DIAGNOSE_MOST_RUNS_PER_PERSON": "10000000",
            "VPN_DIAGNOSE_MOST_RUNS_PER_GATEWAY": "10000000",
        }
        if database:
            changes["VPN_DIAGNOSE_DATABASE_URL"] = database
        async with process("-m", "bot", "serve", **settings_for(Path(folder), slack_url, alibaba_url) | changes):
            await until_open(port)
            yield port, Path(folder) / "bot.db"


@asynccontextmanager
async def bare(how: str) -> AsyncIterator[int]:
    port = free_port()
    async with process(__file__, "--bare", how, "--port", str(port)):
        await until_open(port)
        yield port


def stored(file: Path) -> int:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        return int(connection.execute("SELECT count(*) FROM runs").fetchone()[0])


async def serve_bare(how: str, port: int) -> None:
    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T0EMULATED", bot_token="xoxb-bare")

    app = AsyncApp(
        authorize=authorize, signing_secret=SECRET.get_secret_value(), process_before_response=how == "first"
    )

    async def command(ack: AsyncAck) -> None:
        await ack()

    app.command("/vpn-diagnose")(command)
    async with listening(app.web_app("/slack/events"), "127.0.0.1", port):
        await asyncio.Event().wait()


def said(name: str, figures: list[float], unit: str) -> float:
    median = statistics.median(figures)
    print(f"{name:<42} median {median:8.2f} {unit}, {min(figures):.2f} to {max(figures):.2f} of {len(figures)}")
    return median


async def main(rounds: int, seconds: float, database: str | None) -> None:
    rates: dict[str, list[float]] = {"ours": [], "bare": []}
    waits: dict[str, list[float]] = {"ours": [], "bare": []}
    async with emulator("slack") as slack_url, emulator("alibaba") as alibaba_url:
        for _ in range(rounds):
            async with ours(slack_url, alibaba_url, database) as (port, file):
                rate, acked = await throughput(port, CONNECTIONS, seconds)
                rates["ours"].append(rate)
                assert database or stored(file) == acked, (stored(file), acked)
            async with bare("first") as port:
                rates["bare"].append((await throughput(port, CONNECTIONS, seconds))[0])
            async with ours(slack_url, alibaba_url, database) as (port, _):
                waits["ours"].append((await alone(port, ALONE))[0] * 1_000)
            async with bare("defaults") as port:
                waits["bare"].append((await alone(port, ALONE // 5))[0] * 1_000)
    print(f"{CONNECTIONS} connections, {seconds:.0f} s a round; every submission acked is in the database")
    rate = said("ours, stored, then acked", rates["ours"], "/s")
    bare_rate = said("bare Bolt, acked, processed first", rates["bare"], "/s")
    print(f"ratio {rate / bare_rate:.2f} (wanted: at least 0.5)")
    wait = said("ours, one at a time, to the ack", waits["ours"], "ms")
    bare_wait = said("bare Bolt with its defaults, the same", waits["bare"], "ms")
    print(f"ratio {wait / bare_wait:.2f} (wanted: at most 0.25)")


def read_arguments() -> Any:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--database", help="instead of a SQLite file of its own: postgresql://…")
    parser.add_argument("--bare", choices=["first", "defaults"], help="serve bare Bolt, for the benchmark itself")
    parser.add_argument("--port", type=int)
    return parser.parse_args()


if __name__ == "__main__":
    asked = read_arguments()
    if asked.bare:
        asyncio.run(serve_bare(asked.bare, asked.port))
    else:
        asyncio.run(main(asked.rounds, asked.seconds, asked.database))
