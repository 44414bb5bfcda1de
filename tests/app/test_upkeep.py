"""What goes on in the background."""

import asyncio
import logging

import aiohttp
import pytest

from bot.app.upkeep import ask_who_we_are
from bot.emulators.serving import serving
from bot.emulators.slack import EXAMPLE, SlackEmulator
from bot.emulators.slack.player import Player
from bot.slack.api import SlackApi
from bot.slack.client import build_client
from bot.slack.heard import Heard


async def test_a_token_that_is_revoked_while_nobody_asks_is_noticed_and_so_is_its_return(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    heard = Heard()
    async with serving(SlackEmulator(EXAMPLE).web_app()) as url, aiohttp.ClientSession() as session:
        player = Player(url, session)
        api = SlackApi(build_client("xoxb-emulator", f"{url}/api/", session), heard=heard)
        await player.rates(None)
        await player.fault("auth.test", "error", error="token_revoked", times=3)
        asking = asyncio.create_task(ask_who_we_are(api, every_s=0.01))

        async def refused() -> bool:
            return heard.refused is not None

        async def taken() -> bool:
            return heard.refused is None

        await player.until(refused)
        await player.until(taken)
        asking.cancel()

    assert caplog.text.count("Slack does not say who we are: slack.token_revoked") == 1
