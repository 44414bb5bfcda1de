"""`vpn-diagnose try`: both emulators and the real bot on this machine, in one command, without any account."""

import argparse
import asyncio
import os
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from bot.commands.arguments import port

if TYPE_CHECKING:
    from bot.app.running import Bot
    from bot.emulators.slack.player import Player

SUMMARY = "try everything on this machine: Slack and Alibaba Cloud are emulated, the bot is the real one"

CHANNEL = "C0INCIDENT"

# Seconds for a report to be in the thread; a diagnosis takes some 3 of them.
REPORT_WITHIN_S = 60.0

ACCESS_FILE = """\
version: 1
workspaces: [T0EMULATED]
identities:
  network-oncall:
    assume_role: acs:ram::1234567890123456:role/vpn-diagnose-oncall
    regions: [cn-hangzhou, cn-qingdao]
  network-viewers:
    assume_role: acs:ram::1234567890123456:role/vpn-readonly
    regions: [cn-hangzhou]
users: {U0ALICE: network-oncall, U0LIN: network-oncall, U0BOB: network-viewers}
"""


class Example(NamedTuple):
    """A diagnosis that is played; the form's fields are those of the bot."""

    title: str
    fields: dict[str, str]

    @property
    def text(self) -> str:
        """The same as a command's text."""
        return " ".join(self.fields[name] for name in FIELDS if name in self.fields)


FIELDS = ("gateway_id", "connection_id", "source_ip", "destination_ip", "region")

HEALTHY = Example(
    "A healthy VPN, asked for by typing everything",
    {
        "region": "cn-hangzhou",
        "gateway_id": "vpn-healthy0000000000001",
        "connection_id": "vco-healthy0000000000001",
        "source_ip": "192.168.1.1",
        "destination_ip": "10.8.0.1",
    },
)
BROKEN = Example(
    "A broken tunnel, asked for through the form",
    {
        "region": "cn-hangzhou",
        "gateway_id": "vpn-broken00000000000001",
        "connection_id": "vco-broken00000000000001",
        "source_ip": "192.168.1.1",
        "destination_ip": "10.8.0.1",
    },
)


class Stage(NamedTuple):
    """What runs: the person at the keyboard, the address of either emulator, and the bot."""

    player: "Player"
    slack_url: str
    alibaba_url: str
    bot: "Bot"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the page's port, and whether to end after two examples."""
    parser.add_argument(
        "--port", type=port, default=0, metavar="N", help="port of the page (default: any free one)"
    )
    parser.add_argument(
        "--once",
        action="store_true",
        help="play one healthy and one broken diagnosis, print both threads, and end",
    )


def run(arguments: argparse.Namespace) -> int:
    """Play; with --once 0 only if both reports arrived, else until Ctrl-C."""
    from bot.logs import configure

    configure("text", "WARNING")
    return asyncio.run(_play(arguments.port, once=arguments.once))


async def _play(number: int, *, once: bool) -> int:
    from bot.logs import tell_of_loop

    asyncio.get_running_loop().set_exception_handler(tell_of_loop)
    async with staged(number) as stage:
        print(
            "Slack and Alibaba Cloud are emulated on this machine; the bot is the real one, through Socket Mode."
        )
        if once:
            arrived = [await _show(stage.player, HEALTHY), await _show(stage.player, BROKEN, through_form=True)]
            return 0 if all(arrived) else 1
        await _show(stage.player, HEALTHY)
        print(f"\nSlack is played at   {stage.slack_url}/")
        print(f"Alibaba Cloud is at  {stage.alibaba_url}  (what was called: /_emulator/calls)")
        print(f"\nTry there, for example:  /vpn-diagnose {BROKEN.text}")
        print("Ctrl-C ends it; nothing is kept.", flush=True)
        await stage.bot.until(_interrupted())
    return 0


def _interrupted() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


