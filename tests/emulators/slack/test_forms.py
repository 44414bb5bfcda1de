from typing import Any

import pytest

from bot.emulators.slack.player import NotPlayed
from bot.emulators.slack.submitted import TROUBLE
from tests.emulators.slack.playground import (
    ALICE,
    MALLORY,
    Answer,
    Json,
    Playground,
    a_view,
    an_input,
    plain,
    playing,
)


def answering(payload: Json | None) -> Answer:
    async def give(request: object) -> Json | None:
        del request
        return payload

    return give


async def test_what_is_filled_in_arrives_by_block_and_action(slack: Playground) -> None:
    view = await slack.open_form(private_metadata="C0INCIDENT")
    async with slack.app() as taken:
        await slack.player.submit(view["id"], {"gateway_id": "vpn-1"})

    payload = taken[0].payload
    assert payload["type"] == "view_submission"
    assert payload["view"]["private_metadata"] == "C0INCIDENT"
    assert payload["view"]["state"]["values"] == {
        "gateway_id": {"gateway_id": {"type": "plain_text_input", "value": "vpn-1"}}
    }


async def test_an_empty_ack_closes_the_form(slack: Playground) -> None:
    view = await slack.open_form()
    async with slack.app():
        outcome = await slack.player.submit(view["id"], {"gateway_id": "vpn-1"})

    assert (outcome["closed"], outcome["status"]) == (True, 200)
    assert await slack.player.views(ALICE) == []


async def test_errors_keep_the_form_open_and_stand_beside_their_fields(slack: Playground) -> None:
    view = await slack.open_form()
    async with slack.app(answering({"response_action": "errors", "errors": {"gateway_id": "masked"}})):
        outcome = await slack.player.submit(view["id"], {"gateway_id": "vpn-****"})

    assert (outcome["closed"], outcome["errors"]) == (False, {"gateway_id": "masked"})
    assert (await slack.player.views(ALICE))[0]["errors"] == {"gateway_id": "masked"}


async def test_update_puts_another_form_in_its_place(slack: Playground) -> None:
    view = await slack.open_form()
    async with slack.app(answering({"response_action": "update", "view": a_view(title=plain("Next"))})):
        outcome = await slack.player.submit(view["id"], {"gateway_id": "x"})

    assert (outcome["view"]["id"], outcome["view"]["title"]["text"]) == (view["id"], "Next")
    assert outcome["view"]["hash"] != view["hash"]


async def test_push_goes_on_top_and_three_is_the_end_of_it(slack: Playground) -> None:
    view = await slack.open_form()
    async with slack.app(answering({"response_action": "push", "view": a_view()})):
        await slack.player.submit(view["id"], {"gateway_id": "x"})
        await slack.player.submit(view["id"], {"gateway_id": "x"})
        fourth = await slack.player.submit(view["id"], {"gateway_id": "x"})

    views = await slack.player.views(ALICE)
    assert len(views) == 3
    assert {v["root_view_id"] for v in views} == {view["id"]}
    assert "push_limit_reached" in fourth["shown"][1]


async def test_closing_a_form_closes_what_lies_on_top(slack: Playground) -> None:
    view = await slack.open_form()
    async with slack.app(answering({"response_action": "push", "view": a_view()})):
        await slack.player.submit(view["id"], {"gateway_id": "x"})
    await slack.player.close(view["id"])

    assert await slack.player.views(ALICE) == []


async def test_clear_closes_everything(slack: Playground) -> None:
    view = await slack.open_form()
    async with slack.app(answering({"response_action": "clear"})):
        assert (await slack.player.submit(view["id"], {"gateway_id": "x"}))["closed"] is True


@pytest.mark.parametrize(
    "payload",
    [
        {"response_action": "errors", "errors": {"unknown_block": "x"}},
        {"response_action": "errors", "errors": {}},
        {"response_action": "errors", "errors": {"gateway_id": ""}},
        {"response_action": "errors", "errors": ["x"]},
        {"response_action": "update", "view": {"type": "modal"}},
        {"response_action": "update", "view": "no object"},
        {"response_action": "dance"},
        {"text": "as if it were a command"},
    ],
)
async def test_an_answer_that_makes_no_sense_is_trouble_for_the_person(
    slack: Playground, payload: dict[str, Any]
) -> None:
    view = await slack.open_form()
    async with slack.app(answering(payload)):
        outcome = await slack.player.submit(view["id"], {"gateway_id": "x"})

    assert outcome["shown"][0] == TROUBLE
    assert outcome["closed"] is False


async def test_no_answer_leaves_the_form_open() -> None:
    async with playing(ack_within_s=0.02) as slack:
        view = await slack.open_form()
        socket = await slack.session.ws_connect(
            (await slack.web.apps_connections_open(app_token="xapp-emulator"))["url"]
        )
        outcome = await slack.player.submit(view["id"], {"gateway_id": "x"})
        await socket.close()

        assert (outcome["error"], outcome["shown"]) == ("operation_timeout", [TROUBLE])
        assert outcome["closed"] is False


async def test_what_slacks_client_asks_to_correct_never_reaches_the_app(slack: Playground) -> None:
    view = await slack.open_form(
        an_input("needed"),
        an_input("free", optional=True),
        an_input("long", element={"max_length": 3}),
        an_input("short", element={"min_length": 3}),
    )
    async with slack.app() as taken:
        outcome = await slack.player.submit(view["id"], {"long": "1234", "short": "12"})

    assert taken == []
    assert outcome["errors"] == {
        "needed": "Please complete this required field.",
        "long": "Please shorten this text to 3 characters or less.",
        "short": "Please lengthen this text to 3 characters or more.",
    }


async def test_an_initial_value_is_sent_unless_it_is_changed(slack: Playground) -> None:
    view = await slack.open_form(an_input("region", element={"initial_value": "cn-hangzhou"}))
    async with slack.app() as taken:
        await slack.player.submit(view["id"], {})

    assert taken[0].payload["view"]["state"]["values"]["region"]["region"]["value"] == "cn-hangzhou"


async def test_only_its_owner_can_send_or_close_a_form(slack: Playground) -> None:
    view = await slack.open_form()

    for act in (slack.player.submit(view["id"], {}, user=MALLORY), slack.player.close(view["id"], user=MALLORY)):
        with pytest.raises(NotPlayed):
            await act


async def test_a_field_that_is_not_there_cannot_be_filled_in(slack: Playground) -> None:
    view = await slack.open_form()

    with pytest.raises(NotPlayed, match="no field gateway"):
        await slack.player.submit(view["id"], {"gateway": "x"})


async def test_the_app_hears_of_a_closed_form_only_if_it_wants_to(slack: Playground) -> None:
    loud = await slack.open_form(notify_on_close=True)
    async with slack.app() as taken:
        await slack.player.close(loud["id"])
    quiet = await slack.open_form()
    await slack.player.close(quiet["id"])

    assert [request.payload["type"] for request in taken] == ["view_closed"]


async def test_a_new_form_takes_the_place_of_the_old_one(slack: Playground) -> None:
    await slack.open_form()
    second = await slack.open_form()

    assert [view["id"] for view in await slack.player.views(ALICE)] == [second["id"]]
