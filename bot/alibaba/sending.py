"""One attempt as it goes over the wire: signed as version 3 wants it, or without a signature."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

import httpx

from bot.alibaba.operation import Operation
from bot.alibaba.signature import EMPTY_BODY_SHA256, authorization, canonical_query, canonical_request
from bot.model.credential import Credential
from bot.model.problem import Problem

# What can be sent in a header; a line break in a token would end up in an error that quotes it.
_SENDABLE = re.compile(r"[\x21-\x7e]+")

_NOT_SIGNED = {"accept": "application/json", "accept-encoding": "identity", "user-agent": "vpn-diagnose"}


def signed_request(
    operation: Operation, base: str, query: str, credential: Credential, moment: datetime, nonce: str
) -> tuple[httpx.URL, dict[str, str]]:
    """Return the URL and the headers of one attempt; `query` is canonical.

    Signed are `host` and `x-acs-*` alone, which no proxy rewrites; httpx sends the query as it was signed.
    """
    headers = {
        "host": _netloc(base),
        "x-acs-action": operation.name,
        "x-acs-content-sha256": EMPTY_BODY_SHA256,
        "x-acs-date": _utc(moment),
        "x-acs-signature-nonce": nonce,
        "x-acs-version": operation.version,
    }
    if credential.security_token is not None:
        headers["x-acs-security-token"] = credential.security_token.get_secret_value()
    signed = list(headers)
    # The path of RPC is "/", also behind a proxy that hangs it under a prefix of its own.
    canonical = canonical_request("POST", "/", query, headers, signed, EMPTY_BODY_SHA256)
    secret = credential.access_key_secret.get_secret_value()
    headers["authorization"] = authorization(credential.access_key_id, secret, canonical, signed)
    return _with_query(base, query), headers | _NOT_SIGNED


def anonymous_request(
    operation: Operation, base: str, params: Mapping[str, str], moment: datetime, nonce: str
) -> tuple[httpx.URL, dict[str, str]]:
    """Return the URL and the headers of an attempt without a signature.

    These are called as the SDK calls them: in the form of version 1, its common parameters among the others
    (`do_rpcrequest` with "Anonymous" in alibabacloud_tea_openapi 0.4).
    """
    common = {
        "Action": operation.name,
        "Format": "json",
        "SignatureNonce": nonce,
        "Timestamp": _utc(moment),
        "Version": operation.version,
    }
    headers = {
        "host": _netloc(base),
        "x-acs-action": operation.name,
        "x-acs-version": operation.version,
    }
    return _with_query(base, canonical_query({**params, **common})), headers | _NOT_SIGNED


def secrets_of(operation: Operation, params: Mapping[str, str], credential: Credential | None) -> list[str]:
    """Return what no error may repeat."""
    held = [] if credential is None else _held(credential)
    return held + [params[name] for name in operation.secrets if name in params]


def refuse_unsendable(credential: Credential) -> None:
    """Raise Problem("access.secret_missing") for an access key that cannot be one."""
    if not all(_SENDABLE.fullmatch(text) for text in (credential.access_key_id, *_held(credential))):
        raise _unsendable("access key")


def query_of(operation: Operation, params: Mapping[str, str]) -> str:
    """Return the canonical query; raises Problem("access.secret_missing") for text that no encoding has.

    Such text comes from a file or the environment, where external IDs and tokens are kept.
    """
    try:
        return canonical_query(params)
    except UnicodeEncodeError:  # not handed on: it holds the text
        raise _unsendable(f"parameters of {operation.name}") from None


def _unsendable(reference: str) -> Problem:
    reason = "is empty, or holds spaces, line breaks or other characters no secret has"
    return Problem("access.secret_missing", reference=reference, reason=reason)


def _held(credential: Credential) -> list[str]:
    secrets = (credential.access_key_secret, credential.security_token)
    return [secret.get_secret_value() for secret in secrets if secret is not None]


def _netloc(base: str) -> str:
    """Return host and port of an address as `Endpoints` gives it; parsing it would take longer than signing."""
    return base.split("/", 3)[2]


def _with_query(base: str, query: str) -> httpx.URL:
    return httpx.URL(f"{base}?{query}" if query else base)


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"
