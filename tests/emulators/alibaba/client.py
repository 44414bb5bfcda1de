"""A client that signs its calls to the emulator, and whose calls can be spoiled; a clock that stands still."""

import hashlib
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

from bot.alibaba.signature import authorization, canonical_query, canonical_request
from bot.emulators.alibaba.emulator import AlibabaEmulator
from bot.emulators.alibaba.network import Network
from bot.emulators.alibaba.network_file import load_network
from bot.emulators.alibaba.received import FORM
from bot.emulators.serving import serving

# The example network; reading it takes longer than most tests.
EXAMPLE = load_network()

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
VPC, STS, RAM = "2016-04-28", "2015-04-01", "2015-05-01"
VERSIONS = {
    "AssumeRole": STS,
    "AssumeRoleWithOIDC": STS,
    "GetCallerIdentity": STS,
    "DecodeDiagnosticMessage": RAM,
}


@dataclass(frozen=True)
class Key:
    id: str
    secret: str
    token: str | None = None


BASE = Key("LTAIemulatorBase", "emulator-base-secret")
LAB = Key("LTAIemulatorLab", "emulator-lab-secret")
ROOT = Key("LTAIemulatorRoot", "emulator-root-secret")


@dataclass
class Clock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Reply:
    status: int
    body: dict[str, Any]
    headers: dict[str, str]

    @property
    def code(self) -> str:
        return str(self.body.get("Code", "ok"))

    @property
    def session_key(self) -> Key:
        """The key that AssumeRole answered with."""
        given = self.body["Credentials"]
        return Key(given["AccessKeyId"], given["AccessKeySecret"], given["SecurityToken"])


@dataclass(frozen=True)
class Wire:
    """How a call differs on the wire from a usual one; `unsigned` headers are set after signing."""

    method: str = "POST"
    query: str = ""
    form: dict[str, str] = field(default_factory=dict)
    signed: dict[str, str] = field(default_factory=dict)
    unsigned: dict[str, str] = field(default_factory=dict)


PLAIN = Wire()


@dataclass
class Cloud:
    """A client of the emulator that signs its calls."""

    session: aiohttp.ClientSession
    host: str
    clock: Clock
    proxy: str | None = None
    nonces: Any = field(default_factory=itertools.count)

    async def call(
        self, action: str, params: dict[str, str] | None = None, *, key: Key = LAB, wire: Wire = PLAIN
    ) -> Reply:
        body = canonical_query(wire.form).encode()
        body_hash = hashlib.sha256(body).hexdigest()
        signed = {
            "host": self.host,
            "x-acs-action": action,
            "x-acs-version": VERSIONS.get(action, VPC),
            "x-acs-date": f"{self.clock():%Y-%m-%dT%H:%M:%SZ}",
            "x-acs-signature-nonce": f"nonce-{next(self.nonces)}",
            "x-acs-content-sha256": body_hash,
            "x-acs-security-token": key.token or "",
            "content-type": FORM if body else "",
        }
        signed = {name: value for name, value in (signed | wire.signed).items() if value}
        query = canonical_query(params or {})
        canonical = canonical_request(wire.method, "/", query, signed, list(signed), body_hash)
        sent = signed | {"authorization": authorization(key.id, key.secret, canonical, list(signed))}
        return await self.send(wire.method, f"/?{wire.query or query}", sent | wire.unsigned, body)

    async def send(self, method: str, target: str, headers: dict[str, str], body: bytes = b"") -> Reply:
        url = f"http://{self.host}{target}"
        async with self.session.request(method, url, headers=headers, data=body, proxy=self.proxy) as response:
            return Reply(response.status, await response.json(), dict(response.headers))

    async def call_unsigned(self, action: str, params: dict[str, str]) -> Reply:
        headers = {"x-acs-action": action, "x-acs-version": VERSIONS[action]}
        return await self.send("POST", f"/?{canonical_query(params)}", headers)

    async def control(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        url = f"http://{self.host}/_emulator/{path}"
        async with self.session.request(method, url, json=body or None) as response:
            answer: dict[str, Any] = await response.json()
            return answer

    async def calls(self) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = (await self.control("GET", "calls"))["calls"]
        return listed

    async def start(self, name: str = "healthy", key: Key = LAB, /, **changes: str) -> Reply:
        """Start a diagnosis on one of the example gateways; an empty parameter is left out."""
        params = {
            "RegionId": "cn-hangzhou",
            "VpnGatewayId": f"vpn-{name}"[:23].ljust(23, "0") + "1",
            "ResourceId": f"vco-{name}"[:23].ljust(23, "0") + "1",
            "ResourceType": "IPsec",
        } | changes
        return await self.call("DiagnoseVpnGateway", {n: v for n, v in params.items() if v}, key=key)

    async def result(self, diagnose_id: str, key: Key = LAB, /, **changes: str) -> Reply:
        params = {"RegionId": "cn-hangzhou", "DiagnoseId": diagnose_id} | changes
        return await self.call("GetVpnGatewayDiagnoseResult", {n: v for n, v in params.items() if v}, key=key)

    async def assume(self, role: str = "vpn-diagnose-oncall", key: Key = BASE, /, **changes: str) -> Reply:
        arn = f"acs:ram::1234567890123456:role/{role}"
        params = {"RoleArn": arn, "RoleSessionName": "slack-T0EMULATED-U0ALICE"} | changes
        return await self.call("AssumeRole", params, key=key)


@asynccontextmanager
async def served(network: Network, clock: Clock) -> AsyncIterator[Cloud]:
    """Serve a network; a diagnosis takes 7 seconds."""
    app = AlibabaEmulator(network, clock, diagnosis_s=7).web_app()
    async with serving(app) as base_url, aiohttp.ClientSession() as session:
        yield Cloud(session, base_url.removeprefix("http://"), clock)
