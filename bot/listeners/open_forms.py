"""The forms that are on people's screens and being filled: the latest word about each wins, and none is forced."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.listeners.errands import Errands
from bot.model.problem import Problem
from bot.slack.api import SlackApi
from bot.slack.modals import Modal, update_modal

log = logging.getLogger(__name__)

_FILLING = "filling"

# How many forms are remembered, those that were changed last.
MOST = 1_000

# Forms being filled at once; each holds a few calls to the cloud. People who ask for something else do not wait.
MOST_FILLED_AT_ONCE = 50


@dataclass(slots=True)
class _Form:
    """`modal` is the form as we last knew it, `turn` counts who was to fill it, `looked_at` its menus."""

    modal: Modal | None = None
    turn: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    looked_at: set[str] = field(default_factory=set)


class OpenForms:
    """What this process knows of open forms; what it does not know, Slack's `hash` holds."""

    def __init__(self, most_at_once: int = MOST_FILLED_AT_ONCE) -> None:
        self._errands = Errands(most_at_once)
        self._forms: OrderedDict[str, _Form] = OrderedDict()
        self._showing: set[asyncio.Task[None]] = set()

    def take_turn(self, modal: Modal) -> int:
        """Begin to fill a form; whoever began before has nothing more to say."""
        form = self._known(modal.id)
        form.modal = form.modal or modal
        form.turn += 1
        return form.turn

    def begin(self, modal: Modal, errand: Coroutine[Any, Any, None]) -> None:
        """Fill it after the ack, and no more as it was; a form for which there is no room works all the same."""
        try:
            self._errands.begin_anew(modal.id, errand, _FILLING)
        except Problem as problem:
            log.warning("a form is not filled (%s)", problem.code)

    async def show(self, api: SlackApi, modal: Modal, turn: int, view: Mapping[str, Any]) -> None:
        """Put `view` in the form's place, unless somebody has a newer word; `modal` is the form as it was seen.

        Slack refuses with hash_conflict what is not meant for the form as it is: tried are the form as we left it,
        and as it was seen, for another replica may have changed it since. Whoever gives up waiting for this keeps
        nobody from hearing which form Slack has then.
        """
        showing = asyncio.create_task(self._shown(api, modal, turn, view))
        self._showing.add(showing)
        showing.add_done_callback(self._showing.discard)
        await asyncio.shield(showing)

    def is_first_look(self, view_id: str, menu: str) -> bool:
        """Tell whether a menu of this form shows something for the first time."""
        form = self._known(view_id)
        is_first = menu not in form.looked_at
        form.looked_at.add(menu)
        return is_first

    async def close(self) -> None:
        """Give up what is under way."""
        await self._errands.close(within_s=0)
        for showing in self._showing:
            showing.cancel()
        await asyncio.gather(*self._showing, return_exceptions=True)

    async def _shown(self, api: SlackApi, modal: Modal, turn: int, view: Mapping[str, Any]) -> None:
        form = self._known(modal.id)
        async with form.lock:
            for seen in dict.fromkeys((form.modal or modal, modal)):
                if form.turn != turn:
                    return
                try:
                    form.modal = await update_modal(api, seen, view)
                except Problem as problem:
                    if problem.code == "slack.not_found":
                        return  # closed, or sent
                    if problem.code != "slack.hash_conflict":
                        raise
                else:
                    return

    def _known(self, view_id: str) -> _Form:
        form = self._forms.setdefault(view_id, _Form())
        self._forms.move_to_end(view_id)
        if len(self._forms) > MOST:
            self._forms.popitem(last=False)
        return form
