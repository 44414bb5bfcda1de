"""The one path behind both doors: a parsed payload goes through Bolt's listeners and comes back as a reply."""

import json
import logging
from collections.abc import Callable
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.model.value import Value
from bot.web.meters import Meters

log = logging.getLogger(__name__)

# Bolt looks into teams, views and events without asking whether they are what it takes them for, before it runs a
# listener and once more before it runs the error listener; what a listener raises itself does not come out here.
_UNKNOWN_SHAPE = (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError)


class Reply(Value):
    """What goes back to Slack with the acknowledgement; None is a bare one."""

    payload: dict[str, Any] | None = None


class Dispatch:
    """Hands payloads to `app`; `timer` gives seconds that never run backwards.

    `request_seen` is called when a payload comes in and when it is answered.
    """

    def __init__(
        self, app: AsyncApp, meters: Meters, timer: Callable[[], float], request_seen: Callable[[], None]
    ) -> None:
        self._app = app
        self._meters = meters
        self._timer = timer
        self._request_seen = request_seen

    async def __call__(self, body: dict[str, Any]) -> Reply:
        """Run the listener for `body`, which is from Slack: the caller has made sure of that."""
        self._request_seen()
        began = self._timer()
        reply = await self._dispatched(body)
        self._meters.ack_seconds.observe(self._timer() - began)
        self._request_seen()
        return reply

    async def _dispatched(self, body: dict[str, Any]) -> Reply:
        try:
            # As Socket Mode does: Bolt takes the dict as it is, and parses and verifies nothing once more.
            request = AsyncBoltRequest(mode="socket_mode", body=body)
            response = await self._app.async_dispatch(request)
        except _UNKNOWN_SHAPE as error:
            log.warning("a payload in an unknown shape was acknowledged and let be (%s)", type(error).__name__)
            return Reply()
        return _reply(response)


def _reply(response: BoltResponse) -> Reply:
    if not response.body:
        return Reply()
    if response.first_headers()["content-type"].startswith("application/json"):
        return Reply(payload=json.loads(response.body))
    return Reply(payload={"text": response.body})
