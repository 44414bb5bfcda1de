"""Menus that the app fills, in a form: what is offered is taken, told, and kept while the form changes."""

import pytest
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.emulators.slack.player import NotPlayed
from tests.emulators.slack.playground import Answer, Json, Playground, a_view, an_input, plain, refusal

MAIN = {"text": plain("Main"), "value": "vpn-1"}
SPARE = {"text": plain("Spare"), "value": "vpn-2"}
MENU = an_input("gateway", dispatch_action=True, element={"type": "external_select", "min_query_length": 0})
FORM = (MENU, an_input("note", optional=True))


def offering(*options: Json) -> Answer:
    async def give(request: SocketModeRequest) -> Json | None:
        return {"options": list(options)} if request.payload["type"] == "block_suggestion" else None

    return give


async def test_a_text_for_a_menu_is_typed_into_it_and_the_option_of_that_value_is_taken(slack: Playground) -> None:
    view = await slack.open_form(*FORM)
    async with slack.app(offering(SPARE, MAIN)) as taken:
        outcome = await slack.player.submit(view["id"], {"gateway": "vpn-1"})

    asked, sent = (request.payload for request in taken)
    assert (asked["type"], asked["value"]) == ("block_suggestion", "vpn-1")
    assert sent["view"]["state"]["values"]["gateway"]["gateway"]["selected_option"] == MAIN
    assert outcome["closed"] is True


@pytest.mark.parametrize("answer", [offering(SPARE), None], ids=["another option", "no options"])
async def test_what_is_not_offered_cannot_be_chosen(slack: Playground, answer: Answer | None) -> None:
    view = await slack.open_form(*FORM)
    async with slack.app(answer):
        with pytest.raises(NotPlayed, match="does not offer vpn-1"):
            await slack.player.submit(view["id"], {"gateway": "vpn-1"})


async def test_an_option_that_is_there_from_the_beginning_is_not_looked_for(slack: Playground) -> None:
    menu = an_input("gateway", element={"type": "external_select", "initial_option": MAIN})
    view = await slack.open_form(menu)
    async with slack.app() as taken:
        await slack.player.submit(view["id"], {"gateway": "vpn-1"})

    assert [request.payload["type"] for request in taken] == ["view_submission"]


async def test_a_choice_is_told_with_all_that_stands_in_the_form(slack: Playground) -> None:
    view = await slack.open_form(*FORM)
    async with slack.app(offering(MAIN)) as taken:
        await slack.player.click("gateway", value="vpn-1", view_id=view["id"], values={"note": "at night"})

    told = taken[-1].payload
    assert told["actions"][0]["selected_option"] == MAIN
    assert told["view"]["state"]["values"] == {
        "gateway": {"gateway": {"type": "external_select", "selected_option": MAIN}},
        "note": {"note": {"type": "plain_text_input", "value": "at night"}},
    }


async def test_a_choice_that_the_app_does_not_want_to_hear_of_is_kept_all_the_same(slack: Playground) -> None:
    view = await slack.open_form(MENU | {"dispatch_action": False})
    async with slack.app(offering(MAIN)) as taken:
        await slack.player.click("gateway", value=MAIN, view_id=view["id"])

    (seen,) = await slack.player.views()
    assert taken == []
    assert seen["state"]["values"]["gateway"]["gateway"]["selected_option"] == MAIN


async def test_an_update_keeps_what_stands_in_fields_of_the_same_name(slack: Playground) -> None:
    view = await slack.open_form(*FORM)
    async with slack.app(offering(MAIN)):
        await slack.player.click("gateway", value="vpn-1", view_id=view["id"], values={"note": "at night"})
    remark = {"type": "section", "text": plain("IPsec is off")}
    await slack.web.views_update(
        view_id=view["id"], hash=view["hash"], view=a_view(remark, MENU, an_input("other"))
    )

    (seen,) = await slack.player.views()
    assert seen["state"]["values"]["gateway"]["gateway"]["selected_option"] == MAIN
    assert seen["state"]["values"]["other"]["other"]["value"] is None


async def test_only_the_update_of_what_the_app_last_wrote_is_taken(slack: Playground) -> None:
    view = await slack.open_form(*FORM)
    await slack.web.views_update(view_id=view["id"], hash=view["hash"], view=a_view(*FORM))
    again = slack.web.views_update(view_id=view["id"], hash=view["hash"], view=a_view(*FORM))

    assert (await refusal(again))["error"] == "hash_conflict"


async def test_whoever_offers_is_not_told_what_was_chosen_since(slack: Playground) -> None:
    view = await slack.open_form(*FORM)
    async with slack.app(offering(MAIN)) as taken:
        await slack.player.click("gateway", value="vpn-1", view_id=view["id"])
        await slack.player.options("gateway", "", view_id=view["id"])

    assert taken[-1].payload["view"]["state"] == {"values": {}}
