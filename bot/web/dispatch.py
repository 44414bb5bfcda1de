"""The one path behind both doors: a parsed payload goes through Bolt's listeners and comes back as a reply."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.model.problem import Problem
from bot.web.intents import Answered, intent_of
from bot.web.meters import Meters

log = logging.getLogger(__name__)

# Bolt looks into teams, views and events without asking whether they are what it takes them for, before it runs a
# listener and once more before it runs the error listener; what a listener raises itself does not come out here.
_UNKNOWN_SHAPE = (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError)

# Payloads that are worked on at once. Each takes a few milliseconds, or as long as the database or Slack lets it
# wait, and all of them have to be answered within 3 seconds; whoever comes on top is told so at once. 200 commands
# at the same moment are acknowledged within 140 ms (benchmarks/expired.py).
MOST_AT_ONCE = 250

# The latest answers, kept for what Slack brings again: it tries at once, after 1 minute and after 5.
MOST_ANSWERS = 1_000


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back to Slack with the acknowledgement, as JSON; None is a bare one."""

    text: str | None = None

    @property
    def payload(self) -> Any:
        return None if self.text is None else json.loads(self.text)


def say_nothing(problem: Problem, body: dict[str, Any]) -> dict[str, Any] | None:
    """Decline a payload with a bare acknowledgement."""
    del problem, body
    return None


class Dispatch:
    """Hands payloads to `app`; `timer` gives seconds that never run backwards.

    `request_seen` is called when a payload comes in and when it is answered. `decline` gives what a person is told
    whose payload is not worked on, as the payload of the acknowledgement.
    """

    def __init__(
        self,
        app: AsyncApp,
        meters: Meters,
        timer: Callable[[], float],
        request_seen: Callable[[], None],
        *,
        decline: Callable[[Problem, dict[str, Any]], dict[str, Any] | None] = say_nothing,
        most_at_once: int = MOST_AT_ONCE,
    ) -> None:
        self._app = app
        self._meters = meters
        self._timer = timer
        self._request_seen = request_seen
        self._decline = decline
        self._most_at_once = most_at_once
        self._at_work = 0
        self._answered: Answered[Reply] = Answered(MOST_ANSWERS)

    async def __call__(self, body: dict[str, Any], name: str | None = None) -> Reply:
        """Run the listener for `body`, which is from Slack: the caller has made sure of that.

        What Slack brings again gets the answer that it got before, however much there is to do, and no listener
        runs for it. It is known by the intent behind it, or by `name` if that has none.
        """
        intent = intent_of(body) or name
        if self._at_work >= self._most_at_once and intent not in self._answered:
            return self.decline(Problem("bot.overloaded"), body)
        self._request_seen()
        began = self._timer()
        try:
            return await self._answered.once(intent, lambda: self._worked_on(body))
        finally:
            self._meters.ack_seconds.observe(self._timer() - began)
            self._request_seen()

    def decline(self, problem: Problem, body: dict[str, Any]) -> Reply:
        """Say why `body` is not worked on, to whoever waits for an answer to it."""
        self._meters.declined.labels(problem.code).inc()
        said = self._decline(problem, body)
        return Reply() if said is None else Reply(json.dumps(said))

    async def _worked_on(self, body: dict[str, Any]) -> Reply:
        self._at_work += 1
        try:
            return await self._dispatched(body)
        finally:
            self._at_work -= 1

    async def _dispatched(self, body: dict[str, Any]) -> Reply:
        # Bolt looks into the event of every payload, and its fault would pass for one of a listener.
        if not isinstance(body.get("event", {}), dict):
            return _let_be("event")
        try:
            # As Socket Mode does: Bolt takes the dict as it is, and parses and verifies nothing once more.
            request = AsyncBoltRequest(mode="socket_mode", body=body)
            response = await self._app.async_dispatch(request)
        except _UNKNOWN_SHAPE as error:
            return _let_be(type(error).__name__)
        return _reply(response)


def _let_be(what: str) -> Reply:
    log.warning("a payload in an unknown shape was acknowledged and let be (%s)", what)
    return Reply()


def _reply(response: BoltResponse) -> Reply:
    if not response.body:
        return Reply()
    # As Bolt tells them apart: all but plain words has been put into JSON (slack_bolt/response/response.py).
    return Reply(response.body if response.body.startswith("{") else json.dumps({"text": response.body}))
