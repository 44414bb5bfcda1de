"""What people are told when something stands in the way."""

import asyncio
from pathlib import Path

import pytest

from bot.emulators.slack.player import thread_text
from tests.journeys.world import BROKEN, HEALTHY, World, living, part_of

FORM = {
    "region": "cn-hangzhou",
    "gateway_id": "vpn-healthy0000000000001",
    "connection_id": "vco-healthy0000000000001",
}


async def test_somebody_who_is_not_mapped_gets_one_private_sentence_and_no_cloud_call(world: World) -> None:
    async with world.bot():
        answer = await world.player.command(HEALTHY, user="U0MALLORY")

    (private,) = await world.player.private_messages(user="U0MALLORY")
    said = str(private)
    assert "U0MALLORY" in said
    assert "T0EMULATED" in said
    assert answer["payload"]["response_type"] == "ephemeral"
    assert await world.cloud_calls() == []
    assert await world.player.messages() == []


async def test_a_mapping_that_another_team_has_too_helps_nobody_else(world: World) -> None:
    async with world.bot():
        await world.player.command(HEALTHY, user="U0PARTNER", channel="C0SHARED")

    assert await world.cloud_calls() == []
    assert await world.player.messages("C0SHARED") == []


async def test_an_identity_that_may_not_diagnose_is_told_so_in_the_thread(world: World) -> None:
    async with world.bot():
        await world.player.command(HEALTHY, user="U0BOB")
        root = await world.ending()

    thread = thread_text([root], root["ts"])
    assert "⛔" in thread
    assert "vpc:GetVpnGatewayDiagnoseResult" in thread
    assert await world.cloud_calls("DiagnoseVpnGateway") == []


async def test_what_would_allow_it_is_for_the_asker_alone(world: World) -> None:
    async with world.bot():
        await world.player.command(HEALTHY, user="U0BOB")
        root = await world.ending()
        private = await world.player.until(lambda: policies_told(world))

    assert '"Action": "vpc:GetVpnGatewayDiagnoseResult"' in private
    assert '"Action"' not in str(root)


async def policies_told(world: World) -> str:
    told = [message for message in await world.player.private_messages(user="U0BOB") if "Action" in str(message)]
    return thread_text(told, told[0]["ts"]) if told else ""


async def test_a_role_that_cannot_be_assumed_ends_before_anything_runs(world: World) -> None:
    world.write_access(
        """
version: 1
workspaces: [T0EMULATED]
identities: {oncall: {assume_role: "acs:ram::1234567890123456:role/vpn-closed"}}
users: {U0ALICE: oncall}
"""
    )
    async with world.bot():
        await world.player.command(HEALTHY)
        root = await world.ending()

    assert part_of(root) == "ending"
    assert "⛔" in thread_text([root], root["ts"])
    assert await world.cloud_calls("DiagnoseVpnGateway") == []


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        ("vpn-nowhere000000000001 vco-healthy0000000000001 cn-hangzhou", "vpn-nowhere000000000001"),
        ("vpn-healthy0000000000001 vco-lossy000000000000001 cn-hangzhou", "vco-lossy000000000000001"),
        ("vpn-old00000000000000001 vco-old00000000000000001 cn-qingdao", "This gateway cannot be diagnosed"),
        ("vpn-foreign0000000000001 vco-foreign0000000000001 cn-hangzhou", "account"),
    ],
    ids=["no such gateway", "connection of another gateway", "old gateway", "another account's gateway"],
)
async def test_what_the_cloud_refuses_is_said_in_words_with_its_request_id(
    world: World, ids: str, said: str
) -> None:
    async with world.bot():
        await world.player.command(ids)
        root = await world.ending()

    thread = thread_text([root], root["ts"])
    refused = [call for call in await world.cloud_calls() if call["outcome"] != "ok"]
    assert said in thread
    assert any(call["facts"]["request_id"] in thread for call in refused)


@pytest.mark.parametrize(
    "kind", ["throttle", "http_500", "http_503", "reset_before", "reset_after", "truncated", "html"]
)
async def test_a_cloud_that_stumbles_once_costs_nothing_but_time(world: World, kind: str) -> None:
    async with world.bot():
        await world.cloud_fault("DiagnoseVpnGateway", kind)
        await world.player.command(HEALTHY)
        root = await world.ending()

    assert "All 6 checks are normal" in thread_text([root], root["ts"])
    calls = await world.cloud_calls("DiagnoseVpnGateway")
    assert sum(call["facts"].get("accepted_start", False) for call in calls) == 1
    tokens = {call["facts"]["client_token"] for call in calls if "client_token" in call["facts"]}
    assert len(tokens) == 1


