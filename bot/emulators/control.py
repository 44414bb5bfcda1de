"""The part of the control interface that all emulators have: faults, reset, the ledger of calls."""

import json
import math
import re
from collections.abc import Callable, Collection, Iterable
from ipaddress import IPv6Address, ip_address
from typing import Any, TypeVar

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import BaseModel, ValidationError

from bot.emulators.faults import EVERY_OPERATION, Fault, Faults
from bot.emulators.ledger import Ledger
from bot.emulators.serving import LISTENS_AT

# Bytes of a request's body; larger ones are refused with 413.
LARGEST_BODY = 1024 * 1024

# Levels of JSON; what goes deeper would only test how deep Python can recurse.
DEEPEST_JSON = 64

PREFIX = "/_emulator"

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:@/]+)(?::[0-9]+)?")

Shape = TypeVar("Shape", bound=BaseModel)


def control_routes(
    faults: Faults, ledger: Ledger, reset: Callable[[], None], operations: Collection[str] | None = None
) -> list[web.RouteDef]:
    """POST faults and reset, GET faults and calls (`?operation=`, `?after=` a number) under `/_emulator`.

    With `operations`, a fault for anything else is refused: it would wait for ever.
    """

    async def order_fault(request: web.Request) -> web.Response:
        fault = await read_body(request, Fault)
        if operations is not None and fault.operation not in {*operations, EVERY_OPERATION}:
            raise refusal(404, f"there is no operation {fault.operation}; there are: {', '.join(operations)}")
        try:
            faults.order(fault)
        except ValueError as error:
            raise refusal(409, str(error)) from error
        return open_faults()

    async def list_faults(request: web.Request) -> web.Response:
        del request
        return open_faults()

    def open_faults() -> web.Response:
        return web.json_response({"ok": True, "open": [fault.model_dump(mode="json") for fault in faults.open()]})

    async def start_over(request: web.Request) -> web.Response:
        del request
        faults.clear()
        ledger.clear()
        reset()
        return web.json_response({"ok": True})

    async def list_calls(request: web.Request) -> web.Response:
        calls = ledger.calls(request.query.get("operation"), _number(request.query.get("after", "0")))
        listed = [call.model_dump(mode="json") for call in calls]
        return web.json_response({"ok": True, "count": ledger.count, "calls": listed})

    return [
        web.post(f"{PREFIX}/faults", order_fault),
        web.get(f"{PREFIX}/faults", list_faults),
        web.post(f"{PREFIX}/reset", start_over),
        web.get(f"{PREFIX}/calls", list_calls),
    ]


@web.middleware
async def only_own_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Keep other machines, and pages of other sites in a browser on this one, from pulling the emulator's strings.

    Nobody has to say who they are to the control interface, wherever the emulator itself may listen. A site can
    let a name of its own lead to this machine (DNS rebinding), and is then the emulator's own page to a browser:
    so only addresses, localhost and the name that the emulator was told to listen at are taken as a Host.
    """
    if request.path.startswith(PREFIX):
        if not _is_own_name(_HOST.fullmatch(request.headers.get("Host", "")), request.app.get(LISTENS_AT, "")):
            raise refusal(403, "the control interface answers to localhost and to addresses only")
        origin = request.headers.get("Origin")
        if origin is not None and origin != f"http://{request.host}":
            raise refusal(403, "the control interface answers its own page only")
        if not _is_this_machine(request.remote or ""):
            raise refusal(403, "the control interface answers this machine only")
    return await handler(request)


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise refusal(400, "after: the number of a call")
    return int(text)


def _is_own_name(host: re.Match[str] | None, listens_at: str) -> bool:
    name = host[1].lower() if host else ""
    return bool(name) and (name in {"localhost", listens_at.lower()} or _is_address(name))


def _is_address(name: str) -> bool:
    try:
        ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


def _is_this_machine(address: str) -> bool:
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None  # how an IPv6 socket sees IPv4
    return (mapped or ip).is_loopback


async def read_body(request: web.Request, shape: type[Shape]) -> Shape:
    """Read a JSON body of the given shape; an empty body is `{}`. Raises 400 that says what is wrong."""
    try:
        return shape.model_validate(parse_json(await request.read() or b"{}"))
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_url=False)]
        raise refusal(400, "; ".join(wrong[:5])) from error
    except ValueError as error:
        raise refusal(400, str(error)) from error


def parse_json(body: bytes | str) -> Any:
    """Parse JSON as the standard has it: no NaN, no number without an end, no nesting without a bottom.

    Raises ValueError.
    """
    try:
        parsed = json.loads(body, parse_constant=_not_a_number, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    if _is_too_deep(parsed):
        raise ValueError("nested too deep")
    return parsed


def _not_a_number(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError("a number is too large")
    return number


def _is_too_deep(parsed: Any) -> bool:
    level = [parsed]
    for _ in range(DEEPEST_JSON):
        level = [inner for outer in level if isinstance(outer, dict | list) for inner in _inside(outer)]
        if not level:
            return False
    return True


def _inside(outer: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return outer.values() if isinstance(outer, dict) else outer


def refusal(status: int, message: str) -> web.HTTPException:
    """Make an answer `{"ok": false, "error": message}` that can be raised, with the status that says why."""
    text = json.dumps({"ok": False, "error": message})
    exception = {400: web.HTTPBadRequest, 403: web.HTTPForbidden, 404: web.HTTPNotFound, 409: web.HTTPConflict}
    return exception[status](text=text, content_type="application/json")
