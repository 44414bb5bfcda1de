"""auth.test, api.test and apps.connections.open: the app finds out who and where it is."""

from bot.emulators.slack.methods.call import Call, Json
from bot.emulators.slack.refused import Refused
from bot.emulators.slack.state import State


def auth_test(state: State, call: Call) -> Json:
    workspace = state.workspace
    return {
        "url": f"{call.base_url}/",
        "team": workspace.name,
        "team_id": workspace.team_id,
        "user": "vpn-diagnose",
        "user_id": workspace.app.bot_user_id,
        "bot_id": workspace.app.bot_id,
        "is_enterprise_install": False,
    }


def api_test(state: State, call: Call) -> Json:
    """Answer with what was sent, or with the error that was asked for."""
    del state
    arguments = call.arguments.as_dict()
    if error := call.arguments.text("error"):
        raise Refused(error, args=arguments)
    return {"args": arguments}


def open_connection(state: State, call: Call) -> Json:
    """Give the address of one Socket Mode connection."""
    socket_url = call.base_url.replace("http", "ws", 1)
    return {"url": f"{socket_url}/link/?ticket={state.issue_ticket()}&app_id={state.workspace.app.id}"}
