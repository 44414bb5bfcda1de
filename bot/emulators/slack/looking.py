"""The control interface that shows what people see: channels, messages with their threads, open views."""

from typing import Any

from aiohttp import web

from bot.emulators.control import PREFIX, refusal
from bot.emulators.slack.form_state import filled_in
from bot.emulators.slack.rooms import Message, Room
from bot.emulators.slack.state import State
from bot.emulators.slack.views import View
from bot.emulators.slack.wire import message_object, root_object

Json = dict[str, Any]

_OF_A_CHANNEL = {"id", "name", "members", "is_private", "is_archived", "is_ext_shared", "with_user"}


def looking_routes(state: State) -> list[web.RouteDef]:
    """GET workspace, channels/{id}/messages and views, the last two also as one person sees them."""

    async def workspace(request: web.Request) -> web.Response:
        user = request.query.get("user")
        return web.json_response({"ok": True, **_workspace(state), "latest": _latest(state, user)})

    async def messages(request: web.Request) -> web.Response:
        channel_id, user = request.match_info["channel"], request.query.get("user")
        room = state.rooms.room(channel_id)
        if room is None or (user is not None and user not in room.channel.members):
            raise refusal(404, f"there is no {channel_id}" + (f" for {user}" if user else ""))
        return web.json_response({"ok": True, "channel": channel_id, **_messages(state, room, user)})

    async def views(request: web.Request) -> web.Response:
        user = request.query.get("user")
        seen = [view for view in state.views if user in (None, view.user_id)]
        listed = [_view(state, view) for view in seen]
        return web.json_response({"ok": True, "views": listed})

    return [
        web.get(f"{PREFIX}/workspace", workspace),
        web.get(f"{PREFIX}/channels/{{channel}}/messages", messages),
        web.get(f"{PREFIX}/views", views),
    ]


def _view(state: State, view: View) -> Json:
    """Give a view with what stands in its fields now."""
    shown = {"user_id": view.user_id, "errors": view.errors}
    filled = filled_in(view.blocks, {}, view.filled)
    return state.views.wire(view) | {"state": {"values": filled}} | shown


def _workspace(state: State) -> Json:
    people = [
        person.model_dump(include={"id", "name", "real_name", "is_guest", "is_bot", "team_id", "deleted", "note"})
        for person in state.workspace.people
    ]
    channels = [room.channel.model_dump(include=_OF_A_CHANNEL) for room in state.rooms]
    app = state.workspace.app
    about_app = app.model_dump(
        include={"bot_user_id", "commands", "usage", "shortcuts", "has_home", "reads_messages"}
    )
    team = {"team": state.workspace.name, "team_id": state.workspace.team_id}
    return {**team, "people": people, "channels": channels, "app": about_app}


def _latest(state: State, user: str | None) -> dict[str, str]:
    """Give the `ts` of the last thing that the person can see, for each channel where there is one."""
    mine = (room for room in state.rooms if user in room.channel.members)
    seen = {
        room.channel.id: [m.ts for m in room.all_messages() if m.seen_only_by in (None, user)] for room in mine
    }
    return {channel_id: max(each) for channel_id, each in seen.items() if each}


def _messages(state: State, room: Room, user: str | None) -> Json:
    threads = room.replies_by_thread()
    private = [m for m in room.private_messages() if user in (None, m.seen_only_by)]
    listed = []
    for message in room.mainline():
        replies = threads.get(message.ts, [])
        root = root_object(message, replies, state.workspace, with_metadata=True)
        listed.append(root | {"replies": [_seen(state, reply) for reply in replies]})
    return {"messages": listed, "private": [_seen(state, m) for m in private]}


def _seen(state: State, message: Message) -> Json:
    shown = message_object(message, state.workspace, with_metadata=True)
    return shown if message.seen_only_by is None else shown | {"seen_only_by": message.seen_only_by}
