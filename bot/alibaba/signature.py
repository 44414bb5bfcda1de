"""ACS3-HMAC-SHA256, the signature of Alibaba Cloud's OpenAPI, version 3: pure functions from text to text.

Source: https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature.
Each function is one step of that page, so that a client and a server that checks it are built from the same steps.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from urllib.parse import quote

ALGORITHM = "ACS3-HMAC-SHA256"
EMPTY_BODY_SHA256 = hashlib.sha256(b"").hexdigest()


def canonical_query(params: Mapping[str, str]) -> str:
    """Sort by name and percent-encode as RFC 3986 wants it: a space is `%20`, an empty value is `name=`."""
    return "&".join(f"{_encoded(name)}={_encoded(params[name])}" for name in sorted(params))


def canonical_request(
    method: str, path: str, query: str, headers: Mapping[str, str], signed: Sequence[str], body_sha256: str
) -> str:
    """Lay out what is signed; `query` is already canonical, `body_sha256` is in lower-case hexadecimal.

    Names in `headers` and `signed` may be in any case and order. Raises KeyError for a name in `signed` that
    `headers` does not have.
    """
    values = {name.lower(): value.strip() for name, value in headers.items()}
    names = _in_order(signed)
    lines = "".join(f"{name}:{values[name]}\n" for name in names)
    return f"{method}\n{path}\n{query}\n{lines}\n{';'.join(names)}\n{body_sha256}"


def string_to_sign(canonical: str) -> str:
    return f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"


def signature(secret: str, text: str) -> str:
    """Sign with the secret as it is: without the `&` of version 1, and without a key derived from the date."""
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def authorization(access_key_id: str, secret: str, canonical: str, signed: Sequence[str]) -> str:
    """Return the value of the `Authorization` header for a canonical request."""
    names = ";".join(_in_order(signed))
    proof = signature(secret, string_to_sign(canonical))
    return f"{ALGORITHM} Credential={access_key_id},SignedHeaders={names},Signature={proof}"


def _in_order(signed: Sequence[str]) -> list[str]:
    return sorted(name.lower() for name in signed)


def _encoded(text: str) -> str:
    return quote(text, safe="")  # leaves A-Z a-z 0-9 - _ . ~ and nothing else
