"""Builders that are valid by default, and the database that tests use."""

import logging
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.model.ids import ChannelId, RegionId, RunId, TeamId, UserId, VpnConnectionId, VpnGatewayId
from bot.model.request import Conversation, DiagnosisRequest, Requester
from bot.model.run import Run
from bot.store.database import Database, open_database
from bot.store.runs import Runs

NOON = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Undo what a command under test does to the log of the whole process."""
    root, bot = logging.getLogger(), logging.getLogger("bot")
    before = (root.level, bot.level, root.handlers[:])
    yield
    root.setLevel(before[0])
    bot.setLevel(before[1])
    root.handlers[:] = before[2]


@pytest.fixture
def a_request() -> Callable[..., DiagnosisRequest]:
    def build(**changes: Any) -> DiagnosisRequest:
        values: dict[str, Any] = {
            "region": RegionId("cn-hangzhou"),
            "gateway_id": VpnGatewayId("vpn-healthy0000000000001"),
            "connection_id": VpnConnectionId("vco-healthy0000000000001"),
        }
        return DiagnosisRequest(**values | changes)

    return build


@pytest.fixture
def a_run(a_request: Callable[..., DiagnosisRequest]) -> Callable[..., Run]:
    """Return a builder of runs; each gets an id of its own."""
    built = 0

    def build(**changes: Any) -> Run:
        nonlocal built
        built += 1
        values: dict[str, Any] = {
            "id": RunId.made(NOON, built.to_bytes(10, "big")),
            "requester": Requester(team_id=TeamId("T0EMULATED"), user_id=UserId("U0ALICE")),
            "conversation": Conversation(channel_id=ChannelId("C0INCIDENT")),
            "request": a_request(),
            "language": "en",
            "created_at": NOON,
            "due_at": NOON,
        }
        return Run(**values | changes)

    return build


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(f"sqlite:///{tmp_path}/bot.db", lambda: datetime.now(UTC)) as opened:
        yield opened


@pytest.fixture
def runs(database: Database) -> Runs:
    return Runs(database)
