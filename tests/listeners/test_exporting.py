"""The export of a report: a file for whoever pressed, or the text itself where Slack takes no file."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from bot.emulators.slack.player import Player
from bot.explain.problems import explain
from bot.listeners.exporting import snippet
from bot.listeners.intake import Intake
from bot.model.audit import Attempt
from bot.model.problem import ProblemDetails
from bot.model.request import Conversation
from bot.model.run import Run
from bot.slack.buttons import EXPORT
from bot.slack.limits import MESSAGE_CHARACTERS, size
from bot.store.database import Database
from tests.listeners.test_buttons import told_alone
from tests.listeners.told import ALICE, HERE, Teller

Play = Callable[[Intake], Awaitable[Player]]


@pytest.fixture
def tell(database: Database, intake: Intake, a_run: Callable[..., Run]) -> Teller:
    return Teller(database, intake.slack, a_run)


async def test_the_file_is_in_direct_messages_and_the_thread_points_there(player: Player, tell: Teller) -> None:
    told = await tell()
    await told.pressed(player, EXPORT)
    private = await told_alone(player)
    (message,) = await player.messages("D0ALICE")

    assert message["files"][0]["name"].startswith("vpn-healthy0000000000001-2026")
    assert message["files"][0]["name"] in str(private["blocks"])
    assert private["thread_ts"] == told.run.posted.root_ts
    assert all("files" not in reply for root in await player.messages() for reply in root["replies"])


async def test_pressed_in_direct_messages_the_file_is_in_that_thread(
    player: Player, tell: Teller, intake: Intake
) -> None:
    direct = await intake.slack.open_direct_message(ALICE.user_id)
    told = await tell(channel=direct, moved_to_dm=True, conversation=Conversation(channel_id=HERE))
    await told.pressed(player, EXPORT)

    async def shared() -> bool:
        (root,) = await player.messages(direct)
        return any(reply.get("files") for reply in root["replies"])

    assert await player.until(shared)


@pytest.mark.parametrize("error", ["missing_scope", "file_uploads_disabled", "fatal_error"])
async def test_where_slack_takes_no_file_the_report_itself_is_told_alone(
    player: Player, tell: Teller, error: str
) -> None:
    told = await tell()
    await player.fault("files.getUploadURLExternal", "error", error=error)
    await told.pressed(player, EXPORT)
    private = await told_alone(player)
    (lines,) = (
        part["elements"][0]["text"]
        for block in private["blocks"]
        for part in block.get("elements", ())
        if part["type"] == "rich_text_preformatted"
    )

    assert json.loads(lines)["VpnGatewayId"] == "vpn-healthy0000000000001"
    assert private["seen_only_by"] == "U0ALICE"


async def test_a_file_that_slack_may_have_when_nobody_waits_any_more_is_kept_as_shown(
    play: Play, tell: Teller, intake: Intake
) -> None:
    shown: list[str] = []

    async def note(attempt: Attempt) -> None:
        shown.append(attempt.operation)

    player = await play(replace(intake, report_reading=note, aside_within_s=0.3))
    told = await tell()
    await player.fault("files.completeUploadExternal", "delay", seconds=5)
    await told.pressed(player, EXPORT)
    private = await told_alone(player)

    assert explain(ProblemDetails(code="bot.too_slow"), "en").title in private["text"]
    assert shown == [EXPORT]


async def test_a_file_is_kept_as_shown_once(play: Play, tell: Teller, intake: Intake) -> None:
    shown: list[str] = []

    async def note(attempt: Attempt) -> None:
        shown.append(attempt.operation)

    player = await play(replace(intake, report_reading=note))
    await (await tell()).pressed(player, EXPORT)
    await told_alone(player)

    assert shown == [EXPORT]


def test_what_does_not_fit_is_counted() -> None:
    content = "\n".join(f'"line {number}": "{"x" * 60}",' for number in range(1000))
    message = snippet("a.json", content, "en")

    assert size(message.blocks) <= MESSAGE_CHARACTERS
    assert "more lines did not fit" in str(message.blocks)
    assert "line 0" in str(message.blocks)