@asynccontextmanager
async def staged(number: int = 0, diagnosis_s: float = 3.0) -> AsyncIterator[Stage]:
    """Run both emulators and the bot, on a fresh database, while the block runs; a diagnosis takes so long."""
    import aiohttp

    from bot.app.running import running
    from bot.emulators.alibaba.emulator import AlibabaEmulator
    from bot.emulators.alibaba.network_file import load_network
    from bot.emulators.serving import serving
    from bot.emulators.slack.emulator import SlackEmulator
    from bot.emulators.slack.player import Player
    from bot.emulators.slack.workspace import ALERT, EXAMPLE
    from bot.settings import Settings

    workspace = EXAMPLE.model_copy(update={"remarks": (ALERT,)})
    alibaba = AlibabaEmulator(load_network(None), clock=_now, diagnosis_s=diagnosis_s)
    with tempfile.TemporaryDirectory(prefix="vpn-diagnose-try-") as folder:
        async with (
            serving(alibaba.web_app()) as alibaba_url,
            serving(
                SlackEmulator(workspace, clock=_now, cloud_url=alibaba_url).web_app(), port=number
            ) as slack_url,
            aiohttp.ClientSession() as session,
        ):
            environ = settings_for(Path(folder), slack_url, alibaba_url)
            async with running(Settings.read(environ), environ) as bot:
                player = Player(slack_url, session)
                await player.until_connected()
                yield Stage(player, slack_url, alibaba_url, bot)


def settings_for(folder: Path, slack_url: str, alibaba_url: str) -> dict[str, str]:
    """Return an environment for the bot between the two emulators; its files are in `folder`."""
    access_file = folder / "access.yml"
    access_file.write_text(ACCESS_FILE, encoding="utf-8")
    return {
        "SLACK_BOT_TOKEN": "xoxb-emulator",
        "SLACK_APP_TOKEN": "xapp-emulator",
        "SLACK_API_URL": f"{slack_url}/api/",
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAIemulatorBase",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "emulator-base-secret",
        "VPN_DIAGNOSE_ALIBABA_ENDPOINT": alibaba_url,
        "VPN_DIAGNOSE_ACCESS_FILE": str(access_file),
        "VPN_DIAGNOSE_DATABASE_URL": f"sqlite:///{folder}/bot.db",
        "VPN_DIAGNOSE_POLL_EVERY_S": "1",
        "VPN_DIAGNOSE_PORT": "0",
        "VPN_DIAGNOSE_LANGUAGE": os.environ.get("VPN_DIAGNOSE_LANGUAGE") or "en",
    }


async def _show(player: "Player", example: Example, *, through_form: bool = False) -> bool:
    """Play one diagnosis, print its thread, and return whether the report is in it."""
    from bot.emulators.slack.player import thread_text

    before = {message["ts"] for message in await player.messages(CHANNEL)}
    print(f"\n{example.title}:\n\n  Alice types in #incident:  {await _ask(player, example, through_form)}\n")
    try:
        root_ts = await player.until(lambda: _reported(player, before), REPORT_WITHIN_S)
    except TimeoutError:
        print(f"  No report came within {REPORT_WITHIN_S:.0f} s. What is in the channel:\n")
        root_ts = ""
    for message in await player.messages(CHANNEL):
        if message["ts"] not in before:
            print(_set_in(thread_text([message], message["ts"])))
    return bool(root_ts)


async def _ask(player: "Player", example: Example, through_form: bool) -> str:  # noqa: FBT001 - private, one caller
    if not through_form:
        await player.command(example.text, channel=CHANNEL)
        return f"/vpn-diagnose {example.text}"
    opened = await player.command("", channel=CHANNEL)
    await player.submit(opened["views"][0]["id"], example.fields)
    return f"/vpn-diagnose  and fills in the form: {', '.join(example.fields.values())}"


async def _reported(player: "Player", before: set[str]) -> str:
    """Return the ts of the new root message whose thread has its report, or nothing yet.

    The root message shows the verdict a moment after the report is there.
    """
    from bot.slack.verdict import UNDER_WAY

    for message in await player.messages(CHANNEL):
        told = any(_is_report(reply) for reply in message.get("replies", ()))
        if message["ts"] not in before and told and UNDER_WAY not in str(message["blocks"]):
            return str(message["ts"])
    return ""


def _is_report(reply: dict[str, Any]) -> bool:
    told = reply.get("metadata", {}).get("event_payload", {})
    return (told.get("part"), told.get("state")) == ("ending", "reported")


def _set_in(text: str) -> str:
    return "\n".join(f"  {line}".rstrip() for line in text.splitlines())


def _now() -> datetime:
    return datetime.now(UTC)
