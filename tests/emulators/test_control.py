from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from bot.emulators.control import control_routes, only_own_pages
from bot.emulators.faults import MOST_ORDERED, Fault, FaultKind, Faults
from bot.emulators.ledger import Ledger
from bot.emulators.serving import LISTENS_AT, serving

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class AnEmulator:
    def __init__(self) -> None:
        self.faults = Faults()
        self.ledger = Ledger()
        self.resets = 0

    def reset(self) -> None:
        self.resets += 1

    @asynccontextmanager
    async def served(self) -> AsyncIterator[aiohttp.ClientSession]:
        app = web.Application(middlewares=[only_own_pages])
        app.add_routes(control_routes(self.faults, self.ledger, self.reset))
        async with serving(app) as base_url, aiohttp.ClientSession(base_url) as session:
            yield session


async def test_a_fault_is_ordered_by_its_name() -> None:
    emulator = AnEmulator()
    async with emulator.served() as session:
        response = await session.post(
            "/_emulator/faults", json={"operation": "start", "kind": "hang", "times": 3, "seconds": 0.5}
        )

        assert (await response.json())["ok"] is True
        assert emulator.faults.open() == (Fault(operation="start", kind=FaultKind.HANG, times=3, seconds=0.5),)
        assert (await (await session.get("/_emulator/faults")).json())["open"][0]["kind"] == "hang"


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'{"kind": "unheard of"}', b'{"kind": "html", "times": 0}', b"[" * 50_000, b"\xff\xfe{"],
    ids=["empty", "a list", "cut", "unknown kind", "never", "deep", "not UTF-8"],
)
async def test_a_bad_order_is_refused_in_words(body: bytes) -> None:
    async with AnEmulator().served() as session:
        response = await session.post("/_emulator/faults", data=body)

        assert response.status == 400
        assert (await response.json())["error"]


async def test_a_packed_body_is_not_unpacked() -> None:
    async with AnEmulator().served() as session:
        response = await session.post("/_emulator/faults", data=b"hello", headers={"Content-Encoding": "gzip"})

        assert response.status == 400


@pytest.mark.parametrize("path", ["/_emulator/faults", "/_emulator/calls", "/_emulator/reset"])
@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("127.0.0.1", 200),
        ("127.8.0.1", 200),
        ("::1", 200),
        ("::ffff:127.0.0.1", 200),
        ("192.0.2.7", 403),
        ("fe80::1%eth0", 403),
        ("::ffff:192.0.2.7", 403),
        ("", 403),
        ("not an address", 403),
    ],
)
async def test_only_this_machine_may_pull_the_strings(path: str, address: str, status: int) -> None:
    request = make_mocked_request("GET", path, headers={"Host": "127.0.0.1:8200"}).clone(remote=address)

    async def handler(_: web.Request) -> web.Response:
        return web.Response()

    try:
        answered = (await only_own_pages(request, handler)).status
    except web.HTTPException as refused:
        answered = refused.status

    assert answered == status


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8200", 200),
        ("[::1]:8200", 200),
        ("192.0.2.7", 200),
        ("localhost:8200", 200),
        ("LOCALHOST", 200),
        ("evil.example:80", 403),
        ("127.0.0.1.evil.example", 403),
        ("localhost.evil.example:8200", 403),
        ("evil.example@127.0.0.1", 403),
        ("[127.0.0.1", 403),
        ("", 403),
    ],
)
async def test_a_name_that_another_site_gave_this_machine_pulls_no_strings(host: str, status: int) -> None:
    emulator = AnEmulator()
    async with emulator.served() as session:
        answered = await session.post("/_emulator/reset", headers={"Host": host, "Origin": f"http://{host}"})

        assert (answered.status, emulator.resets) == (status, int(status == 200))


@pytest.mark.parametrize(("host", "status"), [("devbox.internal:8200", 200), ("evil.example:8200", 403)])
async def test_the_name_that_it_was_told_to_listen_at_is_its_own(host: str, status: int) -> None:
    app = web.Application()
    app[LISTENS_AT] = "Devbox.internal"
    request = make_mocked_request("GET", "/_emulator/calls", headers={"Host": host}, app=app)

    async def handler(_: web.Request) -> web.Response:
        return web.Response()

    try:
        answered = (await only_own_pages(request.clone(remote="127.0.0.1"), handler)).status
    except web.HTTPException as refused:
        answered = refused.status

    assert answered == status


async def test_other_machines_may_use_what_is_emulated() -> None:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(text="emulated")

    request = make_mocked_request("GET", "/latest/meta-data").clone(remote="192.0.2.7")

    assert (await only_own_pages(request, handler)).status == 200


async def test_too_many_faults_are_a_conflict() -> None:
    emulator = AnEmulator()
    for _ in range(MOST_ORDERED):
        emulator.faults.order(Fault(kind=FaultKind.HTML))
    async with emulator.served() as session:
        response = await session.post("/_emulator/faults", json={"kind": "html"})

        assert response.status == 409


async def test_the_ledger_can_be_read_whole_or_for_one_operation() -> None:
    emulator = AnEmulator()
    emulator.ledger.record(NOON, "start", "alice", "ok", {"gateway": "vpn-1"})
    emulator.ledger.record(NOON, "ask", "alice", "NotFound", {})
    async with emulator.served() as session:
        every = (await (await session.get("/_emulator/calls")).json())["calls"]
        asked = (await (await session.get("/_emulator/calls?operation=ask")).json())["calls"]

        assert [(call["number"], call["operation"]) for call in every] == [(1, "start"), (2, "ask")]
        assert [call["outcome"] for call in asked] == ["NotFound"]


async def test_the_ledger_can_be_read_on_from_a_number() -> None:
    emulator = AnEmulator()
    for name in ("start", "ask", "ask"):
        emulator.ledger.record(NOON, name, "alice", "ok", {})
    async with emulator.served() as session:
        answer = await (await session.get("/_emulator/calls?after=1&operation=ask")).json()
        refused = await session.get("/_emulator/calls?after=all")

        assert (answer["count"], [call["number"] for call in answer["calls"]]) == (3, [2, 3])
        assert refused.status == 400


async def test_a_reset_forgets_faults_calls_and_what_the_emulator_itself_holds() -> None:
    emulator = AnEmulator()
    emulator.faults.order(Fault(kind=FaultKind.HTML))
    emulator.ledger.record(NOON, "start", "alice", "ok", {})
    async with emulator.served() as session:
        await session.post("/_emulator/reset")

        assert (emulator.faults.open(), emulator.ledger.calls(), emulator.resets) == ((), (), 1)


async def test_a_page_of_another_site_cannot_pull_the_strings() -> None:
    emulator = AnEmulator()
    async with emulator.served() as session:
        foreign = await session.post("/_emulator/reset", headers={"Origin": "https://evil.example"})
        own = await session.post("/_emulator/reset", headers={"Origin": str(session._base_url).rstrip("/")})

        assert (foreign.status, own.status, emulator.resets) == (403, 200, 1)
