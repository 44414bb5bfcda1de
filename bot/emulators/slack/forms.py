"""People fill forms in, send them or close them."""

from typing import Any

from bot.emulators.slack import payloads
from bot.emulators.slack.choosing import chosen
from bot.emulators.slack.delivery import EnvelopeType
from bot.emulators.slack.form_state import filled_in, missing_or_wrong
from bot.emulators.slack.stage import Outcome, Stage
from bot.emulators.slack.submitted import settle


async def submit(stage: Stage, user: str, view_id: str, values: dict[str, Any]) -> Outcome:
    """Fill a form in and send it; what Slack's client itself objects to never reaches the app.

    Of the choices that are made on the way the app is not told one by one, as it is by `pressing.click`.
    """
    person = stage.person(user)
    view = stage.view(person, view_id)
    views = stage.state.views
    filled = filled_in(view.blocks, await chosen(stage, person, view, values), view.filled)
    view = views.fill(views.view(view_id) or view, filled)
    if wrong := missing_or_wrong(view.blocks, filled):
        return Outcome(errors=wrong, view=views.wire(views.show_errors(view, wrong)), closed=False)
    trigger_id = stage.trigger(person)
    sent = {**views.wire(view), "state": {"values": filled}}
    payload = payloads.view_submission(stage.state.workspace, person, sent, trigger_id)
    ack = await stage.courier.deliver(EnvelopeType.INTERACTIVE, payload)
    # The app may have replaced or closed the form while it held the submission.
    shown = settle(stage.state, views.view(view_id) or view, ack)
    left = views.view(view_id)
    after = (
        {"closed": True} if left is None else {"closed": False, "errors": left.errors, "view": views.wire(left)}
    )
    return stage.outcome(ack, trigger_id, shown=tuple(shown), **after)


async def close(stage: Stage, user: str, view_id: str) -> Outcome:
    """Close a form unsent; the app hears of it if it asked to (notify_on_close)."""
    person = stage.person(user)
    view = stage.view(person, view_id)
    stage.state.views.close(view)
    if not view.content.get("notify_on_close"):
        return Outcome(closed=True)
    closed = stage.state.views.wire(view)
    payload = payloads.view_closed(stage.state.workspace, person, closed, is_cleared=False)
    return stage.outcome(await stage.courier.deliver(EnvelopeType.INTERACTIVE, payload), closed=True)
