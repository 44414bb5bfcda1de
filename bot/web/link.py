"""One websocket of Socket Mode: greeted by Slack, watched for life, read until it ends.

Protocol: docs.slack.dev/apis/events-api/using-socket-mode.
"""

import asyncio
import logging
from typing import Any, Self

import aiohttp
from aiohttp import ClientError, ClientSession, ClientWebSocketResponse, ClientWSTimeout, WSMsgType
from slack_sdk.web.async_client import AsyncWebClient

from bot.model.value import Value
from bot.web.body import parse_object

log = logging.getLogger(__name__)

# Bytes of one message; Slack's largest payload is a view of 250 kB.
LARGEST_MESSAGE = 1024 * 1024

# Seconds for Slack to answer our close. It leaves the TCP connection open after that, so nothing else is waited
# for (github.com/slackapi/node-slack-sdk, @slack/socket-mode 3.2.0).
CLOSE_WITHIN_S = 1.0


class Patience(Value):
    """How long what may take, in seconds.

    `ping_every_s`: the pause between pings, each of which is to be answered within half of it.
    `connect_within_s`: for a connection and Slack's hello; at the start for all attempts together.
    `replace_within_s`: for how long a connection that Slack wants replaced is still read beside its successor.
    `settled_after_s`: a connection that lasts shorter counts as a failed attempt.
    `first_pause_s`, `longest_pause_s`: between two attempts, twice as long after each.
    `drain_s`: at the end, for what was received to be answered; Slack waits no longer than 3.
    """

    ping_every_s: float = 10.0
    connect_within_s: float = 10.0
    replace_within_s: float = 30.0
    settled_after_s: float = 30.0
    first_pause_s: float = 1.0
    longest_pause_s: float = 30.0
    drain_s: float = 3.0

    def pause_s(self, failures: int) -> float:
        """Return how long to wait after so many failures in a row."""
        return min(self.first_pause_s * 2.0 ** (failures - 1), self.longest_pause_s) if failures else 0.0


class NoLink(Exception):
    """The connection did not come about; the text says why, in no words of the other side's."""


class Link:
    """A connection that Slack has greeted.

    aiohttp pings the other side, answers its pings, and ends a connection on which nothing comes back: a network
    may drop what Slack sends without a word, for hours.
    """

    def __init__(self, websocket: ClientWebSocketResponse) -> None:
        self._websocket = websocket

    @classmethod
    async def open(cls, session: ClientSession, url: str, client: AsyncWebClient, patience: Patience) -> Self:
        """Connect to `url`, which works once, by the same proxy as the Web API's `client`; raises `NoLink`."""
        try:
            async with asyncio.timeout(patience.connect_within_s):
                websocket = await session.ws_connect(
                    url,
                    heartbeat=patience.ping_every_s,
                    max_msg_size=LARGEST_MESSAGE,
                    proxy=client.proxy,
                    ssl=client.ssl if client.ssl is not None else True,
                    timeout=ClientWSTimeout(ws_close=CLOSE_WITHIN_S),
                )
                return await cls(websocket).greeted()
        except TimeoutError as error:
            raise NoLink("Slack did not answer in time") from error
        except (ClientError, OSError, ValueError) as error:
            raise NoLink(type(error).__name__) from error

    @property
    def is_open(self) -> bool:
        return not self._websocket.closed

    @property
    def why_ended(self) -> str:
        return "Slack did not answer" if isinstance(self._websocket.exception(), TimeoutError) else "it was cut"

    async def receive(self) -> dict[str, Any] | None:
        """Return the next message that is an object with something in it; None when the connection has ended."""
        while True:
            message = await self._websocket.receive()
            if message.type in _ENDS:
                return None
            parsed = parse_object(message.data) if message.type is WSMsgType.TEXT else None
            if parsed:
                return parsed
            log.warning("a message from Slack that is no object, or too deep, was let be")

    async def send(self, text: str) -> bool:
        """Send a message; False if the connection has ended."""
        try:
            await self._websocket.send_str(text)
        except (ClientError, ConnectionError):
            return False
        return True

    async def close(self) -> None:
        await self._websocket.close()

    async def greeted(self) -> Self:
        """Wait for Slack's hello, and close the connection if it does not come; raises `NoLink`."""
        greeted = False
        try:
            await self._hello()
            greeted = True
        finally:
            if not greeted:
                await self.close()
        return self

    async def _hello(self) -> None:
        while message := await self.receive():
            if message.get("type") == "hello":
                return
            if message.get("type") == "disconnect":
                raise NoLink(f"Slack said {reason_of(message)}")
        raise NoLink("Slack closed it before it said hello")


def reason_of(disconnect: dict[str, Any]) -> str:
    """Return why Slack ends a connection, one of its own words, else `unknown`."""
    reason = disconnect.get("reason")
    return reason if reason in _REASONS else "unknown"


_REASONS = frozenset({"warning", "refresh_requested", "link_disabled", "too_many_websockets"})
_ENDS = frozenset({WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR})


def link_session() -> aiohttp.ClientSession:
    """Open the session for websockets, apart from that of calls, whose time limits are for whole calls."""
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None), trust_env=False)
