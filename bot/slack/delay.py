"""What holds up the start of a run, for the asker alone, before anything of it stands in the channel."""

from datetime import datetime

from bot.explain.phrases import phrase
from bot.explain.problems import explain
from bot.model.problem import ProblemDetails
from bot.model.run import Language, Run
from bot.slack.about import gap
from bot.slack.blocks import bold, line, moment, rich_text, words
from bot.slack.message import Message, notification


def delay_message(run: Run, problem: ProblemDetails, until: datetime, language: Language) -> Message:
    """Render that nothing is started yet, why, and until when it is tried again."""
    gateway_id, title = run.request.gateway_id, explain(problem, language).title
    operation = {name: fact for name, fact in problem.facts.items() if name == "operation"}
    again = phrase("delay.until", language)
    block = rich_text(
        line(bold(phrase("delay.title", language, gateway_id=gateway_id))),
        line(words(phrase("delay.why", language, title=title, **operation))),
        line(words(again), *gap(again), moment(until)),
        line(words(phrase("delay.nothing_to_do", language))),
    )
    text = notification(phrase("delay.text", language, gateway_id=gateway_id, title=title))
    return Message(text=text, blocks=[block], plain=text)
