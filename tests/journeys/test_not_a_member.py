"""Somebody asks for something where the bot is no member: they have it there, alone, or are told why not."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.world import HEALTHY, World

OPEN, ALICE = "C0OPEN", "U0ALICE"


def stored_in(folder: Path) -> bytes:
    """Return the database with what is still in its journal."""
    return b"".join(file.read_bytes() for file in folder.glob("bot.db*"))


async def told_there(world: World, number: int) -> list[dict[str, Any]]:
    async def told() -> list[dict[str, Any]]:
        private = await world.player.private_messages(OPEN, user=ALICE)
        return private if len(private) >= number else []

    return await world.player.until(told)


@pytest.mark.parametrize("words", ["whoami", "last", "history", "history here"])
async def test_the_answer_comes_where_it_was_promised(world: World, words: str) -> None:
    async with world.bot():
        await world.player.command(words, channel=OPEN)
        promised, answer = await told_there(world, 2)

    assert "the answer follows here" in promised["text"]
    assert answer["text"]
    assert await world.direct_channel(ALICE) == ""


async def test_what_a_shortcut_has_to_say_comes_there_too(world: World) -> None:
    async with world.bot():
        said = await world.player.say("vpn-first1 or vpn-second2", user=ALICE, channel=OPEN)
        await world.player.shortcut(
            "vpn_diagnose_message", user=ALICE, channel=OPEN, message_ts=said["message"]["ts"]
        )
        (answer,) = await told_there(world, 1)

    assert "vpn-second2" in answer["text"]


async def test_where_that_is_over_it_is_a_direct_message_that_says_why(world: World) -> None:
    async with world.bot():
        await world.player.fault("response_url", "http_503")
        await world.player.command("last", channel=OPEN)

        direct = await world.player.until(lambda: world.direct_channel(ALICE))
        (answer,) = await world.player.until(lambda: world.player.messages(direct))

    assert answer["text"] == "Your diagnoses"
    assert OPEN in json.dumps(answer["blocks"][0])
    assert "not a member of that channel" in json.dumps(answer["blocks"][0])


async def test_the_address_that_takes_answers_is_kept_nowhere(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with world.bot():
        await world.player.fault("response_url", "http_503")
        for words in ("last", HEALTHY):
            await world.player.command(words, channel=OPEN)
        await world.ending(await world.player.until(lambda: world.direct_channel(ALICE)))
        stored = stored_in(tmp_path)

    assert HEALTHY.split()[0].encode() in stored
    assert b"/hooks/" not in stored
    logged = [record.getMessage() for record in caplog.records if not record.name.startswith("aiohttp.access")]
    assert any("told in direct messages" in line for line in logged)
    assert not [line for line in logged if "/hooks/" in line]
