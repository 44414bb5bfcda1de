"""`/vpn-diagnose` as people type it, through Slack's emulator: the form, a start, or one private sentence."""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.emulators.slack.player import Player
from bot.explain.phrases import phrase
from bot.explain.problems import explain
from bot.listeners.command import command_reply
from bot.listeners.intake import Intake
from bot.model.problem import Problem
from bot.model.run import Language, RunState
from bot.store.runs import Runs

GATEWAY = "vpn-healthy0000000000001"
CONNECTION = "vco-healthy0000000000001"
COMPLETE = f"{GATEWAY} {CONNECTION}"
COMMAND: dict[str, Any] = {
    "command": "/vpn-diagnose", "text": COMPLETE, "team_id": "T0EMULATED", "user_id": "U0ALICE",
    "channel_id": "C0INCIDENT", "trigger_id": "1.2.3",
}  # fmt: skip

# What may go wrong with views.open once and not the next time.
PASSING = ("throttle", "http_500", "http_503", "reset_before", "reset_after", "truncated", "html")

Play = Callable[[Intake], Awaitable[Player]]


def everything_said(answer: Any) -> str:
    """Return all text in an answer, one after another."""
    if isinstance(answer, dict):
        return " ".join(everything_said(part) for part in answer.values())
    if isinstance(answer, list):
        return " ".join(everything_said(part) for part in answer)
    return str(answer)


def initial_values(view: dict[str, Any]) -> dict[str, str]:
    elements = {block["block_id"]: block["element"] for block in view["blocks"] if block["type"] == "input"}
    typed = {name: element.get("initial_value") for name, element in elements.items()}
    chosen = {
        name: element["initial_option"]["value"]
        for name, element in elements.items()
        if "initial_option" in element
    }
    return {name: value for name, value in typed.items() if value} | chosen


async def test_nothing_typed_opens_the_form(player: Player, runs: Runs) -> None:
    outcome = await player.command("")

    assert outcome["status"] == 200
    assert not outcome.get("payload")
    (view,) = outcome["views"]
    assert initial_values(view) == {"region": "cn-hangzhou"}
    assert await runs.newest(1) == ()


async def test_what_was_typed_is_in_the_form(player: Player) -> None:
    outcome = await player.command(f"`{GATEWAY.upper()}` 10.8.0.1")

    (view,) = outcome["views"]
    assert initial_values(view) == {
        "region": "cn-hangzhou", "gateway_id": GATEWAY.upper(), "source_ip": "10.8.0.1"
    }  # fmt: skip


async def test_a_complete_command_starts_and_says_only_that_it_was_taken_in(
    player: Player, runs: Runs, woken: list[str]
) -> None:
    outcome = await player.command(COMPLETE)

    (run,) = await runs.newest(2)
    assert (run.request.gateway_id, run.request.connection_id) == (GATEWAY, CONNECTION)
    assert (run.requester.user_id, run.conversation.channel_id) == ("U0ALICE", "C0INCIDENT")
    assert run.state is RunState.SUBMITTED
    assert run.due_at is not None
    assert woken == ["woken"]
    assert outcome["payload"]["response_type"] == "ephemeral"
    assert outcome["payload"]["text"] == phrase("command.accepted", "en")
    assert not re.search("diagnos|start|run", everything_said(outcome["payload"]))
    assert not outcome["views"]
    assert await player.messages() == []
    assert len(await player.private_messages()) == 1


async def test_a_complete_command_is_acknowledged_in_the_language_of_the_bot(intake: Intake) -> None:
    reply = await command_reply(COMMAND, replace(intake, language="zh"))

    assert reply is not None
    assert reply["text"] == phrase("command.accepted", "zh")


async def test_someone_without_an_identity_gets_one_private_sentence(player: Player, runs: Runs) -> None:
    outcome = await player.command("", user="U0MALLORY")

    said = everything_said(outcome["payload"])
    assert "U0MALLORY" in said
    assert "T0EMULATED" in said
    assert outcome["payload"]["response_type"] == "ephemeral"
    assert not outcome["views"]
    assert await runs.newest(1) == ()
    assert len(await player.private_messages(user="U0MALLORY")) == 1
    assert await player.private_messages(user="U0ALICE") == []


