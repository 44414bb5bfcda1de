"""The page at `/` on which people can be played by hand; its files lie in the folder `page`."""

from pathlib import Path

from aiohttp import web

_FOLDER = Path(__file__).parent / "page"
_PARTS = frozenset(path.name for path in _FOLDER.iterdir() if path.suffix in {".css", ".js"})
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
        name = request.match_info["name"]
        if name not in _PARTS:
            raise web.HTTPNotFound
        return web.FileResponse(_FOLDER / name, headers=_HEADERS)

    return [
        web.get("/", page),
        web.get("/archives/{channel}/{message}", page),
        web.get("/page/{name}", part),
    ]
