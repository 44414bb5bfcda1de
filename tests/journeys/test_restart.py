"""Killing the bot at any moment and starting it again finishes every run. Real processes, real signals."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.emulators.slack.player import thread_text
from tests.journeys.world import HEALTHY, World, living, part_of

PROJECT = Path(__file__).parents[2]


@asynccontextmanager
async def served(world: World, log: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run `vpn-diagnose serve` as a process of its own; what is left of it at the end is killed."""
    environ = {name: text for name, text in os.environ.items() if not name.startswith(("SLACK_", "ALIBABA_"))}
    with log.open("ab") as written:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "serve", cwd=PROJECT, env=environ | world.environ(), stderr=written
        )
    try:
        await world.player.until_connected(30)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def killed(process: asyncio.subprocess.Process) -> None:
    process.send_signal(signal.SIGKILL)
    await process.wait()


async def stored(world: World) -> bool:
    """The command has been acknowledged; nothing else is certain."""
    del world
    return True


async def root_is_there(world: World) -> bool:
    return bool(await world.player.messages())


async def start_was_accepted(world: World) -> bool:
    return any(call["facts"].get("accepted_start") for call in await world.cloud_calls("DiagnoseVpnGateway"))


async def diagnose_id_is_there(world: World) -> bool:
    return any(message.get("replies") for message in await world.player.messages())


async def polled(world: World) -> bool:
    return len(await world.cloud_calls("GetVpnGatewayDiagnoseResult")) >= 2


async def report_is_there(world: World) -> bool:
    roots = await world.player.messages()
    return any(part_of(reply) == "ending" for root in roots for reply in root.get("replies", ()))


MOMENTS: list[Callable[[World], Awaitable[bool]]] = [
    stored,
    root_is_there,
    start_was_accepted,
    diagnose_id_is_there,
    polled,
    report_is_there,
]


@pytest.mark.long  # tests/crash kills at every point, also on PostgreSQL
@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.__name__)
async def test_a_bot_killed_at_any_moment_finishes_its_runs_when_it_is_back(
    tmp_path: Path, moment: Callable[[World], Awaitable[bool]]
) -> None:
    log = tmp_path / "log"
    async with living(tmp_path, diagnosis_s=1) as world:
        async with served(world, log) as process:
            await world.player.command(HEALTHY)
            await world.player.until(lambda: moment(world))
            await killed(process)
        async with served(world, log):
            root = await world.ending()

        starts = [call for call in await world.cloud_calls() if call["facts"].get("accepted_start")]
        assert len(starts) == 1
        assert len(await world.player.messages()) == 1
        assert [part_of(reply) for reply in root["replies"]] == ["started", "ending"]
        assert "All 6 checks are normal" in thread_text([root], root["ts"])


@pytest.mark.long
@pytest.mark.parametrize("part", ["root", "started", "ending"])
async def test_a_bot_killed_between_a_post_and_its_answer_posts_no_second_one(tmp_path: Path, part: str) -> None:
    """Slack has taken the message and its answer hangs: the worst moment to die."""
    posts_before = ["root", "started", "ending"].index(part)
    log = tmp_path / "log"
    async with living(tmp_path) as world:

        async def is_posted() -> bool:
            roots = await world.player.messages()
            return any(part_of(message) == part for root in roots for message in [root, *root.get("replies", ())])

        async with served(world, log) as process:
            if posts_before:
                await world.player.fault("chat.postMessage", "delay", times=posts_before, seconds=0.01)
            await world.player.fault("chat.postMessage", "reset_after", times=1)
            await world.player.command(HEALTHY)
            await world.player.until(is_posted)
            await killed(process)
        async with served(world, log):
            root = await world.ending()

        assert len(await world.player.messages()) == 1
        assert [part_of(reply) for reply in root["replies"]] == ["started", "ending"]


async def test_sigterm_ends_the_bot_in_time_and_loses_nothing(tmp_path: Path) -> None:
    log = tmp_path / "log"
    async with living(tmp_path, diagnosis_s=1) as world:
        async with served(world, log) as process:
            await world.player.command(HEALTHY)
            await world.player.until(lambda: diagnose_id_is_there(world))
            process.terminate()
            assert await asyncio.wait_for(process.wait(), 15) == 0
        async with served(world, log):
            root = await world.ending()

        assert "All 6 checks are normal" in thread_text([root], root["ts"])
        assert "Traceback" not in log.read_text()
