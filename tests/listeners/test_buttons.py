"""The buttons under a report: whoever presses is asked again, and always answered, alone."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.emulators.slack.player import Player
from bot.listeners.errands import Errands
from bot.listeners.intake import Intake
from bot.model.audit import Attempt
from bot.model.ids import ChannelId, RunId, TeamId, UserId, VpnGatewayId
from bot.model.problem import ProblemDetails
from bot.model.request import Conversation, DiagnosisRequest, Requester
from bot.model.run import Run, RunState
from bot.slack.buttons import ACTION_IDS, COMPARE, CONSOLE, COPY_COMMAND, EXPORT, RUN_AGAIN, STOP_WATCHING, WATCH
from bot.store.database import Database
from bot.store.past import MOST_LIKE_IT, Past
from tests.listeners.told import ALICE, BROKEN, HERE, NOON, Teller
from tests.store.audited import rows_of

Play = Callable[[Intake], Awaitable[Player]]
DEEDS = [name for name in ACTION_IDS if name != CONSOLE]
MAPPED_TOO = Requester(team_id=TeamId("T0EMULATED"), user_id=UserId("U0GUEST"))


@pytest.fixture
def tell(database: Database, intake: Intake, a_run: Callable[..., Run]) -> Teller:
    return Teller(database, intake.slack, a_run)


@pytest.fixture
def reported() -> list[tuple[str | None, Attempt]]:
    """Return what was reported: the problem's code, None for what was shown."""
    return []


@pytest.fixture
async def playing(play: Play, intake: Intake, reported: list[tuple[str | None, Attempt]]) -> Player:
    async def shown(attempt: Attempt) -> None:
        reported.append((None, attempt))

    async def refused(attempt: Attempt, why: ProblemDetails) -> None:
        reported.append((why.code, attempt))

    return await play(replace(intake, report_reading=shown, report_refusal=refused))


async def told_alone(player: Player, user: str = "U0ALICE", number: int = 1) -> dict[str, Any]:
    """Wait for so many private messages of a person, and return the last of them."""

    async def seen() -> list[dict[str, Any]]:
        private = await player.private_messages(user=user)
        return private if len(private) >= number else []

    return (await player.until(seen))[number - 1]


async def test_run_again_asks_the_same_as_the_presser_in_the_same_thread(
    playing: Player, tell: Teller, intake: Intake, woken: list[str]
) -> None:
    told = await tell()
    outcome = await told.pressed(playing, RUN_AGAIN)
    (again,) = await intake.past.of_person(ALICE, 1)

    assert (outcome["status"], outcome.get("payload")) == (200, None)
    assert again.id != told.run.id
    assert again.request == told.run.request
    assert again.conversation == Conversation(channel_id=HERE, thread_ts=told.run.posted.root_ts)
    assert again.state is RunState.SUBMITTED
    assert woken == ["woken"]


async def test_who_presses_anothers_button_asks_as_themselves(
    playing: Player, tell: Teller, intake: Intake, a_request: Callable[..., DiagnosisRequest]
) -> None:
    told = await tell(MAPPED_TOO, request=a_request(gateway_id=VpnGatewayId("vpn-guests")))
    await told.pressed(playing, RUN_AGAIN)

    (again,) = await intake.past.of_person(ALICE, 1)
    assert again.request.gateway_id == "vpn-guests"
    assert len(await intake.past.of_person(MAPPED_TOO, 10)) == 1


async def test_presses_while_it_is_under_way_are_one(playing: Player, tell: Teller, intake: Intake) -> None:
    told = await tell()
    await asyncio.gather(*(told.pressed(playing, RUN_AGAIN) for _ in range(5)))
    await told.pressed(playing, RUN_AGAIN)

    assert "under way" in (await told_alone(playing))["text"]
    assert len(await intake.past.of_person(ALICE, 10)) == 2


async def test_a_press_brought_again_does_nothing_even_when_its_run_has_ended(
    playing: Player, tell: Teller, intake: Intake, database: Database, play: Play
) -> None:
    told = await tell()
    await told.pressed(playing, RUN_AGAIN)
    await end_all(database)
    await play(intake)  # another bot, which has not answered it before
    for _ in range(4):
        await playing.delivery(redeliver=1)

    assert len(await intake.past.of_person(ALICE, 10)) == 2


async def end_all(database: Database) -> None:
    await database.write(
        lambda connection: connection.execute(
            text('UPDATE runs SET document = replace(document, \'"state":"submitted"\', \'"state":"failed"\')')
        )
    )


