"""The main job: /vpn-diagnose becomes a DiagnoseId and a report in the thread."""

import pytest

from bot.emulators.slack.player import thread_text
from tests.journeys.world import BROKEN, HEALTHY, World, part_of

WAYS_IN = pytest.mark.parametrize(
    "way_in",
    [{}, {"SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": "emulator-signing-secret"}],
    ids=["Socket Mode", "HTTP"],
)


@WAYS_IN
async def test_a_typed_command_ends_in_a_report_in_its_thread(world: World, way_in: dict[str, str]) -> None:
    async with world.bot(**way_in):
        await world.player.command(f"{HEALTHY} 192.168.1.1 10.8.0.1")
        root = await world.ending()

    assert [part_of(reply) for reply in root["replies"]] == ["started", "ending"]
    thread = thread_text([root], root["ts"])
    assert "DiagnoseId vpndgn-" in thread
    assert "All 7 checks are normal" in thread
    assert "slack-T0EMULATED-U0ALICE" in thread


@WAYS_IN
async def test_a_filled_form_ends_in_a_report_in_its_thread(world: World, way_in: dict[str, str]) -> None:
    gateway_id, connection_id, region = BROKEN.split()
    async with world.bot(**way_in):
        opened = await world.player.command("")
        answer = await world.player.submit(
            opened["views"][0]["id"],
            {"region": region, "gateway_id": gateway_id, "connection_id": connection_id},
        )
        root = await world.ending()

    assert answer["closed"]
    thread = thread_text([root], root["ts"])
    assert "4 of 6 checks need attention" in thread
    assert thread.index("Route conflicts") < thread.index("Quota of policy-based routes")


async def test_the_report_is_in_chinese_where_that_is_set(world: World) -> None:
    async with world.bot(VPN_DIAGNOSE_LANGUAGE="zh"):
        await world.player.command(HEALTHY)
        root = await world.ending()

    assert "6项检查全部正常" in root["text"]
    assert "正常" in thread_text([root], root["ts"])


async def test_the_text_that_a_phone_shows_names_the_gateway_and_the_verdict(world: World) -> None:
    async with world.bot():
        await world.player.command(BROKEN)
        root = await world.ending()

    report = root["replies"][-1]["text"]
    assert len(report) <= 100
    assert "vpn-broken00000000000001" in report
    assert "4 of 6" in report


async def test_one_command_makes_one_start_and_every_nonce_is_new(world: World) -> None:
    async with world.bot():
        await world.player.command(HEALTHY)
        await world.ending()

    calls = await world.cloud_calls()
    assert [call["outcome"] for call in calls if call["operation"] == "DiagnoseVpnGateway"] == ["ok"]
    # The gateway was never diagnosed before: so the look ahead for a running diagnosis is told.
    assert {call["outcome"] for call in calls} <= {"ok", "InvalidResourceId.NotFound"}


async def test_the_role_session_is_named_after_the_person(world: World) -> None:
    async with world.bot():
        await world.player.command(HEALTHY)
        await world.ending()

    (assumed,) = await world.cloud_calls("AssumeRole")
    assert assumed["facts"]["parameters"]["RoleSessionName"] == "slack-T0EMULATED-U0ALICE"


async def test_progress_is_edited_into_the_one_root_message(world: World) -> None:
    async with world.bot():
        await world.player.command(HEALTHY)
        await world.ending()

    posted = await world.player.calls("chat.postMessage")
    assert len(posted) == 3  # root, DiagnoseId, report
    assert len(await world.player.messages()) == 1


async def test_a_delivery_repeated_by_slack_starts_nothing_more(world: World) -> None:
    async with world.bot():
        await world.player.command(HEALTHY)
        await world.player.delivery(redeliver=3)
        await world.ending()

    assert len(await world.cloud_calls("DiagnoseVpnGateway")) == 1
    assert len(await world.player.messages()) == 1


async def test_a_channel_whose_name_holds_bolts_trap_word_works(world: World) -> None:
    async with world.bot(SLACK_APP_TOKEN="", SLACK_SIGNING_SECRET="emulator-signing-secret"):
        await world.player.command(HEALTHY, channel="C0PAYLOAD")

        assert await world.ending("C0PAYLOAD")


async def test_a_channel_without_the_bot_gets_its_answer_in_a_direct_message(world: World) -> None:
    async with world.bot():
        await world.player.command(HEALTHY, channel="C0OPEN")
        direct = await world.player.until(lambda: world.direct_channel("U0ALICE"))
        root = await world.ending(direct)

    assert await world.player.messages("C0OPEN") == []
    assert "/invite" in thread_text([root], root["ts"])
