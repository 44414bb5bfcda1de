"""What is handed to Slack as one message."""

from bot.model.value import Value
from bot.slack.limits import Block


class Message(Value):
    """Blocks, and the `text` that notifications show and screen readers read; `text` is escaped already."""

    text: str
    blocks: list[Block]
