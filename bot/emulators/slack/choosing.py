"""Menus that the app fills: what it offers for what was typed, and the option that somebody takes.

Source: docs.slack.dev/reference/interaction-payloads/block_suggestion-payload.
"""

import asyncio
from typing import Any, NamedTuple

from bot.emulators.slack import payloads
from bot.emulators.slack.ack import Ack
from bot.emulators.slack.delivery import EnvelopeType
from bot.emulators.slack.elements import OPTION, OPTION_GROUP
from bot.emulators.slack.form_state import CannotBeFilledIn, filled_in
from bot.emulators.slack.limits import MOST_OPTION_GROUPS, MOST_OPTIONS, USUAL_MIN_QUERY_LENGTH
from bot.emulators.slack.schema import array
from bot.emulators.slack.stage import Json, Stage
from bot.emulators.slack.views import View
from bot.emulators.slack.with_ids import interactive_elements
from bot.emulators.slack.workspace import Person

MENU = "external_select"


class Offer(NamedTuple):
    """What the app offered: its options, also in the groups they came in, or why Slack would show none.

    `ack` is None where nobody was asked, because too little was typed.
    """

    ack: Ack | None
    options: tuple[Json, ...] = ()
    groups: tuple[Json, ...] | None = None
    flaws: tuple[str, ...] = ()


async def offered(stage: Stage, person: Person, element: Json, block_id: str, typed: str, place: Json) -> Offer:
    """Ask the app for options; below the least number of characters nobody is asked."""
    if len(typed) < element.get("min_query_length", USUAL_MIN_QUERY_LENGTH):
        return Offer(None)
    payload = payloads.block_suggestion(stage.state.workspace, person, element, block_id, typed, place)
    return _read(await stage.courier.deliver(EnvelopeType.INTERACTIVE, payload))


async def chosen(stage: Stage, person: Person, view: View, values: dict[str, Any]) -> dict[str, Any]:
    """Put the option itself in the place of each text that was given for a menu which the app fills.

    The text is typed into the menu, and the option with just this value is taken. Raises CannotBeFilledIn if the
    app offers none.
    """
    before = filled_in(view.blocks, {}, view.filled)
    place = payloads.in_view(stage.state.views.wire(view))

    async def option(element: Json, block_id: str, typed: str) -> Json:
        kept: Json | None = before[block_id][element["action_id"]]["selected_option"]
        if kept is not None and kept["value"] == typed:
            return kept  # nobody opens a menu that shows the right thing already
        offer = await offered(stage, person, element, block_id, typed, place)
        taken = next((one for one in offer.options if one["value"] == typed), None)
        if taken is None:
            why = f": {offer.flaws[0]}" if offer.flaws else ""
            raise CannotBeFilledIn(f"the menu {element['action_id']} does not offer {typed[:100]}{why}")
        return taken

    wanted = {
        name: option(element, block["block_id"], values[name])
        for block in view.blocks
        for element in interactive_elements(block)
        for name in (block["block_id"] if block["block_id"] in values else element["action_id"],)
        if element["type"] == MENU and values.get(name) and isinstance(values[name], str)
    }
    options = await asyncio.gather(*wanted.values())
    return values | dict(zip(wanted, options, strict=True))


def _read(ack: Ack) -> Offer:
    """Read the options of an ack, at most 100 of either kind, and why Slack would show none."""
    if ack.error is not None:
        return Offer(ack, flaws=(f"Options could not be loaded: {ack.error}",))
    answer = ack.payload if isinstance(ack.payload, dict) else {}
    groups, plain = answer.get("option_groups"), answer.get("options")
    if groups is None:
        flaws = tuple(array(OPTION, MOST_OPTIONS, least=0)(plain, "/options"))
        return Offer(ack, flaws=flaws) if flaws else Offer(ack, tuple(plain or ()))
    flaws = tuple(array(OPTION_GROUP, MOST_OPTION_GROUPS, least=0)(groups, "/option_groups"))
    if flaws:
        return Offer(ack, flaws=flaws)
    return Offer(ack, tuple(option for group in groups for option in group["options"]), tuple(groups))
