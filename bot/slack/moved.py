"""Why an answer comes to the asker alone, where they asked, and what would have the next one there."""

from bot.explain.phrases import phrase
from bot.model.ids import ChannelId
from bot.model.run import Language, Run
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
    key = "moved.shared" if run.in_shared_channel else _key(run.moved_because or "", "moved.unknown")
    return _under(message, run.conversation.channel_id, phrase(key, run.language), run.language)


def under_why_not_there(message: Message, channel_id: ChannelId, code: str, language: Language) -> Message:
    """Say above a message where somebody acted, and why Slack, by an error's `code`, did not take it there.

    Their direct messages with the bot are no other place, unless those were somebody else's.
    """
    key = _key(code, "moved.not_taken")
    if channel_id.startswith(_DIRECT) and key == "moved.not_taken":
        return message
    return _under(message, channel_id, phrase(key, language), language)


def _under(message: Message, channel_id: ChannelId, why: str, language: Language) -> Message:
    asked_in = phrase("moved.asked_in", language)
    where = line(words(asked_in), *gap(asked_in), channel(channel_id))
    lines = [line(words(why))] if channel_id.startswith(_DIRECT) else [where, line(words(why))]
    return message.under(rich_text(*lines), why)


def _key(code: str, otherwise: str) -> str:
    return "moved.restricted" if code.startswith(_RESTRICTED) else _CLOSED.get(code, otherwise)
