"""The operation of RAM that is needed (version 2015-05-01): why somebody was denied something."""

from collections.abc import Mapping
from typing import Any

from bot.alibaba.answer import flag_of, list_of, text_of
from bot.alibaba.endpoints import Product
from bot.alibaba.operation import DECODING, Operation
from bot.alibaba.rpc import RpcClient
from bot.model.credential import Credential
from bot.model.denial import Denial, MatchedPolicy
from bot.model.problem import Problem

DECODE = Operation(
    product=Product.RAM,
    name="DecodeDiagnosticMessage",
    version="2015-05-01",
    answers_with=("DecodedDiagnosticMessage",),
    quota=DECODING,
)

# Far above what takes part in one decision.
MOST_PARTS = 100


class RamApi:
    """Explanations of refusals."""

    def __init__(self, rpc: RpcClient) -> None:
        self._rpc = rpc

    async def decode_diagnostic_message(self, credential: Credential, encoded: str) -> Denial:
        """Decode the `encoded_diagnostic_message` of a refusal; takes `ram:DecodeDiagnosticMessage`.

        Raises Problem: `NotSupport` for a message that cannot be decoded, `NoPermission`, or one of `cloud.*`.
        Source, read November 2026:
        https://www.alibabacloud.com/help/en/ram/developer-reference/api-ram-2015-05-01-decodediagnosticmessage.
        """
        answer = await self._rpc.call(DECODE, {"EncodedDiagnosticMessage": encoded}, credential, None)
        decoded = answer["DecodedDiagnosticMessage"]
        if not isinstance(decoded, dict):
            raise Problem("cloud.not_understood", operation=DECODE.name, http_status=200)
        principal = _fields(decoded.get("AuthPrincipal"))
        return Denial(
            action=_words(decoded, "AuthAction"),
            resource=_words(decoded, "AuthResource"),
            principal=_words(principal, "AuthPrincipalDisplayName"),
            principal_type=_words(principal, "AuthPrincipalType"),
            account_id=_words(principal, "AuthPrincipalOwnerId"),
            explicit=flag_of(decoded.get("ExplicitDeny")),
            policy_type=_words(decoded, "NoPermissionPolicyType"),
            policies=tuple(_policy(one) for one in _parts(decoded.get("MatchedPolicies"))),
            conditions=tuple(_condition(one) for one in _parts(decoded.get("AuthConditions"))),
        )


def _policy(fields: Mapping[str, Any]) -> MatchedPolicy:
    return MatchedPolicy(
        effect=_words(fields, "Effect"),
        name=_words(fields, "PolicyIdentifier"),
        policy_type=_words(fields, "PolicyType"),
        version=_words(fields, "PolicyVersion"),
        attached_to=_words(fields, "AttachedEntityType"),
        scope=_words(fields, "AttachedScope"),
    )


def _condition(fields: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    values = list_of(fields.get("ConditionValues")) or []
    return _words(fields, "ConditionKey"), tuple(text for one in values[:MOST_PARTS] if (text := text_of(one)))


def _parts(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in (list_of(value) or [])[:MOST_PARTS] if isinstance(one, dict)]


def _fields(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _words(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return str(value) if type(value) is int else text_of(value) or ""
