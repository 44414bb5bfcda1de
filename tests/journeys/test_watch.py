"""Watching a connection: again and again, quietly, until something changes, somebody stops it, or time is up.

Whatever a step has done is done once, however often the bot dies right after it: in these tests it may die after
every step, before anything of it is saved.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import aiohttp
import pytest

from bot.app.sources import now
from bot.model.ids import RunId
from bot.model.run import Run
from bot.watching import Wish, begin_watch, stop_watch
from tests.journeys.doorless import ALICE, CONNECTION, Bot, Json, alive
from tests.journeys.world import ACCESS_FILE, World, part_of
from tests.slack.parsed_by_slack import texts

EVERY = timedelta(seconds=0.4)
LONG = timedelta(seconds=30)

# Seldom enough that Slack takes every edit of a button.
SELDOM = timedelta(seconds=1.5)


@pytest.fixture(params=[False, True], ids=["lives", "dies after every step"])
async def bot(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bot]:
    async with alive(tmp_path, dies=request.param) as living_bot:
        yield living_bot


async def watch(bot: Bot, seen: Run, lasts: timedelta, every: timedelta = EVERY) -> Run:
    at = now()
    run_id = RunId.made(at, b"\x01" * 10)
    wish = Wish(ALICE, at, run_id, f"press:{run_id}")
    return await begin_watch(bot.runs, seen, wish, every=every, lasts=lasts)


async def is_asleep(bot: Bot, watching: Run) -> bool:
    """Tell whether a run has done what was due, and is kept so: a stop before that is seen when it wakes."""
    run = await bot.runs.get(watching.id)
    return run is not None and run.due_at is not None and run.due_at > now()


async def turn_route(world: World, *, on: bool) -> None:
    """Put a route in the tunnel's way, or take it away."""
    order = {"switch": "route", "connection": CONNECTION, "on": on}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{world.alibaba_url}/_emulator/switches", json=order) as response,
    ):
        assert response.status == 200, await response.text()


def buttons(message: Json) -> list[str]:
    return [
        element["action_id"]
        for block in message["blocks"]
        for element in block.get("elements", ())
        if "action_id" in element
    ]


def offers_to_stop(message: Json) -> bool:
    return "stop_watching" in buttons(message)


def newest_offers_to_stop(number: int, said: list[Json]) -> bool:
    """Tell whether there are so many messages, and the last one alone offers to stop the watch."""
    return [offers_to_stop(one) for one in said] == [False] * (number - 1) + [True]


async def test_only_what_changes_is_told(bot: Bot) -> None:
    seen = await bot.report()
    await watch(bot, seen, lasts=LONG)
    await bot.until_asked(2)
    await turn_route(bot.world, on=True)
    await bot.until(lambda said: len(said) == 2)
    await turn_route(bot.world, on=False)
    await bot.until(lambda said: len(said) == 3)
    await bot.until_asked(len(await bot.asked()) + 2)
    await stop_watch(bot.runs, seen, ALICE, now())
    said = await bot.until(lambda said: part_of(said[-1]) == "watch_end")

    assert [part_of(one) for one in said] == ["ending", "ending", "ending", "watch_end"]
    broken, mended, _ = (texts(one["blocks"]) for one in said[1:])
    assert "the verdict has changed" in broken
    assert "1 check worse" in broken
    assert "1 check better" in mended
    assert {run.identity for run in await bot.asked()} == {"oncall"}


async def test_the_newest_report_alone_offers_to_stop(bot: Bot) -> None:
    seen = await bot.report()
    await watch(bot, seen, lasts=LONG, every=SELDOM)
    await bot.until(lambda said: "stop_watching" in buttons(said[0]))
    for number, on in ((2, True), (3, False)):
        await turn_route(bot.world, on=on)
        await bot.until(partial(newest_offers_to_stop, number))
    await stop_watch(bot.runs, seen, ALICE, now())
    said = await bot.until(lambda said: part_of(said[-1]) == "watch_end")

    assert [part_of(one) for one in said] == ["ending", "ending", "ending", "watch_end"]
    await bot.until(lambda said: not any(offers_to_stop(one) for one in said))


async def test_a_watch_can_be_stopped_though_slack_was_busy_when_it_began(bot: Bot) -> None:
    seen = await bot.report()
    await bot.world.player.fault("chat.update", "throttle", seconds=2)
    await watch(bot, seen, lasts=LONG, every=LONG)

    await bot.until(lambda said: "stop_watching" in buttons(said[0]))


async def test_the_end_is_told_once_though_slack_is_busy_with_the_buttons(bot: Bot) -> None:
    seen = await bot.report()
    first = await watch(bot, seen, lasts=LONG, every=LONG)
    await bot.until(lambda said: "stop_watching" in buttons(said[0]))
    await bot.world.player.until(partial(is_asleep, bot, first))
    await bot.world.player.fault("chat.update", "throttle", seconds=2)
    await stop_watch(bot.runs, seen, ALICE, now())

    said = await bot.until(lambda said: part_of(said[-1]) == "watch_end" and "watch" in buttons(said[0]))
    assert [part_of(one) for one in said] == ["ending", "watch_end"]


async def test_without_a_change_only_the_end_is_told(bot: Bot) -> None:
    seen = await bot.report()
    await watch(bot, seen, lasts=3 * EVERY)

    said = await bot.until(lambda said: len(said) == 2)

    assert "The verdict has not changed" in texts(said[1]["blocks"])
    await bot.until(lambda said: "watch" in buttons(said[0]))
    (root,) = await bot.world.player.messages()
    assert len(root["replies"]) == 3, "started, the report, the end"


async def test_a_stop_is_heard_at_any_time_and_confirmed_once(bot: Bot) -> None:
    seen = await bot.report()
    await watch(bot, seen, lasts=LONG)
    await bot.until(lambda said: "stop_watching" in buttons(said[0]))
    await bot.until_asked(1)

    assert await stop_watch(bot.runs, seen, ALICE, now())
    assert not await stop_watch(bot.runs, seen, ALICE, now())
    said = await bot.until(lambda said: len(said) == 2)
    number = len(await bot.asked())
    await asyncio.sleep(3 * EVERY.total_seconds())

    assert "The watch was stopped" in texts(said[1]["blocks"])
    assert len(await bot.asked()) == number
    assert len(await bot.until(bool)) == 2
    await bot.until(lambda said: "watch" in buttons(said[0]))


async def test_whoever_may_not_any_more_is_told_that_the_watch_has_ended(bot: Bot) -> None:
    seen = await bot.report()
    await watch(bot, seen, lasts=LONG)
    bot.world.write_access(ACCESS_FILE.replace("U0ALICE: oncall, ", ""))

    said = await bot.until(lambda said: len(said) == 2)

    assert "The watch has ended early" in texts(said[1]["blocks"])


async def test_what_passes_by_itself_does_not_end_the_watch(bot: Bot) -> None:
    seen = await bot.report()
    await bot.world.cloud_fault("DiagnoseVpnGateway", "throttle", times=3)
    await watch(bot, seen, lasts=5 * EVERY)

    said = await bot.until(lambda said: len(said) == 2)

    assert "The verdict has not changed" in texts(said[1]["blocks"])
