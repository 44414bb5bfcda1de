"""What people may choose from: as themselves, once a minute, and nobody what another one was shown."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any

import pytest

from bot.access.desk import Access
from bot.access.listings import Listings, Looker
from bot.model.ids import ChannelId, RegionId, VpnConnectionId, VpnGatewayId
from bot.model.problem import Problem
from bot.model.request import Requester

if TYPE_CHECKING:
    from tests.access.conftest import Clock, Cloud

HANGZHOU, QINGDAO = RegionId("cn-hangzhou"), RegionId("cn-qingdao")
HEALTHY = VpnGatewayId("vpn-healthy0000000000001")
INCIDENT = ChannelId("C0INCIDENT")

GUARDED = """\
version: 1
workspaces: [T0EMULATED]
identities:
  oncall:
    assume_role: acs:ram::1234567890123456:role/vpn-diagnose-oncall
    guardrail:
      - {Effect: Allow, Action: "vpc:DiagnoseVpnGateway", Resource: ["acs:vpc:cn-hangzhou:*:vpngateway/vpn-h*",
         "acs:vpc:cn-hangzhou:*:vpnconnection/vco-h*"]}
users: {U0ALICE: oncall}
"""


@pytest.fixture
async def access(an_access: Callable[..., Awaitable[Access]]) -> Access:
    return await an_access()


@pytest.fixture
async def listings(access: Access, cloud: "Cloud", clock: "Clock") -> AsyncIterator[Listings]:
    found = Listings(access.credential_of, access.forget_credential, cloud.vpn, clock, within_s=0.5)
    yield found
    await found.close()


@pytest.fixture
async def alice(access: Access, a_requester: Callable[..., Requester]) -> Looker:
    return await access.looker(a_requester(), INCIDENT)


async def test_a_person_is_shown_the_gateways_of_a_region(listings: Listings, alice: Looker) -> None:
    found = await listings.gateways(alice, HANGZHOU)

    assert HEALTHY in {gateway.gateway_id for gateway in found.entries}
    assert found.complete


async def test_what_was_found_is_shown_for_a_minute(
    listings: Listings, alice: Looker, cloud: "Cloud", clock: "Clock"
) -> None:
    for _ in range(3):
        await listings.gateways(alice, HANGZHOU)
    assert len(await cloud.calls("DescribeVpnGateways")) == 1

    clock.pass_by(seconds=61)
    await listings.gateways(alice, HANGZHOU)
    assert len(await cloud.calls("DescribeVpnGateways")) == 2


async def test_many_who_ask_at_once_for_the_same_make_one_call(
    listings: Listings, alice: Looker, cloud: "Cloud"
) -> None:
    await asyncio.gather(*(listings.connections(alice, HANGZHOU, gateway_id=HEALTHY) for _ in range(20)))

    assert len(await cloud.calls("DescribeVpnConnections")) == 1


async def test_another_region_is_another_list(listings: Listings, alice: Looker) -> None:
    here, there = [await listings.gateways(alice, region) for region in (HANGZHOU, QINGDAO)]

    assert not set(here.entries) & set(there.entries)


async def test_a_person_never_has_what_another_one_was_shown(
    listings: Listings, access: Access, alice: Looker, cloud: "Cloud", a_requester: Callable[..., Requester]
) -> None:
    bob = await access.looker(a_requester("U0BOB"), INCIDENT)
    for looker in (alice, bob):
        await listings.gateways(looker, HANGZHOU)

    first, second = await cloud.calls("DescribeVpnGateways")
    assert first["caller"] != second["caller"]


async def test_a_new_version_of_the_book_shows_nothing_of_before(
    listings: Listings, alice: Looker, cloud: "Cloud"
) -> None:
    await listings.gateways(alice, HANGZHOU)
    await listings.gateways(alice._replace(who=alice.who._replace(book_version="other")), HANGZHOU)

    assert len(await cloud.calls("DescribeVpnGateways")) == 2


async def test_a_denial_is_told_and_not_asked_for_again_with_each_letter(
    listings: Listings, alice: Looker, cloud: "Cloud"
) -> None:
    await cloud.may({"Effect": "Allow", "Action": "vpc:DiagnoseVpnGateway", "Resource": "*"})
    for _ in range(3):
        with pytest.raises(Problem) as raised:
            await listings.gateways(alice, HANGZHOU)
        assert raised.value.code.startswith("Forbidden")

    assert len(await cloud.calls("DescribeVpnGateways")) == 1


async def test_what_went_wrong_is_tried_again(listings: Listings, alice: Looker, cloud: "Cloud") -> None:
    await cloud.order_fault(operation="DescribeVpnGateways", kind="hang", seconds=5)
    with pytest.raises(Problem) as raised:
        await listings.gateways(alice, HANGZHOU)

    assert raised.value.code == "cloud.timeout"
    assert (await listings.gateways(alice, HANGZHOU)).entries


async def test_a_session_that_the_cloud_takes_no_more_is_replaced(
    listings: Listings, alice: Looker, cloud: "Cloud"
) -> None:
    await cloud.order_fault(operation="DescribeVpnGateways", kind="error", error="InvalidSecurityToken.Expired")
    with pytest.raises(Problem):
        await listings.gateways(alice, HANGZHOU)
    await listings.gateways(alice, HANGZHOU)

    assert len(await cloud.calls("AssumeRole")) == 2


async def test_one_connection_is_found_wherever_it_belongs(listings: Listings, alice: Looker) -> None:
    connection_id = VpnConnectionId("vco-broken00000000000001")
    (found,) = (await listings.connections(alice, HANGZHOU, connection_id=connection_id)).entries

    assert found.gateway_id == "vpn-broken00000000000001"


@pytest.mark.parametrize(
    ("gateway", "connection", "may"),
    [
        ("vpn-healthy", None, True),
        ("vpn-broken", None, False),
        ("vpn-healthy", "vco-healthy", True),
        ("vpn-healthy", "vco-broken", False),
    ],
)
async def test_what_the_guardrail_excludes_is_not_to_be_chosen(
    listings: Listings,
    an_access: Callable[..., Awaitable[Access]],
    a_requester: Callable[..., Requester],
    gateway: str,
    connection: Any,
    *,
    may: bool,
) -> None:
    looker = await (await an_access(GUARDED)).looker(a_requester(), INCIDENT)
    connection_id = connection and VpnConnectionId(connection)

    assert listings.may_be_chosen(looker, HANGZHOU, VpnGatewayId(gateway), connection_id) is may


async def test_nobody_looks_who_is_not_let_in(access: Access, a_requester: Callable[..., Requester]) -> None:
    with pytest.raises(Problem) as raised:
        await access.looker(a_requester("U0MALLORY"), INCIDENT)

    assert raised.value.code == "access.not_mapped"