async def test_a_poll_that_fails_for_a_while_ends_in_the_report_all_the_same(world: World) -> None:
    async with world.bot():
        await world.cloud_fault("GetVpnGatewayDiagnoseResult", "http_503", times=4)
        await world.player.command(HEALTHY)
        root = await world.ending()

    assert "All 6 checks are normal" in thread_text([root], root["ts"])


async def test_a_diagnosis_that_never_ends_is_given_up_with_what_there_is(tmp_path: Path) -> None:
    async with living(tmp_path, diagnosis_s=4) as world, world.bot(VPN_DIAGNOSE_GIVE_UP_AFTER_S="2"):
        await world.player.command(BROKEN)
        root = await world.ending()

    thread = thread_text([root], root["ts"])
    assert root["replies"][-1]["metadata"]["event_payload"]["state"] == "failed"
    assert "vpndgn-" in thread
    assert "Route conflicts" in thread  # had ended by then


async def test_a_cloud_that_stays_away_ends_the_run_with_its_diagnose_id(world: World) -> None:
    async with world.bot(VPN_DIAGNOSE_GIVE_UP_AFTER_S="1"):
        await world.cloud_fault("GetVpnGatewayDiagnoseResult", "http_503", times=100)
        await world.player.command(HEALTHY)
        root = await world.ending()

    assert root["replies"][-1]["metadata"]["event_payload"]["state"] == "failed"
    assert "vpndgn-" in thread_text([root["replies"][-1]], root["replies"][-1]["ts"])


async def test_two_who_ask_for_the_same_at_once_get_one_start_and_a_report_each(world: World) -> None:
    async with world.bot():
        await asyncio.gather(world.player.command(HEALTHY), world.player.command(HEALTHY))
        await world.ending(number=2)

    roots = await world.player.messages()
    calls = await world.cloud_calls("DiagnoseVpnGateway")
    assert sum(call["facts"].get("accepted_start", False) for call in calls) == 1
    assert len(roots) == 2
    for root in roots:
        assert "All 6 checks are normal" in thread_text([root], root["ts"])


async def test_a_slack_that_is_full_for_a_moment_loses_nothing(world: World) -> None:
    async with world.bot():
        await world.player.fault("chat.postMessage", "throttle", seconds=1)
        await world.player.command(HEALTHY)
        root = await world.ending()

    assert [part_of(reply) for reply in root["replies"]] == ["started", "ending"]


@pytest.mark.parametrize("kind", ["reset_before", "reset_after", "http_500", "http_503", "truncated"])
async def test_a_post_whose_answer_is_lost_stands_there_once(world: World, kind: str) -> None:
    async with world.bot():
        await world.player.fault("chat.postMessage", kind)
        await world.player.command(HEALTHY)
        root = await world.ending()

    assert len(await world.player.messages()) == 1
    assert [part_of(reply) for reply in root["replies"]] == ["started", "ending"]


async def test_mistakes_in_the_form_stand_beside_their_fields(world: World) -> None:
    async with world.bot():
        opened = await world.player.command("")
        view_id = opened["views"][0]["id"]
        answer = await world.player.submit(
            view_id,
            {
                "region": "cn-hangzou",
                "gateway_id": "vco-healthy0000000000001",
                "connection_id": "vco-uf66xniofskqtuoz1****",
                "source_ip": "192.168.001.1",
                "destination_ip": "",
            },
        )

    assert set(answer["errors"]) == {"region", "gateway_id", "connection_id", "source_ip", "destination_ip"}
    assert "cn-hangzhou" in answer["errors"]["region"]
    assert await world.cloud_calls() == []


async def test_a_corrected_form_goes_through(world: World) -> None:
    async with world.bot():
        opened = await world.player.command("")
        view_id = opened["views"][0]["id"]
        await world.player.submit(view_id, FORM | {"region": "nowhere"})
        answer = await world.player.submit(view_id, FORM)
        await world.ending()

    assert answer["closed"]


CLOSED = ["channel_not_found", "not_in_channel", "is_archived", "restricted_action_read_only_channel"]


@pytest.mark.parametrize("error", CLOSED)
@pytest.mark.parametrize("posted", [0, 1, 2], ids=["at the root", "at the DiagnoseId", "at the report"])
async def test_a_channel_that_closes_meanwhile_moves_the_answer_to_a_direct_message(
    world: World, error: str, posted: int
) -> None:
    async with world.bot():
        for _ in range(posted):
            await world.player.fault("chat.postMessage", "delay", seconds=0)
        await world.player.fault("chat.postMessage", "error", error=error)
        await world.player.command(HEALTHY)
        direct = await world.player.until(lambda: world.direct_channel("U0ALICE"))
        root = await world.ending(direct)

    assert "All 6 checks are normal" in thread_text([root], root["ts"])
    calls = await world.cloud_calls("DiagnoseVpnGateway")
    assert sum(call["facts"].get("accepted_start", False) for call in calls) == 1


