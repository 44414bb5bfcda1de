from datetime import UTC, datetime

import pytest

from bot.explain.decisions import decision_lines
from bot.model.decision import Answer, Decision, Step, StepAnswer, answer_of
from bot.model.problem import Problem
from bot.model.run import Language

NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)


def a_decision() -> Decision:
    decision = Decision(made_at=NOON, identity="oncall")
    for step in (Step.MAPPING, Step.GUARDRAIL, Step.CREDENTIALS):
        decision = decision.with_answer(StepAnswer(step=step, answer=Answer.PASSED))
    unknown = StepAnswer(step=Step.GATEWAY, answer=Answer.UNKNOWN, reason="Forbidden", request_id="R-1")
    return decision.with_answer(unknown).started("DiagnoseVpnGateway", "R-2")


def test_every_step_is_said_with_its_answer_and_its_reason() -> None:
    assert decision_lines(a_decision(), "en") == (
        "Mapped, and may ask here: yes",
        "Allowed by the guardrail: yes",
        "Credentials of the identity: yes",
        "The cloud sees that identity: not asked",
        "May read results of the gateway: not asked",
        "The gateway is there and active: not known (Forbidden, RequestId R-1)",
        "The connection belongs to it: not asked",
        "The start: yes (RequestId R-2)",
    )


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("answer", Answer)
@pytest.mark.parametrize("step", Step)
def test_every_answer_of_every_step_has_words(step: Step, answer: Answer, language: Language) -> None:
    decision = Decision(made_at=NOON).with_answer(StepAnswer(step=step, answer=answer))

    assert len(decision_lines(decision, language)) == len(Step)


def test_a_foreign_reason_stays_on_its_line() -> None:
    forged = Problem("x\ny: yes", request_id="R\n1").details
    refused = Decision(made_at=NOON).with_answer(answer_of(Step.CALL, Answer.REFUSED, forged))

    assert decision_lines(refused, "en")[-1] == "The start: no (x y: yes, RequestId R 1)"
