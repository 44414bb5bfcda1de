"""Forms on people's screens, at Slack's emulator: the latest word wins, and nothing is forced."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import pytest
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.emulators.slack.player import Player
from bot.listeners.open_forms import OpenForms
from bot.slack.api import SlackApi
from bot.slack.client import build_client, build_session
from bot.slack.modals import Modal, open_modal, update_modal
from bot.slack.views import FormValues, diagnose_form
from tests.emulators.slack.playground import ALICE, playing


def a_form(*notices: str) -> dict[str, Any]:
    return diagnose_form(language="en", private_metadata="{}", initial=FormValues(), regions=(), notices=notices)


class Screen(NamedTuple):
    """A form that Alice has before her."""

    api: SlackApi
    player: Player
    modal: Modal

    async def above(self) -> str:
        (view,) = await self.player.views(ALICE)
        return str([block for block in view["blocks"] if block["type"] != "input"])


@pytest.fixture
async def screen() -> AsyncIterator[Screen]:
    async with playing() as playground, playground.app() as taken, build_session() as session:
        await playground.player.command()
        api = SlackApi(build_client("xoxb-emulator", f"{playground.url}/api/", session))
        yield Screen(api, playground.player, await open_modal(api, taken[0].payload["trigger_id"], a_form()))


async def test_what_is_found_is_shown(screen: Screen) -> None:
    forms = OpenForms()
    turn = forms.take_turn(screen.modal)
    await forms.show(screen.api, screen.modal, turn, a_form("IPsec is off"))

    assert "IPsec is off" in await screen.above()


async def test_whoever_began_before_has_nothing_more_to_say(screen: Screen) -> None:
    forms = OpenForms()
    earlier, later = forms.take_turn(screen.modal), forms.take_turn(screen.modal)
    await forms.show(screen.api, screen.modal, later, a_form("new"))
    await forms.show(screen.api, screen.modal, earlier, a_form("old"))

    assert "new" in await screen.above()


async def test_a_form_that_we_changed_ourselves_since_it_was_seen_is_changed_again(screen: Screen) -> None:
    forms = OpenForms()
    await forms.show(screen.api, screen.modal, forms.take_turn(screen.modal), a_form("first"))
    await forms.show(screen.api, screen.modal, forms.take_turn(screen.modal), a_form("second"))

    assert "second" in await screen.above()


async def test_a_form_that_another_replica_changed_is_changed_as_it_was_seen_then(screen: Screen) -> None:
    forms = OpenForms()
    forms.take_turn(screen.modal)
    seen = await update_modal(screen.api, screen.modal, a_form("by the other one"))
    await forms.show(screen.api, seen, forms.take_turn(seen), a_form("by us"))

    assert "by us" in await screen.above()


async def test_what_somebody_else_has_changed_since_is_let_be(screen: Screen) -> None:
    forms = OpenForms()
    turn = forms.take_turn(screen.modal)
    await update_modal(screen.api, screen.modal, a_form("newer than what we saw"))
    await forms.show(screen.api, screen.modal, turn, a_form("by us"))

    assert "newer" in await screen.above()


async def test_a_form_that_was_closed_is_let_be(screen: Screen) -> None:
    forms = OpenForms()
    turn = forms.take_turn(screen.modal)
    await screen.player.close(screen.modal.id)
    await forms.show(screen.api, screen.modal, turn, a_form("nobody sees this"))

    assert await screen.player.views(ALICE) == []


async def test_a_form_that_there_is_no_room_to_fill_works_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    async def fill() -> None:
        raise AssertionError

    OpenForms(most_at_once=0).begin(Modal(id="V1"), fill())

    assert "a form is not filled (bot.overloaded)" in caplog.text


def test_a_menu_is_looked_at_for_the_first_time_once() -> None:
    forms = OpenForms()

    assert [forms.is_first_look("V1", menu) for menu in ("gateway_id", "gateway_id", "region")] == [
        True,
        False,
        True,
    ]
    assert forms.is_first_look("V2", "gateway_id")


async def test_a_menu_that_is_looked_at_before_the_form_is_known_forces_nothing(screen: Screen) -> None:
    forms = OpenForms()
    forms.is_first_look(screen.modal.id, "gateway_id")
    turn = forms.take_turn(screen.modal)
    await update_modal(screen.api, screen.modal, a_form("newer than what we saw"))
    await forms.show(screen.api, screen.modal, turn, a_form("by us"))

    assert "newer" in await screen.above()


async def test_one_persons_clicks_leave_room_to_fill_the_forms_of_others() -> None:
    forms, filled = OpenForms(most_at_once=2), []

    async def hang() -> None:
        await asyncio.Event().wait()

    async def fill() -> None:
        filled.append("bob")

    for _ in range(10):
        forms.begin(Modal(id="V1"), hang())
        await asyncio.sleep(0)
    forms.begin(Modal(id="V2"), fill())
    await asyncio.sleep(0)
    await forms.close()

    assert filled == ["bob"]


async def nothing() -> None:
    """Stand for a filling that has nothing to show."""


class SlowToHear(SlackApi):
    """Hears what Slack answers when it may, long after Slack has done it."""

    def __init__(self, api: SlackApi) -> None:
        super().__init__(api.client)
        self.done, self.heard = asyncio.Event(), asyncio.Event()

    async def call(self, *asked: Any) -> AsyncSlackResponse:
        reply = await super().call(*asked)
        self.done.set()
        await self.heard.wait()
        return reply


async def test_a_filling_given_up_before_slacks_answer_leaves_the_form_to_the_next(screen: Screen) -> None:
    forms, seen, slow = OpenForms(), screen.modal, SlowToHear(screen.api)
    forms.begin(seen, forms.show(slow, seen, forms.take_turn(seen), a_form("first")))
    await slow.done.wait()
    forms.begin(seen, nothing())
    turn = forms.take_turn(seen)
    slow.heard.set()
    await forms.show(screen.api, seen, turn, a_form("second"))

    assert "second" in await screen.above()
