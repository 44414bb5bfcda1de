"""The form as it opens and as it is filled afterwards, through Slack's emulator."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.emulators.slack.player import Player
from bot.listeners.filling import Form, choice_reply
from bot.listeners.form_origin import FormOrigin
from bot.listeners.intake import Intake
from bot.model.audit import Attempt
from bot.model.ids import ChannelId
from bot.model.problem import ProblemDetails
from bot.model.request import Conversation
from bot.slack.views import FormValues
from tests.listeners.conftest import FORM_KEY
from tests.listeners.listed import listed, silent
from tests.listeners.test_pickers import a_question
from tests.listeners.told import ALICE

Json = dict[str, Any]
Play = Callable[[Intake], Awaitable[Player]]

HERE = Conversation(channel_id=ChannelId("C0INCIDENT"))
HEALTHY = "vpn-healthy0000000000001"


@pytest.fixture
async def looking(intake: Intake) -> AsyncIterator[Intake]:
    async with listed() as lists:
        yield replace(intake, listings=lists)
        await intake.filling.close()


async def opened(player: Player, text: str = "") -> Json:
    view: Json = (await player.command(text))["views"][0]
    return view


async def until_it_says(player: Player, text: str) -> Json:
    async def said() -> list[Json]:
        return [view for view in await player.views() if text in str(view["blocks"])]

    return (await player.until(said))[0]


async def test_what_is_wrong_with_what_was_typed_is_said_once_it_is_known(play: Play, looking: Intake) -> None:
    player = await play(looking)
    view = await opened(player, "vpn-off")
    shown = await until_it_says(player, "IPsec is off on vpn-off")

    assert "IPsec is off" not in str(view["blocks"])
    assert shown["id"] == view["id"]
    assert shown["state"]["values"]["gateway_id"]["gateway_id"]["selected_option"]["value"] == "vpn-off"


async def test_the_form_opens_and_carries_choices_while_the_cloud_is_silent(play: Play, intake: Intake) -> None:
    player = await play(replace(intake, listings=silent(), menus_within_s=0.05))
    view = await opened(player)
    await player.click("gateway_id", value=HEALTHY, view_id=view["id"], values={"source_ip": "10.0.0.1"})

    async def carried() -> list[Json]:
        return [one for one in await player.views() if HEALTHY in one["private_metadata"]]

    (shown,) = await player.until(carried)
    assert shown["state"]["values"]["source_ip"]["source_ip"]["value"] == "10.0.0.1"
    await intake.filling.close()


async def test_a_choice_that_mends_it_takes_the_notice_away(play: Play, looking: Intake) -> None:
    player = await play(looking)
    view = await opened(player, "vpn-off")
    await until_it_says(player, "IPsec is off")
    await player.click("gateway_id", value=HEALTHY, view_id=view["id"])

    async def gone() -> bool:
        return "IPsec is off" not in str((await player.views())[0]["blocks"])

    assert await player.until(gone)


async def test_what_only_says_something_chooses_nothing(play: Play, intake: Intake) -> None:
    player = await play(replace(intake, default_region=None))
    view = await opened(player)
    outcome = await player.options("gateway_id", "", view_id=view["id"])
    (only,) = outcome["options"]
    sent = await player.submit(view["id"], {"region": "cn-hangzhou", "gateway_id": only, "connection_id": only})

    assert set(sent["errors"]) == {"gateway_id", "connection_id"}


@pytest.mark.parametrize(("place", "is_said"), [(HERE, True), (None, False)])
async def test_a_form_speaks_of_this_channel_only_where_there_is_one(
    intake: Intake, place: Conversation | None, *, is_said: bool
) -> None:
    origin = FormOrigin.sealed(place, ALICE.user_id, FORM_KEY).model_copy(update={"from_last": True})
    shown = str(Form(requester=ALICE, origin=origin, values=FormValues()).view(intake))

    assert "your last diagnosis" in shown
    assert ("in this channel" in shown) is is_said


async def test_a_choice_by_somebody_else_changes_nothing_and_is_kept(intake: Intake) -> None:
    refused: list[str] = []

    async def keep(attempt: Attempt, problem: ProblemDetails) -> None:
        refused.append(f"{attempt.requester.user_id} {problem.code}")

    choice = a_question(user="U0GUEST") | {"type": "block_actions"}
    assert await choice_reply(choice, replace(intake, report_refusal=keep)) is None
    assert refused == ["U0GUEST access.form_not_yours"]


@pytest.mark.parametrize("body", [{}, {"user": 1}, {"user": {"id": "U0ALICE"}, "view": {"id": ""}}])
async def test_what_is_no_choice_is_acknowledged_all_the_same(intake: Intake, body: Json) -> None:
    assert await choice_reply(body, intake) is None