async def test_a_press_is_another_one_when_the_last_run_here_is_no_longer_among_the_newest(
    playing: Player, tell: Teller, intake: Intake, database: Database
) -> None:
    await playing.rates(None)
    told = await tell(id=RunId.made(NOON - timedelta(minutes=10), bytes(10)))
    for _ in range(3):
        await told.pressed(playing, RUN_AGAIN)
        await end_all(database)
    for number in range(MOST_LIKE_IT):
        later = RunId.made(NOON + timedelta(minutes=1), number.to_bytes(10, "big"))
        await tell(minutes_ago=-1, id=later)
    for _ in range(2):
        await told.pressed(playing, RUN_AGAIN)

    assert "under way" in (await told_alone(playing))["text"]
    assert len(await intake.past.of_person(ALICE, 100)) == 1 + 3 + MOST_LIKE_IT + 1


async def test_a_press_after_that_has_ended_is_another_one(playing: Player, tell: Teller, intake: Intake) -> None:
    told = await tell()
    place = Conversation(channel_id=HERE, thread_ts=told.run.posted.root_ts)
    ended = await tell(conversation=place, minutes_ago=5)
    await told.pressed(playing, RUN_AGAIN)

    (again, *_) = await intake.past.of_person(ALICE, 10)
    assert again.id not in {told.run.id, ended.run.id}


async def test_compare_shows_what_has_changed_since_the_last_report_to_the_presser_alone(
    playing: Player, tell: Teller, reported: list[tuple[str | None, Attempt]]
) -> None:
    await tell(minutes_ago=90, report=BROKEN)
    told = await tell()
    await told.pressed(playing, COMPARE)
    private = await told_alone(playing)

    assert private["seen_only_by"] == "U0ALICE"
    assert private["thread_ts"] == told.run.posted.root_ts
    assert "better" in private["text"]
    ((code, attempt),) = reported
    assert code is None
    assert (attempt.operation, attempt.request) == ("compare", told.run.request)


async def test_what_somebody_else_was_told_elsewhere_is_not_compared_with(playing: Player, tell: Teller) -> None:
    await tell(MAPPED_TOO, ChannelId("C0PAYLOAD"), minutes_ago=90, report=BROKEN)
    told = await tell()
    await told.pressed(playing, COMPARE)

    private = await told_alone(playing)

    assert private["thread_ts"] == told.run.posted.root_ts
    assert "better" not in private["text"]


async def test_the_command_is_for_the_presser_alone(playing: Player, tell: Teller) -> None:
    told = await tell()
    await told.pressed(playing, COPY_COMMAND)
    private = await told_alone(playing)

    assert "aliyun vpc DiagnoseVpnGateway" in str(private["blocks"])
    assert private["thread_ts"] == told.run.posted.root_ts


async def test_watch_begins_one_watch_and_stop_ends_it(
    playing: Player,
    tell: Teller,
    intake: Intake,
    woken: list[str],
    reported: list[tuple[str | None, Attempt]],
) -> None:
    told = await tell()
    watched = await tell(names=told.run.id, watched=True)
    for name, (where, number) in {
        "You are watching this connection now": (told, 1),
        "already": (told, 2),
        "have stopped watching": (watched, 3),
        "no watch": (watched, 4),
    }.items():
        await where.pressed(playing, WATCH if where is told else STOP_WATCHING)
        assert name in str((await told_alone(playing, number=number))["blocks"])

    assert woken
    assert len(await intake.past.of_person(ALICE, 10)) == 2  # those of a watch are quiet
    said = [(code, attempt.operation, attempt.request) for code, attempt in reported]
    assert said == [(None, STOP_WATCHING, told.run.request)] * 2


async def test_by_which_access_file_somebody_began_a_watch_is_kept_for_good(
    playing: Player, tell: Teller, intake: Intake, database: Database
) -> None:
    await (await tell()).pressed(playing, WATCH)

    (row,) = await rows_of(database)
    assert (row["event"], row["book_version"]) == ("accepted", intake.access.book_hash())


async def test_who_begins_a_watch_is_told_how_often_how_long_and_how_to_stop(
    playing: Player, tell: Teller
) -> None:
    await (await tell()).pressed(playing, WATCH)
    said = str((await told_alone(playing))["blocks"])

    assert "every 5 minutes, for 30 at most" in said
    assert "press Stop watching under the report" in said


