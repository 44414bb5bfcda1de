"""A cloud in which the bot is a workload: it brings a token of its cluster, and its role may assume the others."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import aiohttp

from bot.access.base_source import OwnRoleByToken, ProviderArn
from bot.access.identity import RoleArn
from bot.alibaba.endpoints import Endpoints
from bot.alibaba.rpc import RpcClient
from bot.alibaba.sts import StsApi
from bot.alibaba.transport import build_http
from bot.emulators.alibaba import network_file
from bot.emulators.alibaba.emulator import alibaba_emulator
from bot.emulators.serving import serving

if TYPE_CHECKING:
    from tests.access.conftest import Clock

PROVIDER = "acs:ram::1234567890123456:oidc-provider/emulated-cluster"
WORKLOAD = "acs:ram::1234567890123456:role/vpn-diagnose-workload"
BOT_USER = "acs:ram::1234567890123456:user/vpn-diagnose-bot"

_PACKAGED = Path(network_file.__file__).with_name("network.yml")
_OIDC_CONDITION = '"oidc:sub": system:serviceaccount:vpn:vpn-diagnose\n        policies: '


def _network() -> str:
    text = _PACKAGED.read_text(encoding="utf-8")
    for old, new in (
        (f'{{RAM: ["{BOT_USER}"]}}', f'{{RAM: ["{BOT_USER}", "{WORKLOAD}"]}}'),
        (f"{_OIDC_CONDITION}[diagnose]", f"{_OIDC_CONDITION}[assume-the-roles]"),
    ):
        assert old in text
        text = text.replace(old, new)
    return text


@dataclass
class Workload:
    """The emulated cloud as the workload sees it; `file` is where its cluster writes its token."""

    sts: StsApi
    base_url: str
    http: aiohttp.ClientSession
    file: Path

    @property
    def source(self) -> OwnRoleByToken:
        return OwnRoleByToken(role_arn=RoleArn(WORKLOAD), provider_arn=ProviderArn(PROVIDER), token_file=self.file)

    async def write_token(self, lasts_s: int = 3600) -> str:
        """Write a new token into the file, as the cluster does, and return it."""
        order = {
            "provider": PROVIDER,
            "subject": "system:serviceaccount:vpn:vpn-diagnose",
            "lasts_s": lasts_s,
        }
        async with self.http.post(f"{self.base_url}/_emulator/oidc-token", json=order) as answer:
            token: str = (await answer.json())["token"]
        self.file.write_text(token)
        return token

    async def calls(self, operation: str) -> list[dict[str, Any]]:
        query = {"operation": operation}
        async with self.http.get(f"{self.base_url}/_emulator/calls", params=query) as answer:
            calls: list[dict[str, Any]] = (await answer.json())["calls"]
            return calls

    async def order_fault(self, **fault: Any) -> None:
        async with self.http.post(f"{self.base_url}/_emulator/faults", json=fault) as answer:
            answer.raise_for_status()


@asynccontextmanager
async def a_workload(folder: Path, clock: "Clock") -> AsyncIterator[Workload]:
    async def no_pause(seconds: float) -> None:
        del seconds

    network = folder / "network.yml"
    network.write_text(_network(), encoding="utf-8")
    async with (
        serving(alibaba_emulator(network, clock)) as base_url,
        build_http() as http,
        aiohttp.ClientSession() as session,
    ):
        rpc = RpcClient(http, Endpoints(base_url), clock, lambda: uuid4().hex, no_pause)
        yield Workload(StsApi(rpc), base_url, session, folder / "token")
