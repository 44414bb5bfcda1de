"""The decision about one request: every step's answer, as it is stored, audited and shown; it holds no secret."""

from datetime import datetime
from enum import StrEnum
from typing import Self

from bot.model.denial import Denial
from bot.model.ids import VpnConnectionId
from bot.model.problem import ProblemDetails
from bot.model.value import Value


class Step(StrEnum):
    """What is asked, in this order: the steps from IDENTITY to CONNECTION are the preflight."""

    MAPPING = "mapping"  # is this person mapped, and may they ask here?
    GUARDRAIL = "guardrail"  # may their identity diagnose this gateway and connection, by access.yml?
    CREDENTIALS = "credentials"  # does the cloud give them that identity?
    IDENTITY = "identity"  # is it that identity which the cloud sees?
    RESULTS = "results"  # may it read the gateway's results?
    GATEWAY = "gateway"  # is the gateway there, and can it be diagnosed?
    CONNECTION = "connection"  # does the connection belong to it?
    CALL = "call"  # did the cloud accept the start?


class Answer(StrEnum):
    """UNKNOWN is no refusal: the question was asked, and what came back does not answer it."""

    PASSED = "passed"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    NOT_ASKED = "not_asked"


class StepAnswer(Value):
    """A step's answer, and the code that is its reason, where there is one: also a good answer may have a remark.

    `operation` and `request_id` are those of the call that told it, where there was one and it gave an ID.
    """

    step: Step
    answer: Answer
    reason: str | None = None
    operation: str | None = None
    request_id: str | None = None


class RunningDiagnosis(Value):
    """A diagnosis of the gateway that was running when it was asked; of which connection, if that was said."""

    diagnose_id: str
    connection_id: VpnConnectionId | None


class Decision(Value):
    """Who may do what was asked, as whom, and why; or why not.

    `problem` is what stands in the way, None if nothing does; `denial` what RAM says of it if it was RAM.
    `book_version` is the hash of the access.yml that was decided by, `principal` the ARN that the cloud sees.
    """

    made_at: datetime
    book_version: str = ""
    identity: str | None = None
    principal: str | None = None
    steps: tuple[StepAnswer, ...] = ()
    running: RunningDiagnosis | None = None
    problem: ProblemDetails | None = None
    denial: Denial | None = None

    @property
    def allowed(self) -> bool:
        return self.problem is None

    def answer(self, step: Step) -> Answer:
        """Return the answer of a step; one that never came up was not asked."""
        return next((said.answer for said in self.steps if said.step is step), Answer.NOT_ASKED)

    def with_answer(self, said: StepAnswer) -> Self:
        """Add a step's answer, in the place of an earlier one of the same step."""
        others = tuple(other for other in self.steps if other.step is not said.step)
        return self.changed(steps=(*others, said))

    def refused(self, problem: ProblemDetails, denial: Denial | None = None) -> Self:
        """Say what stands in the way."""
        return self.changed(problem=problem, denial=denial)

    def started(self, operation: str, request_id: str | None) -> Self:
        """Note that the cloud has accepted the start."""
        said = StepAnswer(step=Step.CALL, answer=Answer.PASSED, operation=operation, request_id=request_id or None)
        return self.with_answer(said)


def answer_of(step: Step, answer: Answer, problem: ProblemDetails) -> StepAnswer:
    """Say a step's answer that has a problem for its reason."""
    return StepAnswer(
        step=step,
        answer=answer,
        reason=problem.code,
        operation=problem.facts.get("operation"),
        request_id=problem.facts.get("request_id"),
    )
