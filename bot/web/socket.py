"""Socket Mode: keeps a connection to Slack open, opens the next before the last is given up, and acknowledges.

Not with the SDK's client, which closes the old connection before it opens the new one, takes a connection without
Slack's hello for good, and queues without bound: docs/decisions/0010.
"""

import asyncio
import logging
from collections.abc import Iterator

from aiohttp import ClientSession
from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient

from bot.model.problem import Problem
from bot.slack.answers import answer
from bot.web.dispatch import Dispatch
from bot.web.envelopes import Envelopes
from bot.web.link import Link, NoLink, Patience, link_session, reason_of

log = logging.getLogger(__name__)

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
    """Slack's payloads over connections that we open; `client` calls the Web API, by its base URL."""

    def __init__(
        self, dispatch: Dispatch, client: AsyncWebClient, app_token: SecretStr, patience: Patience | None = None
    ) -> None:
        self._client = client
        self._app_token = app_token
        self._patience = patience or Patience()
        self._session: ClientSession | None = None
        self._links: dict[Link, asyncio.Task[None]] = {}
        self._keeper: asyncio.Task[None] | None = None
        self._wanted = asyncio.Event()
        self._trouble = ""
        self._envelopes = Envelopes(dispatch, self._newest_first)
        self._retiring: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Connect.

        Raises `Problem("settings.slack_app_token")` for a token that Slack refuses, and the `slack.…` problems of
        `bot.slack.answers` when Slack cannot be asked or reached.
        """
        self._session = session = link_session()
        try:
            async with asyncio.timeout(self._patience.connect_within_s):
                await self._connect_first(session)
        except TimeoutError as error:
            await self.close()
            raise Problem("slack.unreachable", operation="Socket Mode") from error
        except Problem:
            await self.close()
            raise
        self._keeper = asyncio.create_task(self._keep(session))

    async def close(self) -> None:
        """Answer what was received, then disconnect; what Slack sends meanwhile it delivers elsewhere or again."""
        session, self._session = self._session, None
        if session is None:
            return
        links = tuple(self._links)
        await _ended(self._keeper, *self._links.values(), *self._retiring)
        await self._envelopes.finish(self._patience.drain_s)
        await asyncio.gather(*(link.close() for link in links))
        await session.close()

    async def why_deaf(self) -> str | None:
        """Return why Slack's payloads do not reach us, or None if they do."""
        if self._session is None:
            return "the Socket Mode connection is not open"
        if self._keeper is not None and self._keeper.done():
            return "the Socket Mode connection is no longer looked after"
        if self._is_heard:
            return None
        ended = self._newest()
        return f"the Socket Mode connection is lost ({ended.why_ended if ended else self._trouble})"

    @property
    def _is_heard(self) -> bool:
        return any(link.is_open for link in self._links)

    async def _connect_first(self, session: ClientSession) -> None:
        """Connect, with as many attempts as it takes; raises the `Problem` of asking for an address."""
        failures = 0
        while True:
            url = await self._address()
            try:
                return await self._connect(session, url)
            except NoLink as error:
                log.warning("the Socket Mode connection did not open: %s", error)
            failures += 1
            await asyncio.sleep(self._patience.pause_s(failures))

    async def _keep(self, session: ClientSession) -> None:
        """Connect anew, for ever, as soon as there is no connection that stays."""
        failures = 0
        while True:
            if not await _happens(self._wanted, self._patience.settled_after_s):
                failures = 0
                await self._wanted.wait()
            # A connection that still lives will not do so for long: its successor is not kept waiting.
            longest_s = self._patience.first_pause_s if self._is_heard else self._patience.longest_pause_s
            await asyncio.sleep(min(self._patience.pause_s(failures), longest_s))
            failures += 1
            try:
                await self._connect(session, await self._address())
            except (NoLink, Problem) as error:
                self._trouble = str(error)
                log.warning("the Socket Mode connection did not open: %s", error)
                await asyncio.sleep(_asked_for(error))

    async def _address(self) -> str:
        call = self._client.apps_connections_open(app_token=self._app_token.get_secret_value())
        try:
            answered = await answer("apps.connections.open", call)
        except Problem as problem:
            if problem.code not in _TOKEN_REFUSED:
                raise
            raise Problem("settings.slack_app_token", error=problem.code.removeprefix("slack.")) from problem
        return str(answered.get("url"))

    async def _connect(self, session: ClientSession, url: str) -> None:
        """Add a connection; those that are there already are on their way out. Raises `NoLink`."""
        link = await Link.open(session, url, self._client, self._patience)
        log.info("a Socket Mode connection is open")
        for old, listening in self._links.items():
            retiring = asyncio.create_task(self._retire(old, listening))
            self._retiring.add(retiring)
            retiring.add_done_callback(self._retiring.discard)
        self._links[link] = asyncio.create_task(self._listen(link))
        self._wanted.clear()

    async def _retire(self, link: Link, listening: asyncio.Task[None]) -> None:
        """Leave it to Slack to end a connection that has a successor, for some time: it may still send over it."""
        await asyncio.wait([listening], timeout=self._patience.replace_within_s)
        await link.close()

    async def _listen(self, link: Link) -> None:
        try:
            while message := await link.receive():
                if message.get("type") == "disconnect":
                    self._replace(link, reason_of(message))
                else:
                    await self._envelopes.take(link, message)
            await link.close()
        finally:
            self._gone(link)

    def _replace(self, link: Link, reason: str) -> None:
        self._trouble = f"Slack said {reason}"
        log.info("Slack is about to end a Socket Mode connection (%s)", reason)
        if link is self._newest():
            self._wanted.set()

    def _gone(self, link: Link) -> None:
        was_newest = link is self._newest()
        del self._links[link]
        if was_newest and self._session is not None:
            self._trouble = link.why_ended
            log.warning("the Socket Mode connection has ended: %s", self._trouble)
            self._wanted.set()

    def _newest(self) -> Link | None:
        return next(self._newest_first(), None)

    def _newest_first(self) -> Iterator[Link]:
        return reversed(self._links)


def _asked_for(error: NoLink | Problem) -> float:
    """Return the seconds that Slack asks to wait, at most a minute."""
    return min(float(error.facts.get("retry_after_s", 0)), 60.0) if isinstance(error, Problem) else 0.0


async def _happens(event: asyncio.Event, within_s: float) -> bool:
    try:
        async with asyncio.timeout(within_s):
            return await event.wait()
    except TimeoutError:
        return False


async def _ended(*tasks: asyncio.Task[None] | None) -> None:
    """Cancel tasks, and wait until they have ended."""
    alive = [task for task in tasks if task is not None]
    for task in alive:
        task.cancel()
    await asyncio.gather(*alive, return_exceptions=True)
