"""Guardrails: RAM policy statements that the bot itself holds a diagnosis against.

RAM cannot narrow `vpc:DiagnoseVpnGateway`, which it authorizes on all resources or none; so the bot does, with
RAM's language. A request is allowed if no Deny applies to its gateway or its connection, and one Allow statement
covers both: it names the gateway, and either no connection in particular or this one.
"""

from collections.abc import Sequence
from datetime import datetime

from bot.alibaba.ram_policy import Statement, Verdict, evaluate
from bot.model.ids import RegionId, VpnConnectionId, VpnGatewayId
from bot.model.problem import Problem
from bot.model.request import DiagnosisRequest

ACTION = "vpc:DiagnoseVpnGateway"

# The one condition key whose value the bot knows for certain. Under a Deny, any other would never apply.
CURRENT_TIME = "acs:CurrentTime"


def check(identity: str, guardrail: Sequence[Statement], request: DiagnosisRequest, now: datetime) -> None:
    """Return if the guardrail allows the request, or there is none; else raise Problem("access.guardrail").

    Facts: `identity`, `region`, `gateway_id`, `connection_id`, the `resource` (an ARN) that was denied, and the
    `verdict`: ExplicitDeny if a Deny names it, ImplicitDeny if no Allow does.
    """
    denied = _denied(guardrail, request.region, request.gateway_id, request.connection_id, now)
    if denied is not None:
        verdict, resource = denied
        raise Problem(
            "access.guardrail",
            identity=identity,
            region=request.region,
            gateway_id=request.gateway_id,
            connection_id=request.connection_id,
            resource=resource,
            verdict=verdict,
        )


def excludes(
    guardrail: Sequence[Statement],
    region: RegionId,
    gateway_id: VpnGatewayId,
    connection_id: VpnConnectionId | None,
    now: datetime,
) -> bool:
    """Tell whether a diagnosis of this gateway would be denied: of this connection, or None of whichever."""
    return _denied(guardrail, region, gateway_id, connection_id, now) is not None


def _denied(
    guardrail: Sequence[Statement],
    region: RegionId,
    gateway_id: VpnGatewayId,
    connection_id: VpnConnectionId | None,
    now: datetime,
) -> tuple[Verdict, str] | None:
    """Return what is denied and how; None if a diagnosis is allowed, or of a gateway alone may be."""
    if not guardrail:
        return None
    gateway = f"acs:vpc:{region}:*:vpngateway/{gateway_id}"
    connection = None if connection_id is None else f"acs:vpc:{region}:*:vpnconnection/{connection_id}"
    context = {CURRENT_TIME: now.isoformat(timespec="seconds")}  # as dates in RAM are
    for resource in filter(None, (gateway, connection)):
        if evaluate(guardrail, ACTION, resource, context) is Verdict.EXPLICIT_DENY:
            return Verdict.EXPLICIT_DENY, resource
    covering = [one for one in guardrail if evaluate([one], ACTION, gateway, context) is Verdict.ALLOW]
    if not covering:
        return Verdict.IMPLICIT_DENY, gateway
    if connection is None or any(_covers(one, connection, context) for one in covering):
        return None
    return Verdict.IMPLICIT_DENY, connection


def _covers(allow: Statement, connection: str, context: dict[str, str]) -> bool:
    """Tell whether a statement that allows the gateway allows its connection: none in particular, or this one."""
    names_connections = any(":vpnconnection/" in resource for resource in allow.resource)
    return not names_connections or evaluate([allow], ACTION, connection, context) is Verdict.ALLOW
