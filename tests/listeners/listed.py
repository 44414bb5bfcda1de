"""A cloud with so many gateways that nobody reads them all, looked through with one key for everybody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
from pydantic import SecretStr

from bot.access.listings import As, Listings
from bot.alibaba.endpoints import Endpoints
from bot.alibaba.rpc import RpcClient
from bot.alibaba.transport import build_http
from bot.alibaba.vpn import VpnApi
from bot.emulators.alibaba.emulator import AlibabaEmulator
from bot.emulators.alibaba.network import Gateway, Network
from bot.emulators.alibaba.network_file import load_network
from bot.emulators.serving import serving
from bot.model.credential import Credential
from bot.model.ids import VpnGatewayId

LAB = Credential(access_key_id="LTAIemulatorLab", access_key_secret=SecretStr("emulator-lab-secret"))

MANY = 130

HOSTILE = "<!channel> *bold* \u202egnitirw\nsecond line " + "x" * 200


def forgotten(who: As, refused: Credential) -> None:
    del who, refused


def now() -> datetime:
    return datetime.now(UTC)


def crowded() -> Network:
    """Return the emulated network with many more gateways in Hangzhou, two of them special."""
    network = load_network(None)
    account = network.accounts[0]
    usual: dict[str, Any] = {"region": "cn-hangzhou", "vpc": "vpc-healthy0000000000001"}
    more = [Gateway(id=VpnGatewayId(f"vpn-many{n:03}"), name=f"branch-{n:03}", **usual) for n in range(MANY)]
    more += [
        Gateway(id=VpnGatewayId("vpn-off"), ipsec=False, **usual),
        Gateway(id=VpnGatewayId("vpn-payments1"), **usual),
    ]
    more += [Gateway(id=VpnGatewayId("vpn-hostile"), name=HOSTILE, **usual)]
    more += [Gateway(id=VpnGatewayId("vpn-locked"), business_status="FinancialLocked", status="updating", **usual)]
    changed = account.model_copy(update={"vpn_gateways": (*account.vpn_gateways, *more)})
    return network.model_copy(update={"accounts": (changed, *network.accounts[1:])})


@asynccontextmanager
async def listed() -> AsyncIterator[Listings]:
    """Give lists that are asked for with the lab's key."""

    async def lab(who: As) -> Credential:
        del who
        return LAB

    async with serving(AlibabaEmulator(crowded(), clock=now).web_app()) as url, build_http() as http:
        rpc = RpcClient(http, Endpoints(url), now, lambda: uuid4().hex)
        found = Listings(lab, forgotten, VpnApi(rpc), now)
        yield found
        await found.close()


def silent(within_s: float = 5) -> Listings:
    """Return lists of a cloud that never answers."""

    async def never(who: As) -> Credential:
        del who
        await asyncio.Event().wait()
        return LAB

    rpc = RpcClient(httpx.AsyncHTTPTransport(), Endpoints(None), now, lambda: "nonce")
    return Listings(never, forgotten, VpnApi(rpc), now, within_s)
