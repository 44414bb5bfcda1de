"""What an app answers to a command or at a response URL, put before the people it is meant for."""

from typing import Any

from bot.emulators.slack.arguments import Arguments
from bot.emulators.slack.content import Content, read_content
from bot.emulators.slack.hooks import Hook
from bot.emulators.slack.methods.chat import thread_of
from bot.emulators.slack.refused import Refused
from bot.emulators.slack.rooms import Message, Room
from bot.emulators.slack.state import State

SLACKBOT = "USLACKBOT"


def answer_at(state: State, hook: Hook, body: dict[str, Any]) -> None:
    """Carry out an answer: post it, replace the message that was acted on, or delete that.

    Raises Refused as chat.postMessage does. Works where the bot is no member.
    """
    room = state.rooms.room(hook.channel_id)
    if room is None:
        raise Refused("channel_not_found")
    arguments = Arguments(body)
    if arguments.flag("delete_original"):
        if hook.message_ts:
            room.remove(hook.message_ts)
        return
    content = read_content(arguments, state.mint)
    if content.is_empty:
        raise Refused("no_text")
    if arguments.flag("replace_original") and hook.message_ts:
        _replace(room, hook, content)
    else:
        room.add(_new(state, room, hook, arguments, content))


def tell_privately(state: State, room: Room, user_id: str, text: str) -> None:
    """Show something that Slack itself says to one person."""
    room.add(Message(ts=state.mint.ts(), user=SLACKBOT, text=text, seen_only_by=user_id))


def _replace(room: Room, hook: Hook, content: Content) -> None:
    change = {"text": content.text or "", "blocks": content.blocks or ()}
    ts = hook.message_ts or ""
    if (message := room.message(ts)) is not None:
        room.add(message.model_copy(update=change))
    elif (private := room.private_message(ts, hook.user_id)) is not None:
        room.replace_private(private.model_copy(update=change))


def _new(state: State, room: Room, hook: Hook, arguments: Arguments, content: Content) -> Message:
    app = state.workspace.app
    is_public = arguments.text("response_type") == "in_channel"
    return Message(
        ts=state.mint.ts(),
        user=app.bot_user_id,
        bot_id=app.bot_id,
        text=content.text or "",
        blocks=content.blocks or (),
        attachments=content.attachments or (),
        thread_ts=thread_of(room, arguments.ts("thread_ts")),
        seen_only_by=None if is_public else hook.user_id,
    )
