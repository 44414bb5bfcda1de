"""chat.*: the bot speaks (docs.slack.dev/reference/methods, family chat)."""

from bot.emulators.slack.arguments import Arguments
from bot.emulators.slack.content import Content, read_content
from bot.emulators.slack.limits import LONGEST_UPDATED_TEXT
from bot.emulators.slack.methods.call import Call, Json
from bot.emulators.slack.methods.rooms import room_to_post_in, visible_room, writable_room
from bot.emulators.slack.refused import Refused
from bot.emulators.slack.rooms import Message, Room
from bot.emulators.slack.state import State
from bot.emulators.slack.wire import message_object


def post_message(state: State, call: Call) -> Json:
    """Post to a channel, into a thread of it, or to a person."""
    room = room_to_post_in(state, call.arguments.required("channel"))
    message = _said(state, call, room)
    room.add(message)
    shown = message_object(message, state.workspace, with_metadata=True)
    return {"channel": room.channel.id, "ts": message.ts, "message": shown}


def post_ephemeral(state: State, call: Call) -> Json:
    """Show something to one member of a channel; it cannot be changed later."""
    arguments = call.arguments
    room = writable_room(state, arguments.required("channel"))
    user = arguments.required("user")
    if user not in room.channel.members:
        raise Refused("user_not_in_channel")
    message = _said(state, call, room).model_copy(update={"seen_only_by": user, "metadata": None})
    room.add(message)
    return {"message_ts": message.ts}


def update(state: State, call: Call) -> Json:
    """Change a message of the bot.

    Blocks stay if neither text nor blocks are given, and go if only text is (the method's page, argument blocks).
    """
    arguments = call.arguments
    room, message = _own_message(state, arguments, "cant_update_message")
    content = read_content(arguments, state.mint, LONGEST_UPDATED_TEXT)
    if content.is_empty and content.metadata is None:
        raise Refused("no_text")
    changed = _changed(message, content).model_copy(update={"edited_ts": state.mint.ts()})
    room.add(changed)
    shown = message_object(changed, state.workspace, with_metadata=True)
    return {"channel": room.channel.id, "ts": changed.ts, "text": changed.text, "message": shown}


def delete(state: State, call: Call) -> Json:
    room, message = _own_message(state, call.arguments, "cant_delete_message")
    room.remove(message.ts)
    return {"channel": room.channel.id, "ts": message.ts}


def get_permalink(state: State, call: Call) -> Json:
    """Give the address of a message; here it leads to the emulator's own page."""
    room = visible_room(state, call.arguments.required("channel"))
    message = room.message(call.arguments.required("message_ts"))
    if message is None:
        raise Refused("message_not_found")
    thread = f"?thread_ts={message.thread_ts}&cid={room.channel.id}" if message.is_reply else ""
    path = f"archives/{room.channel.id}/p{message.ts.replace('.', '')}"
    return {"channel": room.channel.id, "permalink": f"{call.base_url}/{path}{thread}"}


def thread_of(room: Room, thread_ts: str | None) -> str | None:
    """Find the root that a reply goes under: that of the thread a reply's ts belongs to, too.

    A ts that names nothing puts the message into the channel; this is what apps report, no page states it.
    """
    above = room.message(thread_ts) if thread_ts else None
    if above is None:
        return None
    return above.thread_ts if above.is_reply else above.ts


def _said(state: State, call: Call, room: Room) -> Message:
    arguments = call.arguments
    content = read_content(arguments, state.mint)
    if content.is_empty:
        raise Refused("no_text")
    app = state.workspace.app
    return Message(
        ts=state.mint.ts(),
        user=app.bot_user_id,
        bot_id=app.bot_id,
        text=content.text or "",
        blocks=content.blocks or (),
        attachments=content.attachments or (),
        metadata=content.metadata or None,
        thread_ts=thread_of(room, arguments.ts("thread_ts")),
        is_broadcast=arguments.flag("reply_broadcast"),
    )


def _own_message(state: State, arguments: Arguments, not_own: str) -> tuple[Room, Message]:
    room = writable_room(state, arguments.required("channel"))
    message = room.message(arguments.required("ts"))
    if message is None:
        raise Refused("message_not_found")
    if message.bot_id != state.workspace.app.bot_id:
        raise Refused(not_own)
    return room, message


def _changed(message: Message, content: Content) -> Message:
    blocks, attachments = content.blocks, content.attachments
    if content.text is not None:
        blocks = blocks or ()
    return message.model_copy(
        update={
            "text": message.text if content.text is None else content.text,
            "blocks": message.blocks if blocks is None else blocks,
            "attachments": message.attachments if attachments is None else attachments,
            "metadata": message.metadata if content.metadata is None else content.metadata or None,
        }
    )
