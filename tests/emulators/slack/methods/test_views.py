from typing import Any

import pytest
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.emulators.slack import limits
from tests.emulators.slack.playground import ALICE, Playground, a_view, an_input, plain, refusal


async def a_trigger(slack: Playground) -> str:
    async with slack.app() as taken:
        await slack.player.command()
    return str(taken[0].payload["trigger_id"])


async def test_a_form_opens_for_whom_the_trigger_belongs_to(slack: Playground) -> None:
    view = (await slack.web.views_open(trigger_id=await a_trigger(slack), view=a_view()))["view"]

    assert [v["id"] for v in await slack.player.views(ALICE)] == [view["id"]]
    assert await slack.player.views("U0MALLORY") == []


async def test_a_trigger_lives_three_seconds(slack: Playground) -> None:
    trigger_id = await a_trigger(slack)
    slack.clock.forward(seconds=3.001)

    call = slack.web.views_open(trigger_id=trigger_id, view=a_view())
    assert (await refusal(call))["error"] == "expired_trigger_id"


async def test_a_trigger_is_good_for_one_form(slack: Playground) -> None:
    trigger_id = await a_trigger(slack)
    await slack.web.views_open(trigger_id=trigger_id, view=a_view())

    call = slack.web.views_open(trigger_id=trigger_id, view=a_view())
    assert (await refusal(call))["error"] == "exchanged_trigger_id"


async def test_a_made_up_trigger_is_invalid(slack: Playground) -> None:
    call = slack.web.views_open(trigger_id="1.2.abc", view=a_view())

    assert (await refusal(call))["error"] == "invalid_trigger_id"


async def test_a_refused_form_does_not_use_the_trigger_up(slack: Playground) -> None:
    trigger_id = await a_trigger(slack)
    await refusal(slack.web.views_open(trigger_id=trigger_id, view=a_view(title=plain("x" * 25))))

    assert (await slack.web.views_open(trigger_id=trigger_id, view=a_view()))["ok"] is True


@pytest.mark.parametrize(
    ("view", "error"),
    [
        (None, "invalid_arguments"),
        ("no json", "invalid_arguments"),
        ([], "invalid_arguments"),
        ({"type": "modal"}, "invalid_arguments"),
        (a_view(type="home"), "invalid_arguments"),
        (a_view(private_metadata="x" * (limits.LONGEST_PRIVATE_METADATA + 1)), "invalid_arguments"),
        (a_view(submit=None), "invalid_arguments"),
        (
            a_view(*[{"type": "section", "block_id": str(n), "text": plain("x" * 2999)} for n in range(100)]),
            "view_too_large",
        ),
    ],
    ids=["none", "text", "a list", "bare", "home", "metadata", "no submit", "too large"],
)
async def test_a_form_beyond_slacks_limits_is_refused(slack: Playground, view: Any, error: str) -> None:
    arguments = {"trigger_id": await a_trigger(slack), "view": view}

    assert (await refusal(slack.web.api_call("views.open", json=arguments)))["error"] == error


async def test_a_form_is_replaced_by_its_id_or_by_the_apps_own_name_for_it(slack: Playground) -> None:
    view = await slack.open_form(external_id="mine")
    await slack.web.views_update(view_id=view["id"], view=a_view(title=plain("One"), external_id="mine"))
    await slack.web.views_update(external_id="mine", view=a_view(title=plain("Two"), external_id="mine"))

    assert [v["title"]["text"] for v in await slack.player.views(ALICE)] == ["Two"]


async def test_a_form_that_changed_in_between_is_a_conflict(slack: Playground) -> None:
    view = await slack.open_form()
    await slack.web.views_update(view_id=view["id"], hash=view["hash"], view=a_view())

    call = slack.web.views_update(view_id=view["id"], hash=view["hash"], view=a_view())
    assert (await refusal(call))["error"] == "hash_conflict"


async def test_a_closed_form_is_not_found(slack: Playground) -> None:
    view = await slack.open_form()
    await slack.player.close(view["id"])

    assert (await refusal(slack.web.views_update(view_id=view["id"], view=a_view())))["error"] == "not_found"


async def test_an_update_needs_to_name_its_view(slack: Playground) -> None:
    assert (await refusal(slack.web.api_call("views.update", json={"view": a_view()})))["error"] == (
        "invalid_arguments"
    )


async def test_two_forms_cannot_bear_the_same_external_id(slack: Playground) -> None:
    await slack.open_form(external_id="mine")
    async with slack.app() as taken:
        await slack.player.command(user="U0MALLORY")
    trigger_id = taken[0].payload["trigger_id"]

    call = slack.web.views_open(trigger_id=trigger_id, view=a_view(external_id="mine"))
    assert (await refusal(call))["error"] == "duplicate_external_id"


async def test_a_home_tab_is_published_and_replaced_by_hash(slack: Playground) -> None:
    home = {"type": "home", "blocks": [{"type": "header", "text": plain("Hello")}]}
    first = (await slack.web.views_publish(user_id=ALICE, view=home))["view"]
    second = (await slack.web.views_publish(user_id=ALICE, view=home, hash=first["hash"]))["view"]

    assert first["id"] == second["id"]
    stale = slack.web.views_publish(user_id=ALICE, view=home, hash=first["hash"])
    assert (await refusal(stale))["error"] == "hash_conflict"
    nobody = slack.web.views_publish(user_id="U0NOBODY", view=home)
    assert (await refusal(nobody))["error"] == "invalid_arguments"


async def test_an_opened_form_shows_in_the_answer_to_the_command(slack: Playground) -> None:
    async def answer(request: SocketModeRequest) -> None:
        await slack.web.views_open(trigger_id=request.payload["trigger_id"], view=a_view(an_input("region")))

    async with slack.app(answer):
        opened = (await slack.player.command())["views"]

    assert [view["blocks"][0]["block_id"] for view in opened] == ["region"]


async def test_a_form_leaves_the_home_tab_as_it_is(slack: Playground) -> None:
    await slack.web.views_publish(user_id=ALICE, view={"type": "home", "blocks": [{"type": "divider"}]})
    await slack.open_form()

    assert sorted(view["type"] for view in await slack.player.views(ALICE)) == ["home", "modal"]
