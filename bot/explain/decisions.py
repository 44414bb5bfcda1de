"""A decision in words: a line for each step, in the order in which they are asked."""

from bot.explain.phrases import phrase
from bot.explain.sentences import cleaned, cut
from bot.model.decision import Answer, Decision, Step, StepAnswer
from bot.model.run import Language

# A code and a RequestId have room in it.
_LONGEST_REASON = 200


def decision_lines(decision: Decision, language: Language) -> tuple[str, ...]:
    """Say of every step what was asked and what the answer was, with its reason; also of those never reached."""
    said = {one.step: one for one in decision.steps}
    return tuple(
        _line(said.get(step) or StepAnswer(step=step, answer=Answer.NOT_ASKED), language) for step in Step
    )


def _line(said: StepAnswer, language: Language) -> str:
    step = phrase(f"decision.step_{said.step}", language)
    answer = phrase(f"decision.answer_{said.answer}", language)
    why = _why(said)
    if not why:
        return phrase("decision.line", language, step=step, answer=answer)
    return phrase("decision.line_why", language, step=step, answer=answer, why=why)


def _why(said: StepAnswer) -> str:
    request_id = f"RequestId {said.request_id}" if said.request_id else ""
    return cut(cleaned(", ".join(filter(None, (said.reason, request_id)))), _LONGEST_REASON)
