"""What can be known before anything is started: four questions at once, and what each answer means.

Only a clear no refuses. A denied look at the gateway says nothing about its diagnosis, and a side that is away or
has had too many calls says nothing at all: these are unknown, and the start will tell.

What GetVpnGatewayDiagnoseResult answers for a gateway that was never diagnosed is not documented (November 2026):
https://www.alibabacloud.com/help/en/vpn/developer-reference/api-vpc-2016-04-28-getvpngatewaydiagnoseresult-vpns.
A "not found" of anything but the gateway is taken for that: RAM has let the question through.
"""

import asyncio
import re
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.access.issuing import refuses_the_credential
from bot.access.probes import Probes
from bot.alibaba.sts import CallerIdentity
from bot.explain.denials import is_denial
from bot.model.credential import Authorization
from bot.model.decision import Answer, RunningDiagnosis, Step, StepAnswer, answer_of
from bot.model.problem import Problem, ProblemDetails
from bot.model.report import DiagnosisReport
from bot.model.request import DiagnosisRequest
from bot.model.vpn import Listing, VpnConnection, VpnGateway

JUST = timedelta(minutes=1)
"""For so long after the cloud has said whose credential it is, it is not asked again."""

_NONE_YET = "InvalidResourceId.NotFound"

# What would refuse the start as well, whichever question it answers.
_REFUSING_EVERYTHING = frozenset({"InvalidTimeStamp.Expired"})
_NO_SUCH_GATEWAY = ("InvalidVpnGatewayInstanceId.NotFound", "InvalidRegionId")

_SESSION = re.compile(r"acs:ram::([0-9]+):(?:assumed-)?role/(.+)")


class Said(NamedTuple):
    """A step's answer, the problem if it refuses, and what was found to be running."""

    answer: StepAnswer
    refusal: ProblemDetails | None = None
    running: RunningDiagnosis | None = None


async def preflight(
    probes: Probes, authorization: Authorization, request: DiagnosisRequest, now: datetime
) -> tuple[Said, ...]:
    """Ask everything side by side; takes as long as the slowest question, and raises nothing of the cloud's."""
    credential = authorization.credential
    just_confirmed = authorization.confirmed_at is not None and now - authorization.confirmed_at < JUST

    async def who() -> Said:
        if just_confirmed:
            return Said(StepAnswer(step=Step.IDENTITY, answer=Answer.PASSED))
        return _said_of_caller(await probes.caller(credential), authorization.principal)

    async def results() -> Said:
        return _said_of_results(await probes.results(credential, request.region, request.gateway_id))

    async def gateway() -> Said:
        found = await probes.gateways(credential, request.region, request.gateway_id)
        return _said_of_gateway(found, request)

    async def connection() -> Said:
        found = await probes.connections(credential, request.region, request.connection_id)
        return _said_of_connection(found, request)

    return tuple(await asyncio.gather(who(), results(), gateway(), connection()))


def _said_of_caller(outcome: CallerIdentity | ProblemDetails, principal: str) -> Said:
    if isinstance(outcome, ProblemDetails):
        return _unanswered(Step.IDENTITY, outcome)
    if _who(outcome.arn) != _who(principal):
        other = Problem("access.other_principal", principal=principal, answered=outcome.arn)
        return _refused(Step.IDENTITY, other.details)
    return Said(StepAnswer(step=Step.IDENTITY, answer=Answer.PASSED, operation="GetCallerIdentity"))


def _said_of_results(outcome: DiagnosisReport | ProblemDetails) -> Said:
    operation = "GetVpnGatewayDiagnoseResult"
    if isinstance(outcome, ProblemDetails):
        if outcome.code == _NONE_YET:
            return Said(answer_of(Step.RESULTS, Answer.PASSED, outcome))
        if is_denial(outcome) or outcome.code.startswith(_NO_SUCH_GATEWAY):
            return _refused(Step.RESULTS, outcome)
        return _unanswered(Step.RESULTS, outcome)
    passed = StepAnswer(
        step=Step.RESULTS, answer=Answer.PASSED, operation=operation, request_id=outcome.request_id or None
    )
    if outcome.finished:
        return Said(passed)
    running = RunningDiagnosis(diagnose_id=outcome.diagnose_id, connection_id=outcome.connection_id)
    return Said(passed, running=running)


def _said_of_gateway(outcome: Listing[VpnGateway] | ProblemDetails, request: DiagnosisRequest) -> Said:
    if isinstance(outcome, ProblemDetails):
        return _unanswered(Step.GATEWAY, outcome)
    passed = StepAnswer(step=Step.GATEWAY, answer=Answer.PASSED, operation="DescribeVpnGateways")
    found = next((one for one in outcome.entries if one.gateway_id == request.gateway_id), None)
    if found is None:
        return _not_visible(passed)
    if found.status == "deleting":
        return _refused(Step.GATEWAY, _about(request, "cloud.gateway_deleting"))
    if found.ipsec_enabled is False:
        return _refused(Step.GATEWAY, _about(request, "cloud.ipsec_disabled"))
    if found.status != "active":
        # The start says the same and is tried again: somebody who waits for it sees that in the thread.
        return Said(passed.changed(answer=Answer.UNKNOWN, reason="VpnGateway.Configuring"))
    return Said(passed)


def _said_of_connection(outcome: Listing[VpnConnection] | ProblemDetails, request: DiagnosisRequest) -> Said:
    if isinstance(outcome, ProblemDetails):
        return _unanswered(Step.CONNECTION, outcome)
    passed = StepAnswer(step=Step.CONNECTION, answer=Answer.PASSED, operation="DescribeVpnConnections")
    found = next((one for one in outcome.entries if one.connection_id == request.connection_id), None)
    if found is None:
        return _not_visible(passed)
    if found.gateway_id is None:
        return _refused(Step.CONNECTION, _about(request, "cloud.connection_without_gateway"))
    if found.gateway_id != request.gateway_id:
        elsewhere = _about(request, "cloud.connection_elsewhere", other_gateway_id=found.gateway_id)
        return _refused(Step.CONNECTION, elsewhere)
    return Said(passed)


def _unanswered(step: Step, problem: ProblemDetails) -> Said:
    """Say what no answer means: unknown, but for what would refuse the start as well."""
    if refuses_the_credential(problem.code) or problem.code in _REFUSING_EVERYTHING:
        return _refused(step, problem)
    return Said(answer_of(step, Answer.UNKNOWN, problem))


def _not_visible(asked: StepAnswer) -> Said:
    """Say what an empty list means: some products answer so where RAM denies the look."""
    return Said(asked.changed(answer=Answer.UNKNOWN, reason="cloud.not_visible"))


def _refused(step: Step, problem: ProblemDetails) -> Said:
    return Said(answer_of(step, Answer.REFUSED, problem), refusal=problem)


def _about(request: DiagnosisRequest, code: str, **facts: str) -> ProblemDetails:
    asked = {"gateway_id": request.gateway_id, "connection_id": request.connection_id, "region": request.region}
    return Problem(code, **asked, **facts).details


def _who(arn: str) -> str:
    """Return an ARN by which a session is the same in AssumeRole (`role/…`) and afterwards (`assumed-role/…`)."""
    session = _SESSION.fullmatch(arn)
    return f"{session[1]} {session[2]}" if session else arn
