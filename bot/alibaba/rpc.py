"""One call of an RPC operation, made again a few times when that is safe and likely to help."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import httpx

from bot.alibaba.endpoints import Endpoints
from bot.alibaba.operation import Operation
from bot.alibaba.reply import understood
from bot.alibaba.retry import PAUSES_UP_TO_S, may_pass, pause_s
from bot.alibaba.sending import anonymous_request, query_of, refuse_unsendable, secrets_of, signed_request
from bot.alibaba.traffic import PATIENCE_S, Place, Traffic
from bot.alibaba.transport import failures_named, post, read_bounded
from bot.model.credential import Credential
from bot.model.ids import RegionId
from bot.model.problem import Problem
from bot.model.skew import ahead_by

log = logging.getLogger(__name__)

# Seconds for all attempts together. Whoever needs longer is served by the worker, which comes back to a run
# without holding anything meanwhile.
WITHIN_S = 10.0

# Seconds that must be left for another attempt: the longest wait for its turn, and time to be answered. With less
# it would take a turn for nothing, and what is known of the last attempt is worth more than that time ran out.
LEFT_S = PATIENCE_S + 1.0

# For how long an answer tells of our clock: it may be set right meanwhile, while nobody calls.
LATELY = timedelta(minutes=2)

# Whose quota a call without a credential counts to.
NOBODY = "anonymous"


class _Intent(NamedTuple):
    """What is the same in all attempts of one call; the loop's clock ends them at `until`."""

    operation: Operation
    params: Mapping[str, str]
    credential: Credential | None
    base: str
    query: str
    secrets: list[str]
    place: Place
    until: float

    def __repr__(self) -> str:
        """Say which call it is, and nothing of what is sent: a traceback may show this."""
        return f"<{self.operation.name} at {self.place}>"

    @property
    def who(self) -> int:
        """The same for the same call made again later, also by another attempt of the worker's."""
        return hash((self.operation.name, self.query))


class RpcClient:
    """Calls operations for whoever's credential is handed in; holds none itself."""

    def __init__(
        self,
        http: httpx.AsyncBaseTransport,
        endpoints: Endpoints,
        clock: Callable[[], datetime],
        nonce: Callable[[], str],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        *,
        traffic: Traffic | None = None,
        chance: Callable[[], float] = random.random,
        within_s: float = WITHIN_S,
    ) -> None:
        """Call over the connections of `http`, which is closed by whoever opened it.

        Let `nonce` never return the same text twice, `pause` wait for that many seconds, `chance` be in [0, 1).

        `traffic` is shared by all clients of the process.
        """
        self._http = http
        self._endpoints = endpoints
        self._clock = clock
        self._nonce = nonce
        self.pause = pause
        self._traffic = traffic or Traffic(clock, pause=pause)
        self._chance = chance
        self._within_s = within_s
        self._last_seen: tuple[datetime, str] | None = None

    @property
    def clock_ahead_by(self) -> timedelta | None:
        """How far our clock was ahead of the cloud's at its last answer; None if none has told it lately."""
        if self._last_seen is None or not timedelta(0) <= self._clock() - self._last_seen[0] <= LATELY:
            return None
        return ahead_by(*self._last_seen)

    async def call(
        self,
        operation: Operation,
        params: Mapping[str, str],
        credential: Credential | None,
        region: RegionId | None,
    ) -> dict[str, Any]:
        """Make one call, in at most three attempts and ten seconds, and return the answer as it was sent.

        Without a credential it goes unsigned. Raises Problem with the vendor's own code, or `cloud.unreachable`,
        `cloud.timeout`, `cloud.interrupted`, `cloud.not_understood`, `cloud.redirected`, `cloud.busy`,
        `cloud.circuit_open`. Attempts differ in nonce and date alone: an operation that changes something needs a
        ClientToken among its parameters.
        """
        intent = self._intent(operation, params, credential, region)
        for bound_s in PAUSES_UP_TO_S:
            try:
                return await self._attempt(intent)
            except Problem as problem:
                wait_s = pause_s(bound_s, problem, self._chance())
                left_s = intent.until - asyncio.get_running_loop().time() - wait_s
                if not may_pass(problem) or left_s < LEFT_S:
                    raise
                log.info("%s is tried again: %s", operation.name, problem)
            await self.pause(wait_s)
        return await self._attempt(intent)

    def _intent(
        self,
        operation: Operation,
        params: Mapping[str, str],
        credential: Credential | None,
        region: RegionId | None,
    ) -> _Intent:
        secrets = secrets_of(operation, params, credential)
        if credential is not None:
            refuse_unsendable(credential)
        return _Intent(
            operation=operation,
            params=params,
            credential=credential,
            base=self._endpoints.url(operation.product, region),
            query=query_of(operation, params),
            secrets=secrets,
            place=Place(_account(credential), operation.product, region),
            until=asyncio.get_running_loop().time() + self._within_s,
        )

    async def _attempt(self, intent: _Intent) -> dict[str, Any]:
        async with self._traffic.admitted(intent.operation, intent.place, intent.who):
            return await self._sent(intent)

    async def _sent(self, intent: _Intent) -> dict[str, Any]:
        operation = intent.operation
        url, headers = self._request(intent)
        try:
            async with asyncio.timeout_at(intent.until):
                with failures_named(operation.name, url.host):
                    response = await self._http.handle_async_request(post(url, headers))
                    self._last_seen = self._clock(), response.headers.get("date", "")
                    body = await read_bounded(response, operation.name)
        except TimeoutError as error:
            raise Problem("cloud.timeout", operation=operation.name, seconds=f"{self._within_s:g}") from error
        return understood(operation, response.status_code, response.headers, body, intent.secrets)

    def _request(self, intent: _Intent) -> tuple[httpx.URL, dict[str, str]]:
        """Lay out one attempt, which differs from the one before in nonce and date."""
        moment, nonce = self._clock(), self._nonce()
        if intent.credential is None:
            return anonymous_request(intent.operation, intent.base, intent.params, moment, nonce)
        return signed_request(intent.operation, intent.base, intent.query, intent.credential, moment, nonce)


def _account(credential: Credential | None) -> str:
    return NOBODY if credential is None else credential.account_id or credential.access_key_id
