"""A denial by RAM: what the caller is told of it at once, and what its sealed message tells when it is decoded.

Sources: https://www.alibabacloud.com/help/en/ram/support/how-to-troubleshoot-access-errors-without-permission and
https://www.alibabacloud.com/help/en/ram/developer-reference/api-ram-2015-05-01-decodediagnosticmessage
"""

from collections.abc import Mapping
from typing import Any

from bot.alibaba.ram_policy import Verdict
from bot.model.value import Value


class MatchedPolicy(Value):
    """A policy that denied; a session policy has no name, and nothing that it is attached to."""

    policy_type: str
    identifier: str = ""
    attached_to: str = ""

    def decoded(self) -> dict[str, str]:
        told = {"Effect": "Deny", "PolicyType": self.policy_type}
        if not self.identifier:
            return told
        named = {"PolicyIdentifier": self.identifier, "PolicyVersion": "v1"}
        return told | named | {"AttachedEntityType": self.attached_to, "AttachedScope": "Account"}


class Denial(Value):
    """Who was denied what, by which kind of policy, on what grounds."""

    action: str
    resource: str
    principal_type: str
    principal: str
    owner_id: str
    verdict: Verdict
    policy_type: str
    matched: tuple[MatchedPolicy, ...]
    context: Mapping[str, str]

    def detail(self) -> dict[str, str]:
        """Lay out AccessDeniedDetail, without its encoded message."""
        return {
            "AuthAction": self.action,
            **self._principal(),
            "NoPermissionType": self.verdict.value,
            "PolicyType": self.policy_type,
        }

    def decoded(self) -> dict[str, Any]:
        """Lay out DecodedDiagnosticMessage."""
        conditions = [{"ConditionKey": key, "ConditionValues": [value]} for key, value in self.context.items()]
        return {
            "AuthAction": self.action,
            "AuthResource": self.resource,
            "AuthPrincipal": self._principal(),
            "AuthConditions": conditions,
            "ExplicitDeny": self.verdict is Verdict.EXPLICIT_DENY,
            "NoPermissionPolicyType": self.policy_type,
            "MatchedPolicies": [policy.decoded() for policy in self.matched],
        }

    def _principal(self) -> dict[str, str]:
        return {
            "AuthPrincipalType": self.principal_type,
            "AuthPrincipalDisplayName": self.principal,
            "AuthPrincipalOwnerId": self.owner_id,
        }
