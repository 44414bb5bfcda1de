"""Why a call was denied: as RAM decodes it, else as the refusal tells, else as the operation is documented.

The sealed message in a refusal is opened with the session of whoever was denied, and with nobody else's.
"""

from bot.access.probes import Probes
from bot.model.credential import Authorization
from bot.model.denial import Denial
from bot.model.problem import ProblemDetails
from bot.model.request import DiagnosisRequest

_EXPLICIT = {"ExplicitDeny": True, "ImplicitDeny": False}

# RAM knows these on all resources only (the authorization tables of their pages, see bot.access.policy).
_ON_ALL = frozenset(
    {"", "DecodeDiagnosticMessage", "DescribeRegions", "DiagnoseVpnConnections", "DiagnoseVpnGateway"}
)

_ASSUME = "AssumeRole"


async def why_denied(
    probes: Probes | None,
    problem: ProblemDetails,
    request: DiagnosisRequest,
    authorization: Authorization | None,
) -> Denial:
    """Find out who was denied what; takes a call of RAM's if there is something to decode."""
    told = as_told(problem, request, authorization)
    sealed = problem.facts.get("encoded_diagnostic_message", "")
    if not sealed or probes is None or authorization is None or _is_about_the_bot(problem):
        return told
    opened = await probes.decoded(authorization.credential, sealed)
    if isinstance(opened, ProblemDetails):
        return told
    return opened.changed(
        action=opened.action or told.action,
        resource=opened.resource or told.resource,
        principal=_named(opened.principal, authorization.principal) or told.principal,
        account_id=opened.account_id or told.account_id,
        policy_type=opened.policy_type or told.policy_type,
        explicit=told.explicit if opened.explicit is None else opened.explicit,
        to_trust=told.to_trust,
    )


def as_told(
    problem: ProblemDetails, request: DiagnosisRequest | None, authorization: Authorization | None = None
) -> Denial:
    """Say what the refusal itself tells, and what is documented where it tells nothing.

    Without a request nothing was asked of a gateway.
    """
    facts = problem.facts
    operation = facts.get("operation", "")
    account_id = facts.get("denied_owner") or _account(authorization) or ""
    told = facts.get("denied_action", "")
    return Denial(
        action=told or _action(operation),
        resource=_resource(operation, request, account_id or "*", facts.get("role_arn", "")),
        principal=_named(facts.get("denied_principal", ""), _arn_of_denied(problem, authorization)),
        principal_type=facts.get("denied_principal_type", ""),
        account_id=account_id,
        explicit=_EXPLICIT.get(facts.get("denied_kind", "")),
        policy_type=facts.get("denied_policy_type", ""),
        policies=(),
        conditions=(),
        told_by="refusal" if told else "documentation",
        to_trust=facts.get("base_arn", ""),
    )


def _is_about_the_bot(problem: ProblemDetails) -> bool:
    """Tell whether the call was the bot's own, which assumes the roles: whoever asked was denied nothing."""
    return problem.facts.get("operation") == _ASSUME


def _arn_of_denied(problem: ProblemDetails, authorization: Authorization | None) -> str:
    if _is_about_the_bot(problem):
        return problem.facts.get("base_arn", "")
    return authorization.principal if authorization else ""


def _named(principal: str, arn: str) -> str:
    """Name whoever was denied: RAM calls its users by a number, which tells people nothing."""
    if not principal or not arn:
        return principal or arn
    return f"{arn} ({principal})" if principal.isdecimal() else principal


def _account(authorization: Authorization | None) -> str | None:
    return authorization.credential.account_id if authorization else None


def _action(operation: str) -> str:
    if operation == _ASSUME:
        return "sts:AssumeRole"
    if operation == "DecodeDiagnosticMessage":
        return "ram:DecodeDiagnosticMessage"
    return f"vpc:{operation}" if operation else ""


def _resource(operation: str, request: DiagnosisRequest | None, account_id: str, role_arn: str) -> str:
    """Give the resource that RAM is asked about for a call, in the form of the operation's documentation."""
    if operation == _ASSUME:
        return role_arn
    if operation in _ON_ALL or request is None:
        return "*"
    place = f"acs:vpc:{request.region}:{account_id}"
    if operation == "DescribeVpnConnections":
        return f"{place}:vpnconnection/{request.connection_id}"
    return f"{place}:vpngateway/{request.gateway_id}"
