"""The emulator as a server: one port for VPC, STS and RAM, with the control interface of all emulators."""

import asyncio
import secrets
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.emulators.alibaba import metadata_routes
from bot.emulators.alibaba.metadata import Metadata
from bot.emulators.alibaba.moved_clock import MovedClock
from bot.emulators.alibaba.network import Network
from bot.emulators.alibaba.network_control import network_routes
from bot.emulators.alibaba.network_file import load_network
from bot.emulators.alibaba.operations import Product
from bot.emulators.alibaba.received import Received, receive
from bot.emulators.alibaba.recorded import cut, shown
from bot.emulators.alibaba.refusals import Refusal
from bot.emulators.alibaba.service import Service
from bot.emulators.alibaba.switch_control import switch_routes
from bot.emulators.alibaba.switches import Switches
from bot.emulators.alibaba.time_control import time_routes
from bot.emulators.alibaba.token_control import token_routes
from bot.emulators.control import LARGEST_BODY, control_routes, only_own_pages
from bot.emulators.faults import Fault, FaultKind, Faults, answer_through
from bot.emulators.ledger import Ledger

_ANSWERED_FOR = {
    FaultKind.THROTTLE: "Throttling.User",
    FaultKind.HTTP_500: "InternalError",
    FaultKind.HTTP_503: "ServiceUnavailable",
}
_REFUSED = _ANSWERED_FOR.keys() | {FaultKind.ERROR}
_CARRIED_OUT = {FaultKind.DELAY, FaultKind.RESET_AFTER, FaultKind.TRUNCATED}


class AlibabaEmulator:
    """Alibaba Cloud over one network; a diagnosis takes `diagnosis_s` seconds of the clock (UTC)."""

    def __init__(
        self,
        network: Network,
        clock: Callable[[], datetime],
        diagnosis_s: float = 3.0,
        faults: Faults | None = None,
        entropy: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._clock = MovedClock(clock)
        self._entropy = entropy
        self._faults = faults or Faults()
        self._ledger = Ledger()
        self._service = Service(network, timedelta(seconds=diagnosis_s), entropy)

    @property
    def products(self) -> tuple[Product, ...]:
        return self._service.products

    def web_app(self) -> web.Application:
        """Make the application. A reset keeps the sessions that clients hold, and undoes all else."""
        app = web.Application(middlewares=[only_own_pages, self._answer_nowhere], client_max_size=LARGEST_BODY)
        app.on_response_prepare.append(self._date)
        app.add_routes(control_routes(self._faults, self._ledger, self._start_over, self._operations()))
        app.add_routes(network_routes(self._service))
        app.add_routes(switch_routes(self._service, Switches(self._service, self._faults)))
        app.add_routes(time_routes(self._clock, self._service.credentials))
        app.add_routes(token_routes(self._service, self._clock))
        metadata = Metadata(self._service, self._clock, self._entropy)
        app.add_routes(metadata_routes.metadata_routes(metadata, self._faults, self._record_metadata))
        app.router.add_route("*", "/{path:.*}", self._answer)
        return app

    def _operations(self) -> list[str]:
        names = [operation.name for product in self.products for operation in product.operations]
        return [*names, metadata_routes.OPERATION]

    def _start_over(self) -> None:
        self._service.start_over()
        self._clock.reset()

    async def _date(self, _: web.Request, response: web.StreamResponse) -> None:
        """Date an answer by the clock of the service, as it may have been moved."""
        response.headers["Date"] = format_datetime(self._clock().astimezone(UTC), usegmt=True)

    @web.middleware
    async def _answer_nowhere(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer in the service's own words also what leads to no path (`OPTIONS *`, `CONNECT host:443`)."""
        nowhere = request.match_info.http_exception is not None
        return await (self._answer(request) if nowhere else handler(request))

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        operation, began = request.headers.get("x-acs-action", "-"), _elapsed_s()
        fault = self._faults.take(operation)
        if fault is not None and fault.kind not in _CARRIED_OUT | _REFUSED:
            self._record(operation, "-", f"fault:{fault.kind}", {})

        async def carry_out() -> web.Response:
            return await self._carried_out(request, operation, began)

        def refuse(ordered: Fault) -> web.Response:
            return self._refused_for(ordered, request, operation, began)

        return await answer_through(fault, request, carry_out, refuse)

    async def _carried_out(self, request: web.Request, operation: str, began: float) -> web.Response:
        request_id, caller = self._request_id(), "-"
        received: Received | None = None
        try:
            received = await receive(request)
            now = self._clock()
            admitted = self._service.admit(received, now)
            caller = admitted.caller.arn
            answer = self._service.carry_out(admitted, received, now, request_id, _context(request, now))
        except Refusal as refusal:
            facts = shown(received) if received else {}
            self._record(operation, caller, refusal.code, facts | _told(request_id, began))
            return self._refused(refusal, request, request_id)
        self._record(operation, caller, "ok", shown(received) | _told(request_id, began) | dict(answer.facts))
        return _json(200, request_id, dict(answer.body) | {"RequestId": request_id})

    def _refused(self, refusal: Refusal, request: web.Request, request_id: str) -> web.Response:
        version = request.headers.get("x-acs-version")
        product = next((one.name for one in self.products if one.version == version), "")
        envelope = refusal.envelope(
            product, request_id, request.headers.get("Host", ""), self._service.seal.encode
        )
        return _json(refusal.status, request_id, envelope)

    def _refused_for(self, fault: Fault, request: web.Request, operation: str, began: float) -> web.Response:
        refusal, request_id = Refusal(fault.error or _ANSWERED_FOR[fault.kind]), self._request_id()
        self._record(operation, "-", refusal.code, _told(request_id, began))
        response = self._refused(refusal, request, request_id)
        if fault.kind is FaultKind.THROTTLE and fault.seconds is not None:
            response.headers["x-acs-retry-after"] = str(int(fault.seconds * 1000))  # milliseconds
        return response

    def _record_metadata(self, path: str, outcome: str) -> None:
        self._record(metadata_routes.OPERATION, "-", outcome, {"path": cut(path)})

    def _record(self, operation: str, caller: str, outcome: str, facts: Mapping[str, Any]) -> None:
        self._ledger.record(self._clock(), cut(operation), caller, outcome, facts)

    def _request_id(self) -> str:
        return str(uuid.UUID(bytes=self._entropy(16), version=4)).upper()


def alibaba_emulator(
    network: Path | None, clock: Callable[[], datetime], diagnosis_s: float = 3.0
) -> web.Application:
    """Make the emulator of a network file, or of the network that comes with it; raises Problem."""
    return AlibabaEmulator(load_network(network), clock, diagnosis_s).web_app()


def _context(request: web.Request, now: datetime) -> dict[str, str]:
    """Give the condition keys that every request has (RAM's page on policy elements).

    Nobody logs on to a console here, which is where MFA is asked for.
    """
    return {
        "acs:SourceIp": request.remote or "",
        "acs:CurrentTime": now.isoformat(),
        "acs:SecureTransport": str(request.secure).lower(),
        "acs:MFAPresent": "false",
    }


def _told(request_id: str, began: float) -> dict[str, Any]:
    """Give what the ledger tells of every call that got an answer."""
    return {"request_id": request_id, "took_ms": round((_elapsed_s() - began) * 1000, 1)}


def _elapsed_s() -> float:
    return asyncio.get_running_loop().time()


def _json(status: int, request_id: str, body: Mapping[str, Any]) -> web.Response:
    return web.json_response(body, status=status, headers={"x-acs-request-id": request_id})
