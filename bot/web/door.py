"""The HTTP side of the bot: health and metrics for whoever runs it, and Slack's events if they come this way."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from bot.web.events import Events
from bot.web.guard import LARGEST_BODY

# What is looked at by name, and for each why it is not good, or None if it is.
Readiness = Callable[[], Awaitable[Mapping[str, str | None]]]

# What an administrator should know, though the bot does its work: a balancer must not take it out for that.
Warnings = Callable[[], Mapping[str, str | None]]


def _nothing() -> Mapping[str, str | None]:
    return {}


def web_app(
    readiness: Readiness, registry: CollectorRegistry, events: Events | None = None, warnings: Warnings = _nothing
) -> web.Application:
    """Make the application; without `events` Slack is reached through Socket Mode and has no route."""

    async def healthz(_: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def readyz(_: web.Request) -> web.Response:
        reasons = await readiness()
        ready = all(reason is None for reason in reasons.values())
        checks = {name: {"good": reason is None, "reason": reason} for name, reason in reasons.items()}
        warned = {name: reason for name, reason in warnings().items() if reason is not None}
        said = {"ready": ready, "checks": checks, "warnings": warned}
        return web.json_response(said, status=200 if ready else 503)

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application(client_max_size=LARGEST_BODY)
    app.add_routes([web.get("/healthz", healthz), web.get("/readyz", readyz), web.get("/metrics", metrics)])
    if events is not None:
        app.router.add_post("/slack/events", events.handle)
    return app
