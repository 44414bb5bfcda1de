"""Lists to their end, within a bound."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx
import pytest

from bot.alibaba.inventory import read_gateway
from bot.alibaba.pages import MOST_ENTRIES, MOST_PAGES, PATIENCE_S, listed
from bot.alibaba.rpc import RpcClient
from bot.alibaba.traffic import Place, Traffic
from bot.alibaba.vpn import DESCRIBE_GATEWAYS
from bot.model.credential import Credential
from bot.model.ids import RegionId
from bot.model.problem import Problem
from bot.model.vpn import Listing, VpnGateway

Clients = Callable[..., RpcClient]


def gateways(first: int, last: int) -> list[dict[str, str]]:
    return [{"VpnGatewayId": f"vpn-{number}"} for number in range(first, last)]


class Pages:
    """Answers with the page that is asked for."""

    def __init__(self, page: Callable[[int], dict[str, Any]]) -> None:
        self.page = page
        self.asked: list[dict[str, str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(dict(request.url.params))
        return httpx.Response(200, json=self.page(int(request.url.params["PageNumber"])))


async def read(rpc: RpcClient, credential: Credential) -> Listing[VpnGateway]:
    params = {"RegionId": "cn-qingdao"}
    return await listed(rpc, DESCRIBE_GATEWAYS, params, credential, RegionId("cn-qingdao"), read_gateway)


def of_many(total: int) -> Pages:
    return Pages(
        lambda number: {
            "VpnGateways": {"VpnGateway": gateways((number - 1) * 50, min(number * 50, total))},
            "TotalCount": total,
        }
    )


@pytest.mark.parametrize(("total", "pages"), [(0, 1), (1, 1), (50, 1), (51, 2), (120, 3)])
async def test_a_list_is_read_to_its_end(
    total: int, pages: int, rpc_over: Clients, credential: Credential
) -> None:
    cloud = of_many(total)

    found = await read(rpc_over(cloud), credential)

    assert [str(one.gateway_id) for one in found.entries] == [f"vpn-{number}" for number in range(total)]
    assert found.complete
    assert [one["PageNumber"] for one in cloud.asked] == [str(number + 1) for number in range(pages)]
    assert {(one["PageSize"], one["RegionId"]) for one in cloud.asked} == {("50", "cn-qingdao")}


async def test_a_list_without_end_is_cut_and_says_so(rpc_over: Clients, credential: Credential) -> None:
    cloud = of_many(10**6)

    found = await read(rpc_over(cloud), credential)

    assert (len(found.entries), found.complete, len(cloud.asked)) == (MOST_ENTRIES, False, MOST_PAGES)


@pytest.mark.parametrize(
    ("page", "entries", "complete", "asked"),
    [
        ({"VpnGateways": {"VpnGateway": gateways(0, 50)}, "TotalCount": 400}, 50, False, 2),
        ({"VpnGateways": {"VpnGateway": gateways(0, 60)}, "TotalCount": 60}, 60, True, 1),
        ({"VpnGateways": {"VpnGateway": gateways(0, 2000)}, "TotalCount": 2000}, MOST_ENTRIES, False, 1),
        ({"VpnGateways": gateways(0, 3), "TotalCount": "3"}, 3, True, 1),
        ({"VpnGateways": {"VpnGateway": gateways(0, 3)}}, 3, True, 1),
        (
            {"VpnGateways": {"VpnGateway": [*gateways(0, 1), 7, None, {}, *gateways(0, 1)]}, "TotalCount": 5},
            1,
            False,
            1,
        ),
        ({"VpnGateways": {"VpnGateway": gateways(0, 1) * 2}, "TotalCount": 2}, 1, True, 1),
        ({"VpnGateways": {"VpnGateway": [{}, 7, None]}, "TotalCount": 3}, 0, False, 1),
        ({"VpnGateways": {"VpnGateway": [*gateways(0, 1), {}]}}, 1, False, 1),
        ({"TotalCount": 0}, 0, True, 1),
        ({"TotalCount": 7, "VpnGateways": {}}, 0, False, 1),
        ({"TotalCount": 500, "VpnGateways": {"VpnGateway": [{}] * 50}}, 0, False, 1),
    ],
    ids=[
        "the same page for ever",
        "a larger page than was asked for",
        "everything at once",
        "flat, with a count as text",
        "without a count",
        "odd entries and one twice",
        "one twice",
        "all of them unreadable",
        "unreadable ones without a count",
        "no list",
        "an empty wrapper",
        "nothing that can be read",
    ],
)
async def test_odd_pages_end(
    page: dict[str, Any], entries: int, asked: int, rpc_over: Clients, credential: Credential, *, complete: bool
) -> None:
    cloud = Pages(lambda _: page)

    found = await read(rpc_over(cloud), credential)

    assert (len(found.entries), found.complete, len(cloud.asked)) == (entries, complete, asked)


async def test_a_list_that_ends_before_its_count_says_so(rpc_over: Clients, credential: Credential) -> None:
    cloud = Pages(
        lambda number: {"VpnGateways": {"VpnGateway": gateways(0, 50) if number == 1 else []}, "TotalCount": 120}
    )

    found = await read(rpc_over(cloud), credential)

    assert (len(found.entries), found.complete, len(cloud.asked)) == (50, False, 2)


async def test_entries_that_cannot_be_read_are_counted_in_the_log(
    rpc_over: Clients, credential: Credential, caplog: pytest.LogCaptureFixture
) -> None:
    page = {
        "VpnGateways": {"VpnGateway": [*gateways(0, 1), {"VpnGatewayId": "canary canary"}, 7]},
        "TotalCount": 3,
    }

    await read(rpc_over(Pages(lambda _: page)), credential)

    assert "DescribeVpnGateways: 2 entries could not be read" in caplog.text
    assert "canary" not in caplog.text


@pytest.fixture
def crowded(rpc_over: Clients, pauses: Any) -> Callable[..., RpcClient]:
    """Return a builder of clients before whom many others get into line, when the given page is asked for."""

    def build(cloud: Pages, others: int) -> RpcClient:
        traffic = Traffic(pauses.clock, pauses.monotonic, pauses)
        place = Place("STS.example-id", "vpc", RegionId("cn-qingdao"))

        async def answer(request: httpx.Request) -> httpx.Response:
            now = pauses.now
            for who in range(others if request.url.params["PageNumber"] == "1" else 0):
                with suppress(Problem):
                    async with traffic.admitted(DESCRIBE_GATEWAYS, place, who):
                        pass
                pauses.now = now
            return cloud(request)

        return rpc_over(httpx.MockTransport(answer), traffic=traffic)

    return build


async def test_a_list_waits_for_the_turns_of_its_pages(
    crowded: Callable[..., RpcClient], credential: Credential, pauses: Any
) -> None:
    cloud = of_many(120)

    found = await read(crowded(cloud, 70), credential)

    assert (len(found.entries), found.complete) == (120, True)
    assert len(cloud.asked) == 3
    assert 2 < sum(pauses.taken[-2:]) < PATIENCE_S


async def test_a_list_whose_turn_is_too_far_away_is_cut_and_says_so(
    crowded: Callable[..., RpcClient], credential: Credential
) -> None:
    cloud = of_many(120)

    found = await read(crowded(cloud, 300), credential)

    assert (len(found.entries), found.complete) == (50, False)
    assert len(cloud.asked) == 1


async def test_a_list_that_cannot_begin_says_when_to_come_back(
    crowded: Callable[..., RpcClient], credential: Credential
) -> None:
    rpc = crowded(of_many(120), 300)
    await read(rpc, credential)

    with pytest.raises(Problem, match=r"cloud\.busy") as caught:
        await read(rpc, credential)

    assert float(caught.value.facts["retry_after_s"]) > 2


async def test_a_failure_between_pages_is_told(rpc_over: Clients, credential: Credential) -> None:
    def page(number: int) -> dict[str, Any]:
        return of_many(120).page(number) if number < 2 else {"Code": "Forbidden.RAM"}

    with pytest.raises(Problem, match=r"Forbidden\.RAM"):
        await read(rpc_over(Pages(page)), credential)


async def test_what_is_no_list_is_not_understood(rpc_over: Clients, credential: Credential) -> None:
    with pytest.raises(Problem, match=r"cloud\.not_understood"):
        await read(rpc_over(Pages(lambda _: {"VpnGateways": "all"})), credential)
