"""Slack's answers: parsed, or the `Problem` that they stand for.

Every Problem has the fact `operation`, and:
- `slack.<error>` is Slack's own refusal in its spelling (`slack.not_in_channel`, `slack.invalid_auth`), with
  `retry_after_s` where Slack asks to wait (`slack.ratelimited`) and `needed` for `slack.missing_scope`
- `slack.unreachable`: nothing was sent
- `slack.timeout`, `slack.interrupted`: whether it was done is not known
- `slack.not_understood`: what answered is not Slack's API, with `http_status` where there is one
"""

import re
from collections.abc import Awaitable, Mapping
from typing import Any, TypeVar

import aiohttp
from pydantic import BaseModel, ValidationError
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.model.problem import Fact, Problem

Shape = TypeVar("Shape", bound=BaseModel)
Outcome = TypeVar("Outcome")

# Slack's error strings; anything else in that place does not come from Slack and is not made into a code.
_ERROR = re.compile(r"[a-z][a-z0-9_]{1,60}")

# Connecting failed, to Slack or to the proxy: the request has not left.
_NOT_SENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.InvalidURL,
)

TOO_MANY_REQUESTS = 429
SERVER_ERROR = 500


async def answer(operation: str, call: Awaitable[Outcome]) -> Outcome:
    """Wait for a call of `operation`, the SDK's or our own, and raise a `Problem` for whatever it raises."""
    try:
        return await call
    except SlackApiError as error:
        raise _refusal(operation, error.response) from error
    except _NOT_SENT as error:
        raise Problem("slack.unreachable", operation=operation) from error
    except TimeoutError as error:
        raise Problem("slack.timeout", operation=operation) from error
    except (aiohttp.ClientError, OSError) as error:
        raise Problem("slack.interrupted", operation=operation) from error
    except (AttributeError, ValueError) as error:
        # The SDK takes every body for a JSON object in UTF-8 (slack_sdk/web/async_slack_response.py, validate).
        raise Problem("slack.not_understood", operation=operation) from error


def parsed(operation: str, shape: type[Shape], data: object) -> Shape:
    """Parse what Slack answered; raises `slack.not_understood` when something that must be there is not."""
    try:
        return shape.model_validate(data)
    except ValidationError as error:
        raise Problem("slack.not_understood", operation=operation, message=_missing(error)) from error


def _refusal(operation: str, response: object) -> Problem:
    if not isinstance(response, AsyncSlackResponse):  # a body that was no JSON, whatever it calls itself
        if isinstance(response, aiohttp.ClientResponse) and response.status == TOO_MANY_REQUESTS:
            return Problem("slack.ratelimited", operation=operation, **_wait(response.headers))
        return Problem("slack.not_understood", operation=operation)
    return refused(operation, response.status_code, response.headers, response.data)


def refused(operation: str, status: int, headers: Mapping[str, str], data: object) -> Problem:
    """Return the `Problem` for an answer that says no, of which `data` is what could be parsed."""
    body: Mapping[str, Any] = data if isinstance(data, dict) else {}
    facts: dict[str, Fact] = {"operation": operation, "http_status": status}
    if status == TOO_MANY_REQUESTS:
        return Problem("slack.ratelimited", **facts, **_wait(headers))
    error = body.get("error")
    if isinstance(error, str) and _ERROR.fullmatch(error):
        return Problem(f"slack.{error}", **facts, **_wait(headers), **_reasons(body))
    return Problem("slack.service_unavailable" if status >= SERVER_ERROR else "slack.not_understood", **facts)


def _wait(headers: Mapping[str, str]) -> dict[str, Fact]:
    asked_for = headers.get("Retry-After", "")
    return {"retry_after_s": int(asked_for)} if re.fullmatch(r"[0-9]{1,6}", asked_for) else {}


def _reasons(body: Mapping[str, Any]) -> dict[str, Fact]:
    """Take the missing scope, and what is wrong with our blocks, from a refusal."""
    facts: dict[str, Fact] = {}
    needed, metadata = body.get("needed"), body.get("response_metadata")
    if isinstance(needed, str):
        facts["needed"] = needed
    messages = metadata.get("messages") if isinstance(metadata, dict) else None
    if isinstance(messages, list) and messages:
        facts["message"] = "; ".join(str(message) for message in messages)
    return facts


def _missing(error: ValidationError) -> str:
    """Name the places that are wrong; not their values, which are people's."""
    return ", ".join(".".join(map(str, wrong["loc"])) for wrong in error.errors(include_input=False)[:5])
