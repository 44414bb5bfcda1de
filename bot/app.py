"""The composition root: settings become parts, and the parts a running bot. The only place that knows them all."""

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import SQLAlchemyError

from bot.access.book import Book, load_book
from bot.access.desk import Access
from bot.access.groups import REFRESH_EVERY_S, Groups
from bot.alibaba.endpoints import Endpoints
from bot.alibaba.meters import CallMeter, CircuitMeter
from bot.alibaba.rpc import RpcClient
from bot.alibaba.sts import StsApi
from bot.alibaba.traffic import Traffic
from bot.alibaba.transport import build_http
from bot.alibaba.vpn import VpnApi
from bot.diagnosis import Diagnosis
from bot.listeners import register
from bot.listeners.intake import Intake
from bot.listeners.regions import known_regions
from bot.model.credential import Credential
from bot.model.problem import Problem
from bot.precedence import Precedence
from bot.setbacks import Pace
from bot.settings import Settings
from bot.slack.api import BotIdentity, SlackApi
from bot.slack.client import build_client, build_session
from bot.slack.logs import quiet_libraries
from bot.slack.thread import Thread
from bot.store.database import Database, open_database
from bot.store.runs import Runs
from bot.web.bolt import bolt_app
from bot.web.dispatch import Dispatch
from bot.web.door import web_app
from bot.web.events import Events
from bot.web.listening import listening
from bot.web.meters import Meters
from bot.web.socket import SlackSocket
from bot.worker import Worker

log = logging.getLogger(__name__)

# Times in seconds, and rows of each kind at once: between two batches others get to write.
SWEEP_EVERY_S = 60.0
SWEEP_PAUSE_S = 0.5
SWEEP_AT_ONCE = 500
DAY_S = 86_400.0

