"""The emulator, served over the example network under a clock that stands still until it is told."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.emulators.alibaba import AlibabaEmulator, load_network
from bot.emulators.serving import serving
from tests.emulators.alibaba.client import Clock, Cloud


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def cloud(clock: Clock) -> AsyncIterator[Cloud]:
    """Serve the example network; a diagnosis takes 7 seconds."""
    app = AlibabaEmulator(load_network(), clock, diagnosis_s=7).web_app()
    async with serving(app) as base_url, aiohttp.ClientSession() as session:
        yield Cloud(session, base_url.removeprefix("http://"), clock)
