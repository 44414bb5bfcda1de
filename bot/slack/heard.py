"""What Slack's answers tell of us, whatever was asked: does it take our token, and how far off is our clock."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.model.problem import Problem
from bot.model.skew import ahead_by
from bot.slack.answers import answer

# What Slack says to a token that it takes no more (docs.slack.dev/reference/methods/auth.test, its errors).
TOKEN_REFUSED = frozenset(
    {
        "slack.account_inactive",
        "slack.invalid_auth",
        "slack.not_allowed_token_type",
        "slack.not_authed",
        "slack.org_login_required",
        "slack.token_expired",
        "slack.token_revoked",
    }
)


def utc_now() -> datetime:
    return datetime.now(UTC)


class Heard:
    """The last word on either; `clock` is that of this machine.

    `refused` is the code with which Slack refuses the token, None once it has taken it. `ahead` is by how much our
    clock is ahead of Slack's (negative: behind), good to about a second; None until an answer has told.
    """

    def __init__(self, clock: Callable[[], datetime] = utc_now) -> None:
        self._clock = clock
        self.refused: str | None = None
        self.ahead: timedelta | None = None

    async def answer(self, operation: str, call: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
        """Wait for a call as `bot.slack.answers.answer` does, and learn from how it ends."""
        try:
            reply = await answer(operation, call)
        except Problem as problem:
            if problem.code in TOKEN_REFUSED:
                self.refused = problem.code
            raise
        self.refused = None
        ahead = ahead_by(self._clock(), reply.headers.get("Date"))
        self.ahead = self.ahead if ahead is None else ahead
        return reply
