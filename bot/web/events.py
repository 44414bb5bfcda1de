"""`POST /slack/events`: lets in what Slack has signed, and answers everybody else with 4xx."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from aiohttp import web
from pydantic import SecretStr

from bot.model.problem import Problem
from bot.web.body import parse_body
from bot.web.connections import connection_of
from bot.web.dispatch import Dispatch, Reply
from bot.web.guard import LARGEST_BODY, SIGNATURE, Refusal, check_head, check_signature
from bot.web.meters import Meters
from bot.web.replays import MOST_KNOWN, FirstUse, Replays, always_first, noted

log = logging.getLogger(__name__)

# Seconds for the whole body to arrive; Slack itself waits no longer than 3 for the answer.
READ_TIMEOUT_S = 3.0


class Events:
    """The route's handler; `clock` gives the time in UTC, against which the age of a signature is held.

    `first_use` and `known` tell whether the same bytes were let in before: see `bot.web.replays`.
    """

    def __init__(
        self,
        dispatch: Dispatch,
        signing_secret: SecretStr,
        clock: Callable[[], datetime],
        meters: Meters,
        first_use: FirstUse = always_first,
        known: Mapping[str, datetime] | None = None,
        *,
        most_known: int = MOST_KNOWN,
        read_timeout_s: float = READ_TIMEOUT_S,
    ) -> None:
        self._dispatch = dispatch
        self._signing_secret = signing_secret
        self._clock = clock
        self._meters = meters
        self._replays = Replays(first_use, known, most_known=most_known)
        self._read_timeout_s = read_timeout_s

    async def handle(self, request: web.Request) -> web.Response:
        body = await self._signed_body(request)
        if isinstance(body, Refusal):
            return self._refuse(request, body)
        connection = connection_of(request)
        if connection is not None:
            connection.trust()
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
        try:
            noting = await self._replays.let_in(request.headers[SIGNATURE], self._clock())
        except Problem as problem:
            payload = parse_body(request.content_type, body)
            return payload if isinstance(payload, Refusal) else self._dispatch.decline(problem, payload)
        if noting is None:
            return Refusal(status=401, reason="replayed")
        payload = parse_body(request.content_type, body)
        answer = payload if isinstance(payload, Refusal) else await self._dispatch(payload)
        return answer if await noted(noting) else Refusal(status=401, reason="replayed")

    def _refuse(self, request: web.Request, refusal: Refusal) -> web.Response:
        self._meters.refused.labels(refusal.reason).inc()
        log.info("refused a request from %s: %s", request.remote, refusal.reason)
        return web.json_response({"refused": refusal.reason}, status=refusal.status)


async def _read(request: web.Request, timeout_s: float) -> bytes | Refusal:
    if (request.content_length or 0) > LARGEST_BODY:
        return Refusal(status=413, reason="size")
    try:
        if request.content.is_eof():  # it came with its headers: as good as always, and nothing to wait for
            return await request.read()
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
