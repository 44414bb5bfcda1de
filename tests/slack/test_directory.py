"""Who people are and which channels are shared, asked of Slack's emulator as production does."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.emulators.serving import serving
from bot.emulators.slack import EXAMPLE, SlackEmulator
from bot.model.ids import ChannelId, TeamId, UserId
from bot.model.problem import Problem
from bot.slack.client import build_client
from bot.slack.directory import Account, Directory

Served = Callable[..., Awaitable[Directory]]


@pytest.fixture
async def directory() -> AsyncIterator[Directory]:
    async with serving(SlackEmulator(EXAMPLE).web_app()) as url, aiohttp.ClientSession() as session:
        yield Directory(build_client("xoxb-emulator", f"{url}/api/", session))


@pytest.fixture
async def answering() -> AsyncIterator[Served]:
    """Return what gives a directory in which Slack answers every question with this."""
    said: dict[str, Any] = {}

    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"ok": True, **said})

    app = web.Application()
    app.router.add_route("*", "/api/{method}", answer)
    async with serving(app) as url, aiohttp.ClientSession() as session:

        async def build(**answer: Any) -> Directory:
            said.update(answer)
            return Directory(build_client("xoxb-emulator", f"{url}/api/", session))

        yield build


async def test_a_member_is_an_account_of_this_workspace(directory: Directory) -> None:
    assert await directory.account(UserId("U0ALICE")) == Account(
        user_id=UserId("U0ALICE"),
        team_id=TeamId("T0EMULATED"),
        is_deactivated=False,
        is_bot=False,
        is_guest=False,
        locale="en-US",
    )


async def test_somebody_who_uses_slack_in_chinese_is_known_to(directory: Directory) -> None:
    account = await directory.account(UserId("U0LIN"))

    assert account.locale == "zh-CN"


@pytest.mark.parametrize("user", ["U0GUEST", "U0SOLO"])
async def test_guests_of_both_kinds_are_guests(directory: Directory, user: str) -> None:
    account = await directory.account(UserId(user))

    assert account.is_guest is True


async def test_somebody_of_another_company_brings_their_home(directory: Directory) -> None:
    account = await directory.account(UserId("U0PARTNER"))

    assert account.team_id == "T0PARTNER"
    assert not account.is_stranger


async def test_of_somebody_who_left_it_is_only_known_that_they_did(directory: Directory) -> None:
    account = await directory.account(UserId("U0DORA"))

    assert account.is_deactivated
    assert account.is_guest is None


@pytest.mark.parametrize("user", ["U0WORKFLOW", "U0VPNBOT"])
async def test_bots_and_workflows_are_bots(directory: Directory, user: str) -> None:
    account = await directory.account(UserId(user))

    assert account.is_bot is True


async def test_nobody_is_a_problem(directory: Directory) -> None:
    with pytest.raises(Problem) as raised:
        await directory.account(UserId("U0NOBODY"))

    assert raised.value.code == "slack.user_not_found"


@pytest.mark.parametrize(
    ("marks", "bot", "guest"),
    [
        pytest.param({}, None, None, id="nothing is said"),
        pytest.param({"is_bot": False, "is_restricted": False}, False, None, id="half of it is said"),
        pytest.param({"is_bot": False, "is_ultra_restricted": True}, False, True, id="half of it is enough"),
        pytest.param({"is_bot": False, "is_connector_bot": True}, True, None, id="a connector"),
        pytest.param(
            {"is_bot": False, "is_restricted": False, "is_ultra_restricted": False}, False, False, id="all is said"
        ),
    ],
)
async def test_what_slack_leaves_out_is_not_known(
    answering: Served, marks: dict[str, bool], *, bot: bool | None, guest: bool | None
) -> None:
    directory = await answering(user={"id": "U0ALICE", "deleted": False, **marks})
    account = await directory.account(UserId("U0ALICE"))

    assert account.is_bot is bot
    assert account.is_guest is guest


async def test_somebody_of_an_organization_names_it_and_its_workspaces(answering: Served) -> None:
    organization = {"id": "W0WANDA", "enterprise_id": "E0ORG", "teams": ["T0ONE", "T0TWO"]}
    directory = await answering(user={"id": "W0WANDA", "deleted": False, "enterprise_user": organization})
    account = await directory.account(UserId("W0WANDA"))

    assert account.enterprise_id == "E0ORG"
    assert account.teams == {"T0ONE", "T0TWO"}


async def test_an_answer_about_nobody_is_not_understood(answering: Served) -> None:
    directory = await answering(user={"id": "U0ALICE"})
    with pytest.raises(Problem) as raised:
        await directory.account(UserId("U0ALICE"))

    assert raised.value.code == "slack.not_understood"


@pytest.mark.parametrize(
    ("channel", "shared"),
    [("C0INCIDENT", False), ("C0PENDING", True), ("C0SHARED", True), ("C0ORG", True), ("C0OPEN", False)],
)
async def test_every_kind_of_sharing_is_seen(directory: Directory, channel: str, *, shared: bool) -> None:
    assert await directory.is_shared(ChannelId(channel)) is shared


@pytest.mark.parametrize(
    ("marks", "shared"),
    [
        ({}, False),
        ({"is_shared": True}, True),
        ({"pending_shared": ["T0AFAR"]}, True),
        ({"shared_team_ids": ["T0EMULATED"]}, False),
    ],
    ids=["no mark", "only the general mark", "an invitation", "this workspace itself"],
)
async def test_one_mark_of_sharing_is_enough(answering: Served, marks: dict[str, Any], *, shared: bool) -> None:
    directory = await answering(channel={"id": "C0A", "is_ext_shared": False, **marks})

    assert await directory.is_shared(ChannelId("C0A")) is shared


async def test_a_channel_of_which_nothing_is_said_is_not_understood(answering: Served) -> None:
    directory = await answering(channel={"id": "C0A"})
    with pytest.raises(Problem) as raised:
        await directory.is_shared(ChannelId("C0A"))

    assert raised.value.code == "slack.not_understood"
