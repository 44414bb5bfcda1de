"""files.*: uploads (docs.slack.dev/reference/methods, family files)."""

from typing import Any

from bot.emulators.slack.arguments import Arguments, invalid
from bot.emulators.slack.files import File
from bot.emulators.slack.limits import LARGEST_FILE, LARGEST_SNIPPET
from bot.emulators.slack.methods.call import Call, Json
from bot.emulators.slack.methods.chat import thread_of
from bot.emulators.slack.methods.rooms import room_to_post_in
from bot.emulators.slack.refused import Refused
from bot.emulators.slack.rooms import Message, Room
from bot.emulators.slack.state import State


def get_upload_url(state: State, call: Call) -> Json:
    """Give an address to which the bytes of a file can be brought."""
    arguments = call.arguments
    name, length = arguments.required("filename"), arguments.number("length")
    if not length:
        raise Refused("missing_argument")
    if arguments.text("snippet_type") and length > LARGEST_SNIPPET:
        raise Refused("snippet_too_large")
    if length > LARGEST_FILE:
        raise Refused("file_upload_size_restricted")
    file = state.files.issue(name, length)
    return {"upload_url": f"{call.base_url}/upload/v1/{file.secret}", "file_id": file.id}


def complete_upload(state: State, call: Call) -> Json:
    """Share what was uploaded, in a message of the bot's; without a channel it stays the bot's own."""
    arguments = call.arguments
    named = _files(arguments)
    rooms = [room_to_post_in(state, channel) for channel in _channels(arguments)]
    if arguments.text("thread_ts") and len(rooms) > 1:
        raise invalid("thread_ts wants one channel [json-pointer:/thread_ts]")
    files = [state.files.complete(file_id, title) for file_id, title in named]
    for room in rooms:
        room.add(_shared(state, room, arguments, files))
    return {"files": [file_object(file, call.base_url) for file in files]}


def file_object(file: File, base_url: str = "") -> Json:
    """Give a file object (docs.slack.dev/reference/objects/file-object)."""
    private = f"{base_url}/files/{file.id}"
    return {
        "id": file.id,
        "name": file.name,
        "title": file.title,
        "size": file.length,
        "mode": "hosted",
        "url_private": private,
        "permalink": private,
    }


def _files(arguments: Arguments) -> list[tuple[str, str]]:
    given = arguments.structure("files", "invalid_arguments")
    if not isinstance(given, list) or not given:
        raise invalid("must provide an array [json-pointer:/files]")
    return [_named(each) for each in given]


def _named(given: Any) -> tuple[str, str]:
    if not isinstance(given, dict) or not isinstance(given.get("id"), str):
        raise invalid("missing required field: id [json-pointer:/files]")
    return given["id"], str(given.get("title") or "")


def _channels(arguments: Arguments) -> list[str]:
    one, several = arguments.text("channel_id"), arguments.text("channels")
    return [one] if one else [name.strip() for name in (several or "").split(",") if name.strip()]


def _shared(state: State, room: Room, arguments: Arguments, files: list[File]) -> Message:
    app = state.workspace.app
    return Message(
        ts=state.mint.ts(),
        user=app.bot_user_id,
        bot_id=app.bot_id,
        text=arguments.text("initial_comment") or "",
        files=tuple(file_object(file) for file in files),
        thread_ts=thread_of(room, arguments.ts("thread_ts")),
    )
