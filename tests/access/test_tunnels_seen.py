"""The tunnels as somebody sees them: as their identity, with reasons only for those that are not up."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import pytest

from bot.access.desk import Access
from bot.access.tunnels_seen import see_tunnels
from bot.model.ids import ChannelId, RegionId, VpnConnectionId, VpnGatewayId
from bot.model.request import DiagnosisRequest, Requester
from bot.model.tunnels import Tunnels
from tests.access.conftest import BOOK

if TYPE_CHECKING:
    from tests.access.conftest import Cloud

Look = Callable[..., Awaitable[Tunnels]]

LISTED, WHY = "DescribeVpnConnections", "DiagnoseVpnConnections"
DUAL = {
    "region": RegionId("eu-central-1"),
    "gateway_id": VpnGatewayId("vpn-dual0000000000000001"),
    "connection_id": VpnConnectionId("vco-dual0000000000000001"),
}
SINGLE_DOWN = {
    "gateway_id": VpnGatewayId("vpn-broken00000000000001"),
    "connection_id": VpnConnectionId("vco-broken00000000000001"),
}


@pytest.fixture
async def look(
    an_access: Callable[..., Awaitable[Access]],
    a_requester: Callable[..., Requester],
    a_request: Callable[..., DiagnosisRequest],
    cloud: "Cloud",
) -> Look:
    book = BOOK.replace("[cn-hangzhou, cn-qingdao]", "[cn-hangzhou, cn-qingdao, eu-central-1]")
    access = await an_access(book, probes=cloud.probes)

    async def see(**which: Any) -> Tunnels:
        request = a_request(**which)
        authorization = await access.authorize(a_requester(), ChannelId("C0INCIDENT"), request)
        return await see_tunnels(cloud.probes, authorization, request)

    return see


async def test_a_tunnel_that_is_up_is_asked_for_no_reason(look: Look, cloud: "Cloud") -> None:
    tunnels = await look()

    assert tunnels.up
    assert tunnels.each[0].tunnel_id is None
    assert await cloud.calls(WHY) == []


async def test_of_two_tunnels_the_reason_of_the_one_that_is_down_is_asked(look: Look, cloud: "Cloud") -> None:
    tunnels = await look(**DUAL)

    (down,) = tunnels.down
    assert len(tunnels.each) == 2
    assert tunnels.up
    assert down.finding is not None
    assert down.finding.reason_code == "PskMismatch"
    (call,) = await cloud.calls(WHY)
    assert str(down.tunnel_id) in str(call)


async def test_the_only_tunnel_is_asked_for_by_its_connection(look: Look, cloud: "Cloud") -> None:
    tunnels = await look(**SINGLE_DOWN)

    assert tunnels.up is False
    assert tunnels.each[0].finding is not None
    assert len(await cloud.calls(WHY)) == 1


async def test_without_the_reasons_the_states_are_told(look: Look, cloud: "Cloud") -> None:
    await cloud.order_fault(operation=WHY, kind="error", error="Forbidden.RAM", times=9)

    tunnels = await look(**DUAL)

    assert len(tunnels.down) == 1
    assert tunnels.down[0].finding is None
    assert tunnels.unseen is not None
    assert tunnels.unseen.facts["operation"] == WHY


@pytest.mark.parametrize(
    "fault",
    [{"kind": "error", "error": "Forbidden.RAM"}, {"kind": "throttle"}, {"kind": "http_503"}],
    ids=lambda fault: fault["kind"],
)
async def test_who_cannot_look_sees_none_and_learns_why(look: Look, cloud: "Cloud", fault: dict[str, str]) -> None:
    await cloud.order_fault(operation=LISTED, times=9, **fault)

    tunnels = await look(**DUAL)

    assert tunnels.each == ()
    assert tunnels.unseen is not None


async def test_a_connection_that_is_not_there_has_none(look: Look) -> None:
    assert await look(connection_id=VpnConnectionId("vco-gone00000000000000001")) == Tunnels()
