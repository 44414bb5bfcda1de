"""The main job through the emulators, the bot a process of its own: start, memory, acks, time to the DiagnoseId.

The commands come one after another, as fast as they are acknowledged, while the bot works on all that came before:
some hundred a second, where a busy company sends a few an hour.
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from bot.commands.try_it import HEALTHY, settings_for
from bot.emulators.alibaba.emulator import AlibabaEmulator
from bot.emulators.alibaba.network_file import load_network
from bot.emulators.serving import serving
from bot.emulators.slack.emulator import SlackEmulator
from bot.emulators.slack.player import Player

ACKS = 1_000
DIAGNOSES = 10
STARTS = 5
REST_S = 2.0
PROJECT = Path(__file__).parents[1]


def now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def emulated(diagnosis_s: float) -> AsyncIterator[tuple[Player, str]]:
    alibaba = AlibabaEmulator(load_network(None), clock=now, diagnosis_s=diagnosis_s)
    async with (
        serving(alibaba.web_app()) as alibaba_url,
        serving(SlackEmulator(clock=now).web_app()) as slack_url,
        aiohttp.ClientSession() as session,
    ):
        yield Player(slack_url, session), alibaba_url


@asynccontextmanager
async def served(player: Player, alibaba_url: str) -> AsyncIterator[tuple[int, float]]:
    """Run `vpn-diagnose serve`; yields its process id and the seconds until it was ready for a command."""
    with tempfile.TemporaryDirectory() as folder:
        environ = os.environ | settings_for(Path(folder), player.base_url, alibaba_url)
        began = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "serve", cwd=PROJECT, env=environ, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            await player.until_connected()
            yield process.pid, time.perf_counter() - began
        finally:
            process.terminate()
            await process.wait()


def resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return float(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))) / 1024


async def command_ack(player: Player) -> float:
    return float((await player.command(HEALTHY.text))["ack_ms"])


async def submission_ack(player: Player) -> float:
    opened = await player.command("")
    return float((await player.submit(opened["views"][0]["id"], HEALTHY.fields))["ack_ms"])


async def until_diagnose_id(player: Player) -> float:
    """Return the seconds from the ack of a command to the DiagnoseId in its thread."""
    before = {message["ts"] for message in await player.messages()}

    async def said() -> list[Any]:
        return [m for m in await player.messages() if m["ts"] not in before and m.get("replies")]

    await player.command(HEALTHY.text)
    acked = time.perf_counter()
    await player.until(said)
    seconds = time.perf_counter() - acked

    async def ended() -> bool:
        return any("⏳" not in str(m["blocks"]) for m in await said())

    await player.until(ended)
    return seconds


async def main() -> None:
    async with emulated(diagnosis_s=0.2) as (player, alibaba_url):
        starts, memory = [], []
        for _ in range(STARTS):
            async with served(player, alibaba_url) as (pid, seconds):
                starts.append(seconds)
                await asyncio.sleep(REST_S)
                memory.append(resident_mb(pid))
        print(
            f"serve ready:         median {statistics.median(starts):.2f} s, worst {max(starts):.2f} s of {STARTS}"
        )
        print(f"memory at rest:      median {statistics.median(memory):.1f} MB, worst {max(memory):.1f} MB")
        async with served(player, alibaba_url):
            took = [await until_diagnose_id(player) for _ in range(DIAGNOSES)]
        print(
            f"ack to DiagnoseId:   median {statistics.median(took) * 1000:.0f} ms, worst {max(took) * 1000:.0f} ms"
        )
        for name, ack in (("command", command_ack), ("submission", submission_ack)):
            async with served(player, alibaba_url) as (pid, _):
                acks = [await ack(player) for _ in range(ACKS)]
                print(
                    f"ack of a {name + ':':<12}median {statistics.median(acks):.1f} ms, worst {max(acks):.1f} ms"
                    f" of {ACKS}, then {resident_mb(pid):.1f} MB"
                )
            await player.reset()


if __name__ == "__main__":
    asyncio.run(main())
