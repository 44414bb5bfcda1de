"""What is handed to Slack as one message."""

from typing import Self

from bot.model.value import Value
from bot.slack.blocks import small_print
from bot.slack.escape import escape
from bot.slack.limits import NOTIFICATION_TEXT, Block, cut, length

# With these Slack refuses what it does not know or finds too long; nothing has been posted then.
# https://docs.slack.dev/reference/methods/chat.postMessage, read November 2026
REFUSED_CONTENT = frozenset(
    {
        "slack.invalid_blocks",
        "slack.invalid_blocks_format",
        "slack.invalid_attachments",
        "slack.msg_blocks_too_long",
        "slack.msg_too_long",
        "slack.no_text",
    }
)

# With these it refuses the metadata alone (the same page); nothing has been posted then either.
REFUSED_METADATA = frozenset(
    {
        "slack.invalid_metadata_format",
        "slack.invalid_metadata_schema",
        "slack.metadata_must_be_sent_from_app",
        "slack.metadata_too_large",
    }
)


class Message(Value):
    """Blocks, and the `text` that notifications show and screen readers read; `text` is escaped already.

    `classic_blocks` say the same without blocks that came in 2025 or later; None where there are none of those.
    `plain` is what must be said without any blocks, escaped as `text` is; None: better an error than so little.
    """

    text: str
    blocks: list[Block]
    classic_blocks: list[Block] | None = None
    plain: str | None = None

    def simpler(self) -> Self | None:
        """Return the message for a Slack that answered one of `REFUSED_CONTENT`; None: there is none."""
        if self.classic_blocks is not None or self.plain is None:
            return self.classic()
        return self.changed(text=self.plain, blocks=[], plain=None)

    def classic(self) -> Self | None:
        """Return the message without the newest blocks; None if it has none of those."""
        if self.classic_blocks is None:
            return None
        return self.changed(blocks=self.classic_blocks, classic_blocks=None)

    def marked(self, block_id: str) -> Self:
        """Return the message with a name on its first block, by which it is found again, if it has one."""
        if not self.blocks:
            return self
        return self.changed(blocks=[self.blocks[0] | {"block_id": block_id}, *self.blocks[1:]])

    def with_remark(self, text: str) -> Self:
        """Put a remark above the rest; every message has room for one."""
        return self.under(small_print([text]), text)

    def under(self, block: Block, text: str) -> Self:
        """Put a block above the rest; where there are no blocks `text` says the same."""
        classic = None if self.classic_blocks is None else [block, *self.classic_blocks]
        plain = None if self.plain is None else f"{escape(text)}\n{self.plain}"
        return self.changed(blocks=[block, *self.blocks], classic_blocks=classic, plain=plain)


def notification(text: str) -> str:
    """Escape a text and cut it to what a phone shows, never within an escape."""
    limit = NOTIFICATION_TEXT
    while length(shown := escape(cut(text, limit))) > NOTIFICATION_TEXT:
        limit -= 1
    return shown
