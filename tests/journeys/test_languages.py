"""Whoever uses Slack in Chinese is answered in Chinese in private; what all can read is in the bot's language."""

import json
from typing import Any

import pytest

from bot.emulators.slack.player import thread_text
from bot.explain.phrases import phrase
from tests.journeys.world import HEALTHY, World

LIN = "U0LIN"

ACCESS_FILE = """\
version: 1
workspaces: [T0EMULATED]
identities:
  oncall: {assume_role: "acs:ram::1234567890123456:role/vpn-diagnose-oncall"}
  readonly: {access_key: {id: "env:READONLY_ID", secret: "env:READONLY_SECRET"}}
users: {U0ALICE: oncall, U0LIN: IDENTITY}
"""


async def private_answer(world: World, text: str) -> str:
    return json.dumps((await world.player.command(text, user=LIN))["payload"], ensure_ascii=False)


async def has_answered(world: World, text: str, said: str) -> bool:
    """Ask once more; what Slack says of somebody is known soon after they are first heard of."""
    return said in await private_answer(world, text)


async def test_a_command_is_answered_in_the_language_of_whoever_asks(world: World) -> None:
    world.write_access(ACCESS_FILE.replace("IDENTITY", "oncall"))
    async with world.bot():
        await world.player.until(lambda: has_answered(world, "nonsense", phrase("command.mistakes", "zh")))
        helped = await private_answer(world, "help")
        alice = await world.player.command("help", user="U0ALICE")

    assert phrase("command.help", "zh") in helped
    assert phrase("command.help", "en") in str(alice["payload"])


async def test_the_form_is_in_the_language_of_whoever_opens_it(world: World) -> None:
    world.write_access(ACCESS_FILE.replace("IDENTITY", "oncall"))
    async with world.bot():
        opened = await world.player.command("", user=LIN)

    assert opened["views"][0]["title"]["text"] == phrase("form.title", "zh")


async def test_what_is_in_the_channel_is_in_the_language_of_the_bot(world: World) -> None:
    world.write_access(ACCESS_FILE.replace("IDENTITY", "oncall"))
    async with world.bot():
        await world.player.until(lambda: has_answered(world, "nonsense", phrase("command.mistakes", "zh")))
        await world.player.command(HEALTHY, user=LIN)
        root = await world.ending()

    assert not any("一" <= sign <= "鿿" for sign in thread_text([root], root["ts"]))


async def test_what_would_allow_it_is_told_in_the_language_of_the_asker(world: World) -> None:
    world.write_access(ACCESS_FILE.replace("IDENTITY", "readonly"))
    async with world.bot():
        await world.player.command(HEALTHY, user=LIN)
        told = await world.player.until(lambda: _policies(world))

    assert phrase("denial.text", "zh") in str(told)


async def _policies(world: World) -> list[Any]:
    return [message for message in await world.player.private_messages(user=LIN) if "Action" in str(message)]


@pytest.mark.parametrize(("setting", "said"), [("zh", "en"), ("en", "zh")])
async def test_the_asker_goes_before_the_setting(world: World, setting: str, said: Any) -> None:
    user = "U0ALICE" if said == "en" else LIN
    world.write_access(ACCESS_FILE.replace("IDENTITY", "oncall"))
    async with world.bot(VPN_DIAGNOSE_LANGUAGE=setting):
        await world.player.command("", user=user)
        answer = await world.player.command("help", user=user)

    assert phrase("command.help", said) in str(answer["payload"])
