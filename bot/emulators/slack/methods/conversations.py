"""conversations.*: what the bot may know of channels and read in them (docs.slack.dev/reference/methods)."""

import operator
from collections.abc import Callable
from decimal import Decimal

from bot.emulators.slack.arguments import Arguments, invalid
from bot.emulators.slack.methods.call import Call, Json, require_scope
from bot.emulators.slack.methods.pages import page_of
from bot.emulators.slack.methods.rooms import joined_room, visible_room
from bot.emulators.slack.refused import Refused
from bot.emulators.slack.rooms import Message, Room
from bot.emulators.slack.state import State
from bot.emulators.slack.wire import channel_object, message_object, root_object


def info(state: State, call: Call) -> Json:
    room = visible_room(state, call.arguments.required("channel"))
    require_scope(state, [f"{room.channel.kind}:read"])
    channel = channel_object(room, state.workspace)
    if call.arguments.flag("include_num_members"):
        channel["num_members"] = len(room.channel.members)
    return {"channel": channel}


def members(state: State, call: Call) -> Json:
    room = visible_room(state, call.arguments.required("channel"))
    require_scope(state, [f"{room.channel.kind}:read"])
    page, cursor = page_of(room.channel.members, call.arguments)
    return {"members": page, "response_metadata": {"next_cursor": cursor}}


def history(state: State, call: Call) -> Json:
    """Give what stands in a channel, latest first; replies are in conversations.replies."""
    arguments = call.arguments
    room = _readable_room(state, call)
    threads = room.replies_by_thread()
    latest_first = reversed(room.mainline())
    page, cursor = page_of(list(filter(_within(arguments), latest_first)), arguments)
    with_metadata = arguments.flag("include_all_metadata")
    shown = [
        root_object(message, threads.get(message.ts, []), state.workspace, with_metadata=with_metadata)
        for message in page
    ]
    return _listed(shown, cursor)


def replies(state: State, call: Call) -> Json:
    """Give a thread: its root first whatever `oldest` says, then the replies, oldest first."""
    arguments = call.arguments
    room = _readable_room(state, call)
    root = _root_of(room, arguments.required("ts"))
    answers = room.replies(root.ts)
    page, cursor = page_of([root, *filter(_within(arguments), answers)], arguments)
    with_metadata = arguments.flag("include_all_metadata")
    shown = [
        root_object(message, answers, state.workspace, with_metadata=with_metadata)
        if message.ts == root.ts
        else message_object(message, state.workspace, with_metadata=with_metadata)
        for message in page
    ]
    return _listed(shown, cursor)


def open_direct(state: State, call: Call) -> Json:
    """Open the direct message with one person; groups of people are not played."""
    users = [user for user in (call.arguments.text("users") or "").split(",") if user]
    if not users:
        raise Refused("users_list_not_supplied")
    if len(users) > 1:
        raise invalid("only one user is supported by this emulator [json-pointer:/users]")
    room = state.rooms.direct(users[0])
    if room is None:
        raise Refused("user_not_found")
    full = call.arguments.flag("return_im")
    return {"channel": channel_object(room, state.workspace) if full else {"id": room.channel.id}}


def _readable_room(state: State, call: Call) -> Room:
    room = joined_room(state, call.arguments.required("channel"))
    require_scope(state, [f"{room.channel.kind}:history"])
    return room


def _root_of(room: Room, ts: str) -> Message:
    message = room.message(ts)
    root = room.message(message.thread_ts) if message and message.is_reply and message.thread_ts else message
    if root is None:
        raise Refused("thread_not_found")
    return root


def _within(arguments: Arguments) -> Callable[[Message], bool]:
    """Read `oldest`, `latest` and `inclusive`; raises Refused(invalid_ts_oldest | invalid_ts_latest)."""
    oldest, latest = _moment(arguments, "oldest"), _moment(arguments, "latest")
    holds = operator.le if arguments.flag("inclusive") else operator.lt

    def is_wanted(message: Message) -> bool:
        moment = Decimal(message.ts)
        return (oldest is None or holds(oldest, moment)) and (latest is None or holds(moment, latest))

    return is_wanted


def _moment(arguments: Arguments, name: str) -> Decimal | None:
    given = arguments.text(name)
    if not given:
        return None
    if not given.replace(".", "", 1).isdecimal() or not given.isascii() or len(given) > len("1763899200.000100"):
        raise Refused(f"invalid_ts_{name}")
    return Decimal(given)


def _listed(messages: list[Json], cursor: str) -> Json:
    return {
        "messages": messages,
        "has_more": bool(cursor),
        "pin_count": 0,
        "response_metadata": {"next_cursor": cursor},
    }
