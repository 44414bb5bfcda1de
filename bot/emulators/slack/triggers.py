"""Trigger IDs: the right to open one form, for three seconds after a person did something."""

from collections.abc import Callable
from datetime import datetime

from bot.emulators.slack.limits import TRIGGER_LIFE
from bot.emulators.slack.refused import Refused
from bot.model.value import Value

MOST_REMEMBERED = 2_000


class Trigger(Value):
    user_id: str
    issued_at: datetime
    exchanged: bool = False


class Triggers:
    """The triggers that were handed out, the latest of them."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._issued: dict[str, Trigger] = {}

    def issue(self, trigger_id: str, user_id: str) -> None:
        self._issued[trigger_id] = Trigger(user_id=user_id, issued_at=self._clock())
        while len(self._issued) > MOST_REMEMBERED:
            del self._issued[next(iter(self._issued))]

    def exchange(self, trigger_id: str) -> str:
        """Use a trigger up; gives the person's ID.

        Raises Refused in the words of docs.slack.dev/reference/methods/views.open.
        """
        trigger = self._issued.get(trigger_id)
        if trigger is None:
            raise Refused("invalid_trigger_id")
        if trigger.exchanged:
            raise Refused("exchanged_trigger_id")
        if self._clock() - trigger.issued_at > TRIGGER_LIFE:
            raise Refused("expired_trigger_id")
        self._issued[trigger_id] = trigger.model_copy(update={"exchanged": True})
        return trigger.user_id
