"""What RAM denied and what would allow it, for the asker alone: sentences, a policy, and how it was decided."""

from bot.explain.decisions import decision_lines
from bot.explain.denials import remedy_words
from bot.explain.phrases import phrase
from bot.model.decision import Decision
from bot.model.denial import Denial
from bot.model.run import Language
from bot.slack.blocks import bold, bullets, line, preformatted, rich_text, small_print, words
from bot.slack.limits import Block
from bot.slack.message import Message, notification


def remedy_message(denial: Denial, language: Language, decision: Decision | None = None) -> Message:
    """Render it; the policy stands in the typewriter face, so that it can be copied as it is.

    Below it stands what else was asked, if the `decision` is known: which steps passed, and which never came.
    """
    said = remedy_words(denial, language)
    lines = [line(bold(said.title)), *(line(words(sentence)) for sentence in said.before)]
    policy = [preformatted(said.document.split("\n"))] if said.document else []
    notes = [small_print(said.after)] if said.after else []
    blocks = [rich_text(*lines, *policy), *notes, *_decided(decision, language)]
    return Message(text=notification(phrase("denial.text", language)), blocks=blocks)


def _decided(decision: Decision | None, language: Language) -> list[Block]:
    if decision is None:
        return []
    title = line(bold(phrase("decision.title", language)))
    return [rich_text(title, bullets(decision_lines(decision, language)))]