@pytest.mark.parametrize("text", [COMPLETE, "vpn-**** please", GATEWAY, "a" * 5_000])
async def test_someone_without_an_identity_gets_the_same_sentence_whatever_they_type(
    player: Player, runs: Runs, text: str
) -> None:
    refused = await player.command("", user="U0MALLORY")
    outcome = await player.command(text, user="U0MALLORY")

    assert outcome["payload"] == refused["payload"]
    assert await runs.newest(1) == ()


async def test_people_of_another_company_are_refused(player: Player, runs: Runs) -> None:
    outcome = await player.command(COMPLETE, user="U0PARTNER", channel="C0SHARED")

    assert outcome["payload"]["response_type"] == "ephemeral"
    assert await runs.newest(1) == ()


async def test_a_channel_that_is_not_allowed_is_refused_before_the_form_opens(player: Player) -> None:
    outcome = await player.command("", channel="C0OPEN")

    assert not outcome["views"]
    assert outcome["payload"]["response_type"] == "ephemeral"


async def test_a_gateway_behind_the_guardrail_is_refused(player: Player, runs: Runs) -> None:
    outcome = await player.command(f"vpn-payments1 {CONNECTION}")

    assert outcome["payload"]["response_type"] == "ephemeral"
    assert await runs.newest(1) == ()


async def test_each_mistake_is_named_in_one_private_answer(player: Player, runs: Runs) -> None:
    outcome = await player.command("vpn-bp1**** 10.0.0.0/8 tomorrow")

    said = everything_said(outcome["payload"])
    for wrong in ("vpn-bp1****", "10.0.0.0/8", "tomorrow"):
        assert wrong in said
    assert "/vpn-diagnose vpn-bp1k4m9x2q7r vco-bp1t8w3z6n5j cn-hangzhou" in said
    assert not outcome["views"]
    assert await runs.newest(1) == ()


async def test_a_page_that_was_pasted_gets_an_answer_of_bearable_length(player: Player) -> None:
    outcome = await player.command("word " * 200)

    said = await player.private_messages()
    assert len(said) == 1
    assert "190" in everything_said(outcome["payload"])


@pytest.mark.parametrize("text", [" " * 200_000, "word " * 40_000, "a" + " " * 4_000 + "b"])
async def test_a_text_that_is_too_long_to_be_one_is_said(player: Player, runs: Runs, text: str) -> None:
    outcome = await player.command(text)

    assert "4000" in everything_said(outcome["payload"])
    assert not outcome["views"]
    assert len(await player.private_messages()) == 1
    assert await runs.newest(1) == ()


@pytest.mark.parametrize("text", ["=" * 4_000, "a" * 4_000, "x " * 2_000, "<&>*`" * 800, "\u202ea" * 2_000])
async def test_the_answer_to_the_longest_text_is_one_small_message(player: Player, text: str) -> None:
    outcome = await player.command(text)

    assert outcome["payload"]["response_type"] == "ephemeral"
    assert len(json.dumps(outcome["payload"])) < 12_000
    assert len(await player.private_messages()) == 1


async def test_words_that_look_like_markup_do_nothing(player: Player) -> None:
    outcome = await player.command("<!channel> *bold* <@U0MALLORY>")

    assert outcome["status"] == 200
    assert "<!channel>" not in outcome["payload"]["text"]
    assert "<@U0MALLORY>" not in outcome["payload"]["text"]


async def test_help_is_for_everybody(player: Player) -> None:
    for user in ("U0ALICE", "U0MALLORY"):
        outcome = await player.command("help", user=user)

        assert "source=" in everything_said(outcome["payload"])


async def test_the_only_region_of_an_identity_stands_in(
    play: Play, without_default_region: Intake, runs: Runs
) -> None:
    player = await play(without_default_region)
    await player.command(COMPLETE, user="U0GUEST")

    (run,) = await runs.newest(1)
    assert run.request.region == "eu-central-1"


async def test_an_identity_with_several_regions_is_asked_which(
    play: Play, without_default_region: Intake, runs: Runs
) -> None:
    player = await play(without_default_region)
    outcome = await player.command(COMPLETE)

    (view,) = outcome["views"]
    assert initial_values(view) == {"gateway_id": GATEWAY, "connection_id": CONNECTION}
    assert await runs.newest(1) == ()


