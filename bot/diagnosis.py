"""The plot: what happens to a run next. One match on its state, one arm per state: read this and you know the bot.

A step does at most one thing that others can see and returns the run as it is afterwards; the caller saves it.
A step that may have been done already (the process died, an answer was lost) looks for its effect first, or
repeats itself with the same ClientToken.
"""

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, assert_never

from bot.explain.problems import treatment
from bot.model.problem import Problem, ProblemDetails
from bot.model.run import Posted, Run, RunState
from bot.model.value import Value

if TYPE_CHECKING:
    from bot.access.desk import Access
    from bot.alibaba.vpn import VpnApi
    from bot.model.credential import Authorization
    from bot.model.report import DiagnosisReport
    from bot.slack.thread import Thread

log = logging.getLogger(__name__)

ALREADY_DIAGNOSING = "OperationFailed.VpnGatewayDiagnosing"

# Waiting for a turn below the quota is not worth an edit, of which there are few; it is told if it ends a run.
OUR_OWN_TURN = "cloud.busy"

# Longest time between two attempts of the same step, and for how long an ending is tried to be told.
LONGEST_PAUSE = timedelta(seconds=30)
TELL_FOR = timedelta(days=1)

# Least time between two edits of the progress (Slack: chat.update is tier 3, some 50 a minute for the workspace,
# docs.slack.dev/apis/web-api/rate-limits).
EDIT_EVERY = timedelta(seconds=3)

# How often a step may end in an exception that nobody foresaw before the run ends with it.
MOST_ACCIDENTS = 3


class Pace(Value):
    """How often a diagnosis is looked at, and after how long it is given up, in seconds."""

    poll_every_s: float
    give_up_after_s: float

    @property
    def poll_every(self) -> timedelta:
        return timedelta(seconds=self.poll_every_s)

    @property
    def give_up_after(self) -> timedelta:
        return timedelta(seconds=self.give_up_after_s)


