"""One emulator, two clients: the official SDK (either side of it) and the bot's own."""

import itertools
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from bot.alibaba.endpoints import Endpoints
from bot.alibaba.rpc import RpcClient
from bot.alibaba.transport import build_http
from bot.emulators.alibaba import AlibabaEmulator, load_network
from bot.emulators.serving import serving
from bot.model.credential import Credential
from tests.peers.sdk import Sdk

LAB = Credential(access_key_id="LTAIemulatorLab", access_key_secret=SecretStr("emulator-lab-secret"))
BASE = Credential(access_key_id="LTAIemulatorBase", access_key_secret=SecretStr("emulator-base-secret"))


@pytest.fixture
async def base_url() -> AsyncIterator[str]:
    """Serve the example network; a diagnosis is done as soon as it is asked for."""
    app = AlibabaEmulator(load_network(), lambda: datetime.now(UTC), diagnosis_s=0).web_app()
    async with serving(app) as url:
        yield url


@pytest.fixture(params=["sync", "async"])
def sdk(base_url: str, request: pytest.FixtureRequest) -> Sdk:
    return Sdk(base_url.removeprefix("http://"), is_async=request.param == "async")


@pytest.fixture
async def ours(base_url: str) -> AsyncIterator[RpcClient]:
    numbers = itertools.count()
    async with build_http() as http:
        yield RpcClient(http, Endpoints(base_url), lambda: datetime.now(UTC), lambda: f"nonce-{next(numbers)}")
