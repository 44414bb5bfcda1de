"""What Slack says of people who are not in access.yml as far as is known: for the words of their refusal alone.

Anybody in a workspace can be one of them, so Slack is asked sparingly, and apart from those who are in it.
"""

from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.access.answers import HOLDS_FOR, Answers
from bot.model.ids import UserId
from bot.model.problem import Problem
from bot.slack.directory import Account

MOST_A_MINUTE = 20
"""Calls of users.info; Slack allows 100 of them a minute (docs.slack.dev/reference/methods/users.info)."""

_MINUTE = timedelta(minutes=1)


class Outsiders:
    """Accounts as Slack last described them; `look` asks Slack who somebody is."""

    def __init__(self, look: Callable[[UserId], Awaitable[Account]], clock: Callable[[], datetime]) -> None:
        self._look = look
        self._clock = clock
        self._asked_at: deque[datetime] = deque(maxlen=MOST_A_MINUTE)
        self._answers = Answers(self._account, clock, HOLDS_FOR)

    async def learn(self, user: UserId, within_s: float) -> None:
        """Have Slack asked about somebody, and wait so long at most if nothing holds of them; raises nothing."""
        await self._answers.learn(user, within_s)

    def account(self, user: UserId) -> Account | None:
        """Give what holds of somebody, without waiting; None: nothing, and Slack is being asked."""
        return self._answers.known(user)

    def locale(self, user: UserId) -> str | None:
        """Give the locale that this person last had in Slack, without asking; None if it is not known."""
        account = self._answers.last(user)
        return None if account is None else account.locale

    async def close(self) -> None:
        """Give up the questions under way."""
        await self._answers.close()

    async def _account(self, user: UserId) -> Account:
        now = self._clock()
        if len(self._asked_at) == MOST_A_MINUTE and timedelta(0) <= now - self._asked_at[0] < _MINUTE:
            raise Problem("slack.busy", operation="users.info")
        self._asked_at.append(now)
        return await self._look(user)
