"""`vpn-diagnose check`: every part tried for real, each with what is wrong and how to mend it."""

import argparse
import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bot.explain.problems import explain
from bot.model.ids import UserId
from bot.model.problem import Problem
from bot.model.request import Requester
from bot.settings import Settings, environment

if TYPE_CHECKING:
    from bot.access.book import Book
    from bot.alibaba.sts import StsApi
    from bot.model.run import Language
    from bot.slack.api import SlackApi

SUMMARY = "try every part for real, and say what is wrong and how to mend it"

# Without these nothing works; the history scopes only help to find a message again after a crash.
NEEDED_SCOPES = frozenset({"chat:write", "commands"})

# Whose name the sessions bear that this command opens: nobody's, so that ActionTrail shows them for what they are.
NOBODY = UserId("U00CHECK")


class Outcome(NamedTuple):
    """One part that was tried: `detail` says what was found, or what is wrong and what to do."""

    name: str
    good: bool
    detail: str


Trial = Callable[[], Awaitable[str]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the form of the answer."""
    parser.add_argument("--json", action="store_true", help="the outcomes as one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Print each outcome; 0 only if all are good."""
    environ = environment(os.environ, Path.cwd())
    outcomes = asyncio.run(_try_everything(Settings.read(environ), environ))
    good = all(outcome.good for outcome in outcomes)
    if arguments.json:
        print(
            json.dumps({"good": good, "checks": [outcome._asdict() for outcome in outcomes]}, ensure_ascii=False)
        )
    else:
        for outcome in outcomes:
            print(f"{'good ' if outcome.good else 'WRONG'}  {outcome.name}: {outcome.detail}")
    return 0 if good else 1


async def _try_everything(settings: Settings, environ: dict[str, str]) -> list[Outcome]:
    from bot.access.book import load_book

    outcomes: list[Outcome] = []

    async def attempt(name: str, trial: Trial) -> None:
        outcomes.append(await _outcome(name, trial, settings.language))

    async def settings_suffice() -> str:
        settings.needed_to_serve()
        return "everything that serve needs is set"

    async def book_is_good() -> str:
        book = load_book(settings.access_file)
        people = sum(len(users) for users in book.users.values())
        groups = sum(len(of_team) for of_team in book.groups.values())
        return f"{people} people, {groups} groups, {len(book.identities)} identities in {settings.access_file}"

    async with AsyncExitStack() as stack:
        await attempt("settings", settings_suffice)
        await attempt("access file", book_is_good)
        await attempt("database", lambda: _database(settings))
        await _try_slack(settings, stack, attempt)
        book = load_book(settings.access_file) if outcomes[1].good else None
        await _try_identities(settings, environ, book, stack, attempt)
    return outcomes


async def _outcome(name: str, trial: Trial, language: "Language") -> Outcome:
    try:
        return Outcome(name, good=True, detail=await trial())
    except Problem as problem:
        said = explain(problem.details, language)
        words = " ".join(part for part in (said.happened, said.next_step, said.reference) if part)
        return Outcome(name, good=False, detail=words)


async def _database(settings: Settings) -> str:
    from bot.store.database import open_database

    try:
        async with open_database(settings.database_url.get_secret_value()):
            return "it opens, and its tables are there"
    except Problem as problem:
        if problem.code != "settings.database_in_use":
            raise
        return "it is in use by a running bot"


async def _try_slack(
    settings: Settings, stack: AsyncExitStack, attempt: Callable[[str, Trial], Awaitable[None]]
) -> None:
    from bot.slack.answers import answer
    from bot.slack.api import SlackApi
    from bot.slack.client import build_client, build_session

    if settings.slack_bot_token is None:
        return
    session = await stack.enter_async_context(build_session())
    client = build_client(settings.slack_bot_token.get_secret_value(), settings.slack_api_url, session)
    await attempt("Slack bot token", lambda: _bot_token(SlackApi(client)))
    if settings.slack_app_token is not None:
        token = settings.slack_app_token.get_secret_value()

        async def socket_opens() -> str:
            await answer("apps.connections.open", client.apps_connections_open(app_token=token))
            return "Socket Mode can be opened"

        await attempt("Slack app token", socket_opens)


async def _bot_token(slack: "SlackApi") -> str:
    identity = await slack.auth_test()
    missing = NEEDED_SCOPES - identity.scopes
    if missing:
        raise Problem("slack.missing_scope", needed=", ".join(sorted(missing)))
    return f"{identity.user_id} in workspace {identity.team_id}, scopes {', '.join(sorted(identity.scopes))}"


async def _try_identities(
    settings: Settings,
    environ: dict[str, str],
    book: "Book | None",
    stack: AsyncExitStack,
    attempt: Callable[[str, Trial], Awaitable[None]],
) -> None:
    from bot.access.identity import Identity
    from bot.access.issuing import Issuer
    from bot.alibaba.endpoints import Endpoints
    from bot.alibaba.rpc import RpcClient
    from bot.alibaba.sts import StsApi
    from bot.alibaba.transport import build_http
    from bot.app import base_credential, new_nonce, now

    http = await stack.enter_async_context(build_http())
    sts = StsApi(RpcClient(http, Endpoints(settings.alibaba_endpoint), now, new_nonce))
    await attempt("the bot's own identity", lambda: _base(settings, sts))
    if book is None:
        return
    issuer = Issuer(sts, base_credential(settings), environ, settings.access_file.parent)
    requester = Requester(team_id=min(book.workspaces), user_id=NOBODY)

    async def issued(identity: Identity) -> str:
        return f"works, as {(await issuer.issue(identity, requester)).principal}"

    for name, identity in book.identities.items():
        await attempt(f"identity {name}", lambda identity=identity: issued(identity))  # type: ignore[misc]


async def _base(settings: Settings, sts: "StsApi") -> str:
    from bot.app import base_credential

    base = base_credential(settings)
    if base is None:
        return "not set; only identities with an access key of their own can be used"
    # The service refuses a call whose date is more than 15 minutes off, so this tries the clock as well.
    return f"{(await sts.get_caller_identity(base)).arn}, and the clock is near the cloud's"
