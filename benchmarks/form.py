"""The form through the emulators, the bot a process of its own, with a cloud that takes its time over every call.

How long from the command until the form is there, how long menus take once their lists are known, and when a menu
gives up waiting for a cloud that is silent.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import aiohttp

from benchmarks.main_job import emulated, served
from bot.commands.try_it import HEALTHY
from bot.emulators.slack.player import Player

FORMS = 100
MENUS = 100
CUT_OFFS = 5
CLOUD_TAKES_S = 2.0
SILENT_S = 60.0
TIMES = 100_000

GATEWAY, REGION = HEALTHY.fields["gateway_id"], HEALTHY.fields["region"]


async def order(alibaba_url: str, **fault: Any) -> None:
    """Make every call of the cloud slow, or let it be silent."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{alibaba_url}/_emulator/faults", json={"operation": "*", "times": TIMES} | fault) as answer,
    ):
        answer.raise_for_status()


async def until_shown(player: Player) -> float:
    """Return the milliseconds from the command to the form on the screen."""
    began = time.perf_counter()
    opened = await player.command("")
    took = (time.perf_counter() - began) * 1000
    assert opened["views"]
    await player.close(opened["views"][0]["id"])
    return took


async def measured(ask: Callable[[], Awaitable[Any]], count: int) -> list[float]:
    """Return the milliseconds of so many answers, one after another."""
    took = []
    for _ in range(count):
        began = time.perf_counter()
        await ask()
        took.append((time.perf_counter() - began) * 1000)
    return took


def told(name: str, took: list[float]) -> None:
    print(f"{name:<34}median {statistics.median(took):.0f} ms, worst {max(took):.0f} ms of {len(took)}")


async def form_with(player: Player, text: str) -> str:
    return str((await player.command(text))["views"][0]["id"])


async def main() -> None:
    async with emulated(diagnosis_s=0.2) as (player, alibaba_url), served(player, alibaba_url):
        await player.rates(None)  # Slack takes a hundred forms a minute, fewer than are opened here
        await order(alibaba_url, kind="delay", seconds=CLOUD_TAKES_S)
        told(
            f"command to form, cloud {CLOUD_TAKES_S:g} s late:", [await until_shown(player) for _ in range(FORMS)]
        )
        view_id = await form_with(player, f"{GATEWAY} {REGION}")
        for field, typed in (("gateway_id", "vpn"), ("connection_id", "vco")):
            ask = partial(player.options, field, typed, view_id=view_id)
            await player.until(partial(is_filled, ask), 30)
            told(f"menu of {field}, warm:", await measured(ask, MENUS))
    async with emulated(diagnosis_s=0.2) as (player, alibaba_url), served(player, alibaba_url):
        await order(alibaba_url, kind="hang", seconds=SILENT_S)
        view_id = await form_with(player, f"{GATEWAY} {REGION}")
        cut = await measured(partial(player.options, "gateway_id", GATEWAY, view_id=view_id), CUT_OFFS)
        told("menu of a silent cloud:", cut)


async def is_filled(ask: Callable[[], Awaitable[Any]]) -> bool:
    """Tell whether a menu has more to offer than what was typed."""
    return len((await ask())["options"]) > 1


if __name__ == "__main__":
    asyncio.run(main())
