"""A client whose other side is a function, and credentials that are made up."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx
import pytest
from hypothesis import settings
from pydantic import SecretStr

from bot.alibaba.endpoints import Endpoints
from bot.alibaba.rpc import RpcClient
from bot.alibaba.traffic import Traffic
from bot.model.credential import Credential

# A deadline of hypothesis measures what else the machine is doing; no test here is about time.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

NOON = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)

Handler = Callable[[httpx.Request], httpx.Response]


class Pauses:
    """Notes the seconds that somebody wanted to wait, and waits none: the clock is moved on instead."""

    def __init__(self) -> None:
        self.taken: list[float] = []
        self.now = 0.0

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)
        self.now += seconds

    def monotonic(self) -> float:
        return self.now

    def clock(self) -> datetime:
        return NOON + timedelta(seconds=self.now)


@pytest.fixture
def credential() -> Credential:
    return Credential(
        access_key_id="STS.example-id",
        access_key_secret=SecretStr("example-secret"),
        security_token=SecretStr("CAIS-example/token+with=reserved&chars%20=="),
    )


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
def rpc_over(pauses: Pauses) -> Callable[..., RpcClient]:
    """Return a builder of clients: over a handler, or over connections to real servers."""
    nonces: Iterator[int] = count(1)

    def build(
        handler: Handler | httpx.AsyncBaseTransport, base_url: str | None = None, **changes: Any
    ) -> RpcClient:
        parts: dict[str, Any] = {
            "http": handler if isinstance(handler, httpx.AsyncBaseTransport) else httpx.MockTransport(handler),
            "endpoints": Endpoints(base_url),
            "clock": lambda: NOON,
            "nonce": lambda: f"nonce-{next(nonces)}",
            "pause": pauses,
            "chance": lambda: 1.0,
            "traffic": Traffic(lambda: NOON, pauses.monotonic, pauses),
        }
        return RpcClient(**parts | changes)

    return build
