"""`vpn-diagnose check`: every part tried for real, each with what is wrong and how to mend it."""

import argparse
import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bot.commands.arguments import gateway
from bot.commands.check_identities import try_identities
from bot.commands.outcomes import Outcomes
from bot.model.ids import VpnGatewayId
from bot.model.problem import Problem
from bot.settings import Settings, environment

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.access.book import Book

SUMMARY = "try every part for real, and say what is wrong and how to mend it"

# Without these nothing works, nobody is admitted, or mentions are not heard; what is lost without the others is in
# README.md.
NEEDED_SCOPES = frozenset({"app_mentions:read", "chat:write", "commands", "users:read"})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the form of the answer."""
    parser.add_argument("--json", action="store_true", help="the outcomes as one JSON object")
    parser.add_argument(
        "--gateway",
        action="append",
        default=[],
        type=gateway,
        metavar="ID",
        help="try the identities on this VPN gateway (vpn-…), as a role needs it that is narrowed to some; may be"
        " given several times",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print each outcome; 0 only if all are good."""
    environ = environment(os.environ, Path.cwd())
    outcomes = asyncio.run(try_everything(Settings.read(environ), environ, arguments.gateway))
    if arguments.json:
        checks = [outcome._asdict() for outcome in outcomes.all]
        print(json.dumps({"good": outcomes.good, "checks": checks}, ensure_ascii=False))
    else:
        for outcome in outcomes.all:
            print(f"{'good ' if outcome.good else 'WRONG'}  {outcome.name}: {outcome.detail}")
    return 0 if outcomes.good else 1


async def try_everything(
    settings: Settings, environ: Mapping[str, str], gateways: Sequence[VpnGatewayId] = ()
) -> Outcomes:
    """Try the settings, the files, Slack and each identity, one after the other; identities on `gateways`."""
    outcomes = Outcomes(settings.language)
    await outcomes.add("settings", _settings(settings))
    book_is_good = await outcomes.add("access file", _access_file(settings))
    await outcomes.add("database", _database(settings))
    book = _book(settings) if book_is_good else None
    await _try_slack(settings, book, outcomes)
    await try_identities(settings, environ, book, outcomes, gateways)
    return outcomes


async def _settings(settings: Settings) -> str:
    settings.needed_to_serve()
    return "everything that serve needs is set"


async def _access_file(settings: Settings) -> str:
    book = _book(settings)
    people = sum(len(of_team) for of_team in book.users.values())
    groups = sum(len(of_team) for of_team in book.groups.values())
    return f"{settings.access_file}: {people} people, {groups} groups, {len(book.identities)} identities"


def _book(settings: Settings) -> "Book":
    from bot.access.book import load_book

    return load_book(settings.access_file)


async def _database(settings: Settings) -> str:
    from bot.app.sources import now
    from bot.store.database import open_database

    try:
        async with open_database(settings.database_url.get_secret_value(), now):
            return "it opens, and its tables are there"
    except Problem as problem:
        if problem.code != "settings.database_in_use":
            raise
        return "it is in use by a bot that runs"


async def _try_slack(settings: Settings, book: "Book | None", outcomes: Outcomes) -> None:
    from bot.slack.client import build_client, build_session

    if settings.slack_bot_token is None:
        return  # said under "settings" already
    async with build_session() as session:
        client = build_client(settings.slack_bot_token.get_secret_value(), settings.slack_api_url, session)
        await outcomes.add("Slack bot token", _bot_token(client, book))
        if settings.slack_app_token is not None:
            await outcomes.add("Slack app token", _app_token(client, settings.slack_app_token.get_secret_value()))


async def _bot_token(client: "AsyncWebClient", book: "Book | None") -> str:
    from bot.slack.api import SlackApi

    identity = await SlackApi(client).auth_test()
    needed = NEEDED_SCOPES | {"usergroups:read"} if book is not None and book.all_groups else NEEDED_SCOPES
    missing = needed - identity.scopes
    if missing:
        raise Problem("slack.missing_scope", needed=", ".join(sorted(missing)))
    if book is not None and identity.team_id not in book.workspaces:
        raise Problem("settings.slack_other_workspace", team_id=identity.team_id)
    return f"{identity.user_id} in workspace {identity.team_id}, scopes {', '.join(sorted(identity.scopes))}"


async def _app_token(client: "AsyncWebClient", token: str) -> str:
    from bot.slack.answers import answer

    await answer("apps.connections.open", client.apps_connections_open(app_token=token))
    return "Socket Mode can be opened"