async def test_who_cannot_stop_a_watch_is_told_whose_it_is(
    playing: Player, tell: Teller, reported: list[tuple[str | None, Attempt]]
) -> None:
    told = await tell()
    await told.pressed(playing, WATCH)
    await told_alone(playing)
    watched = await tell(names=told.run.id, watched=True)
    await watched.pressed(playing, STOP_WATCHING, user="U0GUEST")
    said = str((await told_alone(playing, "U0GUEST"))["blocks"])

    assert "U0ALICE" in said
    assert "every change in this thread" in said
    ((code, attempt),) = reported
    assert (code, attempt.operation) == ("access.watch_not_yours", STOP_WATCHING)
    assert (attempt.requester, attempt.request) == (MAPPED_TOO, told.run.request)


@pytest.mark.parametrize("name", [EXPORT, WATCH])
async def test_without_a_report_there_is_nothing_to_export_or_to_watch(
    playing: Player, tell: Teller, name: str
) -> None:
    failed = await tell(report=None)
    with_its_id = await tell(names=failed.run.id)
    await with_its_id.pressed(playing, name)

    assert "No report" in str((await told_alone(playing))["blocks"])


async def test_the_link_to_the_console_is_acknowledged_and_no_more(playing: Player, tell: Teller) -> None:
    told = await tell()
    outcome = await told.pressed(playing, CONSOLE)

    assert (outcome["status"], outcome.get("payload")) == (200, None)
    assert await playing.private_messages(user="U0ALICE") == []


@pytest.mark.parametrize("name", DEEDS)
async def test_whom_nobody_mapped_is_refused_in_private(
    playing: Player, tell: Teller, intake: Intake, name: str, reported: list[tuple[str | None, Attempt]]
) -> None:
    told = await tell(watched=name == STOP_WATCHING)
    await told.pressed(playing, name, user="U0MALLORY")
    private = await told_alone(playing, "U0MALLORY")

    assert "U0MALLORY" in str(private["blocks"])
    assert "aliyun" not in str(private["blocks"])
    ((code, attempt),) = reported
    assert (code, attempt.requester.user_id, attempt.channel_id) == ("access.not_mapped", "U0MALLORY", HERE)
    assert (attempt.operation, attempt.run_id, attempt.request) == (name, told.run.id, told.run.request)
    assert len(await intake.past.of_channel(HERE, 10)) == 1


async def test_what_the_pressers_guardrail_denies_is_refused(
    playing: Player, tell: Teller, intake: Intake, a_request: Callable[..., DiagnosisRequest]
) -> None:
    told = await tell(MAPPED_TOO, request=a_request(gateway_id=VpnGatewayId("vpn-payments1")))
    await told.pressed(playing, RUN_AGAIN)

    assert "guardrail" in (await told_alone(playing))["text"].lower()
    assert await intake.past.of_person(ALICE, 10) == ()


@pytest.mark.parametrize("name", [RUN_AGAIN, COMPARE, COPY_COMMAND, EXPORT])
async def test_a_button_that_names_a_run_told_elsewhere_is_refused(
    playing: Player, tell: Teller, name: str, reported: list[tuple[str | None, Attempt]]
) -> None:
    elsewhere = await tell(channel=ChannelId("C0PAYLOAD"))
    forged = await tell(names=elsewhere.run.id)
    await forged.pressed(playing, name)

    assert "A button of elsewhere" in (await told_alone(playing))["text"]
    assert [code for code, _ in reported] == ["access.button_foreign"]


@pytest.mark.parametrize("name", DEEDS)
async def test_a_run_that_is_no_longer_kept_is_said_to_be_gone(
    playing: Player, tell: Teller, name: str, reported: list[tuple[str | None, Attempt]]
) -> None:
    told = await tell(names=RunId("01900000-0000-7000-8000-000000000000"), watched=name == STOP_WATCHING)
    await told.pressed(playing, name)

    assert "Not kept any more" in (await told_alone(playing))["text"]
    assert [code for code, _ in reported] == ["bot.run_gone"]


