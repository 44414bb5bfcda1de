"""RS256 on a few lines of arithmetic: signatures of JSON Web Tokens (RFC 8017, 8.2: RSASSA-PKCS1-v1_5, SHA-256).

Good for an emulator whose keys are made up: it takes no care to take the same time for every key.
"""

import base64
import hashlib
import hmac
import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, SecretStr

from bot.model.value import Value

# The DER of DigestInfo for SHA-256, up to the digest (RFC 8017, 9.2, note 1).
_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")

# Shorter ones have no room for what is signed, or can be factored.
SHORTEST_MODULUS_BITS = 1024


def _without_spaces(text: object) -> object:
    """Let a long number be broken into lines."""
    return "".join(text.split()) if isinstance(text, str) else text


def _of_bits(least: int) -> AfterValidator:
    """Let only numbers through that a key can be made of; never repeats one, which may be a private half."""

    def check(text: str | SecretStr) -> str | SecretStr:
        digits = text if isinstance(text, str) else text.get_secret_value()
        number = _integer(digits) if _DIGITS.fullmatch(digits) else 0
        if number.bit_length() < least or number % 2 == 0:
            message = f"should be an odd number of {least} bits or more, in base64url"
            raise ValueError(message)
        return text

    return AfterValidator(check)


_DIGITS = re.compile(r"(?:[A-Za-z0-9_-]{4}){0,500}(?:[A-Za-z0-9_-]{2,4})")
_Number = Annotated[str, BeforeValidator(_without_spaces), _of_bits(2)]
_Secret = Annotated[SecretStr, BeforeValidator(_without_spaces), _of_bits(2)]
_Modulus = Annotated[str, BeforeValidator(_without_spaces), _of_bits(SHORTEST_MODULUS_BITS)]


class RsaKey(Value):
    """A key as a JSON Web Key writes it (RFC 7518, 6.3): `n` and `e`, and `d` where the private half is known."""

    kid: str
    n: _Modulus
    e: _Number = "AQAB"
    d: _Secret | None = None

    def verifies(self, message: bytes, signature: bytes) -> bool:
        modulus = _integer(self.n)
        if len(signature) != _length(modulus):
            return False
        opened = pow(int.from_bytes(signature), _integer(self.e), modulus)
        return hmac.compare_digest(opened.to_bytes(_length(modulus)), _padded(message, modulus))

    def sign(self, message: bytes) -> bytes:
        """Sign; raises ValueError without the private half."""
        if self.d is None:
            raise ValueError("the private half of this key is not known")
        modulus = _integer(self.n)
        secret = _integer(self.d.get_secret_value())
        return pow(int.from_bytes(_padded(message, modulus)), secret, modulus).to_bytes(_length(modulus))


def _padded(message: bytes, modulus: int) -> bytes:
    digest = _DIGEST_INFO + hashlib.sha256(message).digest()
    return b"\x00\x01" + b"\xff" * (_length(modulus) - len(digest) - 3) + b"\x00" + digest


def _length(modulus: int) -> int:
    return (modulus.bit_length() + 7) // 8


def _integer(text: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
