"""The addresses of uploads over HTTP: the bytes of a file are brought there, and can be looked at once shared."""

from aiohttp import web

from bot.emulators.faults import Fault, FaultKind, Faults, answer_through
from bot.emulators.ledger import Ledger
from bot.emulators.slack.refused import Refused
from bot.emulators.slack.state import State

OPERATION = "files.upload"

_STATUS = {FaultKind.THROTTLE: 429, FaultKind.HTTP_500: 500, FaultKind.HTTP_503: 503}


def upload_routes(state: State, faults: Faults, ledger: Ledger) -> list[web.RouteDef]:
    """POST /upload/v1/{secret}: the bytes, bare or as the one part of a form; answers `OK - LENGTH`, or 4xx.

    What Slack answers is not documented; these are the words that apps report.
    """

    async def take(request: web.Request) -> web.StreamResponse:
        content = await _bytes(request)

        async def carry_out() -> web.Response:
            try:
                file = state.files.upload(request.match_info["secret"], content)
            except Refused as refused:
                ledger.record(state.mint.now(), OPERATION, "upload", refused.error, {})
                return web.Response(status=404 if refused.error == "invalid_token" else 400, text=refused.error)
            ledger.record(state.mint.now(), OPERATION, "upload", "ok", {"file": file.id})
            return web.Response(text=f"OK - {file.length}")

        return await answer_through(faults.take(OPERATION), request, carry_out, _faulty)

    async def show(request: web.Request) -> web.Response:
        file = state.files.get(request.match_info["file_id"])
        if file is None or file.content is None:
            return web.Response(status=404)
        return web.Response(body=file.content, content_type="text/plain", charset="utf-8")

    return [web.post("/upload/v1/{secret}", take), web.get("/files/{file_id}", show)]


async def _bytes(request: web.Request) -> bytes:
    if request.content_type != "multipart/form-data":
        return await request.read()
    form = await request.post()
    part = next(iter(form.values()), b"")
    return part.file.read() if isinstance(part, web.FileField) else str(part).encode()


def _faulty(fault: Fault) -> web.Response:
    return web.Response(status=_STATUS.get(fault.kind, 400), headers={"Retry-After": "1"})
