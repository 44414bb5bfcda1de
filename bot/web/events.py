"""`POST /slack/events`: lets in what Slack has signed, and answers everybody else with 4xx."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from aiohttp import web
from pydantic import SecretStr

from bot.web.body import parse_body
from bot.web.dispatch import Dispatch
from bot.web.guard import LARGEST_BODY, Refusal, check
from bot.web.meters import Meters

log = logging.getLogger(__name__)

# Seconds for the whole body to arrive; Slack itself waits no longer than 3 for the answer.
READ_TIMEOUT_S = 3.0


class Events:
    """The route's handler; `clock` gives the time in UTC, against which the age of a signature is held."""

    def __init__(
        self,
        dispatch: Dispatch,
        signing_secret: SecretStr,
        clock: Callable[[], datetime],
        meters: Meters,
        read_timeout_s: float = READ_TIMEOUT_S,
    ) -> None:
        self._dispatch = dispatch
        self._signing_secret = signing_secret
        self._clock = clock
        self._meters = meters
        self._read_timeout_s = read_timeout_s

    async def handle(self, request: web.Request) -> web.Response:
        body = await _read(request, self._read_timeout_s)
        if isinstance(body, Refusal):
            return self._refuse(request, body)
        refusal = check(
            request.method, request.content_type, request.headers, body, self._signing_secret, self._clock()
        )
        if refusal is not None:
            return self._refuse(request, refusal)
        payload = parse_body(request.content_type, body)
        if isinstance(payload, Refusal):
            return self._refuse(request, payload)
        reply = await self._dispatch(payload)
        return web.Response() if reply.payload is None else web.json_response(reply.payload)

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
