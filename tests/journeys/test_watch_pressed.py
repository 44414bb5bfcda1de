"""Watch, and Stop watching in its place, as somebody presses them under a report."""

from functools import partial
from typing import Any

from tests.journeys.world import HEALTHY, World, part_of

Json = dict[str, Any]


async def replies(world: World) -> list[Json]:
    (root,) = await world.player.messages()
    told: list[Json] = root["replies"]
    return told


async def ended(world: World) -> list[Json]:
    told = await replies(world)
    return told if part_of(told[-1]) == "watch_end" else []


async def until_it_offers(world: World, action_id: str) -> Json:
    """Wait until the report has a button, and return the report."""

    async def offering() -> list[Json]:
        found = [one for one in await replies(world) if part_of(one) == "ending"]
        return [one for one in found if f"'action_id': '{action_id}'" in str(one["blocks"])]

    return (await world.player.until(offering, 20))[0]


async def test_a_watch_is_begun_and_stopped_under_its_report(world: World) -> None:
    async with world.bot():
        await world.player.command(HEALTHY)
        await world.ending()
        report = await until_it_offers(world, "watch")
        await world.player.click("watch", channel="C0INCIDENT", message_ts=report["ts"])
        await until_it_offers(world, "stop_watching")
    async with world.bot():
        await world.player.click("stop_watching", channel="C0INCIDENT", message_ts=report["ts"])
        await until_it_offers(world, "watch")
        told = await world.player.until(partial(ended, world))

    assert [part_of(one) for one in told] == ["started", "ending", "watch_end"]
    assert "The watch was stopped" in str(told[-1]["blocks"])
    assert len(await world.cloud_calls("DiagnoseVpnGateway")) == 1
