"""Identities that end while a run is under way, and clocks that differ: one renewal at most, nobody else."""

from pathlib import Path
from typing import Any

import aiohttp

from bot.emulators.slack.player import thread_text
from tests.journeys.world import HEALTHY, World, living

ONCALL = "acs:ram::1234567890123456:assumed-role/vpn-diagnose-oncall/slack-T0EMULATED-U0ALICE"


async def control(world: World, what: str, order: dict[str, Any]) -> None:
    """Pull a string of the emulated cloud's."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{world.alibaba_url}/_emulator/{what}", json=order) as answer,
    ):
        answer.raise_for_status()


async def started(world: World) -> None:
    """Wait until the diagnosis has been looked at once."""

    async def looked_at() -> list[Any]:
        looks = await world.cloud_calls("GetVpnGatewayDiagnoseResult")
        return [look for look in looks if "DiagnoseId" in look["facts"].get("parameters", {})]

    await world.player.until(looked_at, 20)


async def callers(world: World, operation: str) -> set[str]:
    return {call["caller"] for call in await world.cloud_calls(operation) if call["caller"] != "-"}


async def test_a_session_that_ends_while_polling_is_renewed_once_and_the_report_arrives(tmp_path: Path) -> None:
    async with living(tmp_path, diagnosis_s=2) as world, world.bot():
        await world.player.command(HEALTHY)
        await started(world)
        await control(world, "sessions", {"in_s": 0})
        root = await world.ending()
        sessions = await world.cloud_calls("AssumeRole")
        looked = await callers(world, "GetVpnGatewayDiagnoseResult")

    assert "All 6 checks are normal" in thread_text([root], root["ts"])
    assert [call["outcome"] for call in sessions] == ["ok", "ok"]
    assert looked == {ONCALL}


async def test_a_role_that_is_deleted_while_polling_ends_in_its_own_sentence(tmp_path: Path) -> None:
    async with living(tmp_path, diagnosis_s=3) as world, world.bot():
        await world.player.command(HEALTHY)
        await started(world)
        await control(world, "network", {"change": {"vpn-diagnose-oncall": None}})
        await control(world, "sessions", {"in_s": 0})
        root = await world.ending()
        sessions = await world.cloud_calls("AssumeRole")

    said = thread_text([root["replies"][-1]], root["replies"][-1]["ts"])
    assert "does not exist" in said
    assert len(sessions) <= 2


async def test_a_permission_that_is_taken_away_while_polling_ends_in_words(tmp_path: Path) -> None:
    async with living(tmp_path, diagnosis_s=3) as world, world.bot():
        await world.player.command(HEALTHY)
        await started(world)
        nothing = {"Effect": "Allow", "Action": "vpc:DescribeRegions", "Resource": "*"}
        policy = {"Version": "1", "Statement": [nothing]}
        await control(world, "network", {"change": {"diagnose": policy}})
        root = await world.ending()

    said = thread_text([root["replies"][-1]], root["replies"][-1]["ts"])
    assert "GetVpnGatewayDiagnoseResult" in said
    assert "⛔" in said


async def test_clocks_that_differ_by_ten_minutes_hinder_nobody(tmp_path: Path) -> None:
    async with living(tmp_path) as world, world.bot():
        await control(world, "clock", {"move_s": 600})
        await world.player.command(HEALTHY)
        root = await world.ending()

    assert "All 6 checks are normal" in thread_text([root], root["ts"])


async def test_clocks_that_differ_too_much_are_said_to(tmp_path: Path) -> None:
    async with living(tmp_path) as world, world.bot():
        await control(world, "clock", {"move_s": 1200})
        await world.player.command(HEALTHY)
        root = await world.ending()

    assert "differs from Alibaba Cloud's by more than 15 minutes" in thread_text([root], root["ts"])
