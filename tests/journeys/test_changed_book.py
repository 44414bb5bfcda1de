"""access.yml is changed while the bot runs."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp

from bot.emulators.slack.player import thread_text
from tests.journeys.world import ACCESS_FILE, HEALTHY, World, living, part_of

WITHOUT_ALICE = ACCESS_FILE.replace("U0ALICE: oncall, ", "")
WITH_NARROW = ACCESS_FILE.replace(
    "  readonly:",
    """\
  narrow:
    assume_role: "acs:ram::1234567890123456:role/vpn-diagnose-oncall"
    guardrail: [{Effect: Allow, Action: "vpc:DiagnoseVpnGateway", Resource: "acs:vpc:*:*:vpngateway/vpn-other"}]
  readonly:""",
)


async def readiness(address: str) -> dict[str, Any]:
    async with aiohttp.ClientSession() as session, session.get(f"{address}/readyz") as response:
        said: dict[str, Any] = await response.json()
        return said


async def refused(world: World) -> bool:
    return "access.yml" in str(await world.player.command(HEALTHY))


async def test_somebody_who_is_taken_out_during_a_diagnosis_gets_no_report(tmp_path: Path) -> None:
    async with living(tmp_path, diagnosis_s=60) as world, world.bot():
        await world.player.command(HEALTHY)
        await world.player.until(lambda: world.cloud_calls("GetVpnGatewayDiagnoseResult"))
        world.write_access(WITHOUT_ALICE)
        root = await world.ending()
        looks = len(await world.cloud_calls())
        await asyncio.sleep(0.5)  # five times the pause between two looks

        assert "You have no access yet" in thread_text([root], root["ts"])
        assert part_of(root["replies"][-1]) == "ending"
        assert len(await world.cloud_calls()) == looks


async def stale(address: str) -> str:
    return str((await readiness(address))["warnings"].get("access_file", ""))


async def test_a_broken_file_is_told_and_changes_nothing(world: World) -> None:
    async with world.bot() as bot:
        world.write_access(WITHOUT_ALICE + "usrs: {}\n")
        reason = await world.player.until(lambda: stale(bot.address))
        await world.player.command(HEALTHY)
        await world.ending()

    assert "the key usrs is not known" in reason
    assert "stays in force" in reason


async def test_a_mended_file_is_taken_up(world: World) -> None:
    async with world.bot() as bot:
        world.write_access(WITHOUT_ALICE + "usrs: {}\n")
        await world.player.until(lambda: stale(bot.address))
        world.write_access(WITHOUT_ALICE)
        await world.player.until(lambda: refused(world))

        assert await stale(bot.address) == ""


async def test_somebody_who_is_let_in_is_told_of_and_waits_for_the_file_to_lie_still_or_for_a_restart(
    world: World,
) -> None:
    world.write_access(WITHOUT_ALICE)
    async with world.bot() as bot:
        world.write_access(ACCESS_FILE)
        reason = await world.player.until(lambda: stale(bot.address))

        assert "U0ALICE of T0EMULATED has a line of their own in it and had none" in reason
        assert await refused(world)

    async with world.bot():
        await world.player.command(HEALTHY)
        await world.ending()


async def test_somebody_who_is_mapped_otherwise_before_the_start_is_decided_about_anew(world: World) -> None:
    world.write_access(WITH_NARROW)
    async with world.bot():
        await world.player.fault("chat.postMessage", "delay", seconds=4)
        await world.player.command(HEALTHY)
        await world.player.until(lambda: world.cloud_calls("AssumeRole"))
        world.write_access(WITH_NARROW.replace("U0ALICE: oncall", "U0ALICE: narrow"))
        root = await world.ending()

    said = thread_text([root], root["ts"])
    assert await world.cloud_calls("DiagnoseVpnGateway") == []
    assert "⛔" in said
    assert "narrow" in said
