"""`vpn-diagnose serve`: the bot, until it is told to stop."""

import argparse
import asyncio
import logging
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.settings import Settings

SUMMARY = "run the bot: through Socket Mode if SLACK_APP_TOKEN is set, through HTTP otherwise"

log = logging.getLogger("bot.serve")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take no arguments: what differs from place to place is in the settings."""
    del parser


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT; a sentence and 1 when it cannot start or a part of it dies."""
    del arguments
    from bot.logs import configure
    from bot.settings import Settings, environment

    environ = environment(os.environ, Path.cwd())
    settings = Settings.read(environ)
    settings.needed_to_serve()
    configure(settings.log_format, settings.log_level)
    asyncio.run(_serve(settings, environ))
    return 0


async def _serve(settings: "Settings", environ: dict[str, str]) -> None:
    from bot.app.running import running
    from bot.logs import tell_of_loop

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(tell_of_loop)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with running(settings, environ) as bot:
        log.info("ready: Slack through %s, health and metrics at %s", bot.way_in, bot.address)
        await bot.until(stop)
    log.info("stopped")
