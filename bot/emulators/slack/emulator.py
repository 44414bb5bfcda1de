"""The Slack emulator as one web application: Web API, Socket Mode, response URLs, control and page."""

import secrets
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

from aiohttp import web

from bot.emulators.control import LARGEST_BODY, control_routes, only_own_pages
from bot.emulators.faults import Faults
from bot.emulators.ledger import Ledger
from bot.emulators.slack.cloud import Cloud
from bot.emulators.slack.delivery import Courier
from bot.emulators.slack.limits import ACK_WITHIN_S
from bot.emulators.slack.looking import looking_routes
from bot.emulators.slack.news import news_routes
from bot.emulators.slack.page import page_routes
from bot.emulators.slack.people import people_routes
from bot.emulators.slack.rates import Rates
from bot.emulators.slack.response_urls import response_url_routes
from bot.emulators.slack.state import State
from bot.emulators.slack.switches import delivery_routes, rate_routes
from bot.emulators.slack.upload_urls import upload_routes
from bot.emulators.slack.web_api import WebApi
from bot.emulators.slack.workflows import workflow_routes
from bot.emulators.slack.workspace import EXAMPLE, Workspace


def utc_now() -> datetime:
    return datetime.now(UTC)


class SlackEmulator:
    """A workspace that official clients reach at `<base URL>/api/`, and people through `/_emulator/` and `/`.

    `ack_within_s` is Slack's three seconds, shorter in tests of what happens after them.
    `events_url` sends deliveries there, signed, instead of over Socket Mode. `times` is how many times as often as
    at Slack methods may be called, None: as often as one likes. `cloud_url` is where an emulated cloud is, for the
    page to show beside Slack.
    """

    def __init__(
        self,
        workspace: Workspace = EXAMPLE,
        clock: Callable[[], datetime] = utc_now,
        entropy: Callable[[int], bytes] = secrets.token_bytes,
        *,
        events_url: str | None = None,
        ack_within_s: float = ACK_WITHIN_S,
        times: float | None = 1.0,
        cloud_url: str | None = None,
    ) -> None:
        self.workspace = workspace
        self.faults = Faults()
        self.ledger = Ledger()
        self._state = State(workspace, clock, entropy)
        self._rates = Rates(clock, times)
        self._courier = Courier(self._state, self.ledger, events_url, ack_within_s)
        self._cloud = Cloud(cloud_url)

    def web_app(self) -> web.Application:
        """Make the application, to be served once."""
        app = web.Application(client_max_size=LARGEST_BODY, middlewares=[only_own_pages])
        app.add_routes(control_routes(self.faults, self.ledger, self._reset))
        app.add_routes(WebApi(self._state, self.faults, self.ledger, self._rates).routes())
        app.add_routes(response_url_routes(self._state, self.faults, self.ledger))
        app.add_routes(upload_routes(self._state, self.faults, self.ledger))
        app.add_routes(self._courier.sockets.routes())
        app.add_routes(people_routes(self._state, self._courier, self.ledger))
        app.add_routes(workflow_routes(self._state, self._courier, self.ledger))
        app.add_routes(looking_routes(self._state))
        app.add_routes(news_routes(self._state, self.ledger))
        app.add_routes(delivery_routes(self._courier))
        app.add_routes(rate_routes(self._rates))
        app.add_routes(page_routes())
        self._cloud.add_to(app)
        app.cleanup_ctx.append(self._hold_session)
        app.on_shutdown.append(self._close_sockets)
        return app

    def _reset(self) -> None:
        self._state.reset()
        self._rates.forget()
        self._courier.forget()

    async def _hold_session(self, app: web.Application) -> AsyncIterator[None]:
        del app
        async with self._courier.on_duty():
            yield

    async def _close_sockets(self, app: web.Application) -> None:
        del app
        await self._courier.sockets.close()
