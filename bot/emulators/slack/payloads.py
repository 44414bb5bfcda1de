"""What Slack tells an app when a person does something, field by field; pure.

Sources, all at docs.slack.dev: /reference/interaction-payloads, /interactivity/implementing-slash-commands,
/reference/events/app_mention, /reference/events/app_home_opened.
"""

from typing import Any

from bot.emulators.slack.executions import Execution
from bot.emulators.slack.functions import Parameter
from bot.emulators.slack.mint import Mint
from bot.emulators.slack.workspace import Channel, Person, Workspace

# The verification token is deprecated, and still sent; an app that trusts it is wrong.
_VERIFICATION_TOKEN = "emulated-verification-token"  # noqa: S105 (no secret: a placeholder)

Json = dict[str, Any]


def slash_command(
    workspace: Workspace,
    person: Person,
    channel: Channel,
    command: str,
    text: str,
    trigger_id: str,
    response_url: str,
) -> Json:
    return {
        "token": _VERIFICATION_TOKEN,
        "team_id": person.team_id,
        "team_domain": workspace.domain,
        "channel_id": channel.id,
        "channel_name": _channel_name(channel),
        "user_id": person.id,
        "user_name": person.name,
        "command": command,
        "text": text,
        "api_app_id": workspace.app.id,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
        **({"enterprise_id": person.enterprise_id} if person.enterprise_id else {}),
    }


def view_submission(workspace: Workspace, person: Person, view: Json, trigger_id: str) -> Json:
    common = _interaction(workspace, person, "view_submission")
    return {**common, "trigger_id": trigger_id, "view": view, "response_urls": []}


def view_closed(workspace: Workspace, person: Person, view: Json, *, is_cleared: bool) -> Json:
    return {**_interaction(workspace, person, "view_closed"), "view": view, "is_cleared": is_cleared}


def shortcut(workspace: Workspace, person: Person, callback_id: str, action_ts: str, trigger_id: str) -> Json:
    """Give a global shortcut; it knows of no channel."""
    common = _interaction(workspace, person, "shortcut")
    return {**common, "action_ts": action_ts, "callback_id": callback_id, "trigger_id": trigger_id}


def message_action(
    workspace: Workspace,
    person: Person,
    channel: Channel,
    message: Json,
    callback_id: str,
    action_ts: str,
    trigger_id: str,
    response_url: str,
) -> Json:
    return {
        **shortcut(workspace, person, callback_id, action_ts, trigger_id),
        "type": "message_action",
        "channel": _channel(channel),
        "message": message,
        "message_ts": message["ts"],
        "response_url": response_url,
    }


def block_actions(workspace: Workspace, person: Person, action: Json, place: Json, trigger_id: str) -> Json:
    """Give a press of a button or a choice in a menu; `place` says where: container, channel, message or view."""
    common = _interaction(workspace, person, "block_actions")
    return {**common, "trigger_id": trigger_id, "state": {"values": {}}, **place, "actions": [action]}


def block_suggestion(
    workspace: Workspace, person: Person, element: Json, block_id: str, value: str, place: Json
) -> Json:
    common = _interaction(workspace, person, "block_suggestion")
    return {**common, "action_id": element["action_id"], "block_id": block_id, "value": value, **place}


def in_view(view: Json) -> Json:
    return {"container": {"type": "view", "view_id": view["id"]}, "view": view}


def in_message(channel: Channel, message: Json, response_url: str, *, is_ephemeral: bool) -> Json:
    """Say where a message is; an ephemeral one is named by its ts only."""
    container = {
        "type": "message",
        "message_ts": message["ts"],
        "channel_id": channel.id,
        "is_ephemeral": is_ephemeral,
    }
    if message.get("thread_ts"):
        container["thread_ts"] = message["thread_ts"]
    place = {"container": container, "channel": _channel(channel), "response_url": response_url}
    return place if is_ephemeral else {**place, "message": message}


def app_mention(workspace: Workspace, person: Person, channel: Channel, message: Json, event_id: str) -> Json:
    event = {
        "type": "app_mention",
        "user": person.id,
        "ts": message["ts"],
        "text": message["text"],
        "team": person.team_id,
        "blocks": message["blocks"],
        "channel": channel.id,
        "event_ts": message["ts"],
    }
    if message.get("thread_ts"):
        event["thread_ts"] = message["thread_ts"]
    return _event(workspace, event, event_id) | {"is_ext_shared_channel": channel.is_ext_shared}


def app_home_opened(
    workspace: Workspace, person: Person, channel: Channel, tab: str, view: Json | None, mint: Mint
) -> Json:
    """Give a visit to the app's page; `view` is what stands there, if anything was published yet."""
    event: Json = {
        "type": "app_home_opened",
        "user": person.id,
        "channel": channel.id,
        "tab": tab,
        "event_ts": mint.ts(),
    }
    if view is not None and tab == "home":
        event["view"] = view
    return _event(workspace, event, mint.id("Ev"))


def function_executed(workspace: Workspace, execution: Execution, mint: Mint) -> Json:
    """Give the start of a step (docs.slack.dev/reference/events/function_executed)."""
    function = execution.function
    event = {
        "type": "function_executed",
        "function": {
            "id": f"Fn{workspace.app.id[1:]}",
            "callback_id": function.callback_id,
            "title": function.title,
            "description": function.description,
            "type": "app",
            "input_parameters": [_parameter(each) for each in function.inputs],
            "output_parameters": [_parameter(each) for each in function.outputs],
            "app_id": workspace.app.id,
            "date_created": 0,
            "date_updated": 0,
            "date_deleted": 0,
        },
        "inputs": execution.inputs,
        "function_execution_id": execution.id,
        "workflow_execution_id": mint.id("Wx"),
        "event_ts": mint.ts(),
        "bot_access_token": execution.token,
    }
    return _event(workspace, event, mint.id("Ev"))


def _parameter(parameter: Parameter) -> Json:
    return {
        "type": parameter.type,
        "name": parameter.name,
        "description": parameter.name,
        "title": parameter.name,
        "is_required": parameter.is_required,
    }


def _event(workspace: Workspace, event: Json, event_id: str) -> Json:
    authorization = {
        "enterprise_id": None,
        "team_id": workspace.team_id,
        "user_id": workspace.app.bot_user_id,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    return {
        "token": _VERIFICATION_TOKEN,
        "team_id": workspace.team_id,
        "api_app_id": workspace.app.id,
        "event": event,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": int(event["event_ts"].partition(".")[0]),
        "authorizations": [authorization],
    }


def _interaction(workspace: Workspace, person: Person, kind: str) -> Json:
    return {
        "type": kind,
        "token": _VERIFICATION_TOKEN,
        "team": {"id": person.team_id, "domain": workspace.domain},
        "user": {"id": person.id, "username": person.name, "name": person.name, "team_id": person.team_id},
        "api_app_id": workspace.app.id,
        "enterprise": {"id": person.enterprise_id, "name": ""} if person.enterprise_id else None,
        "is_enterprise_install": False,
    }


def _channel(channel: Channel) -> Json:
    return {"id": channel.id, "name": _channel_name(channel)}


def _channel_name(channel: Channel) -> str:
    """Slack keeps the name of what is not public to itself."""
    if channel.with_user is not None:
        return "directmessage"
    return "privategroup" if channel.is_private else channel.name
