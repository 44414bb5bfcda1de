"""A role that RAM narrows to one gateway, as `policy --gateway` prints it, and what whoami says of it."""

from bot.access.policy import document, role_parts
from bot.model.ids import RegionId, VpnGatewayId
from tests.journeys.world import HEALTHY, World

GATEWAY, _, REGION = HEALTHY.split()


async def told(world: World, number: int) -> str:
    """Wait for so many private messages, and return the text of the last one."""

    async def seen() -> list[object]:
        private = await world.player.private_messages(user="U0ALICE")
        return list(private) if len(private) >= number else []

    return str((await world.player.until(seen, 20))[number - 1])


async def test_whoami_tries_it_on_the_gateway_of_the_last_run_and_says_where_none_is_known(world: World) -> None:
    narrowed = document(role_parts([VpnGatewayId(GATEWAY)], RegionId(REGION), "1234567890123456"))
    async with world.bot():
        await world.cloud_change({"diagnose": narrowed})
        await world.player.command("whoami")
        before = await told(world, 2)
        await world.player.command(HEALTHY)
        await world.ending()
        known = len(await world.player.private_messages(user="U0ALICE"))
        await world.player.command("whoami")
        after = await told(world, known + 2)

    assert "GetVpnGatewayDiagnoseResult is denied on a gateway that does not exist" in before
    assert "✅ GetVpnGatewayDiagnoseResult works" in after
