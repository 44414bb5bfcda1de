"""Books, people and a cloud to decide about."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from pydantic import SecretStr

from bot.access.book import Book, load_book
from bot.access.desk import Access
from bot.access.groups import Groups
from bot.access.probes import Probes
from bot.alibaba.endpoints import Endpoints
from bot.alibaba.ram import RamApi
from bot.alibaba.rpc import RpcClient
from bot.alibaba.sts import StsApi
from bot.alibaba.transport import build_http
from bot.alibaba.tunnels import TunnelApi
from bot.alibaba.vpn import VpnApi
from bot.emulators.alibaba.emulator import alibaba_emulator
from bot.emulators.serving import serving
from bot.model.credential import Credential
from bot.model.ids import GroupId, TeamId, UserId
from bot.model.problem import Problem
from bot.model.request import Requester

BOOK = """\
version: 1
workspaces: [T0EMULATED]
identities:
  oncall:
    assume_role: acs:ram::1234567890123456:role/vpn-diagnose-oncall
    regions: [cn-hangzhou, cn-qingdao]
  external:
    assume_role: acs:ram::1234567890123456:role/vpn-external
    external_id: env:EXTERNAL_ID
  closed:
    assume_role: acs:ram::1234567890123456:role/vpn-closed
  lab:
    access_key: {id: env:LAB_KEY_ID, secret: file:lab_key_secret}
users:
  U0ALICE: oncall
  U0BOB: lab
  U0CAROL: external
  U0DAVE: closed
groups:
  S0NETWORK: oncall
  S0LAB: lab
"""


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 1, 2, 12, 0, tzinfo=UTC))


@pytest.fixture
def load(tmp_path: Path) -> Callable[[str], Book]:
    """Return what loads a book from its text."""

    def load_text(text: str) -> Book:
        file = tmp_path / "access.yml"
        file.write_text(text, encoding="utf-8")
        return load_book(file)

    return load_text


@pytest.fixture
def refused(load: Callable[[str], Book]) -> Callable[[str], dict[str, str]]:
    """Return what loads a book that must be refused, and gives the facts of the refusal."""

    def load_text(text: str) -> dict[str, str]:
        with pytest.raises(Problem) as raised:
            load(text)
        assert raised.value.code == "settings.access_file"
        return raised.value.facts

    return load_text


@pytest.fixture
def a_requester() -> Callable[..., Requester]:
    def build(user: str = "U0ALICE", team: str = "T0EMULATED") -> Requester:
        return Requester(team_id=TeamId(team), user_id=UserId(user))

    return build


@dataclass
class SlackGroups:
    """What Slack would say of its user groups: members, or a problem."""

    members: dict[str, set[str]] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def list_members(self, group: GroupId) -> frozenset[UserId]:
        self.asked.append(group)
        if group in self.problems:
            raise Problem(self.problems[group])
        return frozenset(UserId(member) for member in self.members.get(group, ()))


@pytest.fixture
def slack_groups() -> SlackGroups:
    return SlackGroups()


@dataclass
class Cloud:
    """The emulated cloud: its STS and its other parts as the bot calls them, and what it has been called for."""

    sts: StsApi
    vpn: VpnApi
    ram: RamApi
    tunnels: TunnelApi
    base_url: str
    http: httpx.AsyncClient

    @property
    def probes(self) -> Probes:
        return Probes(self.vpn, self.sts, self.ram, self.tunnels)

    async def calls(self, operation: str) -> list[dict[str, Any]]:
        answer = await self.http.get(f"{self.base_url}/_emulator/calls", params={"operation": operation})
        calls: list[dict[str, Any]] = answer.json()["calls"]
        return calls

    async def order_fault(self, **fault: Any) -> None:
        await self.control("faults", fault)

    async def change(self, **change: Any) -> None:
        """Change the network while it runs; see bot.emulators.alibaba.network_change."""
        await self.control(
            "network", {"change": {name.replace("_", "-"): patch for name, patch in change.items()}}
        )

    async def may(self, *statements: dict[str, Any]) -> None:
        """Let the role of the people on call do this and nothing else."""
        policy = {"Version": "1", "Statement": list(statements)}
        await self.control("network", {"change": {"diagnose": policy}})

    async def control(self, what: str, order: dict[str, Any]) -> None:
        answer = await self.http.post(f"{self.base_url}/_emulator/{what}", json=order)
        assert answer.status_code == 200, answer.text


@pytest.fixture
async def cloud(clock: Clock) -> AsyncIterator[Cloud]:
    async def no_pause(seconds: float) -> None:
        del seconds

    async with (
        serving(alibaba_emulator(None, clock)) as base_url,
        build_http() as connections,
        httpx.AsyncClient(trust_env=False) as http,
    ):
        rpc = RpcClient(connections, Endpoints(base_url), clock, lambda: uuid4().hex, no_pause)
        yield Cloud(StsApi(rpc), VpnApi(rpc), RamApi(rpc), TunnelApi(rpc), base_url, http)


@pytest.fixture
def base() -> Credential:
    return Credential(access_key_id="LTAIemulatorBase", access_key_secret=SecretStr("emulator-base-secret"))


@pytest.fixture
async def an_access(
    load: Callable[[str], Book],
    cloud: Cloud,
    base: Credential,
    slack_groups: SlackGroups,
    clock: Clock,
    tmp_path: Path,
) -> AsyncIterator[Callable[..., Awaitable[Access]]]:
    """Return a builder of the desk over the emulated cloud, with its groups asked once."""
    built: list[Access] = []
    (tmp_path / "lab_key_secret").write_text("emulator-lab-secret\n")

    async def build(text: str = BOOK, **changes: Any) -> Access:
        values: dict[str, Any] = {
            "base": base,
            "environ": {"EXTERNAL_ID": "emulator-external-id", "LAB_KEY_ID": "LTAIemulatorLab"},
        }
        access = Access(
            book=load(text),
            sts=cloud.sts,
            groups=Groups(slack_groups.list_members, clock),
            secrets_directory=tmp_path,
            clock=clock,
            **values | changes,
        )
        await access.refresh_groups()
        built.append(access)
        return access

    yield build
    for access in built:
        await access.close()
