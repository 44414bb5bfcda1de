"""May the caller do this: RAM's evaluation, layer by layer.

Sources: https://www.alibabacloud.com/help/en/ram/policy-evaluation-process and, for sessions that a role's trust
policy lets in, https://www.alibabacloud.com/help/en/ram/user-guide/policy-evaluation-process-of-assuming-a-ram-role
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from bot.alibaba.ram_policy import Verdict, evaluate
from bot.emulators.alibaba.callers import Caller, IdentityType, NamedPolicy
from bot.emulators.alibaba.denial import Denial, MatchedPolicy
from bot.emulators.alibaba.identities import Role, TrustStatement
from bot.emulators.alibaba.operations import Call
from bot.emulators.alibaba.refusals import Refusal

# The code that each product denies with (the error tables of the operations).
_DENIED = {"vpc": "Forbidden", "sts": "NoPermission", "ram": "NoPermission"}

_PRINCIPAL_TYPES = {IdentityType.USER: "SubUser", IdentityType.ROLE: "AssumedRoleUser"}
_ATTACHED_TO = {IdentityType.USER: "IMSUser", IdentityType.ROLE: "ServiceRole"}


def authorize(call: Call, action: str, resource: str) -> None:
    """Refuse an action that RAM does not allow; a session policy has to allow it too. The root user may do all."""
    if call.caller.kind is IdentityType.ACCOUNT:
        return
    for policy_type, policies in _layers(call.caller):
        statements = [statement for policy in policies for statement in policy.statements]
        verdict = evaluate(statements, action, resource, call.context)
        if verdict is not Verdict.ALLOW:
            matched = tuple(_denying(policies, policy_type, action, resource, call))
            raise _refused(call, action, resource, verdict, policy_type, matched)


def check_trust(call: Call, role: Role, role_arn: str, context: Mapping[str, str]) -> None:
    """Refuse a caller whom the role's trust policy does not name, or names under another condition."""
    naming = [one for one in role.trust.statements if not call.caller.trusted_as.isdisjoint(one.principal.ram)]
    verdict = trust(naming, role_arn, context)
    if verdict is not Verdict.ALLOW:
        raise _refused(call, "sts:AssumeRole", role_arn, verdict, "AssumeRolePolicy", ())


def trust(naming: Iterable[TrustStatement], role_arn: str, context: Mapping[str, str]) -> Verdict:
    """Evaluate the statements of a trust policy that name somebody."""
    return evaluate([one.as_statement() for one in naming], "sts:AssumeRole", role_arn, context)


def _layers(caller: Caller) -> Iterator[tuple[str, Sequence[NamedPolicy]]]:
    if caller.session_policy is not None:
        yield "SessionPolicy", (caller.session_policy,)
    yield "AccountLevelIdentityBasedPolicy", caller.policies


def _denying(
    policies: Iterable[NamedPolicy], policy_type: str, action: str, resource: str, call: Call
) -> Iterator[MatchedPolicy]:
    for policy in policies:
        if evaluate(policy.statements, action, resource, call.context) is Verdict.EXPLICIT_DENY:
            kind = "Custom" if policy.name else policy_type
            attached_to = _ATTACHED_TO[call.caller.kind]
            yield MatchedPolicy(policy_type=kind, identifier=policy.name, attached_to=attached_to)


def _refused(
    call: Call, action: str, resource: str, verdict: Verdict, policy_type: str, matched: tuple[MatchedPolicy, ...]
) -> Refusal:
    denial = Denial(
        action=action,
        resource=resource,
        principal_type=_PRINCIPAL_TYPES[call.caller.kind],
        principal=call.caller.display_name,
        owner_id=call.caller.account_id,
        verdict=verdict,
        policy_type=policy_type,
        matched=matched,
        context=call.context,
    )
    return Refusal(_DENIED[action.partition(":")[0]], denied=denial)
