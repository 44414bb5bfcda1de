"""A channel closes while a diagnosis runs: the asker reads why, and what stays behind does not wait for ever."""

from pathlib import Path
from typing import Any

import pytest

from bot.emulators.slack.player import thread_text
from tests.journeys.world import HEALTHY, World, living, part_of

Json = dict[str, Any]


async def left_behind(world: World) -> Json:
    """Wait until the answer is in the direct messages and nothing is left to do in the channel; give its root."""

    async def ended() -> list[Json]:
        return [message for message in await world.player.messages() if "⏳" not in str(message["blocks"])]

    return (await world.player.until(ended, 20))[0]


@pytest.mark.parametrize("posted", [1, 2], ids=["at the DiagnoseId", "at the report"])
async def test_the_root_message_in_the_channel_says_who_has_the_answer(world: World, posted: int) -> None:
    async with world.bot():
        for _ in range(posted):
            await world.player.fault("chat.postMessage", "delay", seconds=0)
        await world.player.fault("chat.postMessage", "error", error="restricted_action_read_only_channel")
        await world.player.command(HEALTHY)
        root = await left_behind(world)
        (told,) = await world.player.messages(await world.direct_channel("U0ALICE"))

    assert "the answer goes to whoever asked" in thread_text([root], root["ts"])
    assert "all 6 checks are normal" in root["text"]
    assert [part_of(reply) for reply in root["replies"]] == ["started"] * (posted - 1)
    assert "You asked in #C0INCIDENT" in thread_text([told], told["ts"])
    assert "A setting of Slack" in thread_text([told], told["ts"])


async def test_a_root_message_that_cannot_be_edited_any_more_is_left_as_it_is(world: World) -> None:
    async with world.bot():
        await world.player.fault("chat.postMessage", "delay", seconds=0)
        await world.player.fault("chat.postMessage", "error", error="is_archived")
        await world.player.fault("chat.update", "error", error="is_archived")
        await world.player.command(HEALTHY)
        direct = await world.player.until(lambda: world.direct_channel("U0ALICE"))
        told = await world.ending(direct)

    assert [part_of(reply) for reply in told["replies"]] == ["started", "ending"]
    assert "That channel is archived" in thread_text([told], told["ts"])


async def test_it_is_edited_although_the_asker_cannot_be_told(world: World) -> None:
    async with world.bot():
        for _ in range(2):
            await world.player.fault("chat.postMessage", "delay", seconds=0)
        await world.player.fault("chat.postMessage", "error", error="not_in_channel")
        await world.player.fault("chat.postMessage", "error", times=99, error="messages_tab_disabled")
        await world.player.command(HEALTHY)

        assert "goes to whoever asked" in str(await left_behind(world))


async def test_one_that_nobody_knew_of_is_looked_for(tmp_path: Path) -> None:
    async with living(tmp_path) as world, world.bot():
        await world.player.fault("chat.postMessage", "reset_after")
        await world.player.fault("conversations.history", "error", error="not_in_channel")
        await world.player.command(HEALTHY)

        assert "goes to whoever asked" in str(await left_behind(world))
        assert len(await world.player.messages()) == 1
