"""What is said of a choice before the start, as the cloud of `tests.listeners.listed` tells it."""

from collections.abc import AsyncIterator

import pytest

from bot.access.identity import AccessKey
from bot.access.listings import As, Listings, Looker
from bot.access.secrets import SecretReference
from bot.listeners.notices import Chosen, notices
from bot.listeners.regions import known_regions
from bot.model.ids import TeamId, UserId
from bot.model.problem import Problem
from bot.model.request import Requester
from bot.slack.views import FormValues
from tests.listeners.listed import listed, silent

REFERENCE = SecretReference("env:LAB")
ALICE = Requester(team_id=TeamId("T0EMULATED"), user_id=UserId("U0ALICE"))
LOOKER = Looker(As(ALICE, "lab", AccessKey(id=REFERENCE, secret=REFERENCE), "1"), (), ())

HEALTHY, BROKEN = "vpn-healthy0000000000001", "vpn-broken00000000000001"
OF_HEALTHY, OF_BROKEN = "vco-healthy0000000000001", "vco-broken00000000000001"


def chosen(
    gateway: str | None = None, connection: str | None = None, region: str | None = "cn-hangzhou"
) -> Chosen:
    values = FormValues(region=region, gateway_id=gateway, connection_id=connection)
    return Chosen.of(values, known_regions())


@pytest.fixture
async def lists() -> AsyncIterator[Listings]:
    async with listed() as found:
        yield found


@pytest.mark.parametrize(
    "choice",
    [
        chosen(),
        chosen(region=None),
        chosen(region="nowhere"),
        chosen(HEALTHY),
        chosen(HEALTHY, OF_HEALTHY),
        chosen("no ID", OF_HEALTHY),
        chosen(None, OF_BROKEN),
    ],
)
async def test_nothing_is_said_where_nothing_is_known_to_be_wrong(lists: Listings, choice: Chosen) -> None:
    assert await notices(lists, LOOKER, choice, "en") == ()


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        pytest.param(chosen("vpn-off"), ["IPsec is off on vpn-off"], id="IPsec off"),
        pytest.param(
            chosen("vpn-locked"),
            ["vpn-locked is not ready (updating)", "vpn-locked is locked (FinancialLocked)"],
            id="not ready, and not paid for",
        ),
        pytest.param(chosen("vpn-nowhere"), ["lab sees no gateway vpn-nowhere in cn-hangzhou"], id="not seen"),
        pytest.param(
            chosen(HEALTHY, OF_BROKEN),
            [f"{OF_BROKEN} belongs to {BROKEN}, not to {HEALTHY}"],
            id="another gateway's",
        ),
        pytest.param(
            chosen(HEALTHY, "vco-nowhere"), ["lab sees no connection vco-nowhere"], id="a connection not seen"
        ),
        pytest.param(
            chosen(f" {HEALTHY.upper()} ", f"`{OF_BROKEN}`"), [f"{OF_BROKEN} belongs to"], id="as people paste it"
        ),
    ],
)
async def test_what_is_wrong_is_said_with_the_ids(lists: Listings, choice: Chosen, said: list[str]) -> None:
    found = await notices(lists, LOOKER, choice, "en")

    assert len(found) == len(said)
    assert all(sentence.startswith(begins) for sentence, begins in zip(found, said, strict=True))


async def test_a_cloud_that_is_silent_raises_and_says_nothing_of_the_gateway() -> None:
    lists = silent(within_s=0.05)

    with pytest.raises(Problem) as raised:
        await notices(lists, LOOKER, chosen(HEALTHY), "en")
    assert raised.value.code == "cloud.timeout"
