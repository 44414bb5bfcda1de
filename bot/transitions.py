"""What becomes of a run when a step has gone well: joined to another run, under way, reported. Pure."""

from datetime import datetime, timedelta

from bot.model.principal import without_session
from bot.model.problem import Problem, ProblemDetails
from bot.model.report import DiagnosisReport
from bot.model.run import Run, RunState

# How long a run that waits for another one's start sleeps if that does not wake it, as it does as a rule.
LOOK_AGAIN_AFTER = timedelta(seconds=1)


def joined(run: Run, leader: Run, now: datetime) -> Run:
    """Return the run after it found that another one of ours has the gateway.

    Raises a `Problem` that passes if it is not the same question: a gateway answers one at a time.
    """
    if not is_same_question(run, leader):
        if leader.request.connection_id == run.request.connection_id:
            raise Problem("bot.other_addresses_diagnosing")
        raise Problem("bot.other_connection_diagnosing", connection_id=leader.request.connection_id)
    run = run.changed(follows=leader.id)
    if leader.diagnose_id is None:
        return run.changed(due_at=now + LOOK_AGAIN_AFTER)
    return diagnosing(run, leader.diagnose_id, leader.start_request_id, now, attached=True)


def is_same_question(run: Run, leader: Run) -> bool:
    """Tell whether the leader's report answers this run too: one without addresses takes any."""
    asked, led = run.request, leader.request
    return asked.connection_id == led.connection_id and asked.addresses in {None, led.addresses}


def is_same_identity(run: Run, leader: Run) -> bool:
    """Tell whether both ran as the same: an entry of access.yml may have kept its name and changed its role."""
    if run.principal is None or leader.principal is None or run.identity != leader.identity:
        return False
    return without_session(run.principal) == without_session(leader.principal)


def diagnosing(run: Run, diagnose_id: str, request_id: str | None, now: datetime, *, attached: bool) -> Run:
    """Return the run once its diagnosis is under way; `attached` if it was before."""
    return run.changed(
        state=RunState.DIAGNOSING,
        diagnose_id=diagnose_id,
        start_request_id=request_id,
        attached=attached,
        started_at=now,
        due_at=now,
    )


def reported(run: Run, report: DiagnosisReport | None, now: datetime) -> Run:
    """Return the run with its result, which is still to be told."""
    return run.changed(
        state=RunState.REPORTED, report=report, reported_at=now, problem=None, due_at=now, attempt=0
    )


def gave_up(report: DiagnosisReport) -> ProblemDetails:
    """Say how far a diagnosis had come that took too long."""
    return Problem(
        "bot.gave_up",
        diagnose_id=report.diagnose_id,
        finished_count=report.finished_count,
        total_count=report.total_count,
    ).details
