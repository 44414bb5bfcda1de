"""What becomes of a run when something stands in its way: again later, elsewhere, or the end. Pure."""

import logging
from datetime import datetime, timedelta

from bot.access.issuing import refuses_the_credential
from bot.explain.problems import treatment
from bot.model.problem import Problem, ProblemDetails
from bot.model.run import LeftRoot, Posted, Run, RunState
from bot.model.value import Value

log = logging.getLogger(__name__)

# Waiting for a turn below a quota, the cloud's or Slack's: nothing has failed, and it is not worth an edit.
OUR_OWN_TURN = frozenset({"cloud.busy", "slack.busy"})

# Slack has no room for more, by our count or by its own word.
NO_ROOM = frozenset({"slack.busy", "slack.ratelimited"})

# Slack has not done what it was asked for, and may do it the next time.
NOT_TAKEN = NO_ROOM | {"slack.unreachable"}

# After how long without a word the asker is told what holds up the start: before that it may pass unnoticed.
SILENT_FOR = timedelta(seconds=5)

# Slack may have carried out what it was asked for.
ANSWER_LOST = frozenset({"slack.interrupted", "slack.timeout"})

# How long a run may wait for its turns before that ends it: with thousands of runs everyone's turn comes seldom.
LONGEST_QUEUE = timedelta(hours=1)

# Longest time between two attempts of the same step, and for how long an ending is tried to be told.
LONGEST_PAUSE = timedelta(seconds=30)
TELL_FOR = timedelta(days=1)

# The longest pause before an ending that Slack refuses until somebody mends what it names: a token, a scope.
LONGEST_PAUSE_IF_REFUSED = timedelta(minutes=10)

# How long after a process has died, or after an answer was lost, it is looked for what may have been done: a call
# that was on its way then has arrived, or never will.
SETTLED_AFTER = timedelta(seconds=3)

# How often a step may end in an exception that nobody foresaw before the run ends with it.
MOST_ACCIDENTS = 3


class Pace(Value):
    """How often a diagnosis is looked at, and after how long it is given up, in seconds.

    Between two edits of its progress are `edit_every_s` at least (Slack: chat.update is tier 3, some 50 a minute
    for the workspace, docs.slack.dev/apis/web-api/rate-limits). A run edits its root message `most_edits` times at
    most, and the last one of them shows the ending.
    """

    poll_every_s: float
    give_up_after_s: float
    edit_every_s: float = 3
    most_edits: int = 8

    @property
    def poll_every(self) -> timedelta:
        return timedelta(seconds=self.poll_every_s)

    @property
    def edit_every(self) -> timedelta:
        return timedelta(seconds=self.edit_every_s)

    def deadline(self, run: Run) -> datetime:
        """Return when a run is given up: counted from the start of the diagnosis, before it from the question."""
        return (run.started_at or run.asked_at) + timedelta(seconds=self.give_up_after_s)


def after_problem(run: Run, problem: ProblemDetails, now: datetime, pace: Pace) -> Run:
    """Return the run after a step that ended in `problem`."""
    problem = _with_request(problem, run)
    run = _unsure_of_root(run, problem)
    if problem.code in OUR_OWN_TURN and now < run.asked_at + (TELL_FOR if run.ended else LONGEST_QUEUE):
        return run.changed(due_at=now + _asked_for(problem))
    if treatment(problem).closes_channel and not run.moved_to_dm and run.posted.ending_ts is None:
        return told_apart(run, because=problem.code).changed(due_at=now, attempt=0)
    if run.ended:
        return _told_later(run, problem, now)
    if _is_worth_another_attempt(run, problem, now, pace):
        due_at = min(now + _pause(run, problem), pace.deadline(run))
        return run.changed(problem=problem, attempt=run.attempt + 1, due_at=due_at)
    state = RunState.REFUSED if treatment(problem).ends == "refused" else RunState.FAILED
    return run.changed(state=state, problem=problem, due_at=now, attempt=0)


def told_apart(run: Run, *, because: str | None = None, in_shared_channel: bool = False) -> Run:
    """Return the run as it is told to the asker alone from now on; a root message in the channel stays behind."""
    left = None
    if not run.is_quiet and (run.posted.root_ts is not None or run.root_unsure):
        channel_id = run.posted.channel_id or run.conversation.channel_id
        left = LeftRoot(channel_id=channel_id, ts=run.posted.root_ts)
    return run.changed(
        moved_to_dm=True,
        moved_because=because,
        in_shared_channel=in_shared_channel,
        left_root=left,
        posted=Posted(),
        root_unsure=False,
    )


