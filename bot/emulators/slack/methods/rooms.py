"""Which room a call means, and whether the bot may see it and speak in it."""

from bot.emulators.slack.refused import Refused
from bot.emulators.slack.rooms import Room
from bot.emulators.slack.state import State


def visible_room(state: State, channel_id: str) -> Room:
    """Find a room; a private one that the bot is not in does not exist for it (channel_not_found)."""
    room = state.rooms.room(channel_id)
    if room is None or (room.channel.is_private and not _is_in(state, room)):
        raise Refused("channel_not_found")
    return room


def joined_room(state: State, channel_id: str) -> Room:
    """Find a room that the bot is a member of; raises Refused(not_in_channel) for another one."""
    room = visible_room(state, channel_id)
    if not _is_in(state, room):
        raise Refused("not_in_channel")
    return room


def writable_room(state: State, channel_id: str) -> Room:
    """Find a room that the bot may speak in now; raises Refused(is_archived) too."""
    room = joined_room(state, channel_id)
    if room.channel.is_archived:
        raise Refused("is_archived")
    return room


def room_to_post_in(state: State, channel: str) -> Room:
    """Find the room for chat.postMessage, which takes a person's ID for the direct message with them."""
    if channel.startswith(("U", "W")):
        room = state.rooms.direct(channel)
        if room is None:
            raise Refused("channel_not_found")
        return room
    return writable_room(state, channel)


def _is_in(state: State, room: Room) -> bool:
    return state.workspace.app.bot_user_id in room.channel.members
