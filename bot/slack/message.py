"""What is handed to Slack as one message."""

from typing import Self

from bot.model.value import Value
from bot.slack.blocks import small_print
from bot.slack.escape import escape
from bot.slack.limits import NOTIFICATION_TEXT, Block, cut, length

# With these Slack refuses blocks that it does not know or finds too long; nothing has been posted then.
# https://docs.slack.dev/reference/methods/chat.postMessage, read November 2026
REFUSED_BLOCKS = frozenset(
    {
        "slack.invalid_blocks",
        "slack.invalid_blocks_format",
        "slack.invalid_attachments",
        "slack.msg_blocks_too_long",
    }
)


class Message(Value):
    """Blocks, and the `text` that notifications show and screen readers read; `text` is escaped already.

    `classic_blocks` say the same without blocks that came in 2025 or later; None where there are none of those.
    """

    text: str
    blocks: list[Block]
    classic_blocks: list[Block] | None = None

    def classic(self) -> Self | None:
        """Return the message for a Slack that answered one of `REFUSED_BLOCKS`; None if there is no other form."""
        if self.classic_blocks is None:
            return None
        return self.changed(blocks=self.classic_blocks, classic_blocks=None)

    def with_remark(self, text: str) -> Self:
        """Put a remark above the rest; every message has room for one."""
        remark = small_print([text])
        classic = None if self.classic_blocks is None else [remark, *self.classic_blocks]
        return self.changed(blocks=[remark, *self.blocks], classic_blocks=classic)


def notification(text: str) -> str:
    """Escape a text and cut it to what a phone shows, never within an escape."""
    limit = NOTIFICATION_TEXT
    while length(shown := escape(cut(text, limit))) > NOTIFICATION_TEXT:
        limit -= 1
    return shown