class Diagnosis:
    """Knows the next step of a run; holds nothing of a run itself."""

    def __init__(self, access: "Access", vpn: "VpnApi", thread: "Thread", pace: Pace) -> None:
        self._access = access
        self._vpn = vpn
        self._thread = thread
        self._pace = pace

    async def advance(self, run: Run, now: datetime, *, interrupted: bool) -> Run:
        """Do the next step of a run that is due and return the run after it.

        `interrupted`: the last step may have happened without having been saved.
        """
        if interrupted and run.posted.root_ts is None:
            run = run.changed(root_unsure=True)
        try:
            after = await self._step(run, now, look_first=interrupted or run.attempt > 0 or run.root_unsure)
        except Problem as problem:
            return await self._hindered(run, problem.details, now)
        return after if after.ended else after.changed(attempt=0, problem=None)

    async def _step(self, run: Run, now: datetime, *, look_first: bool) -> Run:
        match run.state:
            case RunState.SUBMITTED:
                return await self._begin(run, now, look_first=look_first)
            case RunState.DIAGNOSING:
                return await self._follow(run, now, look_first=look_first)
            case RunState.REPORTED | RunState.REFUSED | RunState.FAILED:
                return await self._tell_ending(run, now, look_first=look_first)
            case _:
                assert_never(run.state)

    # submitted: nothing is said before the decision, and the cloud is not called before the thread is there

    async def _begin(self, run: Run, now: datetime, *, look_first: bool) -> Run:
        authorization = await self._authorize(run)
        run = run.changed(identity=authorization.identity, principal=authorization.principal)
        if run.posted.root_ts is None:
            return await self._announce(run, now, look_first=look_first)
        return await self._start(run, authorization, now)

    async def _authorize(self, run: Run) -> "Authorization":
        return await self._access.authorize(run.requester, run.conversation.channel_id, run.request)

    async def _announce(self, run: Run, now: datetime, *, look_first: bool) -> Run:
        root = await self._thread.post_root(run, look_first=look_first)
        posted = Posted(channel_id=root.channel_id, root_ts=root.ts)
        return run.changed(posted=posted, root_unsure=False, due_at=now)

    async def _start(self, run: Run, authorization: "Authorization", now: datetime) -> Run:
        try:
            started = await self._vpn.diagnose_vpn_gateway(authorization.credential, run.request, run.id)
        except Problem as problem:
            if problem.code != ALREADY_DIAGNOSING:
                raise
            report = await self._running_elsewhere(run, authorization)
            if report is None:
                raise  # it ended meanwhile: the next attempt starts our own
            return _diagnosing(run, report.diagnose_id, problem.facts.get("request_id"), now, attached=True)
        return _diagnosing(run, started.diagnose_id, started.request_id, now, attached=False)

    async def _running_elsewhere(self, run: Run, authorization: "Authorization") -> "DiagnosisReport | None":
        """Return how far the gateway's running diagnosis is, if it is of our connection; None if it has ended."""
        report = await self._vpn.get_vpn_gateway_diagnose_result(
            authorization.credential, run.request.region, gateway_id=run.request.gateway_id
        )
        if report.finished:
            return None
        if report.connection_id != run.request.connection_id:
            raise Problem("bot.other_connection_diagnosing", connection_id=report.connection_id or "?")
        return report

    # diagnosing: the DiagnoseId is said first, then the cloud is asked until there is an answer or no time left

    async def _follow(self, run: Run, now: datetime, *, look_first: bool) -> Run:
        authorization = await self._authorize(run)
        if run.posted.root_ts is None:
            return await self._announce(run, now, look_first=look_first)
        if run.posted.started_ts is None:
            ts = await self._thread.post_started(run, look_first=look_first)
            return run.changed(posted=run.posted.changed(started_ts=ts), due_at=now)
        report = await self._vpn.get_vpn_gateway_diagnose_result(
            authorization.credential, run.request.region, diagnose_id=run.diagnose_id
        )
        if report.finished:
            return run.changed(state=RunState.REPORTED, report=report, problem=None, due_at=now, attempt=0)
        if now >= self._deadline(run):
            return run.changed(
                state=RunState.FAILED, report=report, problem=_gave_up(report), due_at=now, attempt=0
            )
        return await self._show_progress(run, report, now)

    async def _show_progress(self, run: Run, report: "DiagnosisReport", now: datetime) -> Run:
        moved = (run.finished_count, run.total_count) != (report.finished_count, report.total_count)
        recovered = run.problem is not None  # the root message says so
        run = run.changed(
            problem=None,
            finished_count=report.finished_count,
            total_count=report.total_count,
            due_at=now + self._pace.poll_every,
        )
        if recovered or (moved and (run.shown_at is None or now - run.shown_at >= EDIT_EVERY)):
            await self._edit_if_possible(run)
            run = run.changed(shown_at=now)
        return run

    async def _edit_if_possible(self, run: Run) -> None:
        """Edit the root message; progress is a courtesy, and its failure must not hold up the diagnosis."""
        try:
            await self._thread.edit_root(run)
        except Problem as problem:
            log.info("run %s: progress not shown: %s", run.id, problem)

    def _deadline(self, run: Run) -> datetime:
        return (run.started_at or run.created_at) + self._pace.give_up_after

    # reported, refused, failed: told in the thread, then shown in the root message; after that nothing is due

    async def _tell_ending(self, run: Run, now: datetime, *, look_first: bool) -> Run:
        if run.posted.root_ts is None:
            if run.root_unsure and (found := await self._thread.find_root(run)):
                posted = Posted(channel_id=found.channel_id, root_ts=found.ts)
                return run.changed(posted=posted, root_unsure=False, due_at=now)
            root = await self._thread.post_ending_as_root(run, look_first=look_first)
            posted = Posted(channel_id=root.channel_id, root_ts=root.ts, ending_ts=root.ts, closed=True)
            return run.changed(posted=posted, due_at=None, attempt=0)
        if run.posted.ending_ts is None:
            ts = await self._thread.post_ending(run, look_first=look_first)
            return run.changed(posted=run.posted.changed(ending_ts=ts), due_at=now, attempt=0)
        await self._thread.edit_root(run)
        return run.changed(posted=run.posted.changed(closed=True), due_at=None, attempt=0)

    # whatever stands in the way: again later, elsewhere, or the end

    async def _hindered(self, run: Run, problem: ProblemDetails, now: datetime) -> Run:
        problem = _with_request(problem, run)
        log.info("run %s: %s: %s, attempt %d", run.id, run.state.value, Problem.of(problem), run.attempt + 1)
        run = _unsure_of_root(run, problem)
        if treatment(problem).closes_channel and not run.moved_to_dm and run.posted.ending_ts is None:
            return run.changed(moved_to_dm=True, posted=Posted(), root_unsure=False, due_at=now, attempt=0)
        if run.ended:
            return self._told_later(run, problem, now)
        if self._is_worth_another_attempt(run, problem, now):
            due_at = min(now + _pause(run, problem), self._deadline(run))
            later = run.changed(problem=problem, attempt=run.attempt + 1, due_at=due_at)
            if problem.code != OUR_OWN_TURN and (run.problem is None or run.problem.code != problem.code):
                await self._edit_if_possible(later)
            return later
        state = RunState.REFUSED if treatment(problem).ends == "refused" else RunState.FAILED
        return run.changed(state=state, problem=problem, due_at=now, attempt=0)

    def _is_worth_another_attempt(self, run: Run, problem: ProblemDetails, now: datetime) -> bool:
        if _is_about_the_session(problem):
            self._access.forget(run.requester)
            return not _is_about_the_session(run.problem)  # once: a new session that is refused too is no accident
        return treatment(problem).retry == "later" and now < self._deadline(run)

    def _told_later(self, run: Run, problem: ProblemDetails, now: datetime) -> Run:
        if treatment(problem).retry == "later" and now < run.created_at + TELL_FOR:
            return run.changed(attempt=run.attempt + 1, due_at=now + _pause(run, problem))
        if run.posted.ending_ts is not None:
            log.warning(
                "run %s: its ending is told, the root message cannot show it: %s", run.id, Problem.of(problem)
            )
        else:
            log.error("run %s: its ending cannot be told: %s", run.id, Problem.of(problem))
        return run.changed(due_at=None)

    def after_accident(self, run: Run, error_id: str, now: datetime) -> Run:
        """Return the run after a step that ended in an unforeseen exception, in the log under `error_id`."""
        problem = ProblemDetails(code="bot.unexpected", facts={"error_id": error_id})
        run = run.changed(root_unsure=run.posted.root_ts is None)
        if run.ended:
            return self._told_later(run, problem, now)
        if run.attempt + 1 < MOST_ACCIDENTS:
            return run.changed(attempt=run.attempt + 1, due_at=now + _pause(run, problem))
        return run.changed(state=RunState.FAILED, problem=problem, due_at=now, attempt=0)


