"""What RAM denied and what would allow it, for the asker alone: sentences, and a policy to be copied."""

from bot.explain.denials import remedy_words
from bot.explain.phrases import phrase
from bot.model.denial import Denial
from bot.model.run import Language
from bot.slack.blocks import bold, line, preformatted, rich_text, small_print, words
from bot.slack.message import Message, notification


def remedy_message(denial: Denial, language: Language) -> Message:
    """Render it; the policy stands in the typewriter face, so that it can be copied as it is."""
    said = remedy_words(denial, language)
    lines = [line(bold(said.title)), *(line(words(sentence)) for sentence in said.before)]
    policy = [preformatted(said.document.split("\n"))] if said.document else []
    notes = [small_print(said.after)] if said.after else []
    return Message(text=notification(phrase("denial.text", language)), blocks=[rich_text(*lines, *policy), *notes])
