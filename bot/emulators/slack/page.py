"""The page at `/` on which people can be played by hand; its files lie in the folder `page`."""

from pathlib import Path

from aiohttp import web

_FOLDER = Path(__file__).parent / "page"
_HEADERS = {
    # Nothing from elsewhere, no script in the text: what people and the app say cannot become either.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def page_routes() -> list[web.RouteDef]:
    """GET `/` and what the page needs; a permalink leads to the page as well."""

    async def page(request: web.Request) -> web.FileResponse:
        del request
        return web.FileResponse(_FOLDER / "index.html", headers=_HEADERS)

    async def part(request: web.Request) -> web.FileResponse:
        return web.FileResponse(_FOLDER / request.match_info["name"], headers=_HEADERS)

    return [
        web.get("/", page),
        web.get("/archives/{channel}/{message}", page),
        web.get(r"/page/{name:page\.css|page\.js|blocks\.js|fields\.js}", part),
    ]
