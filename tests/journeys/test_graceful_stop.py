"""A bot that is told to stop: who was promised an answer has it first."""

from tests.journeys.world import World


async def test_who_was_acknowledged_hears_their_answer_before_the_bot_has_stopped(world: World) -> None:
    await world.player.fault("chat.postEphemeral", "delay", seconds=0.5)
    async with world.bot():
        await world.player.mention("help")

    (private,) = await world.player.private_messages(user="U0ALICE")
    assert "Finds out why" in str(private["blocks"])
