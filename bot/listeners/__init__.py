"""Slack to us: what people do there, read, decided and acknowledged. `register` is the routing table."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.response import BoltResponse

from bot.listeners.command import command_reply
from bot.listeners.intake import Intake
from bot.listeners.replies import COMMAND, Reply
from bot.listeners.submission import submission_reply
from bot.listeners.unknown import error_reply
from bot.slack.views import CALLBACK_ID


def register(app: AsyncApp, intake: Intake) -> None:
    """Route what Slack sends; the command first, since Bolt asks its listeners one after another."""

    async def command(ack: AsyncAck, body: dict[str, Any]) -> None:
        await _acknowledge(ack, await command_reply(body, intake))

    async def submission(ack: AsyncAck, body: dict[str, Any]) -> None:
        await _acknowledge(ack, await submission_reply(body, intake))

    async def otherwise(error: Exception, body: dict[str, Any]) -> BoltResponse:
        return BoltResponse(status=200, body=error_reply(error, body, intake) or "")

    app.command(COMMAND)(command)
    app.view(CALLBACK_ID)(submission)
    app.error(otherwise)


async def _acknowledge(ack: AsyncAck, reply: Reply | None) -> None:
    """Ack, as the last thing a listener does: Bolt takes an ack back when something fails after it."""
    if reply is None:
        await ack()
    else:
        await ack(reply)