# Slack repeats an event for an hour at most; a form that was left open over night may be sent twice.
KEEP_DELIVERIES_S = DAY_S


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot that runs; `address` is its HTTP door, `way_in` how Slack reaches it."""

    address: str
    way_in: str
    tasks: tuple[asyncio.Task[None], ...]

    async def until(self, stop: asyncio.Event) -> None:
        """Wait for `stop`, or raise what ended a part of the bot before that."""
        stopped = asyncio.create_task(stop.wait())
        try:
            done, _ = await asyncio.wait({stopped, *self.tasks}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopped.cancel()
        for ended in done - {stopped}:
            await ended


@dataclass(frozen=True, slots=True)
class _Parts:
    """What does not depend on how Slack reaches us."""

    book: Book
    database: Database
    runs: Runs
    client: AsyncWebClient
    slack: SlackApi
    identity: BotIdentity
    access: Access
    vpn: VpnApi
    precedence: Precedence
    registry: CollectorRegistry


@asynccontextmanager
async def running(settings: Settings, environ: Mapping[str, str]) -> AsyncIterator[Bot]:
    """Run the bot while the block runs; raises `Problem` where it cannot start.

    What must not be wrong (the book, the database, Slack's token) is tried first, then the runs that an earlier
    process left are taken up, and the door opens last.
    """
    settings.needed_to_serve()
    quiet_libraries()
    async with AsyncExitStack() as stack:
        parts = await _parts(settings, environ, stack)
        owner = uuid4().hex
        worker = _worker(settings, parts, owner)
        await stack.enter_async_context(parts.database.present(owner, worker.wake))
        tasks = (
            await _in_background(stack, _refresh_groups(parts.access)),
            await _in_background(stack, _sweep(parts, settings.retention_days)),
            await _in_background(stack, worker.work(), worker.stop),
        )
        bot = await _with_doors_open(settings, parts, worker, tasks, stack)
        stack.callback(worker.stop)  # at the end first of all: the steps under way finish while the doors close
        yield bot


async def _parts(settings: Settings, environ: Mapping[str, str], stack: AsyncExitStack) -> _Parts:
    book = load_book(settings.access_file)
    database = await stack.enter_async_context(open_database(settings.database_url.get_secret_value(), now))
    session = await stack.enter_async_context(build_session())
    client = build_client(_text(settings.slack_bot_token), settings.slack_api_url, session)
    slack = SlackApi(client)
    identity = await slack.auth_test()
    if identity.team_id not in book.workspaces:
        raise Problem("settings.slack_other_workspace", team_id=identity.team_id)
    http = await stack.enter_async_context(build_http())
    registry = CollectorRegistry()
    rpc = _rpc(settings, http, registry)
    access = Access(
        book,
        base_credential(settings),
        StsApi(rpc),
        Groups(slack.list_group_members, now),
        environ,
        settings.access_file.parent,
        now,
    )
    stack.push_async_callback(access.close)
    access.check()
    await access.refresh_groups()
    precedence = Precedence(time.monotonic)
    return _Parts(
        book, database, Runs(database), client, slack, identity, access, VpnApi(rpc), precedence, registry
    )


def _rpc(settings: Settings, http: httpx.AsyncBaseTransport, registry: CollectorRegistry) -> RpcClient:
    traffic = Traffic(now, time.monotonic, asyncio.sleep, CallMeter(registry))
    CircuitMeter(registry, traffic)
    endpoints = Endpoints(settings.alibaba_endpoint, settings.inside_vpc)
    return RpcClient(http, endpoints, now, new_nonce, traffic=traffic)


def _worker(settings: Settings, parts: _Parts, owner: str) -> Worker:
    pace = Pace(poll_every_s=settings.poll_every_s, give_up_after_s=settings.give_up_after_s)
    return Worker(
        parts.runs,
        Diagnosis(parts.access, parts.vpn, Thread(parts.slack, parts.runs.still_ours), parts.runs, pace),
        owner=owner,
        lease_s=settings.lease_s,
        clock=parts.database.clock,
        new_error_id=new_error_id,
        give_way=parts.precedence.give_way,
    )


async def _with_doors_open(
    settings: Settings, parts: _Parts, worker: Worker, tasks: tuple[asyncio.Task[None], ...], stack: AsyncExitStack
) -> Bot:
    meters = Meters(parts.registry)
    app = bolt_app(parts.client, parts.identity)
    register(app, _intake(settings, parts, worker))
    dispatch = Dispatch(app, meters, time.monotonic, parts.precedence.request_seen)
    if settings.slack_app_token is None:
        events = Events(dispatch, SecretStr(_text(settings.slack_signing_secret)), now, meters)
        door = web_app(Readiness(parts.runs, tasks, None), parts.registry, events)
        address = await stack.enter_async_context(listening(door, settings.host, settings.port))
        return Bot(address, f"HTTP ({address}/slack/events)", tasks)
    socket = SlackSocket(dispatch, parts.client, settings.slack_app_token)
    door = web_app(Readiness(parts.runs, tasks, socket), parts.registry)
    address = await stack.enter_async_context(listening(door, settings.host, settings.port))
    await socket.open()
    stack.push_async_callback(socket.close)
    return Bot(address, "Socket Mode", tasks)


def _intake(settings: Settings, parts: _Parts, worker: Worker) -> Intake:
    named = {region for identity in parts.book.identities.values() for region in identity.regions}
    default = {settings.default_region} if settings.default_region else set()
    return Intake(
        access=parts.access,
        runs=parts.runs,
        slack=parts.slack,
        clock=parts.database.clock,
        entropy=os.urandom,
        wake=worker.wake,
        language=settings.language,
        default_region=settings.default_region,
        known_regions=known_regions(named | default),
    )


class Readiness:
    """Looks at what the bot cannot do without; each check's reason is for whoever runs the bot."""

    def __init__(self, runs: Runs, tasks: tuple[asyncio.Task[None], ...], socket: SlackSocket | None) -> None:
        self._runs = runs
        self._tasks = tasks
        self._socket = socket

    async def __call__(self) -> dict[str, str | None]:
        """Return the reason for each check that is not good, None for each that is."""
        return {
            "database": await self._why_no_database(),
            "worker": "a part of the bot has ended" if any(task.done() for task in self._tasks) else None,
            "slack": await self._socket.why_deaf() if self._socket else None,
        }

    async def _why_no_database(self) -> str | None:
        try:
            await self._runs.next_due()
        except SQLAlchemyError as error:
            return f"the database does not answer ({type(error).__name__})"
        return None


async def _in_background(
    stack: AsyncExitStack, work: Coroutine[Any, Any, None], stop: Callable[[], None] | None = None
) -> asyncio.Task[None]:
    """Start `work`, to be stopped when the stack unwinds: by `stop` and its own end, else by cancelling it."""
    task = asyncio.create_task(work)

    async def end() -> None:
        if stop is None:
            task.cancel()
        else:
            stop()
        await asyncio.gather(task, return_exceptions=True)

    stack.push_async_callback(end)
    return task


async def _sweep(parts: _Parts, retention_days: float) -> None:
    """Remove what need not be kept any longer, a little at a time."""
    pause_s = SWEEP_EVERY_S
    while True:
        await asyncio.sleep(pause_s)
        try:
            removed = await parts.runs.sweep(
                parts.database.clock(), retention_days * DAY_S, KEEP_DELIVERIES_S, SWEEP_AT_ONCE
            )
        except SQLAlchemyError as error:
            log.warning("nothing was swept: %s", type(error).__name__)
            removed = 0
        pause_s = SWEEP_PAUSE_S if removed else SWEEP_EVERY_S


async def _refresh_groups(access: Access) -> None:
    while True:
        await asyncio.sleep(REFRESH_EVERY_S)
        await access.refresh_groups()


def base_credential(settings: Settings) -> Credential | None:
    """Return the bot's own identity, or None if the environment names none."""
    if settings.access_key_id is None or settings.access_key_secret is None:
        return None
    return Credential(
        access_key_id=settings.access_key_id,
        access_key_secret=settings.access_key_secret,
        security_token=settings.security_token,
    )


def now() -> datetime:
    """Return the time in UTC: the one clock of the bot."""
    return datetime.now(UTC)


def new_nonce() -> str:
    return uuid4().hex


def new_error_id() -> str:
    """Return a short word that a person can read out and search the log for."""
    return uuid4().hex[:8]


def _text(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
