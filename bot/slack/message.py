"""What is handed to Slack as one message."""

from typing import Self

from bot.model.value import Value
from bot.slack.blocks import small_print
from bot.slack.escape import escape
from bot.slack.limits import NOTIFICATION_TEXT, Block, cut, length


class Message(Value):
    """Blocks, and the `text` that notifications show and screen readers read; `text` is escaped already."""

    text: str
    blocks: list[Block]

    def with_remark(self, text: str) -> Self:
        """Put a remark above the rest; every message has room for one."""
        return self.changed(blocks=[small_print([text]), *self.blocks])


def notification(text: str) -> str:
    """Escape a text and cut it to what a phone shows, never within an escape."""
    limit = NOTIFICATION_TEXT
    while length(shown := escape(cut(text, limit))) > NOTIFICATION_TEXT:
        limit -= 1
    return shown
