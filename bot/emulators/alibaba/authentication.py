"""Is the caller who they say, and the request theirs, fresh and unaltered: ACS3-HMAC-SHA256, server's side.

Source: https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature
"""

import hashlib
import hmac
import re
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from bot.alibaba.signature import ALGORITHM, canonical_query, canonical_request, signature, string_to_sign
from bot.emulators.alibaba.credentials import TOKEN_BEGINS, Held
from bot.emulators.alibaba.received import Received
from bot.emulators.alibaba.refusals import Refusal, missing

# Between the date of a request and its arrival, in both directions (developer.aliyun.com/ask/278265).
WIDEST_SKEW = timedelta(minutes=15)

_AUTHORIZATION = re.compile(
    ALGORITHM
    + r" +Credential=([A-Za-z0-9._-]{1,128}), *SignedHeaders=([a-z0-9;_-]{1,4000}), *Signature=([0-9a-f]{64})"
)


class Claim(NamedTuple):
    """What the Authorization header claims."""

    access_key_id: str
    signed: list[str]
    signature: str


def read_claim(received: Received) -> Claim:
    """Read the Authorization header; raises Refusal if there is none, or if it leaves out what must be signed."""
    header = received.header("authorization")
    if not header:
        raise missing("AccessKeyId")
    if not header.startswith(f"{ALGORITHM} "):
        raise Refusal("InvalidSignatureMethod")
    parts = _AUTHORIZATION.fullmatch(header)
    if parts is None:
        raise Refusal("IncompleteSignature")
    claim = Claim(parts[1], parts[2].split(";"), parts[3])
    # The source's table of headers: the host, every x-acs-… that is there, and the type of a body if there is one
    # (HTTP libraries write a type into requests without a body, unasked).
    needed = {"host", *(name for name in received.headers if name.startswith("x-acs-"))}
    if received.body and "content-type" in received.headers:
        needed.add("content-type")
    if not needed.issubset(claim.signed) or not received.headers.keys() >= set(claim.signed):
        raise Refusal("IncompleteSignature")
    return claim


def check_date(received: Received, now: datetime) -> None:
    """Refuse a request that was made more than 15 minutes ago, or from now."""
    text = received.header("x-acs-date")
    if not text:
        raise missing("Date")
    try:
        date = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise Refusal("InvalidTimeStamp.Format") from error
    if abs(now - date) > WIDEST_SKEW:
        raise Refusal("InvalidTimeStamp.Expired")


def check_credential(held: Held, token: str, now: datetime) -> None:
    """Refuse a key that is switched off, and a security token that is missing, wrong or too old."""
    if not held.active:
        raise Refusal("InvalidAccessKeyId.Inactive")
    if held.token is None and not token:
        return
    if not token:
        raise Refusal("MissingSecurityToken")
    if not token.startswith(TOKEN_BEGINS):
        raise Refusal("InvalidSecurityToken.Malformed")
    if held.token is None or not _equal(token, held.token.get_secret_value()):
        raise Refusal("InvalidSecurityToken.MismatchWithAccessKey")
    if held.expires_at is not None and now >= held.expires_at:
        raise Refusal("InvalidSecurityToken.Expired")


def check_signature(received: Received, claim: Claim, held: Held) -> None:
    """Compute the signature again; a mismatch is answered with what it was computed from, as the service does.

    The query is decoded and made canonical anew, so that its order and encoding on the wire do not matter. The
    headers are those that the request names as signed; the body's hash is computed, not believed.
    """
    body_hash = hashlib.sha256(received.body).hexdigest()
    canonical = canonical_request(
        received.method, received.path, canonical_query(received.query), received.headers, claim.signed, body_hash
    )
    text = string_to_sign(canonical)
    if not _equal(claim.signature, signature(held.secret.get_secret_value(), text)):
        raise Refusal(
            "SignatureDoesNotMatch",
            "Specified signature does not match our calculation. "
            f"server StringToSign is [{text}] server CanonicalRequest is [{canonical}]",
        )


class Nonces:
    """The nonces of the last half hour; a request with an older one is refused for its date."""

    MOST_KEPT = 20_000

    def __init__(self) -> None:
        self._seen: OrderedDict[bytes, datetime] = OrderedDict()

    def use(self, access_key_id: str, nonce: str, now: datetime) -> None:
        """Take note of a nonce; raises Refusal if it was there before."""
        if not nonce:
            raise missing("SignatureNonce")
        mark = hashlib.blake2b(f"{access_key_id} {nonce}".encode(), digest_size=16).digest()
        if mark in self._seen:
            raise Refusal("SignatureNonceUsed")
        self._seen[mark] = now
        self._forget(now - 2 * WIDEST_SKEW)

    def _forget(self, before: datetime) -> None:
        while self._seen:
            oldest = next(iter(self._seen))
            if len(self._seen) <= self.MOST_KEPT and self._seen[oldest] >= before:
                return
            del self._seen[oldest]


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
