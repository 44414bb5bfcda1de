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
        answer |= _of_app(message.user, message.bot_id, workspace)
    if message.blocks:
        answer["blocks"] = list(message.blocks)
    if message.attachments:
        answer["attachments"] = list(message.attachments)
    if message.files:
        answer |= {"files": list(message.files), "upload": False}
    if message.thread_ts is not None:
        answer["thread_ts"] = message.thread_ts
    if message.edited_ts is not None:
        answer["edited"] = {"user": message.user, "ts": message.edited_ts}
    if with_metadata and message.metadata is not None:
        answer["metadata"] = message.metadata
    return answer


def _of_app(user_id: str, bot_id: str, workspace: Workspace) -> dict[str, Any]:
    """Say which app posted it: the one that is installed, or another one by its bot."""
    app, bot = workspace.app, workspace.person(user_id)
    is_own = bot_id == app.bot_id or bot is None
    app_id, name = (app.id, "vpn-diagnose") if is_own or bot is None else (f"A{bot.id[1:]}", bot.real_name)
    profile = {"id": bot_id, "app_id": app_id, "name": name, "deleted": False}
    return {"bot_id": bot_id, "app_id": app_id, "bot_profile": profile}


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
        "is_shared": channel.is_ext_shared or channel.is_org_shared,
        "is_ext_shared": channel.is_ext_shared,
        "is_org_shared": channel.is_org_shared,
        "is_pending_ext_shared": channel.is_pending_ext_shared,
        "context_team_id": workspace.team_id,
        "created": 0,
    }


def person_object(person: Person, workspace: Workspace) -> dict[str, Any]:
    """Give a user object (docs.slack.dev/reference/objects/user-object); of somebody who left much is not said."""
    profile = {"real_name": person.real_name, "display_name": person.name, "team": person.team_id}
    answer: dict[str, Any] = {
        "id": person.id,
        "team_id": person.team_id,
        "name": person.name,
        "deleted": person.deleted,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "profile": profile,
    }
    if person.is_bot:
        answer["is_workflow_bot"] = person.is_workflow_bot
    if person.enterprise_id is not None:
        enterprise = {"enterprise_id": person.enterprise_id, "teams": list(person.enterprise_teams)}
        answer["enterprise_user"] = {"id": person.id, **enterprise}
    return answer if person.deleted else answer | _active(person, workspace)


def _active(person: Person, workspace: Workspace) -> dict[str, Any]:
    return {
        "real_name": person.real_name,
        "is_admin": False,
        "is_owner": False,
        "is_restricted": person.is_guest,
        "is_ultra_restricted": person.is_single_channel_guest,
        "is_stranger": person.team_id != workspace.team_id and not _is_met(person, workspace),
        "tz": "Asia/Shanghai",
    }


def _is_met(person: Person, workspace: Workspace) -> bool:
    """Tell whether the person shares a channel with the app; only then Slack does not call them a stranger."""
    both = {person.id, workspace.app.bot_user_id}
    return any(both <= set(channel.members) for channel in workspace.channels)


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
