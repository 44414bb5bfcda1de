"""Socket Mode: Slack's payloads over a websocket that we open, each envelope acknowledged."""

import asyncio
import json
import logging
from typing import Any

from aiohttp import ClientError
from pydantic import SecretStr
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

from bot.model.problem import Problem
from bot.slack.answers import answer
from bot.web.dispatch import Dispatch, Reply

log = logging.getLogger(__name__)

# Seconds between pings; the connection counts as lost after four of them without an answer.
PING_EVERY_S = 5.0

# Seconds for the first connection, once Slack has named its address.
CONNECT_TIMEOUT_S = 10.0

# Seconds for what was received to be answered when the socket closes; Slack waits no longer than 3.
DRAIN_S = 3.0

# What Slack says to a token with which Socket Mode can never work
# (docs.slack.dev/reference/methods/apps.connections.open).
_TOKEN_REFUSED = frozenset(
    {
        "slack.access_denied",
        "slack.account_inactive",
        "slack.forbidden_team",
        "slack.invalid_auth",
        "slack.missing_scope",
        "slack.no_permission",
        "slack.not_allowed_token_type",
        "slack.not_authed",
        "slack.token_expired",
        "slack.token_revoked",
    }
)


class SlackSocket:
    """One Socket Mode connection, which the SDK renews; `client` calls the Web API, by its base URL."""

    def __init__(
        self,
        dispatch: Dispatch,
        client: AsyncWebClient,
        app_token: SecretStr,
        ping_every_s: float = PING_EVERY_S,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
    ) -> None:
        self._dispatch = dispatch
        self._client = client
        self._app_token = app_token
        self._ping_every_s = ping_every_s
        self._connect_timeout_s = connect_timeout_s
        self._socket: SocketModeClient | None = None
        self._renewing: asyncio.Task[None] | None = None
        self._answering: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Connect.

        Raises `Problem("settings.slack_app_token")` for a token that Slack refuses, and the `slack.…` problems of
        `bot.slack.answers` when Slack cannot be asked or reached.
        """
        # Asked for here: the SDK tries a bad token again for ever (slack_sdk/socket_mode/aiohttp, connect).
        url = await self._first_address()
        socket = SocketModeClient(
            app_token=self._app_token.get_secret_value(),
            logger=_sdk_log(),
            web_client=self._client,
            ping_interval=self._ping_every_s,
        )
        # Set afterwards: the constructor takes HTTPS_PROXY for loopback too, and ignores NO_PROXY.
        socket.proxy = self._client.proxy
        socket.wss_uri = url
        socket.message_listeners.append(self._received)
        self._socket = socket
        self._renewing = asyncio.create_task(self._renew_address(socket))
        try:
            async with asyncio.timeout(self._connect_timeout_s):
                await socket.connect()  # type: ignore[no-untyped-call]  # the SDK annotates no return type
        except TimeoutError as error:
            await self.close()
            raise Problem("slack.unreachable", operation="Socket Mode") from error

    async def close(self) -> None:
        """Answer what was received, then disconnect; what Slack sends meanwhile it delivers elsewhere or again."""
        if self._socket is None or self._renewing is None:
            return
        if self._answering:
            await asyncio.wait(self._answering, timeout=DRAIN_S)
        socket, self._socket = self._socket, None
        self._renewing.cancel()
        await socket.close()  # type: ignore[no-untyped-call]  # the SDK annotates no return type
        # The SDK cancels its tasks and leaves them behind.
        tasks = [self._renewing, socket.message_processor, socket.message_receiver, socket.current_session_monitor]
        await asyncio.gather(*(task for task in tasks if task is not None), return_exceptions=True)

    async def why_deaf(self) -> str | None:
        """Return why Slack's payloads do not reach us, or None if they do."""
        if self._socket is None:
            return "the Socket Mode connection is not open"
        return None if await self._socket.is_connected() else "the Socket Mode connection is lost"

    async def _first_address(self) -> str:
        call = self._client.apps_connections_open(app_token=self._app_token.get_secret_value())
        try:
            answered = await answer("apps.connections.open", call)
        except Problem as problem:
            if problem.code not in _TOKEN_REFUSED:
                raise
            raise Problem("settings.slack_app_token", error=problem.code.removeprefix("slack.")) from problem
        return str(answered["url"])

    async def _renew_address(self, socket: SocketModeClient) -> None:
        """Have the SDK ask for a new address while it is cut off: else it tries one that has expired, for ever."""
        while True:
            await asyncio.sleep(self._ping_every_s)
            if not await socket.is_connected():
                socket.wss_uri = None

    async def _received(
        self, socket: AsyncBaseSocketModeClient, message: dict[str, Any], raw_message: str | None = None
    ) -> None:
        del raw_message
        envelope_id = message.get("envelope_id")
        if not isinstance(envelope_id, str):  # hello, and whatever Slack adds that wants no answer
            return
        # A task of our own: the SDK keeps no reference to the one that this runs in, and waits for none of them.
        task = asyncio.create_task(self._answer(socket, envelope_id, message))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _answer(self, socket: AsyncBaseSocketModeClient, envelope_id: str, message: dict[str, Any]) -> None:
        payload = message.get("payload")
        reply = await self._dispatch(payload) if isinstance(payload, dict) else Reply()
        response: dict[str, Any] = {"envelope_id": envelope_id}
        # Slack: only such an envelope takes an answer (docs.slack.dev/apis/events-api/using-socket-mode).
        if reply.payload is not None and message.get("accepts_response_payload") is not False:
            response["payload"] = reply.payload
        try:
            await socket.send_message(json.dumps(response))
        except (ClientError, ConnectionError) as error:
            # Slack delivers it again or tells the person; what was accepted is stored and goes on.
            log.warning("an acknowledgement did not reach Slack (%s)", type(error).__name__)


def _sdk_log() -> logging.Logger:
    """Return the SDK's logger, held above DEBUG, where it writes down every message as it came."""
    logger = logging.getLogger("slack_sdk.socket_mode")
    logger.setLevel(logging.INFO)
    return logger
