from typing import Any

import pytest
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.emulators.slack.player import NotPlayed
from tests.emulators.slack.playground import ALICE, INCIDENT, MALLORY, Answer, Json, Playground, an_input, plain

BUTTON = {
    "type": "actions",
    "block_id": "b",
    "elements": [
        {"type": "button", "action_id": "again", "text": plain("Again"), "value": "run-1", "style": "primary"},
        {
            "type": "overflow",
            "action_id": "more",
            "options": [{"text": plain(name), "value": name} for name in ("json", "cli")],
        },
    ],
}
MENU = an_input("gateway", element={"type": "external_select", "min_query_length": 2})


def answering(payload: Json | None) -> Answer:
    async def give(request: SocketModeRequest) -> Json | None:
        del request
        return payload

    return give


async def test_a_press_tells_what_where_and_with_which_value(slack: Playground) -> None:
    ts = await slack.posted(blocks=[BUTTON])
    async with slack.app() as taken:
        await slack.player.click("again", user=MALLORY, channel=INCIDENT, message_ts=ts)

    payload = taken[0].payload
    (action,) = payload["actions"]
    assert (payload["type"], payload["user"]["id"]) == ("block_actions", MALLORY)
    assert (action["action_id"], action["block_id"], action["value"]) == ("again", "b", "run-1")
    assert payload["container"]["message_ts"] == payload["message"]["ts"] == ts
    assert payload["channel"] == {"id": INCIDENT, "name": "incident"}


async def test_a_press_in_a_thread_names_the_thread(slack: Playground) -> None:
    root = await slack.posted()
    ts = await slack.posted(blocks=[BUTTON], thread_ts=root)
    async with slack.app() as taken:
        await slack.player.click("again", channel=INCIDENT, message_ts=ts)

    assert taken[0].payload["container"]["thread_ts"] == root


async def test_a_choice_in_a_menu_tells_the_option(slack: Playground) -> None:
    ts = await slack.posted(blocks=[BUTTON])
    async with slack.app() as taken:
        await slack.player.click("more", value="cli", channel=INCIDENT, message_ts=ts, block_id="b")

    assert taken[0].payload["actions"][0]["selected_option"]["value"] == "cli"


async def test_an_ephemeral_message_can_be_pressed_by_its_reader_and_is_not_sent_along(slack: Playground) -> None:
    ts = (await slack.web.chat_postEphemeral(channel=INCIDENT, user=ALICE, text="x", blocks=[BUTTON]))[
        "message_ts"
    ]
    async with slack.app() as taken:
        await slack.player.click("again", channel=INCIDENT, message_ts=ts)
        with pytest.raises(NotPlayed):
            await slack.player.click("again", user=MALLORY, channel=INCIDENT, message_ts=ts)

    assert taken[0].payload["container"]["is_ephemeral"] is True
    assert "message" not in taken[0].payload


async def test_a_press_in_a_form_tells_the_form(slack: Playground) -> None:
    view = await slack.open_form({"type": "section", "text": plain("x"), "accessory": BUTTON["elements"][0]})
    async with slack.app() as taken:
        await slack.player.click("again", view_id=view["id"])

    assert taken[0].payload["container"] == {"type": "view", "view_id": view["id"]}
    assert taken[0].payload["view"]["id"] == view["id"]


async def test_a_press_that_opens_a_form_says_so(slack: Playground) -> None:
    ts = await slack.posted(blocks=[BUTTON])

    async def answer(request: SocketModeRequest) -> None:
        view = {"type": "modal", "title": plain("x"), "blocks": [{"type": "divider"}]}
        await slack.web.views_open(trigger_id=request.payload["trigger_id"], view=view)

    async with slack.app(answer):
        outcome = await slack.player.click("again", channel=INCIDENT, message_ts=ts)

    assert len(outcome["views"]) == 1


@pytest.mark.parametrize(
    "where",
    [
        {"channel": INCIDENT, "message_ts": "1700000000.000100"},
        {"channel": INCIDENT},
        {"view_id": "V0"},
        {},
    ],
)
async def test_what_is_not_there_cannot_be_pressed(slack: Playground, where: dict[str, str]) -> None:
    with pytest.raises(NotPlayed):
        await slack.player.click("again", **where)


async def test_an_unknown_button_cannot_be_pressed(slack: Playground) -> None:
    ts = await slack.posted(blocks=[BUTTON])

    with pytest.raises(NotPlayed, match="no explode"):
        await slack.player.click("explode", channel=INCIDENT, message_ts=ts)


async def test_a_menu_that_the_app_fills_asks_for_what_was_typed(slack: Playground) -> None:
    offered = [{"text": plain("Main"), "value": "vpn-1"}]
    view = await slack.open_form(MENU)
    async with slack.app(answering({"options": offered})) as taken:
        outcome = await slack.player.options("gateway", "ma", view_id=view["id"])

    assert outcome["options"] == offered
    assert (taken[0].payload["type"], taken[0].payload["value"]) == ("block_suggestion", "ma")


async def test_nobody_is_asked_before_enough_was_typed(slack: Playground) -> None:
    view = await slack.open_form(MENU)
    async with slack.app() as taken:
        outcome = await slack.player.options("gateway", "m", view_id=view["id"])

    assert (taken, outcome["options"]) == ([], [])


@pytest.mark.parametrize(
    ("payload", "complaint"),
    [
        ({"options": [{"text": plain("x"), "value": str(n)} for n in range(101)]}, "no more than 100 items"),
        ({"options": [{"text": plain("x" * 76), "value": "x"}]}, "must be less than 76 characters"),
        ({"option_groups": "x"}, "must provide an array"),
        (None, "must provide an array"),
    ],
)
async def test_options_beyond_slacks_limits_are_not_shown(
    slack: Playground, payload: dict[str, Any] | None, complaint: str
) -> None:
    view = await slack.open_form(MENU)
    async with slack.app(answering(payload)):
        outcome = await slack.player.options("gateway", "main", view_id=view["id"])

    assert outcome["options"] == []
    assert complaint in outcome["shown"][0]


async def test_groups_of_options_are_offered_with_all_they_hold(slack: Playground) -> None:
    option = {"text": plain("Main"), "value": "vpn-1"}
    view = await slack.open_form(MENU)
    groups = [{"label": plain("Hangzhou"), "options": [option]}]
    async with slack.app(answering({"option_groups": groups})):
        outcome = await slack.player.options("gateway", "main", view_id=view["id"])

    assert outcome["options"] == [option]


async def test_options_that_did_not_come_are_an_error_the_person_sees(slack: Playground) -> None:
    view = await slack.open_form(MENU)
    outcome = await slack.player.options("gateway", "main", view_id=view["id"])

    assert outcome["shown"] == ["Options could not be loaded: dispatch_failed"]


async def test_a_menu_with_options_of_its_own_asks_nobody(slack: Playground) -> None:
    ts = await slack.posted(blocks=[BUTTON])

    with pytest.raises(NotPlayed, match="do not come from the app"):
        await slack.player.options("more", "json", channel=INCIDENT, message_ts=ts)
