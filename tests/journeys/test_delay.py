"""Something holds up the start before anything may be said in the channel: the asker alone is told, once."""

from pathlib import Path
from typing import Any

import pytest

from bot.app.sources import now
from bot.emulators.slack.player import thread_text
from bot.model.run import Run, RunState
from bot.setbacks import SILENT_FOR
from tests.journeys.doorless import ALICE, Bot, a_question, alive

Json = dict[str, Any]

HELD_UP = "has not been started yet"


def asked_a_while_ago() -> Run:
    at = now() - SILENT_FOR
    return a_question(ALICE).changed(created_at=at)


async def told_alone(bot: Bot) -> list[str]:
    private = await bot.world.player.private_messages(user="U0ALICE")
    return [thread_text([message], message["ts"]) for message in private]


@pytest.mark.parametrize(("kind", "times"), [("http_503", 3), ("throttle", 6), ("reset_before", 3)])
async def test_a_cloud_that_does_not_answer_is_told_once_and_to_the_asker_alone(
    tmp_path: Path, kind: str, times: int
) -> None:
    async with alive(tmp_path) as bot:
        await bot.world.cloud_fault("AssumeRole", kind, times=times)
        asked = asked_a_while_ago()
        await bot.runs.add(asked, "command")
        private = await bot.world.player.until(lambda: told_alone(bot))
        assert await bot.world.player.messages() == []
        ended = await bot.ended(asked)

        assert await told_alone(bot) == private
    (said,) = private
    assert HELD_UP in said
    assert "AssumeRole" in said
    assert "tried again by itself until 20" in said
    assert ended.state is RunState.REPORTED


async def test_what_passes_at_once_is_not_worth_a_word(tmp_path: Path) -> None:
    async with alive(tmp_path) as bot:
        await bot.world.cloud_fault("AssumeRole", "throttle")
        asked = a_question(ALICE)
        await bot.runs.add(asked, "command")
        ended = await bot.ended(asked)

        assert await told_alone(bot) == []
    assert ended.state is RunState.REPORTED


async def test_where_nothing_can_be_shown_to_one_alone_it_comes_as_a_direct_message(tmp_path: Path) -> None:
    async def direct() -> list[Json]:
        channel = await bot.world.direct_channel("U0ALICE")
        return await bot.world.player.messages(channel) if channel else []

    async with alive(tmp_path) as bot:
        await bot.world.cloud_fault("AssumeRole", "http_503", times=3)
        await bot.world.player.fault("chat.postEphemeral", "error", error="channel_not_found")
        asked = asked_a_while_ago()
        await bot.runs.add(asked, "command")
        await bot.ended(asked)

        (message,) = await direct()
    assert HELD_UP in message["text"]


@pytest.mark.parametrize("error", ["is_archived", "internal_error"])
async def test_that_it_cannot_be_told_holds_nothing_up(tmp_path: Path, error: str) -> None:
    async with alive(tmp_path) as bot:
        await bot.world.cloud_fault("AssumeRole", "http_503", times=3)
        await bot.world.player.fault("chat.postEphemeral", "error", error=error)
        await bot.world.player.fault("chat.postMessage", "error", error=error)
        asked = asked_a_while_ago()
        await bot.runs.add(asked, "command")
        ended = await bot.ended(asked)

        assert len(await bot.world.player.messages()) == 1
    assert ended.state is RunState.REPORTED
    assert not ended.moved_to_dm


async def test_a_slack_that_was_away_too_tells_it_later(tmp_path: Path) -> None:
    async with alive(tmp_path) as bot:
        await bot.world.cloud_fault("AssumeRole", "throttle", times=9)
        await bot.world.player.fault("chat.postEphemeral", "throttle", seconds=1)
        await bot.world.player.fault("chat.postMessage", "throttle", seconds=1)
        asked = asked_a_while_ago()
        await bot.runs.add(asked, "command")
        await bot.ended(asked)

        assert len(await told_alone(bot)) == 1
