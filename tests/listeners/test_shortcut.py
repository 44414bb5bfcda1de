"""The shortcut on a message: the form opens with what the message says, and its answer goes into that thread."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.emulators.slack.player import Player
from bot.explain.problems import explain
from bot.listeners.form_origin import FormOrigin
from bot.listeners.intake import Intake
from bot.listeners.shortcut import CALLBACK_ID, shortcut_reply
from bot.model.audit import Attempt
from bot.model.ids import ChannelId, UserId
from bot.model.problem import Problem, ProblemDetails
from bot.model.request import Conversation
from bot.store.runs import Runs
from tests.listeners.conftest import FORM_KEY

GATEWAY = "vpn-healthy0000000000001"
CONNECTION = "vco-healthy0000000000001"
ALERT = f"{GATEWAY} {CONNECTION} down, cn-qingdao, from 192.168.1.1 to 10.8.0.1"

Play = Callable[[Intake], Awaitable[Player]]
Json = dict[str, Any]


async def used_on(player: Player, text: str, *, user: str = "U0ALICE", channel: str = "C0INCIDENT") -> Json:
    ts = (await player.say(text, channel=channel))["message"]["ts"]
    return await player.shortcut(CALLBACK_ID, user=user, channel=channel, message_ts=ts)


def filled(view: Json) -> dict[str, str | None]:
    elements = {block["block_id"]: block["element"] for block in view["blocks"] if block["type"] == "input"}
    return {
        name: element.get("initial_value") or (element.get("initial_option") or {}).get("value")
        for name, element in elements.items()
    }


async def told(player: Player, user: str = "U0ALICE") -> str:
    async def seen() -> list[Json]:
        return await player.private_messages(user=user)

    return str(await player.until(seen))


async def test_the_form_has_what_the_message_says(player: Player, runs: Runs) -> None:
    (view,) = (await used_on(player, ALERT))["views"]

    assert filled(view) == {
        "region": "cn-qingdao", "gateway_id": GATEWAY, "connection_id": CONNECTION,
        "source_ip": "192.168.1.1", "destination_ip": "10.8.0.1",
    }  # fmt: skip
    assert await runs.newest(1) == ()


async def test_a_message_without_ids_opens_an_empty_form(player: Player) -> None:
    (view,) = (await used_on(player, "it is all broken"))["views"]

    assert filled(view)["gateway_id"] is None


@pytest.mark.parametrize("on_a_reply", [False, True], ids=["on the root", "on a reply"])
async def test_the_answer_goes_into_the_thread_of_the_message(player: Player, *, on_a_reply: bool) -> None:
    root = (await player.say("it is down"))["message"]["ts"]
    ts = (await player.say(ALERT, thread_ts=root))["message"]["ts"] if on_a_reply else root
    (view,) = (await player.shortcut(CALLBACK_ID, channel="C0INCIDENT", message_ts=ts))["views"]

    origin = FormOrigin.read(view["private_metadata"], UserId("U0ALICE"), FORM_KEY)
    assert origin.conversation() == Conversation(channel_id=ChannelId("C0INCIDENT"), thread_ts=root)


async def test_of_several_gateways_the_first_is_taken_and_said(player: Player) -> None:
    (view,) = (await used_on(player, f"{GATEWAY} vpn-second2"))["views"]

    assert filled(view)["gateway_id"] == GATEWAY
    assert "vpn-second2" in await told(player)


@pytest.mark.parametrize(
    ("user", "channel", "code"),
    [
        pytest.param("U0MALLORY", "C0INCIDENT", "access.not_mapped", id="somebody without an identity"),
        pytest.param("U0ALICE", "C0PRIVATE", "access.channel_not_allowed", id="a channel that is not allowed"),
    ],
)
async def test_whoever_may_not_is_told_alone_and_sees_no_form(
    play: Play, intake: Intake, user: str, channel: str, code: str
) -> None:
    refused: list[tuple[Attempt, str]] = []

    async def note(attempt: Attempt, problem: ProblemDetails) -> None:
        refused.append((attempt, problem.code))

    player = await play(replace(intake, report_refusal=note))
    ts = (await player.say(ALERT, channel=channel))["message"]["ts"]
    outcome = await player.shortcut(CALLBACK_ID, user=user, channel=channel, message_ts=ts)

    title = explain(Problem(code, channel_id=channel, allowed="").details, "en").title

    async def is_told() -> bool:
        return any(title in str(call) for call in await player.calls())

    await player.until(is_told)
    assert outcome["views"] == []
    assert [(attempt.channel_id, told_code) for attempt, told_code in refused] == [(channel, code)]


async def test_a_second_delivery_opens_no_second_form(player: Player) -> None:
    await used_on(player, ALERT)
    await player.delivery(redeliver=3)

    assert len(await player.calls("views.open")) == 1


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"channel": None}, id="no channel"),
        pytest.param({"message": "hello"}, id="a text for a message"),
        pytest.param({"message": {"ts": "now"}}, id="a message at no time"),
        pytest.param({"trigger_id": ""}, id="no trigger"),
        pytest.param({"user": None}, id="nobody"),
        pytest.param({"user": {"id": "U0ALICE"}, "team": None}, id="no workspace"),
    ],
)
async def test_what_makes_no_sense_opens_nothing(player: Player, intake: Intake, changes: Json) -> None:
    assert await shortcut_reply(a_shortcut(**changes), intake) is None
    assert await player.calls("views.open") == []


def a_shortcut(**changes: Any) -> Json:
    payload: Json = {
        "type": "message_action",
        "callback_id": CALLBACK_ID,
        "trigger_id": "1.2.3",
        "team": {"id": "T0EMULATED"},
        "user": {"id": "U0ALICE", "team_id": "T0EMULATED"},
        "channel": {"id": "C0INCIDENT", "name": "incident"},
        "message": {"ts": "1767355200.000100", "text": ALERT},
    }
    return payload | changes
