"""The bot's Home: new at each visit, for its visitor alone; what stands in the way is said there."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.emulators.slack.player import Player
from bot.explain.problems import explain
from bot.listeners.errands import Errands
from bot.listeners.form_origin import FormOrigin
from bot.listeners.home import HOME, home_reply
from bot.listeners.intake import Intake
from bot.listeners.offer import open_form_reply
from bot.model.audit import Attempt
from bot.model.ids import UserId
from bot.model.problem import Problem, ProblemDetails
from bot.slack.home import OPEN_FORM
from bot.store.database import Database
from bot.store.runs import Runs
from tests.listeners.conftest import FORM_KEY
from tests.slack.parsed_by_slack import texts

GATEWAY = "vpn-healthy0000000000001"
IDS = f"{GATEWAY} vco-healthy0000000000001"

Play = Callable[[Intake], Awaitable[Player]]
Json = dict[str, Any]


async def home(player: Player, user: str = "U0ALICE", *, unlike: Json | None = None) -> Json:
    async def shown() -> list[Json]:
        view = await player.home(user)
        return [] if view is None or view == unlike else [view]

    return (await player.until(shown))[0]


async def test_it_says_who_somebody_is_here(player: Player) -> None:
    await player.open_home()

    said = texts((await home(player))["blocks"])
    assert "oncall" in said
    assert "acs:ram::1234567890123456:role/vpn-diagnose-oncall" in said
    assert "cn-hangzhou, cn-qingdao" in said


async def test_it_lists_what_its_visitor_asked_for_and_is_new_at_each_visit(player: Player) -> None:
    await player.open_home()
    before = await home(player)
    await player.command(IDS)
    await player.open_home()

    assert GATEWAY in texts((await home(player, unlike=before))["blocks"])
    assert GATEWAY not in texts(before["blocks"])


async def test_nobody_elses_runs_are_in_it(player: Player) -> None:
    await player.command(IDS)
    await player.open_home(user="U0GUEST")

    assert GATEWAY not in texts((await home(player, "U0GUEST"))["blocks"])


async def test_whoever_may_not_reads_why_and_sees_no_runs(play: Play, intake: Intake) -> None:
    refused: list[tuple[Attempt, str]] = []

    async def note(attempt: Attempt, problem: ProblemDetails) -> None:
        refused.append((attempt, problem.code))

    player = await play(replace(intake, report_refusal=note))
    await player.open_home(user="U0MALLORY")

    view = await home(player, "U0MALLORY")
    assert explain(Problem("access.not_mapped").details, "en").title in texts(view["blocks"])
    assert "actions" not in {block["type"] for block in view["blocks"]}
    ((attempt, code),) = refused
    assert (attempt.operation, attempt.channel_id, code) == (HOME, None, "access.not_mapped")


async def test_what_was_shown_is_kept(play: Play, intake: Intake) -> None:
    shown: list[Attempt] = []

    async def note(attempt: Attempt) -> None:
        shown.append(attempt)

    player = await play(replace(intake, report_reading=note))
    await player.open_home()
    await home(player)

    assert [(attempt.requester.user_id, attempt.operation) for attempt in shown] == [("U0ALICE", HOME)]


async def test_visits_at_the_same_time_draw_it_once(player: Player, intake: Intake) -> None:
    await player.fault("views.publish", "delay", seconds=0.3)
    for number in range(5):
        await home_reply(a_visit(event_id=f"Ev{number}"), intake)
    await home(player)
    await asyncio.sleep(0)

    assert len(await player.calls("views.publish")) == 1


async def test_a_visit_too_many_is_told_so_in_the_home(play: Play, intake: Intake) -> None:
    player = await play(replace(intake, errands=Errands(most=0)))
    await player.open_home()

    title = explain(Problem("bot.overloaded").details, "en").title
    assert title in texts((await home(player))["blocks"])


async def test_a_database_that_fails_is_told_in_the_home(play: Play, intake: Intake, database: Database) -> None:
    player = await play(intake)
    await database.write(lambda connection: connection.exec_driver_sql("DROP TABLE runs"))
    await player.open_home()

    title = explain(Problem("bot.too_slow").details, "en").title
    assert title in texts((await home(player))["blocks"])


async def test_the_other_tab_is_none_of_ours(player: Player) -> None:
    await player.open_home("messages")

    assert await player.calls("views.publish") == []


async def test_its_button_opens_a_form_that_asks_where_to_answer(player: Player, runs: Runs) -> None:
    await player.open_home()
    view_id = (await home(player))["id"]
    (form,) = (await player.click(OPEN_FORM, view_id=view_id))["views"]

    assert FormOrigin.read(form["private_metadata"], UserId("U0ALICE"), FORM_KEY).asks_for_channel
    assert form["blocks"][-1]["element"]["type"] == "conversations_select"
    assert await runs.newest(1) == ()


async def test_the_button_of_somebody_who_may_no_more_opens_nothing(player: Player, intake: Intake) -> None:
    press = {
        "type": "block_actions",
        "trigger_id": "1.2.3",
        "user": {"id": "U0MALLORY", "team_id": "T0EMULATED"},
        "team": {"id": "T0EMULATED"},
        "container": {"type": "view", "view_id": "V1"},
        "actions": [{"action_id": OPEN_FORM, "type": "button"}],
    }
    assert await open_form_reply(press, intake) is None

    title = explain(Problem("access.not_mapped").details, "en").title

    async def is_told() -> bool:
        return any(title in str(call) for call in await player.calls("chat.postMessage"))

    await player.until(is_told)
    assert await player.calls("views.open") == []


@pytest.mark.parametrize(
    "changes", [{"team_id": None}, {"event": {"user": "nobody"}}, {"event": {}}, {"event_id": ""}]
)
async def test_what_makes_no_sense_draws_nothing(player: Player, intake: Intake, changes: Json) -> None:
    assert await home_reply(a_visit(**changes), intake) is None

    assert await player.calls("views.publish") == []


def a_visit(**changes: Any) -> Json:
    event = {"type": "app_home_opened", "user": "U0ALICE", "channel": "D0ALICE", "tab": "home", "event_ts": "1.2"}
    return {"type": "event_callback", "team_id": "T0EMULATED", "event_id": "Ev1", "event": event} | changes
