"""The decision about one request, step by step: mapping, guardrail, credentials, preflight.

It ends with the first no, and says which one it was. Nothing is decided from memory but that the cloud has given a
session before; nobody passes on an earlier decision.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import NamedTuple

from bot.access.denied import why_denied
from bot.access.identity import Identity
from bot.access.preflight import preflight
from bot.access.probes import Probes
from bot.explain.denials import explained, is_denial
from bot.explain.problems import treatment
from bot.model.credential import Authorization
from bot.model.decision import Answer, Decision, Step, StepAnswer, answer_of
from bot.model.problem import Problem, ProblemDetails
from bot.model.request import DiagnosisRequest


class Decided(NamedTuple):
    """A decision, and the authorization that it gives, which is None if something stands in the way.

    `key_id` is the ID of the access key that the cloud was asked with, None if it was not asked.
    """

    decision: Decision
    authorization: Authorization | None
    key_id: str | None = None


async def decide(
    blank: Decision,
    request: DiagnosisRequest,
    admit: Callable[[], Awaitable[Identity]],
    authorize: Callable[[Identity], Awaitable[Authorization]],
    probes: Probes | None,
    clock: Callable[[], datetime],
) -> Decided:
    """Fill in a decision: `admit` decides without asking the cloud, `authorize` gets the credentials.

    Without probes the preflight is not asked. Raises nothing of theirs: what stands in the way is in the decision.
    """
    try:
        identity = await admit()
    except Problem as problem:
        return Decided(_not_admitted(blank, problem.details), None)
    decision = _passed(blank.changed(identity=identity.name), Step.MAPPING, Step.GUARDRAIL)
    try:
        authorization = await authorize(identity)
    except Problem as problem:
        return Decided(await _without_credentials(decision, problem.details, request, probes), None)
    decision = _passed(decision.changed(principal=authorization.principal), Step.CREDENTIALS)
    if probes is not None:
        decision = await _looked_ahead(decision, authorization, request, probes, clock())
    given = authorization if decision.allowed else None
    return Decided(decision, given, authorization.credential.access_key_id)


def _not_admitted(decision: Decision, problem: ProblemDetails) -> Decision:
    step = Step.GUARDRAIL if problem.code == "access.guardrail" else Step.MAPPING
    if step is Step.GUARDRAIL:
        decision = _passed(decision.changed(identity=problem.facts.get("identity")), Step.MAPPING)
    return decision.with_answer(answer_of(step, _no(problem), problem)).refused(problem)


async def _without_credentials(
    decision: Decision, problem: ProblemDetails, request: DiagnosisRequest, probes: Probes | None
) -> Decision:
    said = decision.with_answer(answer_of(Step.CREDENTIALS, _no(problem), problem))
    return await _with_reason(said, problem, request, None, probes)


async def _looked_ahead(
    decision: Decision, authorization: Authorization, request: DiagnosisRequest, probes: Probes, now: datetime
) -> Decision:
    said = await preflight(probes, authorization, request, now)
    for one in said:
        decision = decision.with_answer(one.answer)
    decision = decision.changed(running=next((one.running for one in said if one.running), None))
    refusal = next((one.refusal for one in said if one.refusal), None)
    if refusal is None:
        return decision
    return await _with_reason(decision, refusal, request, authorization, probes)


async def _with_reason(
    decision: Decision,
    problem: ProblemDetails,
    request: DiagnosisRequest,
    authorization: Authorization | None,
    probes: Probes | None,
) -> Decision:
    if not is_denial(problem):
        return decision.refused(problem)
    denial = await why_denied(probes, problem, request, authorization)
    return decision.refused(explained(problem, denial), denial)


def _no(problem: ProblemDetails) -> Answer:
    """Tell a refusal from a side that did not answer."""
    return Answer.UNKNOWN if treatment(problem).retry == "later" else Answer.REFUSED


def _passed(decision: Decision, *steps: Step) -> Decision:
    for step in steps:
        decision = decision.with_answer(StepAnswer(step=step, answer=Answer.PASSED))
    return decision
