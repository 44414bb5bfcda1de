"""Why an answer comes to the asker alone, where they asked, and what would have the next one there."""

from bot.explain.phrases import phrase
from bot.model.run import Run
from bot.slack.about import gap
from bot.slack.blocks import channel, line, rich_text, words
from bot.slack.message import Message

# What Slack says of a channel that is closed to the bot; families of codes end in an underscore.
_CLOSED = {
    "slack.not_in_channel": "moved.not_member",
    "slack.channel_not_found": "moved.hidden",
    "slack.method_not_supported_for_channel_type": "moved.hidden",
    "slack.is_archived": "moved.archived",
    "slack.restricted_action": "moved.restricted",
    "slack.ekm_access_denied": "moved.restricted",
    "slack.access_denied": "moved.restricted",
}
_RESTRICTED = "slack.restricted_action_"

# The IDs of direct messages, which have no name to be shown.
_DIRECT = "D"


def under_why_apart(run: Run, message: Message) -> Message:
    """Put above a message where it was asked and why it comes to the asker alone."""
    why = phrase(_key(run), run.language)
    asked_in, channel_id = phrase("moved.asked_in", run.language), run.conversation.channel_id
    where = line(words(asked_in), *gap(asked_in), channel(channel_id))
    lines = [line(words(why))] if channel_id.startswith(_DIRECT) else [where, line(words(why))]
    return message.under(rich_text(*lines), why)


def _key(run: Run) -> str:
    if run.in_shared_channel:
        return "moved.shared"
    code = run.moved_because or ""
    return "moved.restricted" if code.startswith(_RESTRICTED) else _CLOSED.get(code, "moved.unknown")
