"""A message that is one sentence of ours."""

from bot.slack.blocks import line, rich_text, words
from bot.slack.message import Message, notification


def sentence(said: str) -> Message:
    return Message(text=notification(said), blocks=[rich_text(line(words(said)))])
