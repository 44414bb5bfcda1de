"""The control interface to time: the clock moved, and sessions ended before their time."""

from datetime import timedelta
from typing import Any

from aiohttp import web
from pydantic import Field

from bot.emulators.alibaba.credentials import Credentials, Held
from bot.emulators.alibaba.moved_clock import MovedClock
from bot.emulators.control import PREFIX, read_body, refusal
from bot.model.value import Value


class ClockOrder(Value):
    """Move the clock from where it is, backwards if negative."""

    move_s: float


class EndOrder(Value):
    """Let the sessions of a role (its ARN), or all, end in so many seconds."""

    role: str | None = None
    in_s: float = Field(default=0.0, ge=0, le=86_400)


def time_routes(clock: MovedClock, credentials: Credentials) -> list[web.RouteDef]:
    """GET and POST clock, GET and POST sessions under `/_emulator`."""

    async def show_clock(request: web.Request) -> web.Response:
        del request
        return told()

    async def move(request: web.Request) -> web.Response:
        order = await read_body(request, ClockOrder)
        try:
            clock.move(order.move_s)
        except ValueError as error:
            raise refusal(400, str(error)) from error
        return told()

    def told() -> web.Response:
        return web.json_response({"ok": True, "now": clock().isoformat(), "ahead_s": clock.ahead_s})

    async def list_sessions(request: web.Request) -> web.Response:
        del request
        return web.json_response({"ok": True, "sessions": [_session(held) for held in credentials.sessions()]})

    async def end_sessions(request: web.Request) -> web.Response:
        order = await read_body(request, EndOrder)
        count = credentials.end(order.role, clock() + timedelta(seconds=order.in_s))
        return web.json_response({"ok": True, "ended": count})

    return [
        web.get(f"{PREFIX}/clock", show_clock),
        web.post(f"{PREFIX}/clock", move),
        web.get(f"{PREFIX}/sessions", list_sessions),
        web.post(f"{PREFIX}/sessions", end_sessions),
    ]


def _session(held: Held) -> dict[str, Any]:
    ends = held.expires_at.isoformat() if held.expires_at else None
    return {"access_key_id": held.access_key_id, "arn": held.caller.arn, "role": held.role_arn, "ends": ends}