@pytest.mark.parametrize("value", ["", "nonsense", "x" * 2000, "01900000-0000-4000-8000-000000000000"])
async def test_a_value_that_is_no_run_is_refused(
    playing: Player, value: str, reported: list[tuple[str | None, Attempt]]
) -> None:
    await playing.delivery(envelope={"type": "interactive", "payload": a_press(value=value)})

    assert "A button of elsewhere" in (await told_alone(playing))["text"]
    assert [code for code, _ in reported] == ["access.button_foreign"]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"actions": [{"action_id": RUN_AGAIN, "value": 7}]}, id="a value that is no text"),
        pytest.param({"actions": [{"action_id": RUN_AGAIN}] * 2}, id="two at once"),
        pytest.param({"trigger_id": None}, id="no trigger"),
        pytest.param({"container": {"channel_id": "C0INCIDENT"}}, id="no message"),
        pytest.param({"container": {"channel_id": "C0INCIDENT", "message_ts": "x"}}, id="a strange message"),
    ],
)
async def test_a_press_in_another_shape_is_answered(playing: Player, changes: dict[str, Any]) -> None:
    await playing.delivery(envelope={"type": "interactive", "payload": a_press() | changes})

    assert "understood" in str((await told_alone(playing))["blocks"])


async def test_a_button_of_another_version_is_answered(playing: Player) -> None:
    press = a_press() | {"actions": [{"action_id": "of_old", "value": "1"}]}
    await playing.delivery(envelope={"type": "interactive", "payload": press})

    assert "Control out of date" in (await told_alone(playing))["text"]


@pytest.mark.parametrize("name", [RUN_AGAIN, COMPARE])
async def test_a_fault_ends_in_a_private_sentence_with_an_error_id(
    play: Play, intake: Intake, tell: Teller, database: Database, name: str
) -> None:
    told = await tell()
    player = await play(intake)
    await database.write(lambda connection: connection.execute(text("ALTER TABLE runs RENAME TO gone")))
    await told.pressed(player, name)

    assert "error id" in str((await told_alone(player))["blocks"])


async def test_what_goes_wrong_while_it_is_found_out_is_told_with_an_error_id(
    play: Play, intake: Intake, tell: Teller, database: Database
) -> None:
    told = await tell()
    player = await play(replace(intake, past=FailingPast(database)))
    await told.pressed(player, COMPARE)

    assert "error id" in str((await told_alone(player))["blocks"])


async def test_what_takes_too_long_is_said_to(
    play: Play, intake: Intake, tell: Teller, database: Database
) -> None:
    told = await tell()
    player = await play(replace(intake, past=HangingPast(database), aside_within_s=0.1))
    await told.pressed(player, COMPARE)

    assert "too long" in (await told_alone(player))["text"]


async def test_more_than_can_be_found_out_at_once_is_declined_in_words(
    play: Play, intake: Intake, tell: Teller
) -> None:
    told = await tell()
    player = await play(replace(intake, errands=Errands(most=0)))
    await told.pressed(player, COMPARE)

    assert "Too much at once" in (await told_alone(player))["text"]


async def test_in_direct_messages_only_the_asker_presses(playing: Player, tell: Teller, intake: Intake) -> None:
    """A run that was moved there is asked again where it was asked."""
    direct = await intake.slack.open_direct_message(UserId("U0ALICE"))
    moved: dict[str, Any] = {"conversation": Conversation(channel_id=HERE), "moved_to_dm": True}
    own, forged = await tell(channel=direct, **moved), await tell(MAPPED_TOO, direct, **moved)
    await forged.pressed(playing, RUN_AGAIN)
    await own.pressed(playing, RUN_AGAIN)
    (again,) = await intake.past.of_person(ALICE, 1)

    async def refused() -> bool:
        return "channel" in str(await playing.messages(direct))

    await playing.until(refused)
    assert again.id != own.run.id
    assert again.conversation == Conversation(channel_id=HERE)


class FailingPast(Past):
    async def reported_before(self, *_: object) -> tuple[Run, ...]:
        raise LookupError("planted")


class HangingPast(Past):
    async def reported_before(self, *_: object) -> tuple[Run, ...]:
        await asyncio.Event().wait()
        return ()


def a_press(value: str = "nonsense") -> dict[str, Any]:
    return {
        "type": "block_actions",
        "user": {"id": "U0ALICE", "team_id": "T0EMULATED"},
        "team": {"id": "T0EMULATED"},
        "trigger_id": f"1.2.{len(value)}",
        "container": {
            "type": "message",
            "channel_id": "C0INCIDENT",
            "message_ts": "1767355200.000100",
            "is_ephemeral": False,
        },
        "actions": [{"action_id": RUN_AGAIN, "value": value, "type": "button", "action_ts": "1.2"}],
    }