@pytest.mark.parametrize("code", ["InvalidSecurityToken.Expired", "InvalidSecurityToken.MismatchWithAccessKey"])
@pytest.mark.parametrize("operation", ["DiagnoseVpnGateway", "GetVpnGatewayDiagnoseResult"])
async def test_an_expired_session_is_renewed_once(world: World, operation: str, code: str) -> None:
    async with world.bot():
        await world.cloud_fault(operation, "error", error=code)
        await world.player.command(HEALTHY)
        root = await world.ending()

    assert "All 6 checks are normal" in thread_text([root], root["ts"])
    assert len(await world.cloud_calls("AssumeRole")) == 2


async def test_a_session_that_stays_refused_ends_in_a_sentence(world: World) -> None:
    async with world.bot():
        await world.cloud_fault("DiagnoseVpnGateway", "error", times=9, error="InvalidSecurityToken.Expired")
        await world.player.command(HEALTHY)
        root = await world.ending()

    assert root["replies"][-1]["metadata"]["event_payload"]["state"] in {"failed", "refused"}
    assert len(await world.cloud_calls("AssumeRole")) == 2


async def test_a_gateway_that_is_busy_with_another_connection_is_waited_for(tmp_path: Path) -> None:
    async with living(tmp_path, diagnosis_s=1) as world, world.bot():
        await world.player.command(BROKEN)
        await world.player.until(lambda: world.cloud_calls("DiagnoseVpnGateway"))
        await world.player.command("vpn-broken00000000000001 vco-branches000000000001 cn-hangzhou")
        second = await world.ending(number=2)

    assert second["replies"][-1]["metadata"]["event_payload"]["state"] == "reported"
    assert "vco-branches000000000001" in thread_text([second], second["ts"])


async def test_progress_that_cannot_be_shown_holds_nothing_up(world: World) -> None:
    async with world.bot():
        await world.player.fault("chat.update", "http_503", times=1)
        await world.player.command(HEALTHY)
        root = await world.ending()

    assert "All 6 checks are normal" in thread_text([root], root["ts"])


async def test_an_ending_that_slack_will_never_take_is_left_in_the_log(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async def given_up() -> bool:
        return "its ending cannot be told" in caplog.text

    async with world.bot():
        await world.player.fault("chat.postMessage", "error", times=50, error="token_revoked")
        await world.player.command(HEALTHY)
        await world.player.until(given_up)

    assert "slack.token_revoked" in caplog.text


async def test_a_channel_that_closes_after_the_report_gets_no_second_one(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async def given_up() -> bool:
        return "the root message cannot show it" in caplog.text

    async def report_is_there() -> bool:
        return any(
            part_of(reply) == "ending" for root in await world.player.messages() for reply in root["replies"]
        )

    async with world.bot():
        await world.player.fault("chat.update", "error", times=50, error="channel_not_found")
        await world.player.command(HEALTHY)
        await world.player.until(given_up)

        assert await report_is_there()
        assert await world.direct_channel("U0ALICE") == ""


async def test_a_root_message_that_nobody_knew_of_is_found_when_the_run_ends(world: World) -> None:
    async with world.bot(VPN_DIAGNOSE_GIVE_UP_AFTER_S="2"):
        await world.player.fault("chat.postMessage", "reset_after")
        await world.player.fault("conversations.history", "http_503", times=2)
        await world.player.command(HEALTHY)
        root = await world.ending()

    assert len(await world.player.messages()) == 1
    assert [part_of(message) for message in [root, *root["replies"]]] == ["root", "ending"]


async def test_the_root_message_names_the_latest_trouble(world: World) -> None:
    async def says_throttled() -> bool:
        return any(
            "Too many" in message["text"] + str(message["blocks"]) for message in await world.player.messages()
        )

    async with world.bot():
        await world.cloud_fault("GetVpnGatewayDiagnoseResult", "http_503", times=3)
        await world.cloud_fault("GetVpnGatewayDiagnoseResult", "throttle", times=6)
        await world.player.command(HEALTHY)
        await world.player.until(says_throttled, 20)
        root = await world.ending()

    assert "All 6 checks are normal" in thread_text([root], root["ts"])
