"""The bot's name with the command's words behind it: in public the run alone, everything else to its author."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.emulators.slack.player import Player
from bot.explain.phrases import phrase
from bot.explain.problems import explain
from bot.listeners.form_origin import FormOrigin
from bot.listeners.intake import Intake
from bot.listeners.mention import mention_reply
from bot.listeners.offer import OPEN_OFFERED_FORM
from bot.model.audit import Attempt
from bot.model.ids import ChannelId, UserId
from bot.model.problem import Problem, ProblemDetails
from bot.model.request import Conversation
from bot.store.runs import Runs
from tests.listeners.conftest import FORM_KEY

GATEWAY = "vpn-healthy0000000000001"
CONNECTION = "vco-healthy0000000000001"
IDS = f"{GATEWAY} {CONNECTION}"
INCIDENT = ChannelId("C0INCIDENT")

Play = Callable[[Intake], Awaitable[Player]]
Json = dict[str, Any]


async def private(player: Player, user: str = "U0ALICE", channel: str = "C0INCIDENT") -> Json:
    async def seen() -> list[Json]:
        return await player.private_messages(channel, user=user)

    return (await player.until(seen))[-1]


async def only_people_spoke(player: Player, channel: str = "C0INCIDENT") -> bool:
    roots = await player.messages(channel)
    return not any(one.get("bot_id") for root in roots for one in (root, *root.get("replies", ())))


async def test_in_a_thread_the_run_is_for_that_thread(player: Player, runs: Runs, woken: list[str]) -> None:
    root = (await player.say("it is down"))["message"]["ts"]
    outcome = await player.mention(IDS, thread_ts=root)

    (run,) = await runs.newest(2)
    assert run.conversation == Conversation(channel_id=INCIDENT, thread_ts=root)
    assert (run.request.gateway_id, run.requester.user_id) == (GATEWAY, "U0ALICE")
    assert woken == ["woken"]
    assert not outcome.get("payload")


async def test_in_a_channel_the_run_is_for_the_thread_of_the_mention(player: Player, runs: Runs) -> None:
    outcome = await player.mention(IDS)

    (run,) = await runs.newest(2)
    assert run.conversation.thread_ts == outcome["message"]["ts"]


async def test_what_slack_brings_again_starts_nothing_more(player: Player, runs: Runs) -> None:
    await player.mention(IDS)
    await player.delivery(redeliver=5)

    assert len(await runs.newest(9)) == 1


async def test_a_retry_that_reaches_another_bot_starts_nothing_more(intake: Intake, runs: Runs) -> None:
    await mention_reply(a_mention(), intake)
    await mention_reply(a_mention(), intake)

    assert len(await runs.newest(9)) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("help", phrase("command.help", "en"), id="help"),
        pytest.param(f"{IDS} tomorrow", phrase("command.mistakes", "en"), id="a word too much"),
        pytest.param("x" * 5000, "not read", id="a page"),
        pytest.param("", phrase("mention.open_form", "en"), id="nothing"),
        pytest.param(GATEWAY, phrase("mention.open_form", "en"), id="a gateway alone"),
        pytest.param("history", phrase("history.none", "en"), id="history"),
        pytest.param("last", phrase("history.none", "en"), id="last"),
        pytest.param("whoami", phrase("whoami.title", "en"), id="whoami"),
    ],
)
async def test_everything_else_is_said_to_the_author_alone(
    player: Player, runs: Runs, text: str, said: str
) -> None:
    root = (await player.say("it is down"))["message"]["ts"]
    await player.mention(text, thread_ts=root)

    message = await private(player)
    assert said in json.dumps(message, ensure_ascii=False)
    assert message["thread_ts"] == root
    assert await only_people_spoke(player)
    assert await runs.newest(1) == ()


@pytest.mark.parametrize("wrong", [f"{IDS} cn-hangzho", f"{IDS} {'x' * 5000}"], ids=["a slip", "a page"])
async def test_what_is_wrong_is_said_with_the_form_to_put_it_right(player: Player, wrong: str) -> None:
    root = (await player.say("it is down"))["message"]["ts"]
    await player.mention(wrong, thread_ts=root)
    message = await private(player)
    (view,) = (await player.click(OPEN_OFFERED_FORM, channel="C0INCIDENT", message_ts=message["ts"]))["views"]

    assert "/vpn-diagnose" not in json.dumps(message)
    assert GATEWAY in json.dumps(view)
    origin = FormOrigin.read(view["private_metadata"], UserId("U0ALICE"), FORM_KEY)
    assert origin.conversation() == Conversation(channel_id=INCIDENT, thread_ts=root)


async def test_help_in_a_thread_is_about_what_can_be_typed_there(player: Player) -> None:
    root = (await player.say("it is down"))["message"]["ts"]
    await player.mention("help", thread_ts=root)
    message = await private(player)

    assert "/vpn-diagnose" not in json.dumps(message)
    assert json.dumps(message).count('"user_id": "U0VPNBOT"') == len(message["blocks"][0]["elements"]) - 1


async def test_where_there_is_no_thread_yet_it_is_said_in_the_channel(player: Player) -> None:
    await player.mention("help")

    assert "thread_ts" not in await private(player)


@pytest.mark.parametrize(
    ("text", "gateway"),
    [(f"<@U0VPNBOT> {GATEWAY}", GATEWAY), (f"{GATEWAY} is down, <@U0VPNBOT>", GATEWAY), ("<@U0VPNBOT>", None)],
    ids=["behind the name", "before the name", "nothing"],
)
async def test_the_button_opens_the_form_with_what_was_said(
    player: Player, text: str, gateway: str | None
) -> None:
    root = (await player.say("it is down"))["message"]["ts"]
    body = a_mention(text=text, thread_ts=root)
    await player.delivery(envelope={"type": "events_api", "payload": body})
    message = await private(player)
    (view,) = (await player.click(OPEN_OFFERED_FORM, channel="C0INCIDENT", message_ts=message["ts"]))["views"]

    elements = {block["block_id"]: block["element"] for block in view["blocks"] if block["type"] == "input"}
    chosen = elements["gateway_id"].get("initial_option") or {"value": None}
    assert chosen["value"] == gateway
    origin = FormOrigin.read(view["private_metadata"], UserId("U0ALICE"), FORM_KEY)
    assert origin.conversation() == Conversation(channel_id=INCIDENT, thread_ts=root)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"user": "U0MALLORY"}, "access.not_mapped", id="somebody without an identity"),
        pytest.param({"channel": "C0PRIVATE"}, "access.channel_not_allowed", id="a channel that is not allowed"),
        pytest.param({"user_team": "T0PARTNER"}, "access.other_workspace", id="another company"),
        pytest.param({"source_team": "T0PARTNER"}, "access.other_workspace", id="another company, said elsewhere"),
        pytest.param({"team": "T0PARTNER"}, "access.other_workspace", id="another company, in an older word"),
        pytest.param(
            {"text": f"<@U0VPNBOT> {IDS.replace('healthy', 'payments')}"}, "access.guardrail", id="guardrail"
        ),
    ],
)
async def test_whoever_may_not_is_told_alone(
    play: Play, intake: Intake, runs: Runs, changes: Json, code: str
) -> None:
    refused: list[str] = []

    async def note(attempt: Attempt, problem: ProblemDetails) -> None:
        refused.append(f"{attempt.channel_id} {problem.code}")

    player = await play(replace(intake, report_refusal=note))
    body = a_mention(**changes)
    await player.delivery(envelope={"type": "events_api", "payload": body})
    title = explain(Problem(code).details, "en").title

    async def is_told() -> bool:
        told = [call for call in await player.calls() if call["operation"].startswith("chat.post")]
        return any(title in str(call) for call in told)

    await player.until(is_told)
    assert refused == [f"{body['event']['channel']} {code}"]
    assert await runs.newest(1) == ()


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"bot_id": "B0OTHER"}, id="an app"),
        pytest.param({"subtype": "bot_message"}, id="an app, in an older word"),
        pytest.param({"user": "U0VPNBOT"}, id="ourselves"),
        pytest.param({"user": None}, id="nobody"),
        pytest.param({"edited": {"user": "U0ALICE", "ts": "1767355200.000200"}}, id="a message that was changed"),
        pytest.param({"channel": "incident"}, id="a channel's name"),
        pytest.param({"ts": None}, id="no time"),
        pytest.param({"text": "x" * 200_000}, id="far more than Slack lets anybody say"),
    ],
)
async def test_what_nobody_says_who_could_ask_is_let_be(
    player: Player, intake: Intake, runs: Runs, changes: Json
) -> None:
    assert await mention_reply(a_mention(**changes), intake) is None

    assert await runs.newest(1) == ()
    assert [call for call in await player.calls() if call["operation"].startswith("chat.")] == []


def a_mention(**changes: Any) -> Json:
    event: Json = {
        "type": "app_mention",
        "user": "U0ALICE",
        "text": f"<@U0VPNBOT> {IDS}",
        "ts": "1767355200.000100",
        "channel": "C0INCIDENT",
        "event_ts": "1767355200.000100",
    }
    return {
        "type": "event_callback",
        "team_id": "T0EMULATED",
        "event_id": "Ev1",
        "authorizations": [{"team_id": "T0EMULATED", "user_id": "U0VPNBOT", "is_bot": True}],
        "event": event | changes,
    }