def _diagnosing(run: Run, diagnose_id: str, request_id: str | None, now: datetime, *, attached: bool) -> Run:
    return run.changed(
        state=RunState.DIAGNOSING,
        diagnose_id=diagnose_id,
        start_request_id=request_id,
        attached=attached,
        started_at=now,
        due_at=now,
    )


def _unsure_of_root(run: Run, problem: ProblemDetails) -> Run:
    """Note that the root message may be there although Slack's answer to it was lost."""
    was_refused = problem.code == "slack.ratelimited" or treatment(problem).retry == "never"
    if run.posted.root_ts is not None or was_refused or not problem.code.startswith("slack."):
        return run
    return run.changed(root_unsure=True)


def _is_about_the_session(problem: ProblemDetails | None) -> bool:
    return problem is not None and problem.code.startswith("InvalidSecurityToken")


def _gave_up(report: "DiagnosisReport") -> ProblemDetails:
    return Problem(
        "bot.gave_up",
        diagnose_id=report.diagnose_id,
        finished_count=report.finished_count,
        total_count=report.total_count,
    ).details


def _with_request(problem: ProblemDetails, run: Run) -> ProblemDetails:
    """Add what was asked for, so that the sentence can name the ID that was not found, and where."""
    asked: dict[str, str] = {
        "gateway_id": run.request.gateway_id,
        "connection_id": run.request.connection_id,
        "region": run.request.region,
    }
    if run.request.addresses is not None:
        addresses = run.request.addresses
        asked |= {"source": str(addresses.source), "destination": str(addresses.destination)}
    return problem.changed(facts=asked | problem.facts)


def _pause(run: Run, problem: ProblemDetails) -> timedelta:
    """Return how long to wait: doubling from a second on, or as long as the other side asked for."""
    doubling = timedelta(seconds=2 ** min(run.attempt, 5))
    asked_for = timedelta(seconds=float(problem.facts.get("retry_after_s", "0")))
    if problem.code == OUR_OWN_TURN:
        return asked_for  # a turn is kept for then, and not for later
    return max(min(doubling, LONGEST_PAUSE), min(asked_for, 4 * LONGEST_PAUSE))
