"""The bot's own identity from where it runs: the role of an ECS instance, or of a token that a cluster writes."""

import aiohttp

from bot.emulators.slack.player import thread_text
from tests.journeys.world import HEALTHY, World

NO_KEY = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": ""}
ACCOUNT = "1234567890123456"
PROVIDER = f"acs:ram::{ACCOUNT}:oidc-provider/emulated-cluster"


async def opened_by(world: World) -> set[str]:
    """Return who has opened the sessions of people."""
    return {call["caller"] for call in await world.cloud_calls("AssumeRole")}


async def token_for(world: World, subject: str) -> str:
    order = {"provider": PROVIDER, "subject": subject}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{world.alibaba_url}/_emulator/oidc-token", json=order) as answer,
    ):
        return str((await answer.json())["token"])


async def test_on_an_instance_the_role_of_the_instance_opens_sessions(world: World) -> None:
    instance = {
        "ALIBABA_CLOUD_ECS_METADATA": "vpn-diagnose-instance",
        "VPN_DIAGNOSE_ECS_METADATA_URL": world.alibaba_url,
    }
    async with world.bot(**NO_KEY, **instance):
        await world.player.command(HEALTHY)
        root = await world.ending()
        [opener] = await opened_by(world)

    assert "All 6 checks are normal" in thread_text([root], root["ts"])
    assert opener.startswith(f"acs:ram::{ACCOUNT}:assumed-role/vpn-diagnose-instance/")


async def test_in_a_cluster_the_role_of_its_token_opens_sessions(world: World) -> None:
    token_file = world.folder / "token"
    token_file.write_text(await token_for(world, "system:serviceaccount:vpn:vpn-diagnose"), encoding="ascii")
    token_file.chmod(0o600)
    cluster = {
        "ALIBABA_CLOUD_ROLE_ARN": f"acs:ram::{ACCOUNT}:role/vpn-diagnose-workload",
        "ALIBABA_CLOUD_OIDC_PROVIDER_ARN": PROVIDER,
        "ALIBABA_CLOUD_OIDC_TOKEN_FILE": str(token_file),
    }
    async with world.bot(**NO_KEY, **cluster):
        await world.player.command(HEALTHY)
        root = await world.ending()
        [opener] = await opened_by(world)

    assert "All 6 checks are normal" in thread_text([root], root["ts"])
    assert opener == f"acs:ram::{ACCOUNT}:assumed-role/vpn-diagnose-workload/vpn-diagnose"


async def test_a_token_of_somebody_else_ends_in_a_sentence_and_no_session(world: World) -> None:
    token_file = world.folder / "token"
    token_file.write_text(await token_for(world, "system:serviceaccount:other:app"), encoding="ascii")
    token_file.chmod(0o600)
    cluster = {
        "ALIBABA_CLOUD_ROLE_ARN": f"acs:ram::{ACCOUNT}:role/vpn-diagnose-workload",
        "ALIBABA_CLOUD_OIDC_PROVIDER_ARN": PROVIDER,
        "ALIBABA_CLOUD_OIDC_TOKEN_FILE": str(token_file),
    }
    async with world.bot(**NO_KEY, **cluster):
        await world.player.command(HEALTHY)
        root = await world.ending()

    assert "⛔" in thread_text([root], root["ts"])
    assert await opened_by(world) == set()
