"""The first private answer to anybody is in the language in which they use Slack, be they in access.yml or not."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.access.admission import Roster
from bot.access.book import load_book
from bot.access.desk import Access
from bot.access.groups import Groups
from bot.access.people import People
from bot.alibaba.endpoints import Endpoints
from bot.alibaba.rpc import RpcClient
from bot.alibaba.sts import StsApi
from bot.emulators.slack.player import Player
from bot.explain.phrases import phrase
from bot.explain.problems import explain
from bot.listeners.home import home_reply
from bot.listeners.intake import Intake
from bot.listeners.shortcut import shortcut_reply
from bot.model.problem import Problem
from bot.slack.directory import Directory
from bot.slack.heard import Heard
from tests.listeners.conftest import BOOK, NOON, no_members, nobody

LIN = "U0LIN"
UNMAPPED = explain(Problem("access.not_mapped").details, "zh").title
IDS = "vpn-healthy0000000000001 vco-healthy0000000000001"

Play = Callable[[Intake], Awaitable[Player]]
Asking = Callable[[str], Intake]


@pytest.fixture
async def asking(intake: Intake, client: AsyncWebClient, tmp_path: Path) -> AsyncIterator[Asking]:
    """Return what gives an intake with this book, whose desk asks Slack who people are and waits as long."""
    built: list[Access] = []

    def build(book: str = BOOK) -> Intake:
        file = tmp_path / "access.yml"
        file.write_text(book, encoding="utf-8")
        rpc = RpcClient(httpx.MockTransport(nobody), Endpoints(None), lambda: NOON, lambda: "nonce")
        people = People(Directory(client, Heard(lambda: NOON)).account, None, lambda: NOON)
        roster = Roster(Groups(no_members, lambda: NOON), people)
        built.append(Access(load_book(file), None, StsApi(rpc), roster, {}, tmp_path, lambda: NOON))
        return replace(intake, access=built[-1], learn_who_within_s=10.0)

    yield build
    for access in built:
        await access.close()


def with_lin(book: str) -> str:
    return book.replace("U0ALICE: oncall", "U0ALICE: oncall, U0LIN: oncall")


def _said(outcome: dict[str, Any]) -> str:
    return json.dumps(outcome["payload"], ensure_ascii=False)


@pytest.mark.parametrize(
    ("book", "typed", "said"),
    [
        pytest.param(BOOK, "help", phrase("command.help", "zh"), id="help for somebody unmapped"),
        pytest.param(BOOK, "", UNMAPPED, id="a refusal"),
        pytest.param(with_lin(BOOK), "help", phrase("command.help", "zh"), id="help"),
        pytest.param(with_lin(BOOK), IDS, phrase("command.accepted", "zh"), id="a start"),
    ],
)
async def test_the_first_command_is_answered_in_the_language_of_whoever_types_it(
    play: Play, asking: Asking, book: str, typed: str, said: str
) -> None:
    player = await play(asking(book))

    assert said in _said(await player.command(typed, user=LIN))


async def test_somebody_who_is_known_is_not_asked_about_again(play: Play, asking: Asking) -> None:
    player = await play(asking(BOOK))
    for _ in range(3):
        await player.command("help", user=LIN)

    assert len(await player.calls("users.info")) == 1


async def test_nobody_waits_longer_than_a_moment(play: Play, asking: Asking) -> None:
    player = await play(replace(asking(BOOK), learn_who_within_s=0.01))
    await player.fault("users.info", "delay", seconds=20)
    outcome = await player.command("help", user=LIN)

    assert phrase("command.help", "en") in _said(outcome)


async def test_a_slack_that_does_not_say_spoils_no_answer(play: Play, asking: Asking) -> None:
    player = await play(asking(BOOK))
    await player.fault("users.info", "http_500")
    outcome = await player.command("help", user=LIN)

    assert phrase("command.help", "en") in _said(outcome)


async def test_the_home_is_in_the_language_of_its_visitor(play: Play, asking: Asking) -> None:
    intake = asking(BOOK)
    player = await play(intake)
    event = {"type": "app_home_opened", "user": LIN, "channel": "D0LIN", "tab": "home", "event_ts": "1.2"}
    await home_reply(
        {"type": "event_callback", "team_id": "T0EMULATED", "event_id": "Ev1", "event": event}, intake
    )

    async def seen() -> bool:
        return UNMAPPED in json.dumps(await player.home(LIN), ensure_ascii=False)

    await player.until(seen)


async def test_what_is_refused_after_the_ack_is_said_in_the_language_of_whoever_did_it(
    play: Play, asking: Asking
) -> None:
    intake = asking(BOOK)
    player = await play(intake)
    shortcut = {
        "type": "message_action", "callback_id": "diagnose_message", "trigger_id": "1.2.3",
        "team": {"id": "T0EMULATED"}, "user": {"id": LIN, "team_id": "T0EMULATED"},
        "channel": {"id": "C0INCIDENT"}, "message": {"text": IDS, "ts": "1700000000.000100"},
        "message_ts": "1700000000.000100", "action_ts": "1.2", "response_url": "http://127.0.0.1/",
    }  # fmt: skip
    await shortcut_reply(shortcut, intake)

    async def seen() -> bool:
        return UNMAPPED in json.dumps(await player.private_messages(user=LIN), ensure_ascii=False)

    await player.until(seen)
    await asyncio.sleep(0)
