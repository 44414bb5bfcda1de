"""People press buttons and choose in menus, in messages and in forms."""

from dataclasses import dataclass, replace
from typing import Any

from bot.emulators.slack import payloads
from bot.emulators.slack.choosing import chosen, offered
from bot.emulators.slack.delivery import EnvelopeType
from bot.emulators.slack.form_state import choice, filled_in
from bot.emulators.slack.stage import Impossible, Json, Outcome, Stage
from bot.emulators.slack.views import View
from bot.emulators.slack.wire import message_object
from bot.emulators.slack.with_ids import interactive_elements
from bot.emulators.slack.workspace import Person
from bot.model.value import Value


class Target(Value):
    """What is acted on: an element by its action_id (and block_id), in a form or in a message of a channel."""

    action_id: str
    block_id: str | None = None
    view_id: str | None = None
    channel: str | None = None
    message_ts: str | None = None


@dataclass(frozen=True)
class _Found:
    element: Json
    block_id: str
    place: Json
    is_silent: bool = False


async def click(
    stage: Stage, user: str, target: Target, value: Any, values: dict[str, Any] | None = None
) -> Outcome:
    """Press a button, or choose the option with this value; `values` are what else stands in the form by now.

    The app hears of a choice in an input only if it asked to (dispatch_action).
    """
    person = stage.person(user)
    found = _find(stage, person, target)
    if target.view_id is not None:
        view, value = await _filled(stage, person, target.view_id, found, value, values or {})
        if found.is_silent:
            return Outcome()
        found = replace(found, place=payloads.in_view(stage.state.views.wire(view) | _state(view)))
    trigger_id = stage.trigger(person)
    action = _action(found, value) | {"action_ts": stage.state.mint.ts()}
    payload = payloads.block_actions(stage.state.workspace, person, action, found.place, trigger_id)
    return stage.outcome(await stage.courier.deliver(EnvelopeType.INTERACTIVE, payload), trigger_id)


async def options(stage: Stage, user: str, target: Target, typed: str) -> Outcome:
    """Type into a menu that the app fills; the form's state goes along as it is known from the app alone.

    What was chosen elsewhere in the form since it was opened or updated is not in it
    (github.com/slackapi/bolt-js/issues/1146, github.com/slackapi/java-slack-sdk/issues/1292).
    """
    person = stage.person(user)
    found = _find(stage, person, target)
    if not found.element["type"].endswith("external_select"):
        raise Impossible(f"the options of {target.action_id} do not come from the app")
    offer = await offered(stage, person, found.element, found.block_id, typed, found.place)
    if offer.ack is None:
        return Outcome(options=())
    return stage.outcome(offer.ack, options=offer.options, option_groups=offer.groups, shown=offer.flaws)


async def _filled(
    stage: Stage, person: Person, view_id: str, found: _Found, value: Any, values: dict[str, Any]
) -> tuple[View, Any]:
    """Note in the form what stands in it by now; returns it, and the choice as the app is told of it."""
    views = stage.state.views
    view = stage.view(person, view_id)
    given = {block_id: one for block_id, one in values.items() if block_id != found.block_id}
    given = await chosen(stage, person, view, given | {found.element["action_id"]: value})
    view = views.view(view_id) or view  # the app may have updated it while it was asked for options
    kept = {name: one for name, one in given.items() if _has_field(view, name)}
    return views.fill(view, filled_in(view.blocks, kept, view.filled)), given[found.element["action_id"]]


def _has_field(view: View, name: str) -> bool:
    return any(
        name in (block["block_id"], element["action_id"])
        for block in view.blocks
        for element in interactive_elements(block)
    )


def _state(view: View) -> Json:
    return {"state": {"values": filled_in(view.blocks, {}, view.filled)}}


def _find(stage: Stage, person: Person, target: Target) -> _Found:
    if target.view_id is not None:
        view = stage.view(person, target.view_id)
        return _found(view.blocks, target, payloads.in_view(stage.state.views.wire(view)))
    if target.channel is None or target.message_ts is None:
        raise Impossible("name a view_id, or a channel and a message_ts")
    room = stage.room(person, target.channel)
    private = room.private_message(target.message_ts, person.id)
    message = private or room.message(target.message_ts)
    if message is None:
        raise Impossible(f"{person.id} sees no message {target.message_ts} in {target.channel}")
    shown = message_object(message, stage.state.workspace)
    url = stage.response_url(person, room, message.ts)
    place = payloads.in_message(room.channel, shown, url, is_ephemeral=private is not None)
    return _found(list(message.blocks), target, place)


def _found(blocks: list[Json], target: Target, place: Json) -> _Found:
    for block in blocks:
        for element in interactive_elements(block):
            if element["action_id"] == target.action_id and target.block_id in (None, block["block_id"]):
                is_silent = block.get("type") == "input" and not block.get("dispatch_action")
                return _Found(element, block["block_id"], place, is_silent)
    raise Impossible(f"there is no {target.action_id} to act on")


def _action(found: _Found, value: Any) -> Json:
    element = found.element
    action: Json = {"type": element["type"], "action_id": element["action_id"], "block_id": found.block_id}
    if element["type"] != "button":
        return action | choice(element, value)
    pressed: Json = {name: element[name] for name in ("value", "style", "url") if name in element}
    return action | {"text": element["text"], **pressed}
