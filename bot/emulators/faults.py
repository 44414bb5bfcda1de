"""Faults that can be ordered for the next calls of an operation, and how each of them looks on the wire."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Self, assert_never

from aiohttp import web
from pydantic import Field, model_validator

from bot.model.value import Value

EVERY_OPERATION = "*"
MOST_ORDERED = 100

# What a captive portal or a company's proxy answers in the name of the server that was asked.
FOREIGN_PAGE = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>"

# SO_LINGER on, 0 seconds: close() then sends RST instead of FIN (socket(7)).
LINGER_NOT = struct.pack("ii", 1, 0)


class FaultKind(StrEnum):
    """What goes wrong; only DELAY, RESET_AFTER and TRUNCATED let the server carry the call out."""

    THROTTLE = "throttle"
    HTTP_500 = "http_500"
    HTTP_503 = "http_503"
    HANG = "hang"
    RESET_BEFORE = "reset_before"
    RESET_AFTER = "reset_after"
    TRUNCATED = "truncated"
    HTML = "html"
    DELAY = "delay"
    ERROR = "error"


# Seconds where the order names none: how long a client is held, or told to wait (Retry-After).
USUAL_SECONDS = {FaultKind.HANG: 60.0}


class Fault(Value):
    """An order: the next `times` calls of `operation` go wrong in this way; `error` is the code of kind ERROR."""

    operation: str = Field(default=EVERY_OPERATION, min_length=1, max_length=200)
    kind: FaultKind
    times: int = Field(default=1, ge=1, le=100_000)
    seconds: float | None = Field(default=None, ge=0, le=600)
    error: str | None = Field(default=None, pattern=r"^[A-Za-z][A-Za-z0-9_.]{0,99}$")

    @model_validator(mode="after")
    def _names_its_error(self) -> Self:
        if (self.kind is FaultKind.ERROR) != (self.error is not None):
            raise ValueError("error: the vendor's code, for the kind error and no other")
        return self

    @property
    def length_s(self) -> float:
        return USUAL_SECONDS.get(self.kind, 1.0) if self.seconds is None else self.seconds


class Faults:
    """The orders that are still open, used up first come, first served; then those that stand until lifted."""

    def __init__(self) -> None:
        self._open: list[Fault] = []
        self._standing: dict[str, Fault] = {}

    def order(self, fault: Fault) -> None:
        """Add an order; raises ValueError when too many are open."""
        if len(self._open) >= MOST_ORDERED:
            raise ValueError(f"at most {MOST_ORDERED} faults may be open")
        self._open.append(fault)

    def take(self, operation: str) -> Fault | None:
        """Give the fault that this call of `operation` meets, and count it down."""
        for index, fault in enumerate(self._open):
            if fault.operation in (operation, EVERY_OPERATION):
                self._count_down(index)
                return fault
        standing = self._standing.values()
        return next((fault for fault in standing if fault.operation in (operation, EVERY_OPERATION)), None)

    def open(self) -> tuple[Fault, ...]:
        return tuple(self._open)

    def stand(self, name: str, fault: Fault) -> None:
        """Let all calls of the fault's operation meet it, whatever its `times`, until it is lifted by its name."""
        self._standing[name] = fault

    def lift(self, name: str) -> None:
        self._standing.pop(name, None)

    @property
    def standing(self) -> frozenset[str]:
        """The names of those that stand."""
        return frozenset(self._standing)

    def clear(self) -> None:
        self._open.clear()
        self._standing.clear()

    def _count_down(self, index: int) -> None:
        fault = self._open.pop(index)
        if fault.times > 1:
            self._open.insert(index, fault.model_copy(update={"times": fault.times - 1}))


async def answer_through(
    fault: Fault | None,
    request: web.Request,
    carry_out: Callable[[], Awaitable[web.Response]],
    refuse: Callable[[Fault], web.Response],
) -> web.StreamResponse:
    """Answer a request as the fault wants it.

    `refuse` gives the vendor's own body for THROTTLE, HTTP_500, HTTP_503 and ERROR; the rest looks alike.
    """
    if fault is None:
        return await carry_out()
    match fault.kind:
        case FaultKind.THROTTLE | FaultKind.HTTP_500 | FaultKind.HTTP_503 | FaultKind.ERROR:
            return refuse(fault)
        case FaultKind.HTML:
            return web.Response(text=FOREIGN_PAGE, content_type="text/html")
        case FaultKind.DELAY:
            await asyncio.sleep(fault.length_s)
            return await carry_out()
        case FaultKind.HANG:
            await asyncio.sleep(fault.length_s)
        case FaultKind.RESET_BEFORE:
            pass
        case FaultKind.RESET_AFTER:
            await carry_out()
        case FaultKind.TRUNCATED:
            await _send_half(request, await carry_out())
        case _ as unreachable:
            assert_never(unreachable)
    return _reset(request)


async def _send_half(request: web.Request, whole: web.Response) -> None:
    body = whole.body if isinstance(whole.body, bytes) else b""
    half = web.StreamResponse(status=whole.status, headers={"Content-Length": str(len(body) + 1)})
    half.content_type = whole.content_type
    await half.prepare(request)
    await half.write(body[: len(body) // 2])


def _reset(request: web.Request) -> web.Response:
    """Cut the connection; the answer that is returned for form's sake reaches nobody."""
    if request.transport is not None:  # None if the client has gone by itself
        connection: socket.socket = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
        request.transport.abort()
    return web.Response()