def after_accident(run: Run, error_id: str, now: datetime) -> Run:
    """Return the run after a step that ended in an unforeseen exception, in the log under `error_id`."""
    problem = ProblemDetails(code="bot.unexpected", facts={"error_id": error_id})
    run = run.changed(root_unsure=run.posted.root_ts is None)
    if run.attempt + 1 < MOST_ACCIDENTS:
        return run.changed(attempt=run.attempt + 1, due_at=now + _pause(run, problem))
    if run.ended:
        return _told_later(run, problem, now)
    return run.changed(state=RunState.FAILED, problem=problem, due_at=now, attempt=0)


def leaves_in_silence(run: Run, problem: ProblemDetails, now: datetime) -> bool:
    """Tell whether an asker has waited a while for a first word, and goes on waiting because of `problem`.

    Where it is Slack that has no room, a word would take it from the runs.
    """
    says_nothing = run.state is RunState.SUBMITTED and run.posted.root_ts is None and not run.is_quiet
    waited = now >= run.asked_at + SILENT_FOR
    passes = treatment(problem).retry == "later" and problem.code not in NO_ROOM
    return says_nothing and waited and passes and not run.delay_told


def tried_until(run: Run, problem: ProblemDetails, pace: Pace) -> datetime:
    """Return when a run that `problem` holds up before its start is given up."""
    return run.asked_at + LONGEST_QUEUE if problem.code in OUR_OWN_TURN else pace.deadline(run)


def settling(run: Run, now: datetime) -> Run:
    """Return a run that looks for what may have been done, but not before what is on its way has arrived."""
    unsure = run.root_unsure or run.posted.root_ts is None
    return run.changed(root_unsure=unsure, attempt=max(run.attempt, 1), due_at=now + SETTLED_AFTER)


def is_about_the_session(problem: ProblemDetails | None) -> bool:
    """Tell whether the cloud no longer takes the credentials: they may have been revoked, or ended early."""
    return problem is not None and refuses_the_credential(problem.code)


def _is_worth_another_attempt(run: Run, problem: ProblemDetails, now: datetime, pace: Pace) -> bool:
    if is_about_the_session(problem):
        return not is_about_the_session(run.problem)  # once: a new session that is refused too is no accident
    return treatment(problem).retry == "later" and now < pace.deadline(run)


def _told_later(run: Run, problem: ProblemDetails, now: datetime) -> Run:
    """Return an ended run that tries again whatever the problem is: nobody else tells its ending."""
    goes_on, passes = now < run.asked_at + TELL_FOR, treatment(problem).retry == "later"
    if not (goes_on and passes):
        _log_untold(run, problem)
    pause = _pause(run, problem) if passes else _pause_if_refused(run)
    return run.changed(attempt=run.attempt + 1, due_at=now + pause) if goes_on else run.changed(due_at=None)


def _log_untold(run: Run, problem: ProblemDetails) -> None:
    if run.posted.ending_ts is not None:
        log.warning("run %s: its ending is told, the root message cannot show it: %s", run.id, Problem.of(problem))
    else:
        log.error("run %s: its ending cannot be told: %s", run.id, Problem.of(problem))


def _unsure_of_root(run: Run, problem: ProblemDetails) -> Run:
    """Note that the root message may be there although Slack's answer to it was lost."""
    was_refused = problem.code in {"slack.ratelimited", "slack.busy"} or treatment(problem).retry == "never"
    if run.posted.root_ts is not None or was_refused or not problem.code.startswith("slack."):
        return run
    return run.changed(root_unsure=True)


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
    settling = SETTLED_AFTER if problem.code in ANSWER_LOST else timedelta()
    return max(min(doubling, LONGEST_PAUSE), min(_asked_for(problem), 4 * LONGEST_PAUSE), settling)


def _pause_if_refused(run: Run) -> timedelta:
    return min(timedelta(seconds=2 ** min(run.attempt + 1, 10)), LONGEST_PAUSE_IF_REFUSED)


def _asked_for(problem: ProblemDetails) -> timedelta:
    return timedelta(seconds=float(problem.facts.get("retry_after_s", "0")))
