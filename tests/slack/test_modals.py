"""Modals as Slack's emulator takes them: opened once, and changed only as they are."""

from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import pytest

from bot.emulators.slack.player import Player
from bot.model.problem import Problem
from bot.slack.api import SlackApi
from bot.slack.client import build_client, build_session
from bot.slack.modals import Modal, open_modal, update_modal
from bot.slack.views import FormValues, diagnose_form
from tests.emulators.slack.playground import ALICE, playing


def a_form(**changes: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {"private_metadata": "{}", "initial": FormValues(), "regions": ()}
    return diagnose_form(language="en", **usual | changes)


class Desk(NamedTuple):
    """Alice has typed a command, and nothing is open yet."""

    api: SlackApi
    player: Player
    trigger: str


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with playing() as playground, playground.app() as taken, build_session() as session:
        await playground.player.command()
        api = SlackApi(build_client("xoxb-emulator", f"{playground.url}/api/", session))
        yield Desk(api, playground.player, taken[0].payload["trigger_id"])


async def test_a_trigger_opens_one_modal(desk: Desk) -> None:
    modal = await open_modal(desk.api, desk.trigger, a_form())

    with pytest.raises(Problem) as raised:
        await open_modal(desk.api, desk.trigger, a_form())
    assert raised.value.code == "slack.exchanged_trigger_id"
    assert [view["id"] for view in await desk.player.views(ALICE)] == [modal.id]


async def test_a_modal_is_changed_as_it_is_and_has_another_hash_then(desk: Desk) -> None:
    opened = await open_modal(desk.api, desk.trigger, a_form())
    changed = await update_modal(desk.api, opened, a_form(notices=["IPsec is off"]))

    (view,) = await desk.player.views(ALICE)
    assert "IPsec is off" in view["blocks"][0]["text"]["text"]
    assert (changed.id, changed.hash) == (opened.id, view["hash"])


@pytest.mark.parametrize(
    ("modal", "code"),
    [({"hash": "another"}, "slack.hash_conflict"), ({"id": "V0NOWHERE"}, "slack.not_found")],
)
async def test_what_is_not_there_as_we_think_is_not_changed(desk: Desk, modal: dict[str, str], code: str) -> None:
    opened = await open_modal(desk.api, desk.trigger, a_form())

    with pytest.raises(Problem) as raised:
        await update_modal(desk.api, Modal(**opened.model_dump() | modal), a_form(notices=["no"]))
    assert raised.value.code == code
