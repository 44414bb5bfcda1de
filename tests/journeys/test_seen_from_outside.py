"""What whoever runs the bot sees of it: is it ready, if not why, and what it counts."""

import asyncio
import contextlib

from tests.journeys.test_changed_book import readiness
from tests.journeys.test_identities import control
from tests.journeys.test_kept_in import metrics_of
from tests.journeys.world import HEALTHY, World

MORE_THAN_THERE_IS_ROOM_FOR = 257


async def test_a_revoked_token_makes_the_bot_unready_until_slack_takes_it_again(world: World) -> None:
    async with world.bot() as bot:
        before = await readiness(bot.address)
        await world.player.fault("chat.postMessage", "error", error="token_revoked", times=2)
        await world.player.command(HEALTHY)

        async def unready() -> str:
            return str((await readiness(bot.address))["checks"]["token"]["reason"] or "")

        reason = await world.player.until(unready)
        await world.ending()  # it is told as soon as Slack takes the token
        after = await readiness(bot.address)

    assert before["ready"] is after["ready"] is True
    assert reason == "Slack refuses SLACK_BOT_TOKEN (token_revoked)"


async def test_a_clock_that_is_off_is_warned_of_and_one_that_nothing_works_with_is_not_ready(world: World) -> None:
    async with world.bot() as bot:
        await control(world, "clock", {"move_s": 600})
        await world.player.command(HEALTHY)
        await world.ending()
        warned = await readiness(bot.address)
        await control(world, "clock", {"move_s": 600})
        await world.player.command(HEALTHY)
        await world.ending(number=2)
        unready = await readiness(bot.address)

    assert warned["ready"] is True
    assert "s behind Alibaba Cloud's" in warned["warnings"]["clock"]
    assert unready["ready"] is False
    assert "nothing works beyond 900 s" in unready["checks"]["clock"]["reason"]


async def test_a_connection_that_made_room_for_others_is_counted(world: World) -> None:
    async with world.bot() as bot, contextlib.AsyncExitStack() as stack:
        port = int(bot.address.rpartition(":")[2])
        for _ in range(MORE_THAN_THERE_IS_ROOM_FOR):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(writer.close)

        async def counted() -> bool:
            name = 'vpn_diagnose_dropped_connections_total{reason="too_many"}'
            return any(line.startswith(name) for line in (await metrics_of(bot.address)).splitlines())

        await world.player.until(counted)
