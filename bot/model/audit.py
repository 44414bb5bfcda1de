"""What is kept for good: who asked for what, as whom it was done, what was decided and why, and what came of it.

Nothing of an entry is a secret. Of a `Problem` only its code and the IDs to look it up by are kept: its other
facts may quote people and the cloud.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from bot.model.decision import Answer, Decision, Step, StepAnswer, answer_of
from bot.model.denial import Denial
from bot.model.ids import ChannelId, RegionId, RunId, TeamId, UserId, VpnConnectionId, VpnGatewayId
from bot.model.principal import session_in
from bot.model.problem import ProblemDetails
from bot.model.request import DiagnosisRequest, Requester
from bot.model.run import Run, RunState

DIAGNOSE = "DiagnoseVpnGateway"
"""The operation of every run, and of words or a form that were refused before there was one.

Of a refused press it is what was pressed. The cloud may never have been called.
"""


class AuditEvent(StrEnum):
    """What happened: to a run in this order, and TOLD for what somebody was shown, or a watch that they stopped.

    REFUSED is also for what became no run.
    """

    ACCEPTED = "accepted"  # stored for Slack's acknowledgement; nothing is decided for good yet
    ALLOWED = "allowed"  # decided: may be started, as this identity
    STARTED = "started"  # the cloud accepted the start
    ATTACHED = "attached"  # somebody else had started it already
    JOINED = "joined"  # another run of ours had started it, see `follows`
    REPORTED = "reported"
    REFUSED = "refused"
    FAILED = "failed"
    TOLD = "told"


_OF_ENDING = {
    RunState.REPORTED: AuditEvent.REPORTED,
    RunState.REFUSED: AuditEvent.REFUSED,
    RunState.FAILED: AuditEvent.FAILED,
}
_BAD_ENDS = frozenset({AuditEvent.REFUSED, AuditEvent.FAILED})
_DECISIONS = _BAD_ENDS | {AuditEvent.ALLOWED}

# Who is not let in (bot.access.admission), and of whom Slack has not said yet whether they are.
_NOT_ADMITTED = frozenset(
    {
        "access.channel_not_allowed",
        "access.deactivated",
        "access.groups_disagree",
        "access.guest",
        "access.not_a_person",
        "access.not_mapped",
        "access.other_organization",
        "access.other_workspace",
        "access.stranger",
    }
)
_NOT_SAID_YET = frozenset({"access.groups_unknown", "access.person_unknown"})
_BEGINNINGS = frozenset({AuditEvent.STARTED, AuditEvent.ATTACHED, AuditEvent.JOINED})


class AuditEntry(NamedTuple):
    """One entry of the audit trail.

    `run_id` is the run that it is about; of a run's own entries the operation is `DIAGNOSE`, of others it is what
    somebody pressed.

    `problem` is the code of what stood in the way, `request_id` that of the call which the event is about.
    `principal` is the ARN that the cloud sees, `role_session_name` the session in it. `book_version` is the
    SHA-256 of the access.yml that was decided by. `follows` is the run whose diagnosis this one joined.
    `unrecorded` is how many refusals of the same person came before this one and are not recorded one by one.
    """

    at: datetime
    event: AuditEvent
    operation: str
    team_id: TeamId
    user_id: UserId
    channel_id: ChannelId | None = None
    thread_ts: str | None = None
    run_id: RunId | None = None
    region_id: RegionId | None = None
    vpn_gateway_id: VpnGatewayId | None = None
    resource_id: VpnConnectionId | None = None
    private_source_ip: str | None = None
    private_destination_ip: str | None = None
    identity: str | None = None
    principal: str | None = None
    role_session_name: str | None = None
    book_version: str | None = None
    problem: str | None = None
    error_id: str | None = None
    request_id: str | None = None
    diagnose_id: str | None = None
    follows: RunId | None = None
    unrecorded: int | None = None
    steps: tuple[StepAnswer, ...] = ()
    denial: Denial | None = None


class AsWhom(NamedTuple):
    """As whom the cloud was asked for somebody: an identity of access.yml, and the ARN that the cloud sees.

    `request_id` is that of the call which told what was shown, where it was one call and gave an ID.
    """

    identity: str
    principal: str | None = None
    steps: tuple[StepAnswer, ...] = ()
    request_id: str | None = None


class Attempt(NamedTuple):
    """What somebody tried to do and where, as far as it was understood; `run_id` is the run that it was about."""

    requester: Requester
    channel_id: ChannelId | None
    operation: str = DIAGNOSE
    request: DiagnosisRequest | None = None
    run_id: RunId | None = None
    as_whom: AsWhom | None = None


def entries(
    before: Run | None, after: Run, at: datetime, book_version: str | None = None
) -> tuple[AuditEntry, ...]:
    """Return what is to be kept of a step of a run, which happened at `at`; None before it was stored.

    `book_version` is that of the access.yml by which a new run was taken in, None for one that carries a watch on:
    nobody pressed for that.
    """
    return tuple(_entry(event, after, at, book_version) for event in _events(before, after))


def turned_away(
    attempt: Attempt, problem: ProblemDetails, at: datetime, book_version: str, unrecorded: int = 0
) -> AuditEntry:
    """Return what is to be kept of somebody who was refused before anything was stored."""
    entry = _with_problem(_about(attempt, AuditEvent.REFUSED, at), problem)
    identity = problem.facts.get("identity") or entry.identity
    steps = _decided_at_the_door(problem) or entry.steps
    return entry._replace(identity=identity, book_version=book_version, steps=steps, unrecorded=unrecorded or None)


def told(attempt: Attempt, at: datetime, book_version: str) -> AuditEntry:
    """Return what is to be kept of somebody who was shown something."""
    return _about(attempt, AuditEvent.TOLD, at)._replace(book_version=book_version)


def _events(before: Run | None, after: Run) -> Iterator[AuditEvent]:
    if before is None:
        yield AuditEvent.ACCEPTED
        return
    if _basis(after.decision) not in {None, _basis(before.decision)}:
        yield AuditEvent.ALLOWED
    if after.diagnose_id not in {None, before.diagnose_id}:
        yield _beginning(after)
    if after.ended and after.state is not before.state:
        yield _OF_ENDING[after.state]


def _basis(decision: Decision | None) -> tuple[str | None, ...] | None:
    """Return as whom and by which book it was allowed, None if it was not."""
    if decision is None or not decision.allowed:
        return None
    return decision.identity, decision.principal, decision.book_version


def _beginning(run: Run) -> AuditEvent:
    if not run.attached:
        return AuditEvent.STARTED
    return AuditEvent.ATTACHED if run.follows is None else AuditEvent.JOINED


def _entry(event: AuditEvent, run: Run, at: datetime, book_version: str | None) -> AuditEntry:
    attempt = Attempt(run.requester, run.conversation.channel_id, request=run.request, run_id=run.id)
    entry = _about(attempt, event, at)._replace(
        thread_ts=_thread_of(run),
        book_version=book_version,
        identity=run.identity,
        principal=run.principal,
        role_session_name=session_in(run.principal or ""),
        request_id=_request_id(event, run),
        diagnose_id=run.diagnose_id,
        follows=run.follows if run.attached else None,
    )
    if run.decision is not None:
        steps = run.decision.steps if event in _DECISIONS else ()
        entry = entry._replace(book_version=run.decision.book_version, steps=steps)
    if run.problem is None or event not in _BAD_ENDS:
        return entry
    return _with_problem(entry, run.problem)._replace(denial=run.decision.denial if run.decision else None)


def _about(attempt: Attempt, event: AuditEvent, at: datetime) -> AuditEntry:
    request, as_whom = attempt.request, attempt.as_whom
    addresses = request.addresses if request else None
    entry = AuditEntry(
        at,
        event,
        attempt.operation,
        attempt.requester.team_id,
        attempt.requester.user_id,
        attempt.channel_id,
        run_id=attempt.run_id,
        region_id=request.region if request else None,
        vpn_gateway_id=request.gateway_id if request else None,
        resource_id=request.connection_id if request else None,
        private_source_ip=str(addresses.source) if addresses else None,
        private_destination_ip=str(addresses.destination) if addresses else None,
    )
    if as_whom is None:
        return entry
    return entry._replace(
        identity=as_whom.identity,
        principal=as_whom.principal,
        role_session_name=session_in(as_whom.principal or ""),
        request_id=as_whom.request_id,
        steps=as_whom.steps,
    )


def _decided_at_the_door(problem: ProblemDetails) -> tuple[StepAnswer, ...]:
    """Return the steps that were decided where access.yml, or Slack's word on somebody, turns them away."""
    if problem.code == "access.guardrail":
        passed = StepAnswer(step=Step.MAPPING, answer=Answer.PASSED)
        return passed, answer_of(Step.GUARDRAIL, Answer.REFUSED, problem)
    if problem.code in _NOT_SAID_YET:
        return (answer_of(Step.MAPPING, Answer.UNKNOWN, problem),)
    return (answer_of(Step.MAPPING, Answer.REFUSED, problem),) if problem.code in _NOT_ADMITTED else ()


def _with_problem(entry: AuditEntry, problem: ProblemDetails) -> AuditEntry:
    facts = problem.facts
    return entry._replace(problem=problem.code, error_id=facts.get("error_id"), request_id=facts.get("request_id"))


def _thread_of(run: Run) -> str | None:
    """Return the thread in the channel that was asked in, if there is one by now."""
    if run.conversation.thread_ts is None and run.posted.channel_id == run.conversation.channel_id:
        return run.posted.root_ts
    return run.conversation.thread_ts


def _request_id(event: AuditEvent, run: Run) -> str | None:
    if event in _BEGINNINGS:
        return run.start_request_id
    return run.report.request_id if run.report and event is AuditEvent.REPORTED else None
