"""Where time, randomness and ids come from: everything else is given them."""

import hashlib
import hmac
from datetime import UTC, datetime
from uuid import uuid4

from pydantic import SecretStr


def now() -> datetime:
    """Return the time in UTC: the one clock of the bot."""
    return datetime.now(UTC)


def new_nonce() -> str:
    return uuid4().hex


def new_owner() -> str:
    """Return a name for this process, which holds leases under it."""
    return uuid4().hex


def new_error_id() -> str:
    """Return a short word that a person can read out and search the log for."""
    return uuid4().hex[:8]


def form_key(bot_token: SecretStr) -> bytes:
    """Return the key that forms are sealed with: the same in all bots of an app, and after a restart."""
    return hmac.digest(bot_token.get_secret_value().encode(), b"vpn-diagnose forms", hashlib.sha256)
