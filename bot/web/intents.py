"""What Slack brings a second time is answered as the first time, without being done again."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

Answer = TypeVar("Answer")

# The names that Slack gives to what a person did, or to what happened: new each time, and the same when it is
# brought again. A view's id is none of them, since a form can be sent again with other values.
# docs.slack.dev/interactivity/handling-user-interaction, docs.slack.dev/apis/events-api
_NAMES = ("trigger_id", "event_id")
_LONGEST_NAME = 200


def intent_of(payload: dict[str, Any]) -> str | None:
    """Return what names the intent behind a payload; None for one that has no name, such as a menu's question."""
    for name in _NAMES:
        value = payload.get(name)
        if isinstance(value, str) and 0 < len(value) <= _LONGEST_NAME:
            return f"{name}:{value}"
    return None


class Answered(Generic[Answer]):
    """The answers to the `most` latest intents.

    It spares a person the words for what cannot be done twice, such as opening the form. That nothing runs twice
    is held by the database, for longer and for all replicas.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._answers: dict[str, asyncio.Future[Answer]] = {}

    def __contains__(self, intent: str | None) -> bool:
        """Tell whether there is an answer to an intent, or one in the making."""
        return intent in self._answers

    async def once(self, intent: str | None, answer: Callable[[], Awaitable[Answer]]) -> Answer:
        """Return the answer to an intent, which may still be in the making; `answer` makes it the first time."""
        if intent is None:
            return await answer()
        earlier = self._answers.get(intent)
        if earlier is None:
            return await self._first(intent, answer)
        await asyncio.wait([earlier])
        return await answer() if earlier.cancelled() else earlier.result()

    async def _first(self, intent: str, answer: Callable[[], Awaitable[Answer]]) -> Answer:
        made: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._answers[intent] = made
        try:
            made.set_result(await answer())
        finally:
            if not made.done():  # it raised, or its caller has gone
                made.cancel()
                self._answers.pop(intent, None)
            while len(self._answers) > self._most:
                del self._answers[next(iter(self._answers))]
        return made.result()
