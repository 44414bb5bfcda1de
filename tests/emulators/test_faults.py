import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from pydantic import ValidationError

from bot.emulators.faults import MOST_ORDERED, Fault, FaultKind, Faults, answer_through
from bot.emulators.serving import serving

WHOLE = '{"answer": "a body that is long enough to be cut in the middle"}'


@asynccontextmanager
async def a_server_with(fault: Fault | None) -> AsyncIterator[tuple[str, list[str]]]:
    carried_out: list[str] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        async def carry_out() -> web.Response:
            carried_out.append("once")
            return web.Response(text=WHOLE, content_type="application/json")

        return await answer_through(fault, request, carry_out, lambda f: web.Response(status=599, reason=f.kind))

    app = web.Application()
    app.router.add_post("/", answer)
    async with serving(app) as base_url:
        yield base_url, carried_out


@pytest.mark.parametrize("kind", [None, FaultKind.DELAY], ids=["no fault", "delay"])
async def test_a_call_without_fault_or_with_a_delay_is_answered(kind: FaultKind | None) -> None:
    fault = Fault(kind=kind, seconds=0.01) if kind else None
    async with a_server_with(fault) as (url, carried_out), aiohttp.ClientSession() as session:
        response = await session.post(url)

        assert await response.text() == WHOLE
        assert carried_out == ["once"]


@pytest.mark.parametrize(
    ("kind", "carried_out_times"),
    [
        (FaultKind.RESET_BEFORE, 0),
        (FaultKind.RESET_AFTER, 1),
        (FaultKind.TRUNCATED, 1),
        (FaultKind.HANG, 0),
    ],
)
async def test_a_cut_connection_hides_what_was_carried_out(kind: FaultKind, carried_out_times: int) -> None:
    fault = Fault(kind=kind, seconds=0.01)
    async with a_server_with(fault) as (url, carried_out), aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientError):
            await (await session.post(url)).read()

        assert len(carried_out) == carried_out_times


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind=FaultKind.THROTTLE),
        Fault(kind=FaultKind.HTTP_500),
        Fault(kind=FaultKind.HTTP_503),
        Fault(kind=FaultKind.ERROR, error="is_archived"),
    ],
    ids=lambda fault: fault.kind,
)
async def test_a_refusal_is_in_the_vendors_own_words(fault: Fault) -> None:
    async with a_server_with(fault) as (url, carried_out), aiohttp.ClientSession() as session:
        response = await session.post(url)

        assert (response.status, response.reason) == (599, fault.kind)
        assert not carried_out


async def test_a_foreign_page_comes_with_status_200() -> None:
    async with a_server_with(Fault(kind=FaultKind.HTML)) as (url, _), aiohttp.ClientSession() as session:
        response = await session.post(url)

        assert (response.status, response.content_type) == (200, "text/html")


@pytest.mark.parametrize(
    "order",
    [{"kind": "error"}, {"kind": "delay", "error": "is_archived"}, {"kind": "error", "error": "<b>"}],
    ids=["an error without a code", "a code without an error", "no code"],
)
def test_an_order_that_makes_no_sense_is_refused(order: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Fault.model_validate(order)


def test_a_fault_meets_only_its_operation_and_only_so_often() -> None:
    faults = Faults()
    faults.order(Fault(operation="start", kind=FaultKind.HTML, times=2))

    met = [faults.take(name) is not None for name in ("other", "start", "start", "start")]

    assert met == [False, True, True, False]


def test_a_star_meets_every_operation() -> None:
    faults = Faults()
    faults.order(Fault(kind=FaultKind.HTML))

    assert faults.take("anything") is not None
    assert faults.open() == ()


def test_a_hang_without_a_length_outlasts_a_clients_patience() -> None:
    assert Fault(kind=FaultKind.HANG).length_s == 60
    assert Fault(kind=FaultKind.DELAY).length_s == 1
    assert Fault(kind=FaultKind.DELAY, seconds=0).length_s == 0


def test_the_number_of_open_faults_is_bounded() -> None:
    faults = Faults()
    for _ in range(MOST_ORDERED):
        faults.order(Fault(kind=FaultKind.HTML))

    with pytest.raises(ValueError, match="at most"):
        faults.order(Fault(kind=FaultKind.HTML))


async def test_a_client_that_went_by_itself_needs_no_cutting_off() -> None:
    fault = Fault(kind=FaultKind.HANG, seconds=0.05)
    async with a_server_with(fault) as (url, carried_out), aiohttp.ClientSession() as session:
        with pytest.raises(TimeoutError):
            await session.post(url, timeout=aiohttp.ClientTimeout(total=0.01))
        await asyncio.sleep(0.1)

        assert not carried_out


def test_a_fault_that_stands_is_met_until_it_is_lifted_and_after_those_that_were_ordered() -> None:
    faults, down, slow = Faults(), Fault(kind=FaultKind.HTTP_503), Fault(kind=FaultKind.DELAY)
    faults.stand("down", down)
    faults.order(slow)

    assert [faults.take("start") for _ in range(3)] == [slow, down, down]
    assert faults.standing == {"down"}
    faults.lift("down")
    assert faults.take("start") is None


def test_a_fault_that_stands_for_one_operation_is_not_met_by_another() -> None:
    faults = Faults()
    faults.stand("busy", Fault(operation="start", kind=FaultKind.THROTTLE))

    assert faults.take("ask") is None
    faults.clear()
    assert faults.take("start") is None
