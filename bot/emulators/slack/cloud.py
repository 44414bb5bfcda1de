"""The way from the page to the emulated cloud beside it, whose control interface listens at another address.

A page may ask nobody but its own server (`connect-src 'self'`), so the server asks for it: these paths alone.
"""

from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web

from bot.emulators.control import PREFIX, refusal

WITHIN_S = 5.0

_LOOKING = ("overview", "switches", "calls")
_DOING = ("switches", "mend")


class Cloud:
    """The emulated cloud at a base URL, or none."""

    def __init__(self, url: str | None) -> None:
        self._url = url

    def add_to(self, app: web.Application) -> None:
        """Serve GET `cloud` (is there one?), and the paths that are handed on, under `/_emulator`."""
        app.router.add_get(f"{PREFIX}/cloud", self._tell)
        app.router.add_get(f"{PREFIX}/cloud/{{path:{'|'.join(_LOOKING)}}}", self._hand_on)
        app.router.add_post(f"{PREFIX}/cloud/{{path:{'|'.join(_DOING)}}}", self._hand_on)
        app.cleanup_ctx.append(self._hold_session)

    async def _tell(self, request: web.Request) -> web.Response:
        del request
        return web.json_response({"ok": True, "attached": self._url is not None})

    async def _hand_on(self, request: web.Request) -> web.Response:
        if self._url is None:
            raise refusal(404, "no cloud is attached")
        url = f"{self._url}{PREFIX}/{request.match_info['path']}"
        body = await request.read() or None
        try:
            async with self._session.request(request.method, url, params=request.query, data=body) as answer:
                return web.Response(
                    body=await answer.read(), status=answer.status, content_type=answer.content_type
                )
        except (aiohttp.ClientError, TimeoutError) as error:
            raise refusal(409, "the emulated cloud does not answer") from error

    async def _hold_session(self, app: web.Application) -> AsyncIterator[None]:
        del app
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=WITHIN_S)) as self._session:
            yield
