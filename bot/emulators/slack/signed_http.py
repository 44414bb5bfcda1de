"""Signed deliveries to an app's own address (docs.slack.dev/authentication/verifying-requests-from-slack)."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

import aiohttp

from bot.emulators.control import LARGEST_BODY, parse_json
from bot.emulators.slack.ack import Ack

OK = 200


def signature_headers(signing_secret: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Give the two headers by which an app knows that Slack is calling: HMAC-SHA256 of `v0:timestamp:body`."""
    base = b"v0:%d:%s" % (timestamp, body)
    digest = hmac.new(signing_secret.encode(), base, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": str(timestamp), "X-Slack-Signature": f"v0={digest}"}


async def post_signed(
    session: aiohttp.ClientSession, url: str, body: bytes, headers: Mapping[str, str], within_s: float
) -> Ack:
    """Deliver a body and read the answer; whatever goes wrong is in the Ack."""
    started = time.perf_counter()
    try:
        async with (
            asyncio.timeout(within_s),
            session.post(url, data=body, headers=headers, allow_redirects=False) as response,
        ):
            answer = await response.content.read(LARGEST_BODY)
    except TimeoutError:
        return Ack(ack_ms=_since(started), error="operation_timeout")
    except (aiohttp.ClientError, ValueError):
        return Ack(ack_ms=_since(started), error="dispatch_failed")
    return Ack(
        ack_ms=_since(started),
        status=response.status,
        payload=_read(answer, response.content_type),
        error=None if response.status == OK else "dispatch_failed",
    )


def _read(answer: bytes, content_type: str) -> Any:
    text = answer.decode(errors="replace")
    if content_type != "application/json":
        return text or None
    try:
        return parse_json(text) if text else None
    except ValueError:
        return text


def as_json(payload: Mapping[str, Any]) -> bytes:
    return json.dumps(payload).encode()


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 3)
