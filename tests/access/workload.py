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
from bot.emulators.alibaba.emulator import AlibabaEmulator
from bot.emulators.alibaba.network import Network
from bot.emulators.alibaba.network_file import load_network
from bot.emulators.serving import serving

if TYPE_CHECKING:
    from tests.access.conftest import Clock

PROVIDER = "acs:ram::1234567890123456:oidc-provider/emulated-cluster"
WORKLOAD = "acs:ram::1234567890123456:role/vpn-diagnose-workload"


def _network() -> Network:
    """Let the workload's role assume the others, and the role of the people on call trust it."""
    data = load_network().model_dump(by_alias=True, exclude_unset=True)
    [account] = [one for one in data["accounts"] if one["id"] == "1234567890123456"]
    roles = {role["name"]: role for role in account["roles"]}
    roles["vpn-diagnose-workload"]["policies"] = ["assume-the-roles"]
    principal = roles["vpn-diagnose-oncall"]["trust"]["Statement"][0]["Principal"]
    principal["RAM"] = [*principal["RAM"], WORKLOAD]
    return Network.model_validate(data)


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

    async with (
        serving(AlibabaEmulator(_network(), clock).web_app()) as base_url,
        build_http() as http,
        aiohttp.ClientSession() as session,
    ):
        rpc = RpcClient(http, Endpoints(base_url), clock, lambda: uuid4().hex, no_pause)
        yield Workload(StsApi(rpc), base_url, session, folder / "token")
