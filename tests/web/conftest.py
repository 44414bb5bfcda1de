"""Parts of the doors, valid by default."""

import asyncio
from datetime import datetime

import pytest
from prometheus_client import CollectorRegistry
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.model.ids import TeamId, UserId
from bot.slack.api import BotIdentity
from bot.web.bolt import bolt_app
from bot.web.dispatch import Dispatch
from bot.web.meters import Meters

IDENTITY = BotIdentity(team_id=TeamId("T0EMULATED"), user_id=UserId("U0VPNBOT"), bot_id="B0VPNBOT")


class Seen:
    """Remembers signatures, as the database does."""

    def __init__(self) -> None:
        self.signatures: dict[str, datetime] = {}

    async def first_use(self, signature: str, at: datetime) -> bool:
        first = signature not in self.signatures
        self.signatures.setdefault(signature, at)
        await asyncio.sleep(0)
        return first


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def meters(registry: CollectorRegistry) -> Meters:
    return Meters(registry)


@pytest.fixture
def app() -> AsyncApp:
    """Return an app without listeners; whatever it would ask Slack goes to a port where nobody listens."""
    return bolt_app(AsyncWebClient(token="xoxb-test", base_url="http://127.0.0.1:9/api/"), IDENTITY)


@pytest.fixture
def dispatch(app: AsyncApp, meters: Meters) -> Dispatch:
    return Dispatch(app, meters, timer=lambda: 0.0, request_seen=lambda: None)
