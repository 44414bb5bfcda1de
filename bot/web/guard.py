"""The front door's guard: refuses, on raw bytes, whatever Slack has not signed. Pure."""

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

SIGNATURE = "X-Slack-Signature"
TIMESTAMP = "X-Slack-Request-Timestamp"

_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")


class Refusal(Value):
    """Why a request is not let in: its HTTP status (always 4xx), and a word for the log and the metric."""

    status: Literal[400, 401, 405, 408, 413, 415]
    reason: str


def check_head(method: str, content_type: str, headers: Mapping[str, str], now: datetime) -> Refusal | None:
    """Return why the request is refused without a look at its body, or None.

    `content_type` comes without parameters, `headers` are looked up without regard to case.
    """
    if method != "POST":
        return Refusal(status=405, reason="method")
    if content_type not in CONTENT_TYPES or headers.get("Content-Encoding", "identity") != "identity":
        return Refusal(status=415, reason="content_type")
    timestamp = headers.get(TIMESTAMP, "")
    if not _TIMESTAMP.fullmatch(timestamp) or not _SIGNATURE.fullmatch(headers.get(SIGNATURE, "")):
        return Refusal(status=401, reason="unsigned")
    if abs(now.timestamp() - int(timestamp)) > WINDOW_S:
        return Refusal(status=401, reason="stale")
    return None


def check_signature(headers: Mapping[str, str], body: bytes, signing_secret: SecretStr) -> Refusal | None:
    """Return why the body is refused, or None if Slack has signed these bytes; `headers` have been checked."""
    if len(body) > LARGEST_BODY:
        return Refusal(status=413, reason="size")
    if not hmac.compare_digest(signature_of(signing_secret, headers[TIMESTAMP], body), headers[SIGNATURE]):
        return Refusal(status=401, reason="signature")
    return None


def signature_of(signing_secret: SecretStr, timestamp: str, body: bytes) -> str:
    """Sign as Slack does; raises ValueError for an empty secret, with which anybody could."""
    key = signing_secret.get_secret_value().encode()
    if not key:
        message = "the signing secret is empty"
        raise ValueError(message)
    return "v0=" + hmac.digest(key, b"v0:" + timestamp.encode() + b":" + body, "sha256").hex()
