"""`POST /slack/events`: lets in what Slack has signed, and answers everybody else with 4xx."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from datetime import datetime

from aiohttp import web
from pydantic import SecretStr

from bot.model.problem import Problem
from bot.web.body import parse_body
from bot.web.connections import connection_of
from bot.web.dispatch import Dispatch, Reply
from bot.web.guard import LARGEST_BODY, SIGNATURE, Refusal, check_head, check_signature
from bot.web.meters import Meters

log = logging.getLogger(__name__)

# Seconds for the whole body to arrive; Slack itself waits no longer than 3 for the answer.
READ_TIMEOUT_S = 3.0

# Seconds to find out whether these signed bytes were let in before; after that the person is told to try again,
# while Slack is still listening.
FIRST_USE_TIMEOUT_S = 1.0

# Tells whether a signature is seen for the first time, and remembers it; raises `Problem` if it cannot.
FirstUse = Callable[[str, datetime], Awaitable[bool]]


async def always_first(signature: str, at: datetime) -> bool:
    """Let everything in that is signed, however often."""
    del signature, at
    return True


class Events:
    """The route's handler; `clock` gives the time in UTC, against which the age of a signature is held.

    `first_use` is asked with the signature and the time before anything is parsed.
    """

    def __init__(
        self,
        dispatch: Dispatch,
        signing_secret: SecretStr,
        clock: Callable[[], datetime],
        meters: Meters,
        first_use: FirstUse = always_first,
        *,
        read_timeout_s: float = READ_TIMEOUT_S,
        first_use_timeout_s: float = FIRST_USE_TIMEOUT_S,
    ) -> None:
        self._dispatch = dispatch
        self._signing_secret = signing_secret
        self._clock = clock
        self._meters = meters
        self._first_use = first_use
        self._read_timeout_s = read_timeout_s
        self._first_use_timeout_s = first_use_timeout_s

    async def handle(self, request: web.Request) -> web.Response:
        body = await self._signed_body(request)
        if isinstance(body, Refusal):
            return self._refuse(request, body)
        connection = connection_of(request)
        with nullcontext() if connection is None else connection.trusted():
            answer = await self._answer(request, body)
        return self._refuse(request, answer) if isinstance(answer, Refusal) else _response(answer)

    async def _signed_body(self, request: web.Request) -> bytes | Refusal:
        refusal = check_head(request.method, request.content_type, request.headers, self._clock())
        if refusal is not None:
            return refusal
        body = await _read(request, self._read_timeout_s)
        if isinstance(body, Refusal):
            return body
        return check_signature(request.headers, body, self._signing_secret) or body

    async def _answer(self, request: web.Request, body: bytes) -> Reply | Refusal:
        problem = None
        try:
            if not await self._is_first(request.headers[SIGNATURE]):
                return Refusal(status=401, reason="replayed")
        except Problem as unknown:
            problem = unknown
        payload = parse_body(request.content_type, body)
        if isinstance(payload, Refusal):
            return payload
        return await self._dispatch(payload) if problem is None else self._dispatch.decline(problem, payload)

    async def _is_first(self, signature: str) -> bool:
        try:
            async with asyncio.timeout(self._first_use_timeout_s):
                return await self._first_use(signature, self._clock())
        except TimeoutError as error:
            raise Problem("bot.overloaded") from error

    def _refuse(self, request: web.Request, refusal: Refusal) -> web.Response:
        self._meters.refused.labels(refusal.reason).inc()
        log.info("refused a request from %s: %s", request.remote, refusal.reason)
        return web.json_response({"refused": refusal.reason}, status=refusal.status)


async def _read(request: web.Request, timeout_s: float) -> bytes | Refusal:
    if (request.content_length or 0) > LARGEST_BODY:
        return Refusal(status=413, reason="size")
    try:
        async with asyncio.timeout(timeout_s):
            return await request.read()
    except TimeoutError:
        return Refusal(status=408, reason="slow")
    except web.HTTPRequestEntityTooLarge:
        return Refusal(status=413, reason="size")
    except (web.RequestPayloadError, ConnectionError):
        return Refusal(status=400, reason="body")


def _response(reply: Reply) -> web.Response:
    if reply.text is None:
        return web.Response()
    return web.Response(text=reply.text, content_type="application/json")
