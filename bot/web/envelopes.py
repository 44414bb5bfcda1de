"""What comes in over Socket Mode: each envelope is worked on in a task of its own, and acknowledged."""

import asyncio
import json
import logging
from collections.abc import Callable, Iterable
from typing import Any

from bot.web.dispatch import MOST_AT_ONCE, Dispatch, Reply
from bot.web.link import Link

log = logging.getLogger(__name__)

# Envelopes in our hands, those included whose acknowledgement Slack does not take off us: beyond that nothing more
# is read.
MOST_ENVELOPES = 2 * MOST_AT_ONCE


class Envelopes:
    """The envelopes that are being worked on; `others` are the connections to turn to when one has ended."""

    def __init__(self, dispatch: Dispatch, others: Callable[[], Iterable[Link]]) -> None:
        self._dispatch = dispatch
        self._others = others
        self._answering: set[asyncio.Task[None]] = set()

    async def take(self, link: Link, message: dict[str, Any]) -> None:
        """Begin to work on a message if it is an envelope, once there is room for it."""
        envelope_id = message.get("envelope_id")
        if not isinstance(envelope_id, str):  # whatever Slack adds that wants no answer
            return
        while len(self._answering) >= MOST_ENVELOPES:
            await asyncio.wait(self._answering, return_when=asyncio.FIRST_COMPLETED)
        # Held by the set until it has ended: the loop itself holds no task.
        task = asyncio.create_task(self._answer(link, envelope_id, message))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def finish(self, within_s: float) -> None:
        """Wait until all that was taken is answered; what is not by then is given up."""
        tasks = tuple(self._answering)
        if tasks:
            await asyncio.wait(tasks, timeout=within_s)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _answer(self, link: Link, envelope_id: str, message: dict[str, Any]) -> None:
        payload = message.get("payload")
        reply = await self._dispatch(payload, envelope_id) if isinstance(payload, dict) else Reply()
        # Slack: only such an envelope takes an answer (docs.slack.dev/apis/events-api/using-socket-mode).
        takes_answer = message.get("accepts_response_payload") is not False
        text = _acknowledgement(envelope_id, reply if takes_answer else Reply())
        # Over another connection if this one has ended meanwhile, as the SDK does.
        for way in (link, *self._others()):
            if await way.send(text):
                return
        # Slack delivers it again or tells the person; what was accepted is stored and goes on.
        log.warning("an acknowledgement did not reach Slack")


def _acknowledgement(envelope_id: str, reply: Reply) -> str:
    acked = json.dumps(envelope_id)
    if reply.text is None:
        return f'{{"envelope_id": {acked}}}'
    return f'{{"envelope_id": {acked}, "payload": {reply.text}}}'
