"""Two hundred commands meet a session that has ended: one new session, and an ending for each of them."""

import asyncio
from pathlib import Path

from tests.journeys.test_identities import control
from tests.journeys.test_main_job import WAYS_IN
from tests.journeys.world import HEALTHY, World, has_ended, living

AT_ONCE = 200
PACE = 1000
QUICKLY = {"VPN_DIAGNOSE_SLACK_PACE": str(PACE)}


async def endings(world: World, count: int) -> int:
    async def ended() -> bool:
        await asyncio.sleep(0.2)  # looking at two hundred threads is work for the same processor
        return sum(map(has_ended, await world.player.messages())) >= count

    await world.player.until(ended, 120)
    return sum(map(has_ended, await world.player.messages()))


@WAYS_IN
async def test_two_hundred_commands_at_once_on_an_ended_session_open_one(
    tmp_path: Path, way_in: dict[str, str]
) -> None:
    async with living(tmp_path, diagnosis_s=2) as world, world.bot(**QUICKLY, **way_in):
        await world.player.rates(None)
        await world.player.command(HEALTHY)
        await world.ending()
        await control(world, "sessions", {"in_s": 0})
        before = len(await world.cloud_calls("AssumeRole"))
        outcomes = await asyncio.gather(*(world.player.command(HEALTHY) for _ in range(AT_ONCE)))
        ended = await endings(world, 1 + AT_ONCE)
        opened = len(await world.cloud_calls("AssumeRole")) - before

    assert [outcome["status"] for outcome in outcomes] == [200] * AT_ONCE
    assert (opened, ended) == (1, 1 + AT_ONCE)


async def test_two_hundred_commands_at_once_without_a_session_open_one(tmp_path: Path) -> None:
    async with living(tmp_path, diagnosis_s=2) as world, world.bot(**QUICKLY):
        await world.player.rates(None)
        await asyncio.gather(*(world.player.command(HEALTHY) for _ in range(AT_ONCE)))
        ended = await endings(world, AT_ONCE)
        sessions = await world.cloud_calls("AssumeRole")

    assert (len(sessions), ended) == (1, AT_ONCE)
