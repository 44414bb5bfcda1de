"""OIDC tokens: read with suspicion, and issued by the emulator itself in a provider's name, for trying out.

Codes and messages: https://help.aliyun.com/zh/ram/developer-reference/api-sts-2015-04-01-errorcodes
"""

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.emulators.alibaba.identities import OidcProvider
from bot.emulators.alibaba.refusals import Refusal
from bot.emulators.control import parse_json
from bot.model.value import Value

# Characters of a token, by the page of AssumeRoleWithOIDC.
SHORTEST = 4
LONGEST = 20_000

_PARTS = 3
_INVALID = "AuthenticationFail.OIDCToken.Invalid"


class Identity(Value):
    """What a verified token says; `audience` is the one of its audiences that the provider knows."""

    subject: str
    issuer: str
    audience: str
    audiences: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime


def verified(token: str, provider: OidcProvider, now: datetime) -> Identity:
    """Check form, signature, issuer, audience and age of a token; raises Refusal at the first that is wrong."""
    claims = _opened(token, provider)
    try:
        identity = _identity(claims, provider)
    except (LookupError, TypeError, ValueError, OverflowError, OSError) as error:
        raise Refusal(_INVALID) from error
    if claims.get("iss") != provider.issuer:
        raise Refusal(_INVALID)
    if identity.audience not in provider.client_ids:
        raise Refusal("AuthenticationFail.OIDCToken.AudienceNotMatch")
    if now >= identity.expires_at:
        raise Refusal("AuthenticationFail.OIDCToken.Expired")
    return identity


def issued(provider: OidcProvider, subject: str, audience: str, now: datetime, lasts_s: int) -> str:
    """Issue a token; raises ValueError if no private key of the provider is known."""
    key = next((key for key in provider.keys if key.d is not None), provider.keys[0])
    iat = int(now.timestamp())
    claims = {"iss": provider.issuer, "sub": subject, "aud": audience, "iat": iat, "exp": iat + lasts_s}
    message = f"{_encoded({'alg': 'RS256', 'typ': 'JWT', 'kid': key.kid})}.{_encoded(claims)}"
    return f"{message}.{_base64(key.sign(message.encode()))}"


def _opened(token: str, provider: OidcProvider) -> dict[str, Any]:
    """Give the claims of a token whose signature is good."""
    if not token:
        raise Refusal(_INVALID, "The OIDCToken can not empty.")
    parts = token.split(".")
    if len(parts) != _PARTS or not SHORTEST <= len(token) <= LONGEST:
        raise Refusal(_INVALID, "The number of Jwt field should be divided into 3 parts with '.' .")
    header, claims = _decoded(parts[0]), _decoded(parts[1])
    if header.get("alg") != "RS256":
        algorithm = str(header.get("alg"))[:20]
        raise Refusal(_INVALID, f"The algorithm {algorithm} that be specified in Jwt header is unknown.")
    keys = [key for key in provider.keys if header.get("kid") in (None, key.kid)]
    signature = _bytes(parts[2])
    if not any(key.verifies(f"{parts[0]}.{parts[1]}".encode(), signature) for key in keys):
        raise Refusal("AuthenticationFail.OIDCToken.InvalidSignature")
    return claims


def _identity(claims: Mapping[str, Any], provider: OidcProvider) -> Identity:
    audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    known = next((one for one in audiences if one in provider.client_ids), audiences[0])
    return Identity(
        subject=claims["sub"],
        issuer=claims["iss"],
        audience=known,
        audiences=tuple(audiences),
        issued_at=datetime.fromtimestamp(claims["iat"], UTC),
        expires_at=datetime.fromtimestamp(claims["exp"], UTC),
    )


def _decoded(part: str) -> dict[str, Any]:
    try:
        parsed = parse_json(_bytes(part))
    except ValueError as error:
        raise Refusal(_INVALID) from error
    if not isinstance(parsed, dict):
        raise Refusal(_INVALID)
    return parsed


def _bytes(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refusal(_INVALID, "Cannot decode base64 encoded response(format invalided).") from error


def _encoded(part: Mapping[str, Any]) -> str:
    return _base64(json.dumps(part, separators=(",", ":")).encode())


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
