"""The front door's guard: refuses, on raw bytes, whatever Slack has not signed. Pure."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import SecretStr

from bot.model.value import Value

LARGEST_BODY = 256 * 1024  # bytes; Slack's own largest is a form with a view of 100 blocks, far below it

# Slack: refuse what is older than five minutes (docs.slack.dev/authentication/verifying-requests-from-slack).
WINDOW_S = 5 * 60

CONTENT_TYPES = frozenset({"application/x-www-form-urlencoded", "application/json"})

_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")


class Refusal(Value):
    """Why a request is not let in: its HTTP status (always 4xx), and a word for the log and the metric."""

    status: Literal[400, 401, 405, 408, 413, 415]
    reason: str


def check(
    method: str,
    content_type: str,
    headers: Mapping[str, str],
    body: bytes,
    signing_secret: SecretStr,
    now: datetime,
) -> Refusal | None:
    """Return why the request is refused, or None if Slack has signed these bytes within the last 5 minutes.

    `content_type` comes without parameters, `headers` are looked up without regard to case. Nothing is parsed.
    """
    if method != "POST":
        return Refusal(status=405, reason="method")
    if len(body) > LARGEST_BODY:
        return Refusal(status=413, reason="size")
    if content_type not in CONTENT_TYPES or headers.get("Content-Encoding", "identity") != "identity":
        return Refusal(status=415, reason="content_type")
    distrust = _why_distrusted(headers, body, signing_secret, now)
    return None if distrust is None else Refusal(status=401, reason=distrust)


def signature_of(signing_secret: SecretStr, timestamp: str, body: bytes) -> str:
    """Sign as Slack does; raises ValueError for an empty secret, with which anybody could."""
    key = signing_secret.get_secret_value().encode()
    if not key:
        message = "the signing secret is empty"
        raise ValueError(message)
    digest = hmac.new(key, b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256)
    return "v0=" + digest.hexdigest()


def _why_distrusted(
    headers: Mapping[str, str], body: bytes, signing_secret: SecretStr, now: datetime
) -> str | None:
    timestamp = headers.get("X-Slack-Request-Timestamp", "")
    signature = headers.get("X-Slack-Signature", "")
    if not _TIMESTAMP.fullmatch(timestamp) or not _SIGNATURE.fullmatch(signature):
        return "unsigned"
    if abs(now.timestamp() - int(timestamp)) > WINDOW_S:
        return "stale"
    if not hmac.compare_digest(signature_of(signing_secret, timestamp, body), signature):
        return "signature"
    return None
