from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.emulators.alibaba.emulator import AlibabaEmulator
from bot.emulators.alibaba.network_file import load_network
from bot.emulators.serving import serving
from bot.emulators.slack.emulator import SlackEmulator, utc_now


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def beside(session: aiohttp.ClientSession) -> AsyncIterator[str]:
    """Serve Slack with a cloud beside it; gives where the page asks for the cloud."""
    del session
    cloud = AlibabaEmulator(load_network(None), clock=utc_now).web_app()
    async with serving(cloud) as cloud_url, serving(SlackEmulator(cloud_url=cloud_url).web_app()) as slack_url:
        yield f"{slack_url}/_emulator/cloud"


async def test_the_page_sees_and_switches_the_cloud_through_its_own_server(
    beside: str, session: aiohttp.ClientSession
) -> None:
    assert (await (await session.get(beside)).json())["attached"] is True
    await session.post(f"{beside}/switches", json={"switch": "down", "on": True})
    assert (await (await session.get(f"{beside}/switches")).json())["on"] == [{"switch": "down"}]
    await session.post(f"{beside}/mend")
    assert (await (await session.get(f"{beside}/switches")).json())["on"] == []
    assert (await (await session.get(f"{beside}/calls", params={"after": "0"})).json())["calls"] == []


@pytest.mark.parametrize("order", [{"switch": "weather", "on": True}, {}], ids=str)
async def test_what_the_cloud_refuses_is_refused_in_its_words(
    beside: str, session: aiohttp.ClientSession, order: dict[str, object]
) -> None:
    answer = await session.post(f"{beside}/switches", json=order)

    assert answer.status == 400
    assert "switch" in (await answer.json())["error"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "reset"),
        ("POST", "faults"),
        ("POST", "overview"),
        ("GET", "mend"),
        ("GET", "network"),
        ("GET", "../../latest/meta-data"),
        ("GET", "switches%2f..%2fsessions"),
    ],
)
async def test_no_other_path_is_handed_on(
    beside: str, session: aiohttp.ClientSession, method: str, path: str
) -> None:
    assert (await session.request(method, f"{beside}/{path}")).status in {404, 405}


async def test_pages_of_other_sites_switch_nothing(beside: str, session: aiohttp.ClientSession) -> None:
    elsewhere = {"Origin": "https://elsewhere.example"}
    answer = await session.post(f"{beside}/switches", json={"switch": "down", "on": True}, headers=elsewhere)

    assert answer.status == 403


async def test_slack_alone_says_that_no_cloud_is_attached(session: aiohttp.ClientSession) -> None:
    async with serving(SlackEmulator().web_app()) as slack_url:
        told = await (await session.get(f"{slack_url}/_emulator/cloud")).json()
        answer = await session.get(f"{slack_url}/_emulator/cloud/calls")

        assert (told["attached"], answer.status) == (False, 404)
        assert "no cloud is attached" in (await answer.json())["error"]


async def test_a_cloud_that_has_gone_is_told(session: aiohttp.ClientSession) -> None:
    async with serving(SlackEmulator().web_app()) as gone:
        pass
    async with serving(SlackEmulator(cloud_url=gone).web_app()) as slack_url:
        answer = await session.get(f"{slack_url}/_emulator/cloud/calls")

        assert answer.status == 409
        assert "does not answer" in (await answer.json())["error"]
