"""The addresses of response URLs over HTTP: an app answers what a person did."""

from typing import Any
from urllib.parse import parse_qs

from aiohttp import web

from bot.emulators.control import parse_json
from bot.emulators.faults import Fault, FaultKind, Faults, answer_through
from bot.emulators.ledger import Ledger
from bot.emulators.slack.answers import answer_at
from bot.emulators.slack.refused import Refused
from bot.emulators.slack.state import State

OPERATION = "response_url"

_STATUS = {FaultKind.THROTTLE: 429, FaultKind.HTTP_500: 500, FaultKind.HTTP_503: 503}
# What Slack answers is not documented; 404 with these words is what apps report of URLs that are used up.
_NOT_FOUND = frozenset({"expired_url", "used_url", "invalid_token"})


def response_url_routes(state: State, faults: Faults, ledger: Ledger) -> list[web.RouteDef]:
    """POST /hooks/{secret}: JSON, or a form with the JSON in `payload`; answers `ok`, or 4xx with the error."""

    async def take(request: web.Request) -> web.StreamResponse:
        body = await request.read()

        async def carry_out() -> web.Response:
            try:
                hook = state.hooks.use(request.match_info["secret"])
                answer_at(state, hook, _read(request.content_type, body))
            except Refused as refused:
                ledger.record(state.mint.now(), OPERATION, "hook", refused.error, {})
                status = 404 if refused.error in _NOT_FOUND else 400
                return web.json_response(refused.answer(), status=status)
            ledger.record(state.mint.now(), OPERATION, "hook", "ok", {"channel": hook.channel_id})
            return web.Response(text="ok")

        return await answer_through(faults.take(OPERATION), request, carry_out, _faulty)

    return [web.post("/hooks/{secret}", take)]


def _read(content_type: str, body: bytes) -> dict[str, Any]:
    try:
        text = body.decode()
        if content_type == "application/x-www-form-urlencoded":
            text = parse_qs(text, max_num_fields=10).get("payload", [""])[0]
        parsed = parse_json(text)
    except ValueError as error:
        raise Refused("invalid_payload") from error
    if not isinstance(parsed, dict):
        raise Refused("invalid_payload")
    return parsed


def _faulty(fault: Fault) -> web.Response:
    return web.Response(status=_STATUS[fault.kind], headers={"Retry-After": str(max(1, round(fault.length_s)))})
