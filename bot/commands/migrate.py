"""`vpn-diagnose migrate`: the database's tables brought up to date without starting the bot."""

import argparse
import asyncio
import os
from pathlib import Path

SUMMARY = "bring the database's tables up to date, which the bot also does when it starts"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take no arguments: the database is in the settings."""
    del parser


def run(arguments: argparse.Namespace) -> int:
    """Create or change what is missing and print the version of the tables."""
    del arguments
    print(f"the tables are at version {asyncio.run(_migrated())}")
    return 0


async def _migrated() -> str:
    from bot.app.sources import now
    from bot.settings import Settings, environment
    from bot.store.database import open_database
    from bot.store.schema import revision_of

    url = Settings.read(environment(os.environ, Path.cwd())).database_url.get_secret_value()
    async with open_database(url, now) as database:
        return str(await database.read(revision_of))
