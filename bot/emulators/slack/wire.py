"""Messages, channels, people and groups as they look in Slack's answers."""

from typing import Any

from bot.emulators.slack.rooms import Message, Room
from bot.emulators.slack.workspace import Person, UserGroup, Workspace


def message_object(message: Message, workspace: Workspace, *, with_metadata: bool = False) -> dict[str, Any]:
    """Give a message as conversations.history does; metadata only where it is asked for."""
    answer: dict[str, Any] = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "text": message.text,
        "team": workspace.team_id,
    }
    if message.bot_id is not None:
        app = workspace.app
        profile = {"id": app.bot_id, "app_id": app.id, "name": "vpn-diagnose", "deleted": False}
        answer |= {"bot_id": message.bot_id, "app_id": app.id, "bot_profile": profile}
    if message.blocks:
        answer["blocks"] = list(message.blocks)
    if message.attachments:
        answer["attachments"] = list(message.attachments)
    if message.thread_ts is not None:
        answer["thread_ts"] = message.thread_ts
    if message.edited_ts is not None:
        answer["edited"] = {"user": message.user, "ts": message.edited_ts}
    if with_metadata and message.metadata is not None:
        answer["metadata"] = message.metadata
    return answer


def root_object(message: Message, replies: list[Message], workspace: Workspace, *, with_metadata: bool) -> Any:
    """Give a message with what Slack says of its thread, if it has one."""
    answer = message_object(message, workspace, with_metadata=with_metadata)
    if replies:
        people = list(dict.fromkeys(reply.user for reply in replies))
        answer |= {
            "thread_ts": message.ts,
            "reply_count": len(replies),
            "reply_users": people,
            "reply_users_count": len(people),
            "latest_reply": replies[-1].ts,
        }
    return answer


def channel_object(room: Room, workspace: Workspace) -> dict[str, Any]:
    channel = room.channel
    if channel.with_user is not None:
        return {"id": channel.id, "is_im": True, "user": channel.with_user, "is_org_shared": False, "created": 0}
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "is_general": False,
        "is_member": workspace.app.bot_user_id in channel.members,
        "is_shared": channel.is_ext_shared,
        "is_ext_shared": channel.is_ext_shared,
        "is_org_shared": False,
        "is_pending_ext_shared": False,
        "context_team_id": workspace.team_id,
        "created": 0,
    }


def person_object(person: Person, workspace: Workspace) -> dict[str, Any]:
    return {
        "id": person.id,
        "team_id": person.team_id,
        "name": person.name,
        "real_name": person.real_name,
        "deleted": person.deleted,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "is_admin": False,
        "is_owner": False,
        "is_restricted": person.is_guest,
        "is_ultra_restricted": False,
        "is_stranger": person.team_id != workspace.team_id,
        "tz": "Asia/Shanghai",
        "profile": {
            "real_name": person.real_name,
            "display_name": person.name,
            "team": person.team_id,
        },
    }


def group_object(group: UserGroup, workspace: Workspace) -> dict[str, Any]:
    return {
        "id": group.id,
        "team_id": workspace.team_id,
        "is_usergroup": True,
        "name": group.name,
        "handle": group.handle,
        "date_delete": 0,
        "user_count": len(group.members),
    }
