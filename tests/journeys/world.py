"""A world to live a user's story in: both emulators, and the bot, which can be stopped and started again."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from bot.app.running import Bot, running
from bot.emulators.alibaba.emulator import AlibabaEmulator
from bot.emulators.alibaba.network_file import load_network
from bot.emulators.serving import serving
from bot.emulators.slack.emulator import SlackEmulator
from bot.emulators.slack.player import Player
from bot.emulators.slack.workspace import EXAMPLE, Workspace
from bot.settings import Settings

Json = dict[str, Any]

HEALTHY = "vpn-healthy0000000000001 vco-healthy0000000000001 cn-hangzhou"
BROKEN = "vpn-broken00000000000001 vco-broken00000000000001 cn-hangzhou"

ACCESS_FILE = """\
version: 1
workspaces: [T0EMULATED]
identities:
  oncall: {assume_role: "acs:ram::1234567890123456:role/vpn-diagnose-oncall"}
  readonly: {access_key: {id: "env:READONLY_ID", secret: "env:READONLY_SECRET"}}
users: {U0ALICE: oncall, U0BOB: readonly}
"""


class World:
    """One day at work; `diagnosis_s` is how many seconds the emulated diagnosis takes."""

    def __init__(
        self,
        folder: Path,
        slack_url: str,
        alibaba_url: str,
        session: aiohttp.ClientSession,
        channels: tuple[str, ...] = ("C0INCIDENT",),
    ) -> None:
        self.folder = folder
        self.channels = channels
        self.slack_url = slack_url
        self.alibaba_url = alibaba_url
        self.player = Player(slack_url, session)
        self._session = session
        self.write_access(ACCESS_FILE)

    def write_access(self, text: str) -> None:
        (self.folder / "access.yml").write_text(text, encoding="utf-8")

    def environ(self, **changes: str) -> dict[str, str]:
        return {
            "SLACK_BOT_TOKEN": "xoxb-emulator",
            "SLACK_APP_TOKEN": "xapp-emulator",
            "SLACK_API_URL": f"{self.slack_url}/api/",
            "ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAIemulatorBase",
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "emulator-base-secret",
            "READONLY_ID": "LTAIemulatorBase",  # the base user may assume roles, and may not diagnose
            "READONLY_SECRET": "emulator-base-secret",
            "VPN_DIAGNOSE_ALIBABA_ENDPOINT": self.alibaba_url,
            "VPN_DIAGNOSE_ACCESS_FILE": str(self.folder / "access.yml"),
            "VPN_DIAGNOSE_DATABASE_URL": f"sqlite:///{self.folder}/bot.db",
            "VPN_DIAGNOSE_POLL_EVERY_S": "0.1",
            "VPN_DIAGNOSE_PORT": "0",
        } | changes

    @asynccontextmanager
    async def bot(self, **changes: str) -> AsyncIterator[Bot]:
        environ = self.environ(**changes)
        async with running(Settings.read(environ), environ) as bot:
            if environ["SLACK_APP_TOKEN"]:
                await self.player.until_connected()
            else:
                await self.player.delivery(events_url=f"{bot.address}/slack/events")
            yield bot

    async def ending(self, channel: str = "C0INCIDENT", number: int = 1) -> Json:
        """Wait until `number` threads in the channel have ended, and return the last of them with its replies."""

        async def ended() -> list[Json]:
            roots = [message for message in await self.player.messages(channel) if has_ended(message)]
            return roots if len(roots) >= number else []

        return (await self.player.until(ended, 20))[number - 1]

    async def direct_channel(self, user: str) -> str:
        """Return the ID of a person's direct messages with the bot; the empty text while there are none."""
        async with self._session.get(f"{self.slack_url}/_emulator/workspace") as response:
            channels = (await response.json())["channels"]
        return next((str(channel["id"]) for channel in channels if channel["with_user"] == user), "")

    async def cloud_calls(self, operation: str | None = None) -> list[Json]:
        query = {} if operation is None else {"operation": operation}
        async with self._session.get(f"{self.alibaba_url}/_emulator/calls", params=query) as response:
            calls: list[Json] = (await response.json())["calls"]
            return calls

    async def cloud_fault(
        self, operation: str, kind: str, *, times: int = 1, seconds: float = 0, error: str = ""
    ) -> None:
        fault: Json = {"operation": operation, "kind": kind, "times": times}
        fault |= {name: value for name, value in (("seconds", seconds), ("error", error)) if value}
        async with self._session.post(f"{self.alibaba_url}/_emulator/faults", json=fault) as response:
            assert response.status == 200, await response.text()

    async def cloud_change(self, change: Json) -> None:
        """Change the emulated network while it runs; see bot.emulators.alibaba.network_change."""
        url = f"{self.alibaba_url}/_emulator/network"
        async with self._session.post(url, json={"change": change}) as response:
            assert response.status == 200, await response.text()


def part_of(message: Json) -> str:
    """Return which of a run's messages this is; the empty text for one that is not ours."""
    return str(message.get("metadata", {}).get("event_payload", {}).get("part", ""))


def has_ended(root: Json) -> bool:
    """Tell whether the ending has been told, and the root message shows it."""
    if part_of(root) == "ending":
        return True
    ended = any(part_of(reply) == "ending" for reply in root.get("replies", ()))
    return ended and "⏳" not in str(root.get("blocks"))


def granted_scopes() -> list[str]:
    """Return what the manifest asks for: a journey must not get by with more."""
    manifest = yaml.safe_load((Path(__file__).parents[2] / "manifest.yml").read_text(encoding="utf-8"))
    scopes: list[str] = manifest["oauth_config"]["scopes"]["bot"]
    return scopes


@asynccontextmanager
async def living(
    folder: Path,
    *,
    diagnosis_s: float = 0.3,
    network: Path | None = None,
    workspace: Workspace = EXAMPLE,
    scopes: Iterable[str] | None = None,
) -> AsyncIterator[World]:
    """Let both emulators live while the block runs; `scopes` are the bot's, by default those of the manifest."""

    def clock() -> datetime:
        return datetime.now(UTC)

    alibaba = AlibabaEmulator(load_network(network), clock=clock, diagnosis_s=diagnosis_s)
    async with (
        serving(alibaba.web_app()) as alibaba_url,
        serving(
            SlackEmulator(
                workspace.granting(*(granted_scopes() if scopes is None else scopes)), clock=clock
            ).web_app()
        ) as slack_url,
        aiohttp.ClientSession() as session,
    ):
        channels = tuple(channel.id for channel in workspace.channels)
        yield World(folder, slack_url, alibaba_url, session, channels)
