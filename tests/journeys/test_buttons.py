"""Pressing the buttons under a report: through both emulators, the whole bot, and restarts of it."""

import asyncio
import json
from typing import Any

import pytest

from bot.slack.buttons import COMPARE, COPY_COMMAND, EXPORT, RUN_AGAIN, STOP_WATCHING, WATCH
from tests.journeys.world import ACCESS_FILE, BROKEN, HEALTHY, World, part_of

Json = dict[str, Any]

# Those of Alice with the bot.
DIRECT = "D0ALICE"


async def reported(world: World, request: str = HEALTHY) -> Json:
    """Ask in the channel, and return the root of the thread with its report."""
    await world.player.command(request)
    return await world.ending()


def buttons_of(root: Json) -> Json:
    """Return the message that carries the buttons: the last ending of the thread."""
    endings = [reply for reply in root["replies"] if part_of(reply) == "ending"]
    ending: Json = endings[-1]
    assert ending["blocks"][-1]["type"] == "actions"
    return ending


async def pressed(world: World, root: Json, action_id: str, user: str = "U0ALICE") -> Json:
    where = {"channel": "C0INCIDENT", "message_ts": buttons_of(root)["ts"]}
    return await world.player.click(action_id, user=user, **where)


async def told_alone(world: World, user: str = "U0ALICE", containing: str = "") -> Json:
    async def seen() -> list[Json]:
        private = await world.player.private_messages(user=user)
        return [one for one in private if containing in json.dumps(one, ensure_ascii=False)]

    return (await world.player.until(seen, 20))[-1]


async def told_or_not(world: World) -> None:
    """Let the bot do something else to its end: what came before that has been done, or never will."""
    await world.player.command("whoami")
    await told_alone(world, containing="Who you are")


async def endings(world: World, number: int) -> Json:
    """Wait until the first thread has so many endings, and return its root."""

    async def seen() -> list[Json]:
        (root, *_) = await world.player.messages()
        told = [reply for reply in root["replies"] if part_of(reply) == "ending"]
        return [root] if len(told) >= number else []

    return (await world.player.until(seen, 20))[0]


async def starts(world: World) -> list[Json]:
    return [call for call in await world.cloud_calls("DiagnoseVpnGateway") if call["facts"].get("accepted_start")]


async def test_in_direct_messages_presses_are_answered_in_their_thread(world: World) -> None:
    async with world.bot():
        await world.player.command(HEALTHY, channel=DIRECT)
        report = buttons_of(await world.ending(DIRECT))
        for action_id in (COPY_COMMAND, RUN_AGAIN):
            await world.player.click(action_id, channel=DIRECT, message_ts=report["ts"])

        async def answered() -> list[Json]:
            roots = await world.player.messages(DIRECT)
            return roots if [part_of(reply) for reply in roots[0]["replies"]].count("ending") > 1 else []

        roots = await world.player.until(answered, 20)

    assert [root["text"] for root in roots if part_of(root)] == [roots[-1]["text"]]
    assert "aliyun vpc DiagnoseVpnGateway" in str(roots[-1]["replies"])


async def test_run_again_answers_in_the_same_thread_as_whoever_pressed(world: World) -> None:
    async with world.bot():
        root = await reported(world)
        await pressed(world, root, RUN_AGAIN)
        root = await endings(world, 2)

    assert [part_of(reply) for reply in root["replies"]] == ["started", "ending", "root", "started", "ending"]
    assert len(await world.player.messages()) == 1
    assert len(await starts(world)) == 2


async def test_a_double_click_is_one_diagnosis(world: World) -> None:
    async with world.bot():
        root = await reported(world)
        await asyncio.gather(*(pressed(world, root, RUN_AGAIN) for _ in range(3)))
        await endings(world, 2)

    assert len(await starts(world)) == 2


async def test_a_press_brought_again_after_a_restart_is_one_diagnosis(world: World) -> None:
    async with world.bot():
        root = await reported(world)
        await pressed(world, root, RUN_AGAIN)
        await endings(world, 2)
    async with world.bot():
        await world.player.delivery(redeliver=1)
        await told_or_not(world)

    assert len(await starts(world)) == 2


