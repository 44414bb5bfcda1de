"""Response URLs: addresses at which an app may answer a person five times within half an hour."""

from collections.abc import Callable
from datetime import datetime

from bot.emulators.slack.limits import RESPONSE_URL_LIFE, RESPONSE_URL_USES
from bot.emulators.slack.refused import Refused
from bot.model.value import Value

MOST_REMEMBERED = 2_000


class Hook(Value):
    """What an answer at a response URL belongs to: who acted, where, on which message if any."""

    user_id: str
    channel_id: str
    message_ts: str | None
    issued_at: datetime
    uses: int = 0


class Hooks:
    """The response URLs that were handed out, the latest of them, by their secret."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._issued: dict[str, Hook] = {}

    def issue(self, secret: str, user_id: str, channel_id: str, message_ts: str | None = None) -> None:
        self._issued[secret] = Hook(
            user_id=user_id, channel_id=channel_id, message_ts=message_ts, issued_at=self._clock()
        )
        while len(self._issued) > MOST_REMEMBERED:
            del self._issued[next(iter(self._issued))]

    def use(self, secret: str) -> Hook:
        """Count one use; raises Refused(expired_url | used_url | invalid_token)."""
        hook = self._issued.get(secret)
        if hook is None:
            raise Refused("invalid_token")
        if self._clock() - hook.issued_at > RESPONSE_URL_LIFE:
            raise Refused("expired_url")
        if hook.uses >= RESPONSE_URL_USES:
            raise Refused("used_url")
        self._issued[secret] = hook.model_copy(update={"uses": hook.uses + 1})
        return hook
