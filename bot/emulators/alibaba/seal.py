"""The seal of EncodedDiagnosticMessage: text that only the service can read, so that no client learns to peek."""

import base64
import hashlib
import hmac
import json
import zlib
from collections.abc import Callable, Mapping
from typing import Any

# The vendor's example begins with "AQEAAAAA".
_VERSION = bytes([1, 1, 0, 0, 0, 0])
_NONCE = 8
_TAG = 16

LONGEST = 20_000


class Seal:
    """Encodes and decodes with a key that nobody else has; a message needs no memory of it."""

    def __init__(self, entropy: Callable[[int], bytes]) -> None:
        self._entropy = entropy
        self._key = entropy(32)

    def encode(self, message: Mapping[str, Any]) -> str:
        nonce = self._entropy(_NONCE)
        plain = zlib.compress(json.dumps(message, separators=(",", ":")).encode())
        sealed = _VERSION + nonce + self._masked(nonce, plain)
        return base64.b64encode(sealed + self._tag(sealed)).decode()

    def decode(self, text: str) -> dict[str, Any]:
        """Give the message back; raises ValueError for anything that this seal has not made."""
        if len(text) > LONGEST:
            raise ValueError("too long")
        raw = base64.b64decode(text, validate=True)
        sealed, tag = raw[:-_TAG], raw[-_TAG:]
        if not hmac.compare_digest(tag, self._tag(sealed)):
            raise ValueError("not sealed here")
        nonce, masked = sealed[len(_VERSION) :][:_NONCE], sealed[len(_VERSION) + _NONCE :]
        message: dict[str, Any] = json.loads(zlib.decompress(self._masked(nonce, masked)))
        return message

    def _masked(self, nonce: bytes, text: bytes) -> bytes:
        stream = hashlib.shake_256(self._key + nonce).digest(len(text))
        return bytes(one ^ other for one, other in zip(text, stream, strict=True))

    def _tag(self, sealed: bytes) -> bytes:
        return hashlib.blake2b(sealed, digest_size=_TAG, key=self._key).digest()
