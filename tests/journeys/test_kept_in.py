"""What stays inside, the keys of tunnels, and what is shown outside, the counts of calls."""

import json
import logging
from pathlib import Path

import aiohttp
import pytest

from bot.emulators.alibaba import network_file
from bot.emulators.slack.player import thread_text
from tests.journeys.world import BROKEN, HEALTHY, World, living

PACKAGED = Path(network_file.__file__).with_name("network.yml")


async def metrics_of(address: str) -> str:
    async with aiohttp.ClientSession() as session, session.get(f"{address}/metrics") as response:
        return await response.text()


def with_keys_that_differ(folder: Path) -> Path:
    """Give the two ends of the packaged network's broken connection a pre-shared key each."""
    network = PACKAGED.read_text(encoding="utf-8")
    for end, settings in (("cloud", "{IkeEncAlg: aes256,"), ("peer", "{IkeEncAlg: aes,")):
        assert network.count(settings) == 1
        network = network.replace(settings, f"{settings} Psk: planted-in-the-{end},")
    file = folder / "network.yml"
    file.write_text(network, encoding="utf-8")
    return file


def stored_in(folder: Path) -> bytes:
    """Return the database with what is still in its journal."""
    return b"".join(file.read_bytes() for file in folder.glob("bot.db*"))


async def test_keys_that_differ_are_said_to_differ_and_nowhere_shown(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with living(tmp_path, network=with_keys_that_differ(tmp_path)) as world, world.bot() as bot:
        await world.player.command(BROKEN)
        root = await world.ending()
        metrics = await metrics_of(bot.address)
        stored = stored_in(tmp_path)

    assert "Psk differs" in thread_text([root], root["ts"])
    assert b"vco-broken00000000000001" in stored
    assert "planted" not in json.dumps(root)
    assert b"planted" not in stored
    assert "planted" not in caplog.text + metrics


async def test_calls_to_the_cloud_are_counted_and_circuits_shown(world: World) -> None:
    async with world.bot() as bot:
        await world.player.command(HEALTHY)
        await world.ending()
        metrics = await metrics_of(bot.address)

    calls, circuit = "vpn_diagnose_cloud_calls_total", "vpn_diagnose_cloud_circuit"
    assert f'{calls}{{operation="DiagnoseVpnGateway",outcome="ok"}} 1.0' in metrics
    assert f'{calls}{{operation="AssumeRole",outcome="ok"}}' in metrics
    assert f'{circuit}{{account="1234567890123456",product="vpc",region="cn-hangzhou"}} 0.0' in metrics
