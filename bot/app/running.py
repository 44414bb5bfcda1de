"""A running bot: the parts are made, the runs that were left are taken up, and the door opens last."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from pydantic import SecretStr

from bot.access.listings import Listings
from bot.access.tunnels_seen import see_tunnels
from bot.app.clocks import CLOUD_TAKES, SLACK_TAKES, Clocks, Remote
from bot.app.parts import Parts, parts_of, text_of
from bot.app.readiness import Readiness
from bot.app.sources import form_key, new_error_id, new_owner, now
from bot.app.upkeep import ask_who_we_are, in_background, sweep
from bot.diagnosis import Diagnosis
from bot.listeners import register
from bot.listeners.intake import Intake
from bot.listeners.limits import Limits, Most
from bot.listeners.regions import known_regions
from bot.listeners.trail import Trail
from bot.listeners.unknown import declined_reply
from bot.setbacks import Pace
from bot.settings import Settings
from bot.slack.logs import quiet_libraries
from bot.slack.permalinks import Permalinks
from bot.slack.thread import Thread
from bot.store.past import Past
from bot.store.signatures import Signatures
from bot.web.bolt import bolt_app
from bot.web.connections import Connections
from bot.web.dispatch import Dispatch
from bot.web.door import web_app
from bot.web.events import Events
from bot.web.listening import listening
from bot.web.meters import Meters
from bot.web.replays import KEEP, MOST_KNOWN
from bot.web.socket import SlackSocket
from bot.worker import Worker


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


@asynccontextmanager
async def running(settings: Settings, environ: Mapping[str, str]) -> AsyncIterator[Bot]:
    """Run the bot while the block runs; raises `Problem` where it cannot start."""
    settings.needed_to_serve()
    quiet_libraries()
    async with AsyncExitStack() as stack:
        parts = await parts_of(settings, environ, stack)
        owner = new_owner()
        worker = worker_of(settings, parts, owner)
        await stack.enter_async_context(parts.database.present(owner, worker.wake))
        tasks = (
            await in_background(stack, parts.access.keep_current()),
            await in_background(stack, sweep(parts.runs, parts.database.clock, settings.retention_days)),
            await in_background(stack, parts.audit.tell_head()),
            await in_background(stack, ask_who_we_are(parts.slack)),
            await in_background(stack, worker.work(), worker.stop),
        )
        bot = await _with_doors_open(settings, parts, worker, tasks, stack)
        stack.callback(worker.stop)  # at the end first of all: the steps under way finish while the doors close
        yield bot


def worker_of(settings: Settings, parts: Parts, owner: str) -> Worker:
    """Make the worker, which holds leases as `owner`."""
    pace = Pace(poll_every_s=settings.poll_every_s, give_up_after_s=settings.give_up_after_s)
    thread = Thread(parts.slack, parts.runs.still_ours, settings.console)
    return Worker(
        parts.runs,
        Diagnosis(parts.access, parts.vpn, thread, parts.runs, pace, partial(see_tunnels, parts.probes)),
        owner=owner,
        lease_s=settings.lease_s,
        clock=parts.database.clock,
        new_error_id=new_error_id,
        give_way=parts.precedence.give_way,
    )


def intake_of(settings: Settings, parts: Parts, worker: Worker, trail: Trail) -> Intake:
    """Make what the listeners work with."""
    default = {settings.default_region} if settings.default_region else set()
    most = Most(
        of_person=settings.most_runs_per_person,
        on_gateway=settings.most_runs_per_gateway,
        overall=settings.most_runs,
    )
    return Intake(
        access=parts.access,
        runs=parts.runs,
        past=Past(parts.database),
        permalink=Permalinks(parts.slack),
        listings=Listings(parts.access.credential_of, parts.access.forget_credential, parts.vpn, now),
        slack=parts.slack,
        clock=parts.database.clock,
        entropy=os.urandom,
        wake=worker.wake,
        language=settings.language,
        default_region=settings.default_region,
        known_regions=known_regions(parts.access.named_regions | default),
        limits=Limits(most, parts.runs.unfinished, parts.runs.delivered),
        last_used=parts.runs.last_asked,
        report_refusal=trail.refused,
        report_reading=trail.shown,
        form_key=form_key(settings.slack_bot_token or SecretStr("")),
        enterprise_id=parts.identity.enterprise_id,
    )


async def _with_doors_open(
    settings: Settings, parts: Parts, worker: Worker, tasks: tuple[asyncio.Task[None], ...], stack: AsyncExitStack
) -> Bot:
    meters = Meters(parts.registry)
    app = bolt_app(parts.client, parts.identity)
    trail = Trail(parts.audit.append, parts.access.book_hash, parts.database.clock)
    stack.push_async_callback(trail.close)
    intake = intake_of(settings, parts, worker, trail)
    if intake.listings is not None:
        stack.push_async_callback(intake.listings.close)
    if intake.limits is not None:
        stack.push_async_callback(intake.limits.close)
        await intake.limits.count()
    stack.push_async_callback(intake.close)
    register(app, intake)
    decline = partial(declined_reply, intake=intake)
    dispatch = Dispatch(app, meters, time.monotonic, parts.precedence.request_seen, decline=decline)

    clocks = _clocks(parts, by_http=settings.slack_app_token is None)
    connections = Connections(lambda reason: meters.dropped.labels(reason).inc())

    def warnings() -> dict[str, str | None]:
        return {"access_file": parts.access.why_stale(), "clock": clocks.why_told()}

    if settings.slack_app_token is None:
        secret = SecretStr(text_of(settings.slack_signing_secret))
        signatures = Signatures(parts.database)
        # One more than memory holds, so that it is seen when more were let in.
        known = None if parts.database.shared else await signatures.recent(now() - KEEP, MOST_KNOWN + 1)
        events = Events(dispatch, secret, now, meters, signatures.first_use, known)
        door = web_app(Readiness(parts.runs, tasks, None, parts.heard, clocks), parts.registry, events, warnings)
        address = await stack.enter_async_context(listening(door, settings.host, settings.port, connections))
        return Bot(address, f"HTTP ({address}/slack/events)", tasks)
    socket = SlackSocket(dispatch, parts.client, settings.slack_app_token)
    door = web_app(Readiness(parts.runs, tasks, socket, parts.heard, clocks), parts.registry, warnings=warnings)
    address = await stack.enter_async_context(listening(door, settings.host, settings.port, connections))
    await socket.open()
    stack.push_async_callback(socket.close)
    return Bot(address, "Socket Mode", tasks)


def _clocks(parts: Parts, *, by_http: bool) -> Clocks:
    cloud = Remote("Alibaba Cloud", lambda: parts.rpc.clock_ahead_by, CLOUD_TAKES)
    slack = Remote("Slack", lambda: parts.heard.ahead, SLACK_TAKES if by_http else None)
    return Clocks((cloud, slack))
