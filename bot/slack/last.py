"""A run as it stands, shown to its asker again, with the way to its thread."""

from bot.explain.phrases import phrase
from bot.model.run import Run
from bot.slack.about import BETWEEN
from bot.slack.blocks import glue, line, link, moment, rich_text
from bot.slack.message import Message
from bot.slack.messages import ending_message, root_message


def last_message(run: Run, permalink: str | None) -> Message:
    """Render how a run ended, or how far it is; without buttons, which belong into its thread."""
    message = ending_message(run, run.tunnels) if run.ended else root_message(run, run.tunnels)
    way = [] if permalink is None else [glue(BETWEEN), link(phrase("history.open", run.language), permalink)]
    top = rich_text(line(moment(run.asked_at), *way))
    classic = None if message.classic_blocks is None else [top, *message.classic_blocks]
    return message.changed(blocks=[top, *message.blocks], classic_blocks=classic)
