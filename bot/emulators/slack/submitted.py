"""What becomes of a form once the app has answered its submission.

Source: docs.slack.dev/surfaces/modals, response actions errors, update, push and clear.
"""

from typing import Any

from bot.emulators.slack.ack import Ack
from bot.emulators.slack.refused import Refused
from bot.emulators.slack.state import State
from bot.emulators.slack.views import View

# What Slack shows in the form when an answer did not come or makes no sense.
TROUBLE = "We had some trouble connecting. Try again?"


def settle(state: State, view: View, ack: Ack) -> list[str]:
    """Close, replace or keep the form as the ack says; gives what the person is shown beside it."""
    if ack.error is not None:
        return [TROUBLE]
    if not ack.payload:
        state.views.close(view)
        return []
    try:
        _respond(state, view, ack.payload)
    except Refused as refused:
        # Slack tells the app's developer nothing but this either; the reason is for whoever reads the test.
        reasons = refused.details.get("response_metadata", {}).get("messages", [refused.error])
        return [TROUBLE, *reasons]
    return []


def _respond(state: State, view: View, payload: Any) -> None:
    action = payload.get("response_action") if isinstance(payload, dict) else None
    match action:
        case "errors":
            state.views.show_errors(view, _errors(view, payload.get("errors")))
        case "update":
            state.views.replace(view, _content(payload))
        case "push":
            state.views.push(view, _content(payload))
        case "clear":
            state.views.close_all(view.user_id)
        case _:
            raise Refused("invalid_response_action")


def _content(payload: dict[str, Any]) -> dict[str, Any]:
    content = payload.get("view")
    if not isinstance(content, dict):
        raise Refused("missing view")
    return content


def _errors(view: View, errors: Any) -> dict[str, str]:
    """Read errors by block; each must name an input block of the form."""
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors:
        raise Refused("errors must be an object of texts by block_id")
    for block_id, text in errors.items():
        if block_id not in inputs:
            raise Refused(f"errors names {block_id[:80]}, which is no input block of this view")
        if not isinstance(text, str) or not text:
            raise Refused(f"the error of {block_id} is no text")
    return errors
