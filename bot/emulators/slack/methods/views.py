"""views.*: open, replace and publish views (docs.slack.dev/reference/methods, family views)."""

from typing import Any

from bot.emulators.slack.arguments import Arguments, invalid
from bot.emulators.slack.blocks import Surface
from bot.emulators.slack.methods.call import Call, Json
from bot.emulators.slack.refused import Refused
from bot.emulators.slack.state import State
from bot.emulators.slack.views import View


def open_modal(state: State, call: Call) -> Json:
    """Open a form for whoever the trigger belongs to; a view that is refused leaves the trigger unused."""
    content = _content(call.arguments)
    state.views.check(content, Surface.MODAL)
    trigger_id = call.arguments.required("trigger_id")
    user_id = state.triggers.exchange(trigger_id)
    return _shown(state, state.views.open(user_id, content, trigger_id))


def update(state: State, call: Call) -> Json:
    """Replace a view that is open, found by `view_id` or `external_id`."""
    view_id, external_id = call.arguments.text("view_id"), call.arguments.text("external_id")
    if not view_id and not external_id:
        raise invalid("missing required field: view_id")
    view = state.views.view(view_id) if view_id else state.views.by_external_id(external_id or "")
    if view is None:
        raise Refused("not_found")
    expected = call.arguments.text("hash")
    if expected and expected != view.hash:
        raise Refused("hash_conflict")
    return _shown(state, state.views.replace(view, _content(call.arguments)))


def publish(state: State, call: Call) -> Json:
    """Set a person's Home tab."""
    user_id = call.arguments.required("user_id")
    if state.workspace.person(user_id) is None:
        raise invalid("user not found [json-pointer:/user_id]")
    content = _content(call.arguments)
    return _shown(state, state.views.publish(user_id, content, call.arguments.text("hash")))


def _content(arguments: Arguments) -> dict[str, Any]:
    content = arguments.structure("view", "invalid_arguments")
    if not isinstance(content, dict):
        raise invalid("missing required field: view")
    return content


def _shown(state: State, view: View) -> Json:
    return {"view": state.views.wire(view)}
