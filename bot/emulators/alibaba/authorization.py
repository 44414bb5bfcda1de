"""May the caller do this: RAM's evaluation, and the detail that a denial carries.

Sources: https://www.alibabacloud.com/help/en/ram/policy-evaluation-process and
https://www.alibabacloud.com/help/en/ram/support/how-to-troubleshoot-access-errors-without-permission
"""

import base64
import json
from collections.abc import Mapping

from bot.alibaba.ram_policy import Verdict, evaluate
from bot.emulators.alibaba.callers import Caller, IdentityType
from bot.emulators.alibaba.identities import Role
from bot.emulators.alibaba.refusals import Refusal

# The code that each product denies with (the error tables of the operations).
_DENIED = {"vpc": "Forbidden", "sts": "NoPermission"}

_PRINCIPAL_TYPES = {IdentityType.USER: "SubUser", IdentityType.ROLE: "AssumedRoleUser"}


def authorize(caller: Caller, action: str, resource: str, context: Mapping[str, str]) -> None:
    """Refuse an action that RAM does not allow; a session policy has to allow it too. The root user may do all."""
    if caller.kind is IdentityType.ACCOUNT:
        return
    layers = {"SessionPolicy": caller.session_statements, "AccountLevelIdentityBasedPolicy": caller.statements}
    for policy_type, statements in layers.items():
        if statements is None:
            continue
        verdict = evaluate(statements, action, resource, context)
        if verdict is not Verdict.ALLOW:
            raise _denial(caller, action, resource, verdict, policy_type)


def check_trust(caller: Caller, role: Role, role_arn: str, context: Mapping[str, str]) -> None:
    """Refuse a caller whom the role's trust policy does not name, or names under another condition."""
    naming = (one for one in role.trust.statements if not caller.trusted_as.isdisjoint(one.principal.ram))
    verdict = evaluate([one.as_statement() for one in naming], "sts:AssumeRole", role_arn, context)
    if verdict is not Verdict.ALLOW:
        raise _denial(caller, "sts:AssumeRole", role_arn, verdict, "AssumeRolePolicy")


def _denial(caller: Caller, action: str, resource: str, verdict: Verdict, policy_type: str) -> Refusal:
    detail = {
        "AuthAction": action,
        "AuthPrincipalType": _PRINCIPAL_TYPES[caller.kind],
        "AuthPrincipalDisplayName": caller.display_name,
        "AuthPrincipalOwnerId": caller.account_id,
        "NoPermissionType": verdict.value,
        "PolicyType": policy_type,
    }
    sealed = base64.b64encode(json.dumps(detail | {"AuthResource": resource}).encode()).decode()
    code = _DENIED[action.partition(":")[0]]
    return Refusal(code, denied=detail | {"EncodedDiagnosticMessage": sealed})
