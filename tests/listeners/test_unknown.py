"""What no listener knows, and what goes wrong in one, is acknowledged, and said where somebody waits for it."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from slack_bolt.error import BoltUnhandledRequestError

from bot.emulators.slack.player import Player
from bot.explain.problems import explain
from bot.listeners.intake import Intake
from bot.listeners.unknown import declined_reply, error_reply
from bot.model.problem import Problem

Play = Callable[[Intake], Awaitable[Player]]


# What an exception quotes could be what a person typed.
QUOTED = "planted" + "-words"


def fails() -> None:
    raise LookupError(QUOTED)


@pytest.fixture
def failing(intake: Intake) -> Intake:
    """Return an intake that fails after the run is stored, in a way that nobody has thought of."""
    return replace(intake, wake=fails)


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        pytest.param("events_api", {"type": "event_callback", "event": {"type": "reaction_added"}}, id="an event"),
        pytest.param("interactive", {"type": "block_actions", "actions": [{"action_id": "old"}]}, id="a button"),
        pytest.param("interactive", {"type": "shortcut", "callback_id": "old"}, id="a shortcut"),
        pytest.param("interactive", {"type": "view_closed", "view": {"callback_id": "x"}}, id="a closed form"),
        pytest.param("interactive", {"type": "block_suggestion", "action_id": "old"}, id="a menu"),
        pytest.param("brand_new", {"type": "brand_new"}, id="something new"),
        pytest.param("interactive", {}, id="nothing"),
    ],
)
async def test_what_no_listener_knows_is_acknowledged(player: Player, kind: str, payload: dict[str, Any]) -> None:
    answer = await player.delivery(envelope={"type": kind, "payload": payload})

    (ack,) = answer["acks"]
    assert ack["status"] == 200
    assert not ack.get("payload")


def test_a_menu_that_nobody_had_time_for_still_takes_what_was_typed(intake: Intake) -> None:
    body = {"type": "block_suggestion", "action_id": "gateway_id", "value": "vpn-typed"}
    reply = declined_reply(Problem("bot.overloaded"), body, intake)

    assert reply is not None
    (group,) = reply["option_groups"]
    assert group["label"]["text"] == explain(Problem("bot.overloaded").details, "en").title
    assert [option["value"] for option in group["options"]] == ["vpn-typed"]


async def test_an_unknown_command_is_answered(player: Player) -> None:
    answer = await player.delivery(envelope={"type": "slash_commands", "payload": {"command": "/other"}})

    said = answer["acks"][0]["payload"]
    assert said["response_type"] == "ephemeral"
    assert "/other" in said["text"]
    assert "form" not in said["text"]


@pytest.mark.parametrize("command", [5, None, {"a": 1}, ["/vpn-diagnose"]])
async def test_a_command_without_a_name_is_answered(player: Player, command: Any) -> None:
    answer = await player.delivery(envelope={"type": "slash_commands", "payload": {"command": command}})

    assert answer["acks"][0]["payload"]["response_type"] == "ephemeral"


async def test_an_unknown_form_is_answered(player: Player) -> None:
    payload = {"type": "view_submission", "view": {"type": "modal", "callback_id": "old"}}
    answer = await player.delivery(envelope={"type": "interactive", "payload": payload})

    assert answer["acks"][0]["payload"]["response_action"] == "update"


async def test_a_fault_of_ours_is_said_with_an_id_that_is_in_the_log(
    play: Play, failing: Intake, caplog: pytest.LogCaptureFixture
) -> None:
    player = await play(failing)
    outcome = await player.command("vpn-healthy0000000000001 vco-healthy0000000000001")

    said = str(outcome["payload"])
    (record,) = [record for record in caplog.records if record.name == "bot.listeners.unknown"]
    assert record.levelno == logging.ERROR
    error_id = record.getMessage().partition("error id ")[2].split()[0]
    assert error_id in said
    assert "LookupError" in record.getMessage()
    assert QUOTED not in said
    assert QUOTED not in caplog.text


async def test_a_fault_after_a_form_was_sent_is_said_in_its_place(intake: Intake) -> None:
    reply = error_reply(LookupError(), {"type": "view_submission"}, intake)

    assert reply is not None
    assert reply["response_action"] == "update"


async def test_nobody_is_told_about_an_event(intake: Intake) -> None:
    assert error_reply(LookupError(), {"type": "event_callback"}, intake) is None


BUSY = Problem("bot.overloaded")
COMMAND = {"command": "/vpn-diagnose", "text": ""}
FORM = {"type": "view_submission", "view": {"callback_id": "vpn_diagnose"}}


def test_a_command_that_is_too_much_is_declined_in_private(intake: Intake) -> None:
    reply = declined_reply(BUSY, COMMAND, intake)

    assert reply is not None
    assert reply["response_type"] == "ephemeral"
    assert "Try again in a few seconds" in reply["text"]


def test_a_form_that_is_too_much_stays_open_and_says_so(intake: Intake) -> None:
    reply = declined_reply(BUSY, FORM, intake)

    assert reply is not None
    assert reply["response_action"] == "errors"
    assert "Try again in a few seconds" in reply["errors"]["destination_ip"]


@pytest.mark.parametrize("body", [COMMAND, FORM])
def test_declining_is_polite_in_chinese_too(intake: Intake, body: dict[str, Any]) -> None:
    assert "请几秒钟后重试" in str(declined_reply(BUSY, body, replace(intake, language="zh")))


@pytest.mark.parametrize("view", [{"callback_id": "old"}, {}, None, "text"])
def test_a_form_that_is_not_ours_is_answered_as_that(intake: Intake, view: Any) -> None:
    reply = declined_reply(BUSY, {"type": "view_submission", "view": view}, intake)

    assert reply is not None
    assert reply["response_action"] == "update"
    assert "older version" in str(reply)


@pytest.mark.parametrize("kind", ["event_callback", "block_actions", "block_suggestion", None])
def test_what_nobody_waits_for_is_declined_without_words(intake: Intake, kind: str | None) -> None:
    assert declined_reply(BUSY, {"type": kind}, intake) is None


ALICE = {"user": {"id": "U0ALICE", "team_id": "T0EMULATED"}, "team": {"id": "T0EMULATED"}}
IN_MESSAGE = {"container": {"type": "message", "channel_id": "C0INCIDENT", "message_ts": "1767355200.000100"}}
ON_HOME = {"container": {"type": "view", "view_id": "V0HOME"}}
EVENT = {"type": "event_callback", "team_id": "T0EMULATED", "event_id": "Ev1"}
SAID = {"type": "app_mention", "user": "U0ALICE", "channel": "C0INCIDENT", "ts": "1767355200.000100"}
OPENED = {"type": "app_home_opened", "user": "U0ALICE", "tab": "home"}

WITHOUT_WORDS = [
    pytest.param(
        ALICE | IN_MESSAGE | {"type": "block_actions", "actions": [{"action_id": "run_again"}]},
        "chat.postEphemeral",
        id="a press in a message",
    ),
    pytest.param(
        ALICE | ON_HOME | {"type": "block_actions", "actions": [{"action_id": "open_form"}]},
        "chat.postMessage",
        id="a press on the Home",
    ),
    pytest.param(ALICE | {"type": "message_action", "callback_id": "old"}, "chat.postMessage", id="a shortcut"),
    pytest.param(EVENT | {"event": SAID}, "chat.postEphemeral", id="a mention"),
    pytest.param(EVENT | {"event": OPENED}, "views.publish", id="the Home"),
]


async def told(player: Player, intake: Intake, operation: str) -> str:
    await intake.words.close()
    (call,) = await player.calls(operation)
    return f"{call}{await player.home()}"


@pytest.mark.parametrize(("body", "operation"), WITHOUT_WORDS)
async def test_whoever_did_what_is_declined_in_an_ack_without_words_is_told_aside(
    player: Player, intake: Intake, body: dict[str, Any], operation: str
) -> None:
    assert declined_reply(BUSY, body, intake) is None

    assert explain(BUSY.details, "en").title in await told(player, intake, operation)


@pytest.mark.parametrize(("body", "operation"), WITHOUT_WORDS)
async def test_whoever_did_what_met_a_fault_is_told_aside(
    player: Player, intake: Intake, body: dict[str, Any], operation: str
) -> None:
    assert error_reply(LookupError(), body, intake) is None

    assert "error id" in await told(player, intake, operation)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(EVENT | {"event": SAID | {"bot_id": "B0OTHER"}}, id="an app's mention"),
        pytest.param(EVENT | {"event": SAID | {"channel": 5}}, id="a mention in no shape that is known"),
        pytest.param(EVENT | {"event": OPENED | {"tab": "messages"}}, id="another tab"),
        pytest.param(EVENT | {"event": OPENED | {"user": 5}}, id="a Home in no shape that is known"),
        pytest.param(
            ALICE | {"type": "block_actions", "actions": [{"action_id": "gateway_id"}]}, id="a choice in the form"
        ),
    ],
)
async def test_nobody_is_told_of_what_nobody_waits_for(
    player: Player, intake: Intake, body: dict[str, Any]
) -> None:
    calls = await player.calls()
    declined_reply(BUSY, body, intake)
    await intake.words.close()

    assert await player.calls() == calls


async def test_what_is_unknown_is_not_a_fault(intake: Intake, caplog: pytest.LogCaptureFixture) -> None:
    error = BoltUnhandledRequestError(request=None, current_response=None)

    assert error_reply(error, {"command": "/other"}, intake) is not None
    assert caplog.records == []
