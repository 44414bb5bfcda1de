"""The control interface to the network: look at it, and change it while the emulator runs."""

from typing import Any, Self

from aiohttp import web
from pydantic import Field, model_validator

from bot.emulators.alibaba.network import Network
from bot.emulators.alibaba.network_change import WHOLE, changed, shown
from bot.emulators.alibaba.network_check import Wrong
from bot.emulators.alibaba.service import Service
from bot.emulators.control import PREFIX, read_body, refusal
from bot.model.value import Value


class ChangeOrder(Value):
    """Either a `change` (network_change.py), or the name of a `scenario` of network.yml."""

    change: dict[str, dict[str, Any] | None] = Field(default_factory=dict, max_length=1000)
    scenario: str | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.change) == (self.scenario is not None):
            raise ValueError("either a change or a scenario")
        return self


def network_routes(service: Service) -> list[web.RouteDef]:
    """GET network (`?of=` for one thing in it) and POST network under `/_emulator`; secrets are not shown."""

    async def show(request: web.Request) -> web.Response:
        name = request.query.get("of", WHOLE)
        part = shown(service.network, name)
        if part is None:
            raise refusal(404, f"nothing, or more than one thing, is called {name}")
        return web.json_response({"ok": True, "network": part})

    async def change(request: web.Request) -> web.Response:
        order = await read_body(request, ChangeOrder)
        wanted = order.change or _of_scenario(service.network, order.scenario or "")
        try:
            service.exchange(changed(service.intact, wanted), service.broken)
        except Wrong as wrong:
            raise refusal(400, str(wrong)) from wrong
        return web.json_response({"ok": True, "now": {name: shown(service.network, name) for name in wanted}})

    return [web.get(f"{PREFIX}/network", show), web.post(f"{PREFIX}/network", change)]


def _of_scenario(network: Network, name: str) -> dict[str, dict[str, Any] | None]:
    scenario = network.scenarios.get(name)
    if scenario is None:
        raise refusal(404, f"there is no such scenario; there are: {', '.join(network.scenarios) or 'none'}")
    return scenario.change
