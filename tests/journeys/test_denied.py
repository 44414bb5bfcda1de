"""A denial explains itself: the sentence in the thread, the policy to the asker alone, once."""

import json
from pathlib import Path
from typing import Any

from bot.emulators.slack.player import thread_text
from tests.journeys.test_identities import control
from tests.journeys.world import HEALTHY, World, living, part_of

DECODE = {"Effect": "Allow", "Action": "ram:DecodeDiagnosticMessage", "Resource": "*"}
LOOK = {"Effect": "Allow", "Action": ["vpc:Describe*", "vpc:Get*"], "Resource": "*"}


async def policies_told(world: World, user: str = "U0ALICE") -> list[dict[str, Any]]:
    """Return the policies that one person alone was shown."""

    async def seen() -> list[dict[str, Any]]:
        private = await world.player.private_messages(user=user)
        return [
            json.loads("".join(text["text"] for text in part["elements"]))
            for message in private
            for block in message["blocks"]
            if block["type"] == "rich_text"
            for part in block["elements"]
            if part["type"] == "rich_text_preformatted"
        ]

    return await world.player.until(seen, 20)


async def test_who_may_not_read_results_is_told_before_anything_is_started(world: World) -> None:
    async with world.bot():
        await control(world, "network", {"change": {"diagnose": {"Version": "1", "Statement": [DECODE]}}})
        await world.player.command(HEALTHY)
        root = await world.ending()
        [policy] = await policies_told(world)

    assert part_of(root) == "ending"
    said = " ".join(thread_text([root], root["ts"]).split())
    assert "GetVpnGatewayDiagnoseResult on vpngateway/vpn-healthy0000000000001" in said
    assert policy["Statement"][0]["Action"] == "vpc:GetVpnGatewayDiagnoseResult"
    assert await world.cloud_calls("DiagnoseVpnGateway") == []


async def test_a_denied_start_is_mended_by_the_policy_that_the_asker_is_shown(world: World) -> None:
    async with world.bot():
        await control(world, "network", {"change": {"diagnose": {"Version": "1", "Statement": [DECODE, LOOK]}}})
        await world.player.command(HEALTHY)
        root = await world.ending()
        [policy] = await policies_told(world)
        mended = {"Version": "1", "Statement": [DECODE, LOOK, *policy["Statement"]]}
        await control(world, "network", {"change": {"diagnose": mended}})
        await world.player.command(HEALTHY)
        second = await world.ending(number=2)

    assert "vpc:DiagnoseVpnGateway on all resources" in thread_text([root], root["ts"])
    assert "All 6 checks are normal" in thread_text([second], second["ts"])


async def test_a_connection_of_another_gateway_is_refused_before_anything_is_said(tmp_path: Path) -> None:
    async with living(tmp_path) as world, world.bot():
        await world.player.command("vpn-healthy0000000000001 vco-broken00000000000001 cn-hangzhou")
        root = await world.ending()
        started = await world.cloud_calls("DiagnoseVpnGateway")

    assert "belongs to vpn-broken00000000000001" in thread_text([root], root["ts"])
    assert started == []


async def test_an_explicitly_denied_start_says_so_in_the_thread_and_asks_for_no_other_policy(world: World) -> None:
    deny = {"Effect": "Deny", "Action": "vpc:DiagnoseVpnGateway", "Resource": "*"}
    change = {"diagnose": {"Version": "1", "Statement": [DECODE, LOOK, deny]}}

    async with world.bot():
        await control(world, "network", {"change": change})
        await world.player.command(HEALTHY)
        root = await world.ending()

    said = " ".join(thread_text([root], root["ts"]).split())
    assert "denies vpc:DiagnoseVpnGateway on all resources to vpn-diagnose-oncall (explicit deny)" in said
    assert "no other policy can allow it" in said


async def test_who_is_denied_the_results_midway_reads_which_and_as_whom(tmp_path: Path) -> None:
    change = {"diagnose": {"Version": "1", "Statement": [DECODE]}}

    async with living(tmp_path, diagnosis_s=30) as world, world.bot():
        await world.player.command(HEALTHY)
        await world.player.until(lambda: world.cloud_calls("DiagnoseVpnGateway"), 20)
        await control(world, "network", {"change": change})
        root = await world.ending()

    said = " ".join(thread_text([root], root["ts"]).split())
    assert "vpc:GetVpnGatewayDiagnoseResult on vpngateway/vpn-healthy0000000000001" in said
    assert "to vpn-diagnose-oncall: no policy allows it (implicit deny)" in said
