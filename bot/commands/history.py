"""`vpn-diagnose history`: the latest runs, from the database."""

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.model.run import Run

SUMMARY = "list the latest runs (with SQLite while the bot is not running: it alone uses its file)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take how many and in which form."""
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--limit", type=_positive, default=20, metavar="N", help="at most N runs (default 20)")


def run(arguments: argparse.Namespace) -> int:
    """Print the latest runs, newest first."""
    newest = asyncio.run(_newest(arguments.limit))
    if not newest:
        print("no runs yet", file=sys.stderr)
    for found in newest:
        print(json.dumps(_row(found)) if arguments.json else "  ".join(_row(found).values()))
    return 0


async def _newest(limit: int) -> "tuple[Run, ...]":
    from bot.app.sources import now
    from bot.settings import Settings, environment
    from bot.store.address import is_missing_file
    from bot.store.database import open_database
    from bot.store.runs import Runs

    url = Settings.read(environment(os.environ, Path.cwd())).database_url.get_secret_value()
    if is_missing_file(url):
        return ()  # looking does not make a database
    async with open_database(url, now) as database:
        return await Runs(database).newest(limit)


def _row(run: "Run") -> dict[str, str]:
    return {
        "at": run.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "state": run.state.value,
        "user": f"{run.requester.team_id}/{run.requester.user_id}",
        "channel": run.conversation.channel_id,
        "region": run.request.region,
        "gateway": run.request.gateway_id,
        "connection": run.request.connection_id,
        "DiagnoseId": run.diagnose_id or "-",
        "problem": run.problem.code if run.problem else "-",
    }


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number
