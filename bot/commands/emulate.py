"""`vpn-diagnose emulate`: one emulator alone, for anyone's client."""

import argparse
import asyncio
import json
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.model.problem import Problem

if TYPE_CHECKING:
    from aiohttp import web

SUMMARY = "run the emulator of Alibaba Cloud or of Slack alone, for anyone's client"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take which emulator, where it listens, and the network it emulates."""
    parser.add_argument("service", choices=["alibaba", "slack"])
    parser.add_argument(
        "--host", default="127.0.0.1", metavar="H", help="address to listen on (default 127.0.0.1)"
    )
    parser.add_argument(
        "--port", type=int, default=0, metavar="N", help="port to listen on (default: any free one)"
    )
    parser.add_argument("--network", type=Path, metavar="FILE", help="the emulated network (alibaba only)")


def run(arguments: argparse.Namespace) -> int:
    """Serve until Ctrl-C; the first line of standard output says where, as JSON."""
    if arguments.network and arguments.service != "alibaba":
        raise Problem("settings.emulate_network")
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


async def _serve(app: "web.Application", host: str, port: int) -> None:
    from bot.emulators.serving import serving

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        async with serving(app, host, port) as base_url:
            print(json.dumps({"ready": base_url}), flush=True)
            await stop.wait()
    except OSError as error:
        raise Problem("settings.port_in_use", host=host, port=port) from error
