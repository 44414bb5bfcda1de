"""The Web API over HTTP: who calls, which method, is it granted, and Slack's answer to it."""

import hmac
from typing import Any

from aiohttp import web

from bot.emulators.faults import Fault, FaultKind, Faults, answer_through
from bot.emulators.ledger import Ledger
from bot.emulators.slack.arguments import Arguments, read_arguments
from bot.emulators.slack.methods import METHODS
from bot.emulators.slack.methods.call import Call, Method, TokenKind, require_scope
from bot.emulators.slack.rates import Rates
from bot.emulators.slack.refused import Refused, TooOften
from bot.emulators.slack.state import State

# Arguments that the ledger keeps; private_metadata, trigger IDs and whole blocks stay out of it.
_NOTED = ("channel", "user", "user_id", "ts", "message_ts", "thread_ts", "text", "view_id", "usergroup", "users")
_LONGEST_NOTE = 300

_ERRORS = {FaultKind.HTTP_500: (500, "internal_error"), FaultKind.HTTP_503: (503, "service_unavailable")}


def _unknown_method(state: State, call: Call) -> dict[str, Any]:
    del state, call
    raise Refused("unknown_method")


_UNKNOWN = Method(_unknown_method, token=TokenKind.ANY)


class WebApi:
    """Answers calls under `/api/`."""

    def __init__(self, state: State, faults: Faults, ledger: Ledger, rates: Rates) -> None:
        self._state = state
        self._faults = faults
        self._ledger = ledger
        self._rates = rates

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/api/{method}", self._answer), web.get("/api/{method}", self._answer)]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        body = await request.read()

        async def carry_out() -> web.Response:
            return self._carried_out(request, name, body)

        return await answer_through(self._faults.take(name), request, carry_out, self._faulty)

    def _carried_out(self, request: web.Request, name: str, body: bytes) -> web.Response:
        method = METHODS.get(name, _UNKNOWN)
        caller, arguments, status = TokenKind.ANY, Arguments({}), 200
        headers: dict[str, str] = {}
        try:
            arguments = read_arguments(
                request.method, request.query, request.content_type, body, takes_json=method.takes_json
            )
            caller = _caller(_token(request, arguments), method, self._state)
            if caller is not TokenKind.ANY:
                self._refuse_too_often(name, method, arguments)
            if method.token is TokenKind.BOT:
                require_scope(self._state, method.scopes)
            call = Call(arguments=arguments, base_url=f"{request.scheme}://{request.host}")
            answer = {"ok": True, **method.handler(self._state, call)}
        except Refused as refused:
            answer, status, headers = refused.answer(), refused.status, refused.headers
        self._note(name, caller, arguments, answer)
        return web.json_response(answer, status=status, headers=headers | self._headers(caller, method))

    def _refuse_too_often(self, name: str, method: Method, arguments: Arguments) -> None:
        if method.a_minute is not None:
            wait_s = self._rates.wait_s(name, method.a_minute)
        else:
            channel = arguments.text("channel") or ""
            direct = self._state.rooms.direct(channel)
            wait_s = self._rates.post_wait_s(direct.channel.id if direct else channel)
        if wait_s > 0:
            raise TooOften(wait_s)

    def _note(self, name: str, caller: TokenKind, arguments: Arguments, answer: dict[str, Any]) -> None:
        given = arguments.as_dict()
        facts = {key: str(given[key])[:_LONGEST_NOTE] for key in _NOTED if key in given}
        if isinstance(answer.get("ts"), str):
            facts["ts"] = answer["ts"]
        who = "nobody" if caller is TokenKind.ANY else caller
        self._ledger.record(self._state.mint.now(), name[:100], who, answer.get("error", "ok"), facts)

    def _headers(self, caller: TokenKind, method: Method) -> dict[str, str]:
        headers = {"X-Slack-Req-Id": self._state.mint.secret()}
        if caller is TokenKind.BOT:
            headers["X-OAuth-Scopes"] = ",".join(self._state.workspace.app.scopes)
            headers["X-Accepted-OAuth-Scopes"] = ",".join(method.scopes)
        return headers

    def _faulty(self, fault: Fault) -> web.Response:
        if fault.kind is FaultKind.THROTTLE:
            # docs.slack.dev/apis/web-api/rate-limits: 429 with Retry-After in whole seconds.
            seconds = max(1, round(fault.length_s))
            return web.json_response(
                {"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": str(seconds)}
            )
        status, error = (200, fault.error) if fault.kind is FaultKind.ERROR else _ERRORS[fault.kind]
        return web.json_response({"ok": False, "error": error}, status=status)


def _token(request: web.Request, arguments: Arguments) -> str:
    """Find the token in the header, or among a form's fields; Slack does not look for it in JSON."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token.strip()
    in_json = request.content_type == "application/json"
    return "" if in_json else arguments.text("token") or ""


def _caller(token: str, method: Method, state: State) -> TokenKind:
    """Tell whose token it is; that of a step is the bot's while the step runs.

    Raises Refused(not_authed | invalid_auth | not_allowed_token_type), as on every method's page.
    """
    app = state.workspace.app
    kinds = [
        (TokenKind.BOT, app.bot_token.get_secret_value()),
        (TokenKind.APP, app.app_token.get_secret_value()),
        *((TokenKind.BOT, token) for token in state.executions.tokens()),
    ]
    given = token.encode(errors="replace")
    kind = next((kind for kind, good in kinds if hmac.compare_digest(given, good.encode())), None)
    if method.token is TokenKind.ANY:
        return kind or TokenKind.ANY
    if not token:
        raise Refused("not_authed")
    if kind is None:
        raise Refused("invalid_auth")
    if kind is not method.token:
        raise Refused("not_allowed_token_type")
    return kind
