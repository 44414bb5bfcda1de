"""The emulator, served over the example network under a clock that stands still until it is told."""

from collections.abc import AsyncIterator

import pytest

from bot.emulators.alibaba.network_file import read_network
from tests.emulators.alibaba.client import EXAMPLE, Clock, Cloud, served


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def cloud(clock: Clock) -> AsyncIterator[Cloud]:
    """Serve the example network; a diagnosis takes 7 seconds."""
    async with served(EXAMPLE, clock) as cloud:
        yield cloud


CROWDED = """\
version: 1
regions: [{id: cn-hangzhou, name: Hangzhou, local_name: 杭州}]
accounts:
  - id: "1234567890123456"
    access_keys: [{id: LTAIemulatorLab, secret: emulator-lab-secret}]
    vpcs: [{id: vpc-1, networks: [192.168.0.0/16]}]
    vpn_gateways:
"""
ONE_OF_MANY = """\
      - {id: vpn-NN, region: cn-hangzhou, vpc: vpc-1, connections: [
          {id: vco-NN, local_networks: [192.168.0.0/16], remote_networks: [10.0.0.0/8],
           peer: {public_ip: 203.0.113.1}}]}
"""


@pytest.fixture
async def crowded(clock: Clock) -> AsyncIterator[Cloud]:
    """Serve a network with 23 gateways, vpn-01 to vpn-23, each with one connection."""
    network = read_network(CROWDED + "".join(ONE_OF_MANY.replace("NN", f"{n:02}") for n in range(1, 24)))
    async with served(network, clock) as cloud:
        yield cloud
