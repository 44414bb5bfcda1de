"""The control interface's own part of this emulator: OIDC tokens, issued in the name of an emulated provider."""

from collections.abc import Callable
from datetime import datetime

from aiohttp import web
from pydantic import Field

from bot.emulators.alibaba import oidc
from bot.emulators.alibaba.service import Service
from bot.emulators.control import PREFIX, read_body, refusal
from bot.model.value import Value


class TokenOrder(Value):
    """A token of `provider` (its ARN) for `subject`; without an audience it is the provider's first one.

    `lasts_s` are seconds from now on; negative, they make a token that has expired.
    """

    provider: str
    subject: str = Field(default="emulated-workload", min_length=1, max_length=255)
    audience: str = ""
    lasts_s: int = Field(default=600, ge=-86_400, le=86_400)


def token_routes(service: Service, clock: Callable[[], datetime]) -> list[web.RouteDef]:
    """POST oidc-token under `/_emulator`, answered with `{"ok": true, "token": "…"}`."""

    async def issue(request: web.Request) -> web.Response:
        order = await read_body(request, TokenOrder)
        provider = service.network.oidc_provider(order.provider)
        if provider is None:
            raise refusal(404, "there is no such provider")
        try:
            token = oidc.issued(
                provider, order.subject, order.audience or provider.client_ids[0], clock(), order.lasts_s
            )
        except ValueError as error:
            raise refusal(409, str(error)) from error
        return web.json_response({"ok": True, "token": token})

    return [web.post(f"{PREFIX}/oidc-token", issue)]