async def test_a_button_works_after_a_restart(world: World) -> None:
    async with world.bot():
        root = await reported(world)
    async with world.bot():
        await pressed(world, root, RUN_AGAIN)
        await endings(world, 2)

    assert len(await starts(world)) == 2


async def test_whoever_presses_anothers_button_is_decided_as_themselves(world: World) -> None:
    """Bob's identity may not diagnose: what Alice was allowed does not count for him."""
    async with world.bot():
        root = await reported(world)
        before = len(await starts(world))
        await pressed(world, root, RUN_AGAIN, user="U0BOB")
        root = await endings(world, 2)

    assert buttons_of(root)["metadata"]["event_payload"]["state"] == "refused"
    assert len(await starts(world)) == before


async def test_compare_shows_the_presser_what_has_changed(world: World) -> None:
    async with world.bot():
        root = await reported(world)
        await pressed(world, root, RUN_AGAIN)
        root = await endings(world, 2)
        await pressed(world, root, COMPARE)
        private = await told_alone(world, containing="Now:")

    assert private["seen_only_by"] == "U0ALICE"
    assert private["thread_ts"] == root["ts"]


async def test_the_command_is_told_alone(world: World) -> None:
    async with world.bot():
        root = await reported(world)
        await pressed(world, root, COPY_COMMAND)
        private = await told_alone(world, containing="aliyun vpc DiagnoseVpnGateway")

    assert private["thread_ts"] == root["ts"]


async def test_the_export_is_a_file_for_the_presser(world: World) -> None:
    async with world.bot():
        root = await reported(world, BROKEN)
        await pressed(world, root, EXPORT)
        await told_alone(world, containing="direct messages with this bot")
        (message,) = await world.player.messages(await world.direct_channel("U0ALICE"))

    assert message["files"][0]["name"].startswith("vpn-broken")


async def test_a_watch_begins_and_is_stopped(world: World) -> None:
    async with world.bot():
        root = await reported(world)
        await pressed(world, root, WATCH)
        await told_alone(world, containing="You are watching this connection now")

        async def watched() -> bool:
            (root,) = await world.player.messages()
            return STOP_WATCHING in str(buttons_of(root)["blocks"])

        await world.player.until(watched, 20)
        await pressed(world, root, STOP_WATCHING)
        await told_alone(world, containing="have stopped watching this connection")


@pytest.mark.parametrize("action_id", [RUN_AGAIN, COMPARE, EXPORT, COPY_COMMAND, WATCH])
async def test_who_is_not_in_the_book_may_press_nothing(world: World, action_id: str) -> None:
    async with world.bot():
        root = await reported(world)
        calls = len(await world.cloud_calls())
        await pressed(world, root, action_id, user="U0MALLORY")
        await told_alone(world, "U0MALLORY", containing="U0MALLORY")

    assert len(await world.cloud_calls()) == calls


async def test_who_was_taken_out_of_the_book_presses_and_sees_nothing_any_more(world: World) -> None:
    async with world.bot():
        root = await reported(world)
        world.write_access(ACCESS_FILE.replace("U0ALICE: oncall, ", ""))

        async def refused() -> bool:
            return "no access" in str((await world.player.command("nonsense"))["payload"])

        await world.player.until(refused)
        calls = len(await world.cloud_calls())
        for action_id in (RUN_AGAIN, COMPARE, EXPORT):
            await pressed(world, root, action_id)
        looked = [
            str((await world.player.command(text))["payload"]) for text in ("history", "last", "history here")
        ]
        await told_alone(world, containing="no access")

    assert len(await world.cloud_calls()) == calls
    assert all("no access" in said and "vpn-healthy" not in said for said in looked)
    assert await world.direct_channel("U0ALICE") == ""


async def test_history_and_last_lead_back_to_the_thread(world: World) -> None:
    async with world.bot():
        root = await reported(world)
        await world.player.command("history")
        listed = await told_alone(world, containing="Your diagnoses")
        await world.player.command("last")
        last = await told_alone(world, containing="All 6 checks are normal")

    address = f"/archives/C0INCIDENT/p{root['ts'].replace('.', '')}"
    assert address in str(listed["blocks"])
    assert address in str(last["blocks"])
