"""Bring what people do to the app: over its websockets, or signed to its address if it has one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

import aiohttp

from bot.emulators.ledger import Ledger
from bot.emulators.slack.ack import Ack
from bot.emulators.slack.limits import ACK_WITHIN_S
from bot.emulators.slack.signed_http import as_json, post_signed, signature_headers
from bot.emulators.slack.sockets import Sockets
from bot.emulators.slack.state import State
from bot.model.value import Value

_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"


class EnvelopeType(StrEnum):
    """The kinds of envelopes, as Socket Mode names them."""

    SLASH_COMMANDS = "slash_commands"
    INTERACTIVE = "interactive"
    EVENTS_API = "events_api"


class Parcel(Value):
    """Something to deliver; `kind` may be a word that no app knows."""

    envelope_id: str
    kind: str
    payload: dict[str, Any]


class Courier:
    """Delivers, notes it in the ledger, and remembers the last parcel so that it can be brought again."""

    def __init__(
        self, state: State, ledger: Ledger, events_url: str | None = None, ack_within_s: float = ACK_WITHIN_S
    ) -> None:
        self.events_url = events_url
        self.sockets = Sockets(state, ledger, ack_within_s)
        self._state = state
        self._ledger = ledger
        self._ack_within_s = ack_within_s
        self._session: aiohttp.ClientSession | None = None
        self._last: Parcel | None = None

    @asynccontextmanager
    async def on_duty(self) -> AsyncIterator[None]:
        """Hold the HTTP session while the server runs."""
        async with aiohttp.ClientSession(trust_env=False) as self._session:
            yield

    async def deliver(self, kind: str, payload: dict[str, Any]) -> Ack:
        parcel = self._last = Parcel(envelope_id=self._state.mint.uuid(), kind=kind, payload=payload)
        ack = await self._bring(parcel, attempt=0)
        if ack.error is not None and kind == EnvelopeType.EVENTS_API:
            # Slack tries an event again "nearly immediately", then after 1 minute and after 5, which nobody waits
            # for here (docs.slack.dev/apis/events-api, "Retries").
            ack = await self._bring(parcel, attempt=1)
        return ack

    async def redeliver(self, times: int) -> list[Ack]:
        """Bring the last parcel again, so many times at once: the same envelope, the same trigger."""
        last = self._last
        if last is None:
            return []
        return list(await asyncio.gather(*(self._bring(last, attempt) for attempt in range(1, times + 1))))

    def forget(self) -> None:
        self._last = None
        self.sockets.forget()

    async def _bring(self, parcel: Parcel, attempt: int) -> Ack:
        if self.events_url:
            ack = await self._post(self.events_url, parcel, attempt)
        else:
            ack = await self.sockets.deliver(_envelope(parcel, attempt))
        facts = {"envelope_id": parcel.envelope_id, "ack_ms": ack.ack_ms, "status": ack.status, "attempt": attempt}
        self._ledger.record(self._state.mint.now(), f"deliver.{parcel.kind}", "slack", ack.error or "ok", facts)
        return ack

    async def _post(self, url: str, parcel: Parcel, attempt: int) -> Ack:
        content_type, body = _http_body(parcel)
        secret = self._state.workspace.app.signing_secret.get_secret_value()
        headers = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            **signature_headers(secret, int(self._state.mint.now().timestamp()), body),
            **_retry_headers(parcel, attempt),
        }
        if self._session is None:
            return Ack(ack_ms=0, error="dispatch_failed")
        return await post_signed(self._session, url, body, headers, self._ack_within_s)


def _envelope(parcel: Parcel, attempt: int) -> dict[str, Any]:
    envelope = {
        "envelope_id": parcel.envelope_id,
        "type": parcel.kind,
        "accepts_response_payload": parcel.kind in {EnvelopeType.SLASH_COMMANDS, EnvelopeType.INTERACTIVE},
        "payload": parcel.payload,
    }
    if parcel.kind == EnvelopeType.EVENTS_API:
        envelope |= {"retry_attempt": attempt, "retry_reason": "timeout" if attempt else ""}
    return envelope


def _http_body(parcel: Parcel) -> tuple[str, bytes]:
    match parcel.kind:
        case EnvelopeType.SLASH_COMMANDS:
            return _FORM, urlencode(parcel.payload, errors="replace").encode()
        case EnvelopeType.INTERACTIVE:
            return _FORM, urlencode({"payload": as_json(parcel.payload)}).encode()
        case _:
            return _JSON, as_json(parcel.payload)


def _retry_headers(parcel: Parcel, attempt: int) -> dict[str, str]:
    """Only events are retried by Slack with these (docs.slack.dev/apis/events-api#errors)."""
    if parcel.kind != EnvelopeType.EVENTS_API or not attempt:
        return {}
    return {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": "http_timeout"}
