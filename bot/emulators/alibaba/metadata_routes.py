"""The metadata service over HTTP, as an ECS instance finds it at http://100.100.100.200."""

from collections.abc import Callable
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.emulators.alibaba.metadata import (
    LIFETIME_HEADER,
    ROLES_PATH,
    TOKEN_HEADER,
    TOKEN_PATH,
    Metadata,
    Unavailable,
)
from bot.emulators.faults import Fault, FaultKind, Faults, answer_through

# Its name in the ledger, and for faults.
OPERATION = "EcsMetadata"

_STATUSES = {FaultKind.THROTTLE: 429, FaultKind.HTTP_500: 500, FaultKind.HTTP_503: 503, FaultKind.ERROR: 400}

Record = Callable[[str, str], None]


def metadata_routes(metadata: Metadata, faults: Faults, record: Record) -> list[web.RouteDef]:
    """Serve tokens, the role's name and its credentials; `record` is told of each path and what came of it."""

    def token(request: web.Request) -> web.Response:
        return web.Response(text=metadata.token(request.headers.get(LIFETIME_HEADER, "")))

    def role_name(request: web.Request) -> web.Response:
        return web.Response(text=metadata.role_name(request.headers.get(TOKEN_HEADER)))

    def credentials(request: web.Request) -> web.Response:
        given = metadata.credentials(request.headers.get(TOKEN_HEADER), request.match_info["role"])
        return web.json_response(given)

    def served(answer: Callable[[web.Request], web.Response]) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            async def carry_out() -> web.Response:
                return _answered(answer, request, record)

            return await answer_through(faults.take(OPERATION), request, carry_out, _refused)

        return handle

    return [
        web.put(TOKEN_PATH, served(token)),
        web.get(ROLES_PATH, served(role_name)),
        web.get(f"{ROLES_PATH}/", served(role_name)),
        web.get(f"{ROLES_PATH}/{{role}}", served(credentials)),
    ]


def _answered(answer: Callable[[web.Request], web.Response], request: web.Request, record: Record) -> web.Response:
    try:
        response = answer(request)
    except Unavailable as error:
        response = web.Response(status=error.status, text=f"{error}\n")
    record(request.path, "ok" if response.status == HTTPStatus.OK else str(response.status))
    return response


def _refused(fault: Fault) -> web.Response:
    return web.Response(status=_STATUSES[fault.kind], text=fault.error or fault.kind)
