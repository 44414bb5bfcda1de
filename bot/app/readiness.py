"""What `GET /readyz` looks at, and why something there is not good, for whoever runs the bot."""

import asyncio
from collections.abc import Sequence

from sqlalchemy.exc import SQLAlchemyError

from bot.app.clocks import Clocks
from bot.slack.heard import Heard
from bot.store.runs import Runs
from bot.web.socket import SlackSocket


class Readiness:
    """Looks at what the bot cannot do without."""

    def __init__(
        self,
        runs: Runs,
        tasks: Sequence[asyncio.Task[None]],
        socket: SlackSocket | None,
        heard: Heard,
        clocks: Clocks,
    ) -> None:
        self._runs = runs
        self._tasks = tasks
        self._socket = socket
        self._heard = heard
        self._clocks = clocks

    async def __call__(self) -> dict[str, str | None]:
        """Return the reason for each check that is not good, None for each that is."""
        return {
            "database": await self._why_no_database(),
            "worker": "a part of the bot has ended" if any(task.done() for task in self._tasks) else None,
            "slack": await self._socket.why_deaf() if self._socket else None,
            "token": self._why_no_token(),
            "clock": self._clocks.why_refused(),
        }

    async def _why_no_database(self) -> str | None:
        try:
            await self._runs.next_due()
        except SQLAlchemyError as error:
            return f"the database does not answer ({type(error).__name__})"
        return None

    def _why_no_token(self) -> str | None:
        refused = self._heard.refused
        return None if refused is None else f"Slack refuses SLACK_BOT_TOKEN ({refused.removeprefix('slack.')})"
