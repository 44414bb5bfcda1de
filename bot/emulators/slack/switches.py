"""The control interface over delivery (where to, again, cut the connection) and over how often may be called."""

from typing import Any, Literal

from aiohttp import web
from pydantic import Field

from bot.emulators.control import PREFIX, read_body, refusal
from bot.emulators.slack.ack import Ack
from bot.emulators.slack.delivery import Courier
from bot.emulators.slack.rates import Rates
from bot.emulators.slack.sockets import Sockets
from bot.model.value import Value


class Envelope(Value):
    type: str = Field(min_length=1, max_length=100)
    payload: dict[str, Any] = Field(default_factory=dict)


class Order(Value):
    """What to do about delivery; only what is named is done.

    `events_url`: where signed requests go, "" for Socket Mode. `redeliver`: bring the last one again, so often.
    `disconnect`: send every websocket away for this reason; `after_s`: use it until then, and close it.
    `deaf`: let everything get lost on websockets that stay open. `greets`: say hello on new ones.
    `envelope`: deliver this, whatever it is.
    """

    events_url: str | None = Field(default=None, pattern=r"^(https?://\S+)?$")
    redeliver: int | None = Field(default=None, ge=1, le=100)
    disconnect: Literal["warning", "refresh_requested", "link_disabled", "too_many_websockets"] | None = None
    after_s: float | None = Field(default=None, ge=0, le=60)
    deaf: bool | None = None
    greets: bool | None = None
    envelope: Envelope | None = None


async def _disturb(sockets: Sockets, order: Order) -> None:
    if order.deaf is not None:
        sockets.is_deaf = order.deaf
    if order.greets is not None:
        sockets.greets = order.greets
    if order.disconnect is not None:
        await sockets.disconnect(order.disconnect, order.after_s)


class Haste(Value):
    """How many times as often as at Slack methods may be called; None: as often as one likes."""

    times: float | None = Field(default=1.0, gt=0, le=1_000)


def rate_routes(rates: Rates) -> list[web.RouteDef]:
    """POST /_emulator/rates; what was called before is forgotten."""

    async def change(request: web.Request) -> web.Response:
        rates.times = (await read_body(request, Haste)).times
        rates.forget()
        return web.json_response({"ok": True, "times": rates.times})

    return [web.post(f"{PREFIX}/rates", change)]


def delivery_routes(courier: Courier) -> list[web.RouteDef]:
    """POST and GET /_emulator/delivery; both answer with the number of websockets and the events URL."""

    async def change(request: web.Request) -> web.Response:
        order = await read_body(request, Order)
        acks: list[Ack] = []
        if order.events_url is not None:
            courier.events_url = order.events_url or None
        await _disturb(courier.sockets, order)
        if order.redeliver is not None:
            acks += await courier.redeliver(order.redeliver)
            if not acks:
                raise refusal(409, "nothing was delivered yet")
        if order.envelope is not None:
            acks.append(await courier.deliver(order.envelope.type, order.envelope.payload))
        return _now(acks)

    async def show(request: web.Request) -> web.Response:
        del request
        return _now([])

    def _now(acks: list[Ack]) -> web.Response:
        listed = [ack.model_dump(exclude_none=True) for ack in acks]
        state = {"sockets": courier.sockets.count, "events_url": courier.events_url}
        return web.json_response({"ok": True, **state, "acks": listed})

    return [web.post(f"{PREFIX}/delivery", change), web.get(f"{PREFIX}/delivery", show)]
