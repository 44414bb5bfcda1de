"""One signed call of an RPC operation, made again a few times when that is safe and likely to help."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

from bot.alibaba.answer import parsed
from bot.alibaba.endpoints import Endpoints, Product
from bot.alibaba.refusal import refusal
from bot.alibaba.signature import EMPTY_BODY_SHA256, authorization, canonical_query, canonical_request
from bot.alibaba.transport import failures_named, read_bounded
from bot.model.credential import Credential
from bot.model.ids import RegionId
from bot.model.problem import Problem
from bot.model.value import Value

log = logging.getLogger(__name__)

# Seconds before the second and the third attempt, and for everything together. Whoever needs longer is served by
# the worker, which comes back to a run without holding anything meanwhile.
PAUSES_S = (0.3, 1.0)
LONGEST_PAUSE_S = 2.0
WITHIN_S = 10.0

# Codes besides 5xx and Throttling* after which the same call may pass (each attempt has a nonce of its own).
_TRANSIENT = frozenset(
    {"cloud.interrupted", "cloud.timeout", "cloud.unreachable", "ServiceUnavailable", "SignatureNonceUsed"}
)

# What can be sent in a header; a line break in a token would end up in an error that quotes it.
_SENDABLE = re.compile(r"[\x21-\x7e]+")

_SUCCESS = range(200, 300)
_REDIRECTION = range(300, 400)
_SERVER_ERROR = 500


class Operation(Value):
    """An operation of the API; a good answer has at least one of the fields `answers_with`."""

    product: Product
    name: str
    version: str
    answers_with: tuple[str, ...]


class RpcClient:
    """Calls operations for whoever's credential is handed in; holds none itself."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        endpoints: Endpoints,
        clock: Callable[[], datetime],
        nonce: Callable[[], str],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        within_s: float = WITHIN_S,
    ) -> None:
        """Let `nonce` never return the same text twice, and `pause` wait for that many seconds."""
        self._http = http
        self._endpoints = endpoints
        self._clock = clock
        self._nonce = nonce
        self._pause = pause
        self._within_s = within_s

    async def call(
        self, operation: Operation, params: Mapping[str, str], credential: Credential, region: RegionId | None
    ) -> dict[str, Any]:
        """Make one call, in at most three attempts and ten seconds, and return the answer as it was sent.

        Raises Problem with the vendor's own code, or `cloud.unreachable`, `cloud.timeout`, `cloud.interrupted`,
        `cloud.not_understood`, `cloud.redirected`. Attempts differ in nonce and date alone: an operation that
        changes something needs a ClientToken among its parameters.
        """
        _refuse_unsendable(credential)
        url = httpx.URL(self._endpoints.url(operation.product, region))
        if params:
            # What is signed is what is sent: httpx leaves a query that is encoded already as it is.
            url = url.copy_with(query=canonical_query(params).encode())
        try:
            async with asyncio.timeout(self._within_s):
                return await self._persistently(operation, url, credential)
        except TimeoutError as error:
            raise Problem("cloud.timeout", operation=operation.name, seconds=f"{self._within_s:g}") from error

    async def _persistently(self, operation: Operation, url: httpx.URL, credential: Credential) -> dict[str, Any]:
        for pause_s in PAUSES_S:
            try:
                return await self._once(operation, url, credential)
            except Problem as problem:
                if not _may_pass(problem):
                    raise
                log.info("%s is tried again: %s", operation.name, problem)
                await self._pause(max(pause_s, _asked_to_wait(problem)))
        return await self._once(operation, url, credential)

    async def _once(self, operation: Operation, url: httpx.URL, credential: Credential) -> dict[str, Any]:
        headers = self._signed_headers(operation, url, credential)
        with failures_named(operation.name, url.host):
            async with self._http.stream("POST", url, headers=headers) as response:
                body = await read_bounded(response, operation.name)
        return _understood(operation, response, body, credential)

    def _signed_headers(self, operation: Operation, url: httpx.URL, credential: Credential) -> dict[str, str]:
        """Return the headers of one attempt: signed are `host` and `x-acs-*` alone, which no proxy rewrites."""
        headers = {
            "host": url.netloc.decode(),
            "x-acs-action": operation.name,
            "x-acs-content-sha256": EMPTY_BODY_SHA256,
            "x-acs-date": self._clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": self._nonce(),
            "x-acs-version": operation.version,
        }
        if credential.security_token is not None:
            headers["x-acs-security-token"] = credential.security_token.get_secret_value()
        signed = list(headers)
        # The path of RPC is "/", also behind a proxy that hangs it under a prefix of its own.
        canonical = canonical_request("POST", "/", url.query.decode(), headers, signed, EMPTY_BODY_SHA256)
        secret = credential.access_key_secret.get_secret_value()
        return headers | {
            "authorization": authorization(credential.access_key_id, secret, canonical, signed),
            "accept": "application/json",
            "accept-encoding": "identity",
            "user-agent": "vpn-diagnose",
        }


def _understood(
    operation: Operation, response: httpx.Response, body: bytes, credential: Credential
) -> dict[str, Any]:
    """Return a good answer, raise what any other one says."""
    status = response.status_code
    if status in _REDIRECTION:
        raise Problem("cloud.redirected", operation=operation.name, http_status=status)
    strange = Problem("cloud.not_understood", operation=operation.name, http_status=status)
    try:
        answer = parsed(body)
    except ValueError:
        raise strange from None  # the parser's words quote the body
    if not isinstance(answer, dict):
        raise strange
    if status in _SUCCESS and any(answer.get(field) not in (None, "") for field in operation.answers_with):
        return answer
    raise _refusal(operation, response, answer, credential) or strange


def _refusal(
    operation: Operation, response: httpx.Response, answer: dict[str, Any], credential: Credential
) -> Problem | None:
    problem = refusal(answer, response.status_code, operation.name, _secrets_of(credential))
    if problem is None or (wait_s := _retry_after(response)) is None:
        return problem
    return Problem(problem.code, **problem.facts, retry_after_s=wait_s)


def _secrets_of(credential: Credential) -> list[str]:
    held = (credential.access_key_secret, credential.security_token)
    return [secret.get_secret_value() for secret in held if secret is not None]


def _refuse_unsendable(credential: Credential) -> None:
    if not all(_SENDABLE.fullmatch(text) for text in (credential.access_key_id, *_secrets_of(credential))):
        reason = "is empty, or holds spaces, line breaks or other characters no secret has"
        raise Problem("access.secret_missing", reference="access key", reason=reason)


def _retry_after(response: httpx.Response) -> float | None:
    """Return how many seconds a throttled caller is asked to wait, if it is.

    The SDK reads `x-acs-retry-after`, in milliseconds (alibabacloud_tea_openapi 0.4, client.py).
    """
    text = response.headers.get("x-acs-retry-after", "")
    return int(text) / 1000 if re.fullmatch(r"[1-9][0-9]{0,8}", text) else None


def _may_pass(problem: Problem) -> bool:
    if _asked_to_wait(problem) > LONGEST_PAUSE_S:
        return False
    return (
        problem.code in _TRANSIENT
        or "Throttling" in problem.code
        or int(problem.facts.get("http_status", "0")) >= _SERVER_ERROR
    )


def _asked_to_wait(problem: Problem) -> float:
    return float(problem.facts.get("retry_after_s", "0"))
