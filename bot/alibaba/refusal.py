"""The vendor's error answers as `Problem`: code, message, RequestId and who was denied what.

Sources, read November 2026: https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature
for the envelope, https://www.alibabacloud.com/help/en/ram/user-guide/how-to-troubleshoot-access-errors-without-permission
for AccessDeniedDetail. Some products write the names in lower camel case, and some send the detail as a JSON text.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, unquote

from bot.alibaba.answer import parsed, request_id_of
from bot.model.problem import LONGEST_FACT, Problem, ProblemDetails

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,127}")

# Their message repeats the whole request as the server saw it: tokens, external ID and all, in every encoding.
_REPEATING_THE_REQUEST = frozenset({"SignatureDoesNotMatch", "IncompleteSignature", "InvalidSignature"})

# How often what was encoded may have been encoded again.
_MOST_LAYERS = 2

_JSON_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")

_DENIED = {
    "AuthAction": "denied_action",
    "AuthPrincipalDisplayName": "denied_principal",
    "AuthPrincipalType": "denied_principal_type",
    "AuthPrincipalOwnerId": "denied_owner",
    "NoPermissionType": "denied_kind",
    "PolicyType": "denied_policy_type",
    "EncodedDiagnosticMessage": "encoded_diagnostic_message",
    "EncodedDiagnosticInfo": "encoded_diagnostic_message",
}


def refusal(
    answer: Mapping[str, Any], http_status: int, operation: str, secrets: Iterable[str] = ()
) -> Problem | None:
    """Return what the vendor says in an error answer, or None if this is not one.

    Whatever of `secrets` the answer repeats is taken out; a text that repeats one in another encoding is left out.
    A code in one of the bot's own namespaces is not believed: nobody else may speak in them.
    """
    code = _either(answer, "Code")
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        return None
    if not ProblemDetails(code=code).is_from_the_cloud:
        return None
    facts = {"message": _words(_either(answer, "Message")), "request_id": request_id_of(answer)} | _denial(answer)
    if code.partition(".")[0] in _REPEATING_THE_REQUEST:
        del facts["message"]
    # As they are, and as they were in the query.
    hidden = [spelled for secret in secrets if secret for spelled in (secret, quote(secret, safe=""))]
    told = {name: _without(hidden, text) for name, text in facts.items() if text}
    told = {name: text for name, text in told.items() if not _repeats(hidden, text)}
    return Problem(code, operation=operation, http_status=http_status, **told)


def _denial(answer: Mapping[str, Any]) -> dict[str, str | None]:
    detail = _either(answer, "AccessDeniedDetail")
    if isinstance(detail, str):
        try:
            detail = parsed(detail)
        except ValueError:
            return {}
    if not isinstance(detail, dict):
        return {}
    facts = {fact: text for name, fact in _DENIED.items() if (text := _words(_either(detail, name)))}
    # A part of an encoded message cannot be decoded: better none than a cut one.
    if len(facts.get("encoded_diagnostic_message", "")) > LONGEST_FACT:
        del facts["encoded_diagnostic_message"]
    return dict(facts)


def _either(answer: Mapping[str, Any], name: str) -> Any:
    value = answer.get(name)
    return answer.get(name[0].lower() + name[1:]) if value is None else value


def _words(value: Any) -> str | None:
    if type(value) is int:  # account IDs come as numbers, too
        return str(value)
    # Not cut here: secrets are looked for first, and half of one would not be found.
    return value.replace("\x00", "\ufffd") if isinstance(value, str) else None


def _without(secrets: Iterable[str], text: str) -> str:
    for secret in secrets:
        text = text.replace(secret, "(hidden)")
    return text


def _repeats(secrets: Iterable[str], text: str) -> bool:
    """Tell whether a secret is in a text in any spelling: of addresses, forms or JSON, also one in another."""
    spelled = _spellings(text)
    return any(plain in one for secret in secrets for plain in _spellings(secret) for one in spelled)


def _spellings(text: str) -> list[str]:
    """Return a text with none, one and more layers of encoding taken off; a plus is a space, as in forms."""
    layers = [_without_json(text)]
    for _ in range(_MOST_LAYERS):
        layers.append(_without_json(unquote(layers[-1])))
    return [layer.replace("+", " ") for layer in layers]


def _without_json(text: str) -> str:
    return _JSON_ESCAPE.sub(lambda found: chr(int(found[1], 16)), text).replace("\\/", "/")
