"""`vpn-diagnose emulate`: one emulator alone, for anyone's client."""

import argparse
import asyncio
import json
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.commands.arguments import port

if TYPE_CHECKING:
    from aiohttp import web

SUMMARY = "run the emulator of Alibaba Cloud or of Slack alone, for anyone's client"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take which emulator, where it listens, and the network it emulates."""
    services = parser.add_subparsers(dest="service", required=True, metavar="alibaba|slack")
    for service in ("alibaba", "slack"):
        one = services.add_parser(service, description=SUMMARY)
        one.add_argument(
            "--host", default="127.0.0.1", metavar="H", help="address to listen on (default 127.0.0.1)"
        )
        one.add_argument("--port", type=port, default=0, metavar="N", help="its port (default: any free one)")
        if service == "alibaba":
            one.add_argument("--network", type=Path, metavar="FILE", help="the emulated network")


def run(arguments: argparse.Namespace) -> int:
    """Serve until Ctrl-C; the first line of standard output says where, as JSON."""
    asyncio.run(_serve(_app(arguments), arguments.host, arguments.port))
    return 0


def _app(arguments: argparse.Namespace) -> "web.Application":
    if arguments.service == "slack":
        from bot.emulators.slack.emulator import SlackEmulator

        return SlackEmulator(clock=_now).web_app()
    from bot.emulators.alibaba.emulator import AlibabaEmulator
    from bot.emulators.alibaba.network_file import load_network

    return AlibabaEmulator(load_network(arguments.network), clock=_now).web_app()


def _now() -> datetime:
    return datetime.now(UTC)


async def _serve(app: "web.Application", host: str, number: int) -> None:
    from bot.emulators.serving import serving

    stop = asyncio.Event()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(wanted, stop.set)
    async with serving(app, host, number) as base_url:
        print(json.dumps({"ready": base_url}), flush=True)
        await stop.wait()