async def test_a_channel_with_the_word_payload_in_its_name_is_no_different(player: Player, runs: Runs) -> None:
    await player.command(COMPLETE, channel="C0PAYLOAD")

    assert len(await runs.newest(2)) == 1


async def test_a_redelivery_starts_nothing_more(player: Player, runs: Runs) -> None:
    await player.command(COMPLETE)
    answer = await player.delivery(redeliver=10)

    assert [ack["status"] for ack in answer["acks"]] == [200] * 10
    assert len(await runs.newest(20)) == 1


async def test_the_same_command_typed_again_is_another_run(player: Player, runs: Runs) -> None:
    await player.command(COMPLETE)
    await player.command(COMPLETE)

    assert len(await runs.newest(3)) == 2


async def test_what_cannot_be_stored_is_said(play: Play, unwritable: Intake, woken: list[str]) -> None:
    player = await play(unwritable)
    outcome = await player.command(COMPLETE)

    assert "database" in everything_said(outcome["payload"])
    assert woken == []


@pytest.mark.parametrize("kind", ["http_500", "reset_before", "html", "truncated"])
async def test_a_form_that_does_not_open_is_said(player: Player, kind: str) -> None:
    await player.fault("views.open", kind)
    outcome = await player.command("")

    assert not outcome.get("error")
    assert outcome["payload"]["response_type"] == "ephemeral"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("kind", PASSING)
async def test_a_form_that_does_not_open_for_now_is_to_be_asked_for_again(
    play: Play, intake: Intake, kind: str, language: Language
) -> None:
    player = await play(replace(intake, language=language))
    await player.fault("views.open", kind)
    outcome = await player.command("")

    expected = explain(Problem("bot.form_not_opened").details, language)
    said = everything_said(outcome["payload"])
    assert expected.title in said
    assert expected.next_step in said


async def test_a_form_that_took_too_long_is_to_be_asked_for_again(play: Play, intake: Intake) -> None:
    player = await play(replace(intake, open_form_timeout_s=0.05))
    await player.fault("views.open", "hang", seconds=5)
    outcome = await player.command("")

    assert "Type /vpn-diagnose again" in everything_said(outcome["payload"])
    assert "by itself" not in everything_said(outcome["payload"])


async def test_a_form_that_came_too_late_is_said_to_have_come_too_late(intake: Intake) -> None:
    reply = await command_reply(COMMAND | {"text": ""}, intake)

    # Slack does not know the trigger, which was never handed out.
    assert reply is not None
    assert reply["text"].startswith(explain(Problem("slack.invalid_trigger_id").details, "en").title)


async def test_a_form_that_takes_too_long_is_said_before_slack_gives_up(play: Play, intake: Intake) -> None:
    player = await play(replace(intake, open_form_timeout_s=0.05))
    await player.fault("views.open", "hang", seconds=5)
    outcome = await player.command("")

    assert not outcome.get("error")
    assert outcome["payload"]["response_type"] == "ephemeral"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"team_id": None}, id="no workspace"),
        pytest.param({"user_id": "somebody"}, id="no person"),
        pytest.param({"channel_id": ["C0INCIDENT"]}, id="a list for a channel"),
        pytest.param({"trigger_id": ""}, id="no trigger"),
        pytest.param({"text": {"a": 1}}, id="an object for the text"),
    ],
)
async def test_a_command_that_makes_no_sense_is_answered_politely(
    intake: Intake, runs: Runs, change: dict[str, Any]
) -> None:
    reply = await command_reply(COMMAND | change, intake)

    assert reply is not None
    assert reply["response_type"] == "ephemeral"
    assert reply["text"].startswith(explain(Problem("bot.payload_unknown").details, "en").title)
    assert "proxy" not in everything_said(reply)
    assert await runs.newest(1) == ()


async def test_half_a_character_is_a_mistake_like_any_other(intake: Intake) -> None:
    reply = await command_reply(COMMAND | {"text": "\ud800"}, intake)

    assert reply is not None
    assert reply["text"].startswith(phrase("command.mistakes", "en"))


async def test_a_command_without_text_opens_the_form(intake: Intake) -> None:
    reply = await command_reply({name: COMMAND[name] for name in COMMAND if name != "text"}, intake)

    # The trigger was never handed out, which shows that opening the form was tried.
    assert "form" in everything_said(reply) or "trigger" in everything_said(reply)
