"""The control interface to the switches: what can be broken and is, the network at a glance, everything mended."""

from typing import Any, Self

from aiohttp import web
from pydantic import model_validator

from bot.emulators.alibaba.breakage import Kind
from bot.emulators.alibaba.overview import overview
from bot.emulators.alibaba.service import Service
from bot.emulators.alibaba.switches import Switches, Trouble
from bot.emulators.control import PREFIX, read_body, refusal
from bot.model.value import Value


class SwitchOrder(Value):
    """Turn one switch; those of the network also name the connection that they are about."""

    switch: Kind | Trouble
    connection: str | None = None
    on: bool

    @model_validator(mode="after")
    def _names_its_connection(self) -> Self:
        if isinstance(self.switch, Kind) != (self.connection is not None):
            raise ValueError("connection: for switches of the network and no other")
        return self


def switch_routes(service: Service, switches: Switches) -> list[web.RouteDef]:
    """GET overview, GET and POST switches, POST mend under `/_emulator`."""

    async def show_network(request: web.Request) -> web.Response:
        del request
        return web.json_response({"ok": True, "gateways": overview(service.network)})

    async def show(request: web.Request) -> web.Response:
        del request
        return told()

    async def turn(request: web.Request) -> web.Response:
        order = await read_body(request, SwitchOrder)
        if isinstance(order.switch, Trouble):
            switches.turn_cloud(order.switch, on=order.on)
            return told()
        try:
            switches.turn_network(order.switch, order.connection or "", on=order.on)
        except KeyError as error:
            raise refusal(404, f"there is no connection {order.connection}") from error
        return told()

    async def mend(request: web.Request) -> web.Response:
        del request
        switches.mend()
        return told()

    def told() -> web.Response:
        return web.json_response({"ok": True, "on": _on(switches)})

    return [
        web.get(f"{PREFIX}/overview", show_network),
        web.get(f"{PREFIX}/switches", show),
        web.post(f"{PREFIX}/switches", turn),
        web.post(f"{PREFIX}/mend", mend),
    ]


def _on(switches: Switches) -> list[dict[str, Any]]:
    network = [{"switch": one.kind, "connection": one.connection_id} for one in switches.broken()]
    return [*network, *({"switch": trouble} for trouble in switches.troubles())]
