"""The form, from the command to the run, with a cloud that hangs, denies, hides and knows better."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.world import World, living

Json = dict[str, Any]

HEALTHY = {
    "region": "cn-hangzhou",
    "gateway_id": "vpn-healthy0000000000001",
    "connection_id": "vco-healthy0000000000001",
}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with living(tmp_path) as alive:
        yield alive


async def opened(world: World, text: str = "", **more: str) -> Json:
    view: Json = (await world.player.command(text, **more))["views"][0]
    return view


async def menu(world: World, view: Json, field: str, typed: str = "") -> tuple[list[str], list[str]]:
    """Open a menu of the form: the labels of its groups, and the values in it."""
    outcome = await world.player.options(field, typed, view_id=view["id"])
    assert not outcome["shown"]
    labels = [group["label"]["text"] for group in outcome["option_groups"]]
    return labels, [option["value"] for option in outcome["options"]]


async def choose(world: World, view: Json, field: str, value: str) -> None:
    await world.player.click(field, value=value, view_id=view["id"])


async def said(world: World, view: Json, text: str) -> Json:
    """Wait until the form says something above its fields, and return it."""

    async def seen() -> Json | None:
        (shown,) = [one for one in await world.player.views() if one["id"] == view["id"]]
        above = [block for block in shown["blocks"] if block["type"] != "input"]
        return shown if text in str(above) else None

    shown: Json = await world.player.until(seen)  # type: ignore[assignment] # until gives what is true
    return shown


async def carried(world: World, view: Json, value: str) -> None:
    """Wait until the form carries what was chosen in it."""

    async def seen() -> bool:
        return any(value in one["private_metadata"] for one in await world.player.views())

    await world.player.until(seen)


async def test_a_diagnosis_is_chosen_from_menus_that_show_what_there_is(world: World) -> None:
    async with world.bot(VPN_DIAGNOSE_DEFAULT_REGION="cn-hangzhou"):
        view = await opened(world)
        regions = (await menu(world, view, "region", "hangz"))[1]
        labels, gateways = await menu(world, view, "gateway_id")
        await choose(world, view, "gateway_id", HEALTHY["gateway_id"])
        await carried(world, view, HEALTHY["gateway_id"])
        _, connections = await menu(world, view, "connection_id")
        await choose(world, view, "connection_id", HEALTHY["connection_id"])
        outcome = await world.player.submit(view["id"], {})
        root = await world.ending()

    assert "cn-hangzhou" in regions
    assert labels == ["VPN gateways in cn-hangzhou"]
    assert HEALTHY["gateway_id"] in gateways
    assert connections == [HEALTHY["connection_id"]]
    assert outcome["closed"] is True
    assert root["replies"][-1]["metadata"]["event_payload"]["state"] == "reported"
