"""The parts of the bot that do not depend on how Slack reaches it."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient

from bot.access.admission import Roster
from bot.access.base import Base, base_of
from bot.access.base_source import base_source
from bot.access.book import load_book
from bot.access.book_file import BookFile
from bot.access.desk import Access
from bot.access.groups import Groups
from bot.access.people import People
from bot.access.places import Places
from bot.access.probes import Probes
from bot.alibaba.ecs_metadata import EcsMetadata
from bot.alibaba.endpoints import Endpoints
from bot.alibaba.meters import CallMeter, CircuitMeter
from bot.alibaba.ram import RamApi
from bot.alibaba.rpc import RpcClient
from bot.alibaba.sts import StsApi
from bot.alibaba.traffic import Traffic
from bot.alibaba.transport import build_http
from bot.alibaba.tunnels import TunnelApi
from bot.alibaba.vpn import VpnApi
from bot.app.sources import new_nonce, now
from bot.model.problem import Problem
from bot.precedence import Precedence
from bot.settings import Settings
from bot.slack.api import BotIdentity, SlackApi
from bot.slack.client import build_client, build_session
from bot.slack.directory import Directory
from bot.slack.heard import Heard
from bot.slack.pacing import Pacing
from bot.store.audit import Audit
from bot.store.database import Database, open_database
from bot.store.runs import Runs


@dataclass(frozen=True, slots=True)
class Parts:
    """What a running bot is made of; `identity` is who Slack says that we are."""

    database: Database
    runs: Runs
    audit: Audit
    client: AsyncWebClient
    slack: SlackApi
    heard: Heard
    identity: BotIdentity
    access: Access
    vpn: VpnApi
    probes: Probes
    rpc: RpcClient
    precedence: Precedence
    registry: CollectorRegistry


async def parts_of(settings: Settings, environ: Mapping[str, str], stack: AsyncExitStack) -> Parts:
    """Make the parts, to be closed with the stack; raises `Problem` for what must not be wrong at the start."""
    book = load_book(settings.access_file, environ)
    database = await stack.enter_async_context(open_database(settings.database_url.get_secret_value(), now))
    session = await stack.enter_async_context(build_session())
    client = build_client(text_of(settings.slack_bot_token), settings.slack_api_url, session)
    heard = Heard(now)
    slack = SlackApi(client, Pacing(times=settings.slack_pace / settings.replicas), database.clock, heard=heard)
    identity = await slack.auth_test()
    if identity.team_id not in book.workspaces:
        raise Problem("settings.slack_other_workspace", team_id=identity.team_id)
    http = await stack.enter_async_context(build_http())
    registry = CollectorRegistry()
    rpc = _rpc(settings, http, registry)
    vpn, sts, tunnels = VpnApi(rpc), StsApi(rpc), TunnelApi(rpc)
    probes = Probes(vpn, sts, RamApi(rpc), tunnels)
    directory = Directory(client, heard)
    access = Access(
        BookFile(settings.access_file, environ, book, now, identity.team_id),
        _base(settings, sts, http),
        sts,
        Roster(
            Groups(slack.list_group_members, now),
            People(directory.account, identity.enterprise_id, now),
            Places(directory.is_shared, now),
        ),
        environ,
        settings.access_file.parent,
        now,
        probes,
    )
    stack.push_async_callback(access.close)
    access.check()
    await access.refresh_groups()
    precedence = Precedence(time.monotonic)
    return Parts(
        database,
        Runs(database),
        Audit(database),
        client,
        slack,
        heard,
        identity,
        access,
        vpn,
        probes,
        rpc,
        precedence,
        registry,
    )


def text_of(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""


def _rpc(settings: Settings, http: httpx.AsyncBaseTransport, registry: CollectorRegistry) -> RpcClient:
    traffic = Traffic(now, time.monotonic, asyncio.sleep, CallMeter(registry), share=1 / settings.replicas)
    CircuitMeter(registry, traffic)
    endpoints = Endpoints(settings.alibaba_endpoint, settings.inside_vpc)
    return RpcClient(http, endpoints, now, new_nonce, traffic=traffic)


def _base(settings: Settings, sts: StsApi, http: httpx.AsyncBaseTransport) -> Base | None:
    source = base_source(settings)
    metadata = EcsMetadata(http, settings.ecs_metadata_url)
    return None if source is None else base_of(source, sts, metadata.credential, now)
