"""The plot: what happens to a run next. One match on its state, one arm per state: read this and you know the bot.

A step does at most one thing that others can see and returns the run as it is afterwards; the caller saves it.
A step that may have been done already (the process died, an answer was lost) looks for its effect first, or
repeats itself with the same ClientToken. Before each thing that others can see the run must still be ours.
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, assert_never

from bot.explain.denials import explained
from bot.model.decision import Answer, Step, answer_of
from bot.model.problem import Problem, ProblemDetails
from bot.model.run import Run, RunState
from bot.model.tunnels import Tunnels
from bot.setbacks import OUR_OWN_TURN, Pace, after_problem, is_about_the_session, leaves_in_silence, settling
from bot.telling import Telling
from bot.transitions import diagnosing, gave_up, is_same_identity, is_same_question, joined, reported
from bot.watching import Watching

if TYPE_CHECKING:
    from bot.access.desk import Access
    from bot.alibaba.vpn import VpnApi
    from bot.model.credential import Authorization
    from bot.model.ids import RunId
    from bot.model.report import DiagnosisReport
    from bot.model.request import DiagnosisRequest
    from bot.model.watch import Watch
    from bot.slack.thread import Thread
    from bot.store.runs import Runs

log = logging.getLogger(__name__)

ALREADY_DIAGNOSING = "OperationFailed.VpnGatewayDiagnosing"

# What each call of a run is about.
_ASKED_FOR = {
    "DiagnoseVpnGateway": Step.CALL,
    "GetVpnGatewayDiagnoseResult": Step.RESULTS,
    "AssumeRole": Step.CREDENTIALS,
    "AssumeRoleWithOIDC": Step.CREDENTIALS,
    "GetCallerIdentity": Step.CREDENTIALS,
}

SeeTunnels = Callable[["Authorization", "DiagnosisRequest"], Awaitable[Tunnels]]


class Diagnosis:
    """Knows the next step of a run; holds nothing of a run itself.

    `see_tunnels` looks at the tunnels of a connection as somebody, and never fails.
    """

    def __init__(
        self,
        access: "Access",
        vpn: "VpnApi",
        thread: "Thread",
        runs: "Runs",
        pace: Pace,
        see_tunnels: SeeTunnels,
    ) -> None:
        self._access = access
        self._vpn = vpn
        self._thread = thread
        self._telling = Telling(access, thread, pace)
        self._runs = runs
        self._pace = pace
        self._see_tunnels = see_tunnels
        self._watching = Watching(thread, runs)
        self._keys: dict[RunId, str] = {}  # the access key IDs that the steps under way use

    async def advance(self, run: Run, now: datetime, *, interrupted: bool) -> Run:
        """Do the next step of a run that is due and return the run after it.

        `interrupted`: the last step may have happened without having been saved.
        """
        try:
            return await self._advance(run, now, interrupted=interrupted)
        finally:
            self._keys.pop(run.id, None)

    async def _advance(self, run: Run, now: datetime, *, interrupted: bool) -> Run:
        if interrupted:
            return settling(run, now)
        look_first = run.attempt > 0 or run.root_unsure
        try:
            after = await self._step(run, now, look_first=look_first)
        except Problem as problem:
            hindrance = problem.details
        else:
            return after if after.ended else after.changed(attempt=0, problem=None)
        # What could not be looked for must be looked for the next time too.
        return await self._hindered(run.changed(attempt=max(run.attempt, int(look_first))), hindrance, now)

    async def _step(self, run: Run, now: datetime, *, look_first: bool) -> Run:
        if (
            run.watch is not None
            and not run.ended
            and (over := await self._watching.why_over(run, run.watch, now))
        ):
            return run.changed(state=RunState.FAILED, problem=over, due_at=now, attempt=0)
        match run.state:
            case RunState.SUBMITTED:
                return await self._begin(run, now, look_first=look_first)
            case RunState.DIAGNOSING:
                return await self._follow(run, now, look_first=look_first)
            case RunState.REPORTED | RunState.REFUSED | RunState.FAILED if run.watch is not None:
                return await self._tell_quietly(run, run.watch, now, look_first=look_first)
            case RunState.REPORTED | RunState.REFUSED | RunState.FAILED:
                return await self._telling.tell_ending(run, now, look_first=look_first)
            case _:
                assert_never(run.state)

    # submitted: nothing is said before the decision, and the cloud is not called before the thread is there

    async def _begin(self, run: Run, now: datetime, *, look_first: bool) -> Run:
        if run.watch is not None and now < run.watch.asks_at:
            await self._access.admit_for_good(run.requester, run.conversation.channel_id)
            return await self._watching.wait(run, run.watch)
        if run.decision is None:
            return await self._decide(run, now)
        authorization = await self._authorize(run)
        if (authorization.identity, authorization.principal) != (run.identity, run.principal):
            return run.changed(decision=None, due_at=now)  # who they are has changed: all of it is asked again
        if run.posted.root_ts is None and not run.is_quiet:
            return await self._telling.announce(run, now, look_first=look_first)
        return await self._start(run, authorization, now)

    async def _decide(self, run: Run, now: datetime) -> Run:
        """Decide all that can be decided before the start; each later step asks the book again.

        The gateway is taken first: who comes second follows, however long the first messages take to be posted,
        and is looked ahead for as well, for what the one may know is not yet the other's to know.
        """
        leader = await self._runs.reported_since(run) or await self._runs.lead(run)
        follows = leader.id if leader is not None and is_same_question(run, leader) else None
        await self._runs.still_ours(run)
        decided = await self._access.decide(run.requester, run.conversation.channel_id, run.request)
        if decided.key_id is not None:
            self._keys[run.id] = decided.key_id
        decision = decided.decision
        if decision.problem is not None:
            ended = after_problem(run, decision.problem, now, self._pace)
            if not ended.ended:
                raise Problem.of(decision.problem)
            return ended.changed(decision=decision, identity=decision.identity, principal=decision.principal)
        run = run.changed(decision=decision, identity=decision.identity, principal=decision.principal, due_at=now)
        return run.changed(follows=follows)

    async def _authorize(self, run: Run) -> "Authorization":
        authorization = await self._access.authorize(run.requester, run.conversation.channel_id, run.request)
        self._keys[run.id] = authorization.credential.access_key_id
        return authorization

    async def _start(self, run: Run, authorization: "Authorization", now: datetime) -> Run:
        leader = await self._leader_of(run)
        if leader is not None:
            return joined(run, leader, now)
        if run.follows is not None:  # whom it followed has started nothing: before it starts it looks anew
            return run.changed(decision=None, follows=None, due_at=now)
        await self._runs.still_ours(run)
        try:
            started = await self._vpn.diagnose_vpn_gateway(authorization.credential, run.request, run.id)
        except Problem as problem:
            if problem.code != ALREADY_DIAGNOSING:
                raise
            report = await self._running_elsewhere(run, authorization)
            if report is None:
                raise  # it ended meanwhile: the next attempt starts our own
            return diagnosing(run, report.diagnose_id, problem.facts.get("request_id"), now, attached=True)
        if run.decision is not None:
            run = run.changed(decision=run.decision.started("DiagnoseVpnGateway", started.request_id))
        return diagnosing(run, started.diagnose_id, started.request_id, now, attached=False)

    async def _leader_of(self, run: Run) -> Run | None:
        """Return the run whose diagnosis this one joins; None: it leads, and starts one."""
        if run.follows is not None:
            leader = await self._runs.get(run.follows)
            if leader is not None and leader.diagnose_id is not None:
                return leader  # also if it has ended meanwhile: it was under way when this one was asked for
        return await self._runs.lead(run)

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
        run = run.changed(identity=authorization.identity, principal=authorization.principal)
        if run.posted.root_ts is None and not run.is_quiet:
            return await self._telling.announce(run, now, look_first=look_first)
        if run.posted.started_ts is None and not run.is_quiet:
            ts = await self._thread.post_started(run, look_first=look_first)
            return run.changed(posted=run.posted.changed(started_ts=ts), due_at=now)
        along = await self._along_with_its_leader(run, now)
        return along or await self._look(run, authorization, now)

    async def _along_with_its_leader(self, run: Run, now: datetime) -> Run | None:
        """Return a run that joined another one after looking at that, None if it has to ask the cloud itself."""
        leader = await self._runs.get(run.follows) if run.follows is not None else None
        if leader is not None and not leader.ended:
            return run.changed(due_at=now + self._pace.poll_every)  # its end wakes us, as a rule
        if leader is not None and leader.state is RunState.REPORTED and is_same_identity(run, leader):
            # The cloud would give this identity the same answers.
            return reported(run.changed(tunnels=leader.tunnels), leader.report, now)
        return None

    async def _look(self, run: Run, authorization: "Authorization", now: datetime) -> Run:
        report = await self._vpn.get_vpn_gateway_diagnose_result(
            authorization.credential, run.request.region, diagnose_id=run.diagnose_id
        )
        is_late = now >= self._pace.deadline(run)
        if report.finished or is_late:
            run = run.changed(tunnels=await self._see_tunnels(authorization, run.request))
        if report.finished:
            return reported(run, report, now)
        if is_late:
            return run.changed(
                state=RunState.FAILED, report=report, problem=gave_up(report), due_at=now, attempt=0
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
        if recovered or (moved and (run.shown_at is None or now - run.shown_at >= self._pace.edit_every)):
            return (await self._telling.show_progress(run)).changed(shown_at=now)
        return run

    # reported, refused, failed: told in the thread and shown in the root message, but of a watch only what is new

    async def _tell_quietly(self, run: Run, watch: "Watch", now: datetime, *, look_first: bool) -> Run:
        """Tell of a run of a watch what is new, and see to it that the watch goes on, or ends with a word."""
        if run.denial is not None and not run.posted.explained:
            return await self._telling.explain_denial(run, run.denial, now)
        if run.posted.ending_ts is None:
            run = await self._telling.where_it_belongs(run)
        return await self._watching.tell(run, watch, now, look_first=look_first)

    # whatever stands in the way

    async def _hindered(self, run: Run, problem: ProblemDetails, now: datetime) -> Run:
        log.info("run %s: %s: %s, attempt %d", run.id, run.state.value, Problem.of(problem), run.attempt + 1)
        if is_about_the_session(problem):
            self._access.forget(run.requester, refused=self._keys.get(run.id))
        after = after_problem(run, problem, now, self._pace)
        if after.ended and not run.ended:
            after = await self._with_denial(after, problem)
        if leaves_in_silence(after, problem, now):
            return await self._telling.tell_delay(after, problem)
        is_news = run.problem is None or run.problem.code != problem.code
        if is_news and problem.code not in OUR_OWN_TURN and after.problem is not None and not after.ended:
            return await self._telling.show_progress(after)
        return after

    async def _with_denial(self, run: Run, problem: ProblemDetails) -> Run:
        """Note in the decision what has ended the run, and what RAM says of it if it was RAM."""
        if run.decision is None:
            return run
        denial = await self._access.why(problem, run.requester, run.conversation.channel_id, run.request)
        answer = Answer.REFUSED if run.state is RunState.REFUSED else Answer.UNKNOWN
        decision = run.decision.with_answer(answer_of(_step_of(problem), answer, problem))
        told = problem if denial is None else explained(run.problem or problem, denial)
        decision = decision.changed(book_version=self._access.book_hash()).refused(told, denial)
        return run.changed(decision=decision, problem=run.problem if denial is None else told)


def _step_of(problem: ProblemDetails) -> Step:
    """Return which of the decision's steps a problem answers."""
    operation = problem.facts.get("operation", "")
    if problem.code == "access.guardrail":
        return Step.GUARDRAIL
    if operation in _ASKED_FOR:
        return _ASKED_FOR[operation]
    return Step.MAPPING if problem.code.startswith("access.") else Step.RESULTS
