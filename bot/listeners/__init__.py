"""Slack to us: what people do there, read, decided and acknowledged. `register` is the routing table."""

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.listeners.command import command_reply
from bot.listeners.intake import Intake
from bot.listeners.replies import COMMAND, Reply
from bot.listeners.submission import submission_reply
from bot.listeners.unknown import error_reply
from bot.slack.views import CALLBACK_ID

# Reads a payload, decides by calling one function, and returns what the ack says; None: nothing.
Listener = Callable[[dict[str, Any], Intake], Awaitable[Reply | None]]


def register(app: AsyncApp, intake: Intake) -> None:
    """Route what Slack sends."""
    commands: dict[str, Listener] = {COMMAND: command_reply}
    forms: dict[str, Listener] = {CALLBACK_ID: submission_reply}

    async def otherwise(error: Exception, body: dict[str, Any]) -> BoltResponse:
        return BoltResponse(status=200, body=error_reply(error, body, intake) or "")

    app.use(_Routes(commands, forms, intake))
    app.error(otherwise)


class _Routes(AsyncMiddleware):
    """Answers what is in the table, and leaves everything else to Bolt.

    A middleware, since for each listener of its own Bolt makes the forty arguments that one may name, and for the
    one that matches once more (docs/decisions/0010).
    """

    def __init__(self, commands: dict[str, Listener], forms: dict[str, Listener], intake: Intake) -> None:
        self._commands = commands
        self._forms = forms
        self._intake = intake

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002 - Bolt's name for it
    ) -> BoltResponse | None:
        del resp
        body: Any = req.body
        listener = self._listener(body)
        if listener is None:
            return await next()
        return BoltResponse(status=200, body=await listener(body, self._intake) or "")

    def _listener(self, body: dict[str, Any]) -> Listener | None:
        name = body.get("command")
        if isinstance(name, str):
            return self._commands.get(name)
        view = body.get("view")
        if body.get("type") != "view_submission" or not isinstance(view, dict):
            return None
        callback_id = view.get("callback_id")
        return self._forms.get(callback_id) if isinstance(callback_id, str) else None
