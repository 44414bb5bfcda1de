"""A temporary credential as STS and the metadata server of ECS write it."""

import re
from typing import Any

from pydantic import SecretStr

from bot.alibaba.answer import moment_of
from bot.model.credential import Credential

# A token has no documented limit of length; what it must be is something that fits into a header.
_SENDABLE = re.compile(r"[\x21-\x7e]{1,100000}")

_NAMES = ("AccessKeyId", "AccessKeySecret", "SecurityToken")


def read_temporary(value: Any) -> Credential | None:
    """Read a credential, or None for what lacks a part of one, its end among them, or could not be sent."""
    if not isinstance(value, dict):
        return None
    parts = [part for name in _NAMES if isinstance(part := value.get(name), str) and _SENDABLE.fullmatch(part)]
    expires_at = moment_of(value.get("Expiration"))
    if len(parts) != len(_NAMES) or expires_at is None:
        return None
    access_key_id, secret, token = parts
    return Credential(
        access_key_id=access_key_id,
        access_key_secret=SecretStr(secret),
        security_token=SecretStr(token),
        expires_at=expires_at,
    )
