"""Why something comes to somebody in their direct messages, and where they had asked for it."""

from bot.explain.phrases import phrase
from bot.model.ids import ChannelId
from bot.model.run import Language, Run
from bot.slack.about import gap
from bot.slack.blocks import channel, line, rich_text, words
from bot.slack.message import Message

# What Slack says of a channel that is closed to the bot, and why that is. The phrases `moved.…` are for answers
# that would have stood in the channel for all, `moved.note_…` for what one person alone is told anyhow.
_CLOSED = {
    "slack.not_in_channel": "not_member",
    "slack.channel_not_found": "hidden",
    "slack.method_not_supported_for_channel_type": "hidden",
    "slack.is_archived": "archived",
    "slack.restricted_action": "restricted",
    "slack.ekm_access_denied": "restricted",
    "slack.access_denied": "restricted",
}
_RESTRICTED = "slack.restricted_action_"  # a family of codes

_UNKNOWN = "unknown"

# The IDs of direct messages, which have no name to be shown.
_DIRECT = "D"


def under_why_apart(run: Run, message: Message) -> Message:
    """Put above a message where it was asked and why it comes to the asker alone."""
    reason = "shared" if run.in_shared_channel else _reason(run.moved_because or "")
    return _under(message, run.conversation.channel_id, phrase(f"moved.{reason}", run.language), run.language)


def under_why_not_there(message: Message, channel_id: ChannelId, code: str, language: Language) -> Message:
    """Say above what is for somebody alone where they acted, and why Slack, by an error's `code`, did not take it.

    Their direct messages with the bot are no other place, unless those were somebody else's.
    """
    reason = _reason(code)
    if channel_id.startswith(_DIRECT) and reason == _UNKNOWN:
        return message
    return _under(message, channel_id, phrase(f"moved.note_{reason}", language), language)


def _under(message: Message, channel_id: ChannelId, why: str, language: Language) -> Message:
    asked_in = phrase("moved.asked_in", language)
    where = line(words(asked_in), *gap(asked_in), channel(channel_id))
    lines = [line(words(why))] if channel_id.startswith(_DIRECT) else [where, line(words(why))]
    return message.under(rich_text(*lines), why)


def _reason(code: str) -> str:
    return "restricted" if code.startswith(_RESTRICTED) else _CLOSED.get(code, _UNKNOWN)
