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

    async def seen() -> list[Json]:
        shown = [one for one in await world.player.views() if one["id"] == view["id"]]
        return [one for one in shown if text in str([b for b in one["blocks"] if b["type"] != "input"])]

    return (await world.player.until(seen))[0]


async def carried(world: World, value: str) -> None:
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
        await carried(world, HEALTHY["gateway_id"])
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


async def test_the_form_opens_and_takes_what_is_typed_while_the_cloud_hangs(world: World) -> None:
    async with world.bot(VPN_DIAGNOSE_DEFAULT_REGION="cn-hangzhou"):
        await world.cloud_fault("DescribeVpnGateways", "hang", seconds=30, times=100)
        await world.cloud_fault("DescribeVpnConnections", "hang", seconds=30, times=100)
        view = await opened(world)
        labels, values = await menu(world, view, "gateway_id", "vpn-healthy0000000000001")
        outcome = await world.player.submit(view["id"], HEALTHY)
        root = await world.ending()

    assert labels == ["The cloud does not answer; type the ID"]
    assert values == ["vpn-healthy0000000000001"]
    assert outcome["closed"] is True
    assert root["replies"][-1]["metadata"]["event_payload"]["state"] == "reported"


async def test_ipsec_that_is_off_is_pointed_out_before_the_start(world: World) -> None:
    async with world.bot(VPN_DIAGNOSE_DEFAULT_REGION="cn-hangzhou"):
        await world.cloud_change({HEALTHY["gateway_id"]: {"ipsec": False}})
        view = await opened(world, HEALTHY["gateway_id"])
        await said(world, view, f"IPsec is off on {HEALTHY['gateway_id']}")


async def test_a_connection_of_another_gateway_is_pointed_out_and_forgotten_when_mended(world: World) -> None:
    async with world.bot(VPN_DIAGNOSE_DEFAULT_REGION="cn-hangzhou"):
        view = await opened(world)
        await choose(world, view, "gateway_id", HEALTHY["gateway_id"])
        await choose(world, view, "connection_id", "vco-broken00000000000001")
        shown = await said(world, view, "vco-broken00000000000001 belongs to vpn-broken00000000000001")
        await choose(world, view, "connection_id", HEALTHY["connection_id"])

        async def mended() -> bool:
            return "belongs to" not in str((await world.player.views())[0]["blocks"])

        await world.player.until(mended)

    kept = shown["state"]["values"]["gateway_id"]["gateway_id"]["selected_option"]["value"]
    assert kept == HEALTHY["gateway_id"]


async def test_nothing_visible_to_this_identity_is_said_as_that(world: World) -> None:
    regions = [
        {"id": name, "name": name, "local_name": name}
        for name in ("cn-hangzhou", "cn-qingdao", "eu-central-1", "us-east-1")
    ]
    async with world.bot(VPN_DIAGNOSE_DEFAULT_REGION="us-east-1"):
        await world.cloud_change({"network": {"regions": regions}})
        view = await opened(world)
        await said(world, view, "Nothing visible to this identity: oncall sees no VPN gateway in us-east-1")
        labels, _ = await menu(world, view, "gateway_id")

    assert labels == ["Nothing visible to oncall in us-east-1"]


async def test_a_role_that_may_not_list_is_told_so_and_can_type(world: World) -> None:
    diagnose = {"Effect": "Allow", "Action": "vpc:DiagnoseVpnGateway", "Resource": "*"}
    async with world.bot(VPN_DIAGNOSE_DEFAULT_REGION="cn-hangzhou"):
        await world.cloud_change({"diagnose": {"Version": "1", "Statement": [diagnose]}})
        view = await opened(world)
        await said(world, view, "RAM does not let oncall list VPN gateways")
        _, values = await menu(world, view, "gateway_id", "vpn-typed")

    assert values == ["vpn-typed"]


async def test_the_last_values_of_this_person_and_channel_are_there_again(world: World) -> None:
    async with world.bot(VPN_DIAGNOSE_DEFAULT_REGION="cn-qingdao"):
        await world.player.submit((await opened(world))["id"], HEALTHY)
        await world.ending()
        again = await opened(world)
        elsewhere = await opened(world, channel="C0PAYLOAD")

    values = {
        block["block_id"]: block["element"].get("initial_option", {}).get("value")
        for block in again["blocks"]
        if block["block_id"] in HEALTHY
    }
    assert values == HEALTHY
    assert "last diagnosis in this channel" in str(again["blocks"])
    assert HEALTHY["gateway_id"] not in str(elsewhere["blocks"])


async def test_each_person_sees_what_their_own_identity_sees(world: World) -> None:
    async with world.bot(VPN_DIAGNOSE_DEFAULT_REGION="cn-hangzhou"):
        alices = await opened(world)
        await menu(world, alices, "gateway_id")
        bobs = (await world.player.command("", user="U0BOB"))["views"][0]
        await world.player.options("gateway_id", "", view_id=bobs["id"], user="U0BOB")

    callers = {call["caller"] for call in await world.cloud_calls("DescribeVpnGateways")}
    assert len(callers) == 2
