"""The report says which tunnels are down and why, as far as the asker may see it."""

from typing import Any

import pytest

from bot.emulators.slack.player import thread_text
from tests.journeys.world import ACCESS_FILE, BROKEN, HEALTHY, World

LISTED, WHY = "DescribeVpnConnections", "DiagnoseVpnConnections"


async def test_a_tunnel_that_is_down_is_in_the_report_and_above_the_thread(world: World) -> None:
    async with world.bot():
        await world.player.command(BROKEN)
        root = await world.ending()

    assert "tunnel is down" in thread_text([root], root["ts"])
    assert "tunnel is down" in root["text"]
    assert {call["caller"] for call in await world.cloud_calls(WHY)} == {
        call["caller"] for call in await world.cloud_calls("DiagnoseVpnGateway")
    }


@pytest.mark.parametrize(
    "fault", [{"kind": "error", "error": "Forbidden.RAM"}, {"kind": "throttle"}, {"kind": "hang", "seconds": 9}]
)
async def test_what_cannot_be_looked_at_does_not_keep_the_report_back(world: World, fault: dict[str, Any]) -> None:
    async with world.bot():
        await world.cloud_fault(WHY, times=9, **fault)
        await world.player.command(BROKEN)
        root = await world.ending()

    assert "4 of 6 checks need attention" in thread_text([root], root["ts"])
    assert "tunnel is down" in root["text"]


async def test_who_joins_as_the_same_identity_is_told_of_the_same_tunnels(world: World) -> None:
    world.write_access(ACCESS_FILE.replace("U0ALICE: oncall", "U0ALICE: oncall, U0MALLORY: oncall"))
    async with world.bot(VPN_DIAGNOSE_POLL_EVERY_S="0.3"):
        await world.player.command(HEALTHY)
        await world.player.command(HEALTHY, user="U0MALLORY")
        await world.ending(number=2)
        said = [thread_text([root], root["ts"]) for root in await world.player.messages()]

    assert all("is up" in one for one in said)
    assert len(await world.cloud_calls(LISTED)) == 3, "before the start of each, and after the end by who has led"
