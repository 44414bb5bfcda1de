"""People press buttons and choose in menus, in messages and in forms."""

from dataclasses import dataclass
from typing import Any

from bot.emulators.slack import payloads
from bot.emulators.slack.ack import Ack
from bot.emulators.slack.delivery import EnvelopeType
from bot.emulators.slack.elements import OPTION, OPTION_GROUP
from bot.emulators.slack.form_state import choice
from bot.emulators.slack.limits import MOST_OPTION_GROUPS, MOST_OPTIONS, USUAL_MIN_QUERY_LENGTH
from bot.emulators.slack.schema import array
from bot.emulators.slack.stage import Impossible, Json, Outcome, Stage
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


async def click(stage: Stage, user: str, target: Target, value: Any) -> Outcome:
    """Press a button, or choose the option with this value."""
    person = stage.person(user)
    found = _find(stage, person, target)
    trigger_id = stage.trigger(person)
    action = _action(found, value) | {"action_ts": stage.state.mint.ts()}
    payload = payloads.block_actions(stage.state.workspace, person, action, found.place, trigger_id)
    return stage.outcome(await stage.courier.deliver(EnvelopeType.INTERACTIVE, payload), trigger_id)


async def options(stage: Stage, user: str, target: Target, typed: str) -> Outcome:
    """Type into a menu that the app fills; below the least number of characters nobody is asked."""
    person = stage.person(user)
    found = _find(stage, person, target)
    if not found.element["type"].endswith("external_select"):
        raise Impossible(f"the options of {target.action_id} do not come from the app")
    if len(typed) < found.element.get("min_query_length", USUAL_MIN_QUERY_LENGTH):
        return Outcome(options=())
    payload = payloads.block_suggestion(
        stage.state.workspace, person, found.element, found.block_id, typed, found.place
    )
    ack = await stage.courier.deliver(EnvelopeType.INTERACTIVE, payload)
    offered, flaws = _offered(ack)
    return stage.outcome(ack, options=offered, shown=flaws)


def _offered(ack: Ack) -> tuple[tuple[Json, ...], tuple[str, ...]]:
    """Read the options of an ack, and why Slack would show none.

    Limits: docs.slack.dev/reference/interaction-payloads/block_suggestion-payload, at most 100 of either.
    """
    if ack.error is not None:
        return (), (f"Options could not be loaded: {ack.error}",)
    answer = ack.payload if isinstance(ack.payload, dict) else {}
    groups, plain = answer.get("option_groups"), answer.get("options")
    if groups is not None:
        flaws = list(array(OPTION_GROUP, MOST_OPTION_GROUPS, least=0)(groups, "/option_groups"))
        inside = () if flaws else tuple(option for group in groups for option in group["options"])
        return inside, tuple(flaws)
    flaws = list(array(OPTION, MOST_OPTIONS, least=0)(plain, "/options"))
    return ((), tuple(flaws)) if flaws else (tuple(plain or ()), ())


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
                return _Found(element, block["block_id"], place)
    raise Impossible(f"there is no {target.action_id} to act on")


def _action(found: _Found, value: Any) -> Json:
    element = found.element
    action: Json = {"type": element["type"], "action_id": element["action_id"], "block_id": found.block_id}
    if element["type"] != "button":
        return action | choice(element, value)
    pressed: Json = {name: element[name] for name in ("value", "style", "url") if name in element}
    return action | {"text": element["text"], **pressed}
