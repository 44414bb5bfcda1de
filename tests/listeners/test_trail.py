"""What happens at the door is in the audit trail, whatever the database does, and nobody waits for it for long."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.emulators.slack.player import Player
from bot.listeners.command import command_reply
from bot.listeners.form_origin import FormOrigin
from bot.listeners.intake import Intake
from bot.listeners.limits import Limits, Most
from bot.listeners.submission import submission_reply
from bot.listeners.trail import MOST_PEOPLE, MOST_REFUSALS, WITHIN_S, Trail
from bot.model.audit import Attempt, AuditEntry
from bot.model.ids import ChannelId, TeamId, UserId
from bot.model.problem import Problem
from bot.model.request import Conversation, Requester
from bot.store.audit import Audit
from bot.store.database import Database
from bot.store.errors import DatabaseAwayError
from bot.store.runs import Runs
from tests.listeners.conftest import FORM_KEY
from tests.store.audited import rows_of

NOON = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)
BOOK = "b" * 64
INCIDENT = ChannelId("C0INCIDENT")
NOT_MAPPED = Problem("access.not_mapped").details
GOOD = {
    "region": "cn-hangzhou",
    "gateway_id": "vpn-healthy0000000000001",
    "connection_id": "vco-healthy0000000000001",
}
COMPLETE = " ".join(GOOD.values())

Play = Callable[[Intake], Awaitable[Player]]


def somebody(user: str = "U0MALLORY") -> Attempt:
    return Attempt(Requester(team_id=TeamId("T0EMULATED"), user_id=UserId(user)), INCIDENT)


class Paper:
    """Takes entries down, when it is told to, or does not; and a clock that a test moves."""

    def __init__(self) -> None:
        self.entries: list[AuditEntry] = []
        self.takes = asyncio.Event()
        self.takes.set()
        self.fails: DatabaseAwayError | None = None
        self.time = 0.0

    async def append(self, entry: AuditEntry) -> None:
        await self.takes.wait()
        if self.fails is not None:
            raise self.fails
        self.entries.append(entry)

    def trail(self, wait_s: float = 10) -> Trail:
        return Trail(self.append, lambda: BOOK, lambda: NOON, lambda: self.time, wait_s)


@pytest.fixture
def paper() -> Paper:
    return Paper()


@pytest.fixture
async def audited(intake: Intake, database: Database) -> Intake:
    """Return an intake whose refusals go into the database."""
    trail = Trail(Audit(database).append, lambda: BOOK, lambda: NOON)
    return replace(intake, report_refusal=trail.refused, report_reading=trail.shown)


def a_command(**changes: Any) -> dict[str, Any]:
    return {
        "command": "/vpn-diagnose", "text": COMPLETE, "team_id": "T0EMULATED", "user_id": "U0ALICE",
        "channel_id": "C0INCIDENT", "trigger_id": "1.2.3",
    } | changes  # fmt: skip


def a_submission(metadata: str, user: str = "U0ALICE", **values: str) -> dict[str, Any]:
    typed = {name: {name: {"value": value}} for name, value in (GOOD | values).items()}
    return {
        "type": "view_submission",
        "user": {"id": user, "team_id": "T0EMULATED"},
        "view": {"id": "V1", "private_metadata": metadata, "state": {"values": typed}},
    }


def sealed(user: str = "U0ALICE", channel: str = "C0INCIDENT") -> str:
    return FormOrigin.sealed(Conversation(channel_id=ChannelId(channel)), UserId(user), FORM_KEY).model_dump_json()


async def kept(database: Database) -> list[tuple[str, ...]]:
    names = ("event", "operation", "user_id", "channel_id", "vpn_gateway_id", "problem")
    return [tuple(row[name] for name in names) for row in await rows_of(database)]


async def test_a_refusal_is_there_when_the_answer_is_given(paper: Paper) -> None:
    await paper.trail().refused(somebody(), NOT_MAPPED)

    (entry,) = paper.entries
    assert (entry.user_id, entry.channel_id, entry.problem) == ("U0MALLORY", "C0INCIDENT", "access.not_mapped")
    assert (entry.at, entry.book_version) == (NOON, BOOK)


@pytest.mark.parametrize(
    "code", ["bot.not_stored", "bot.unexpected", "slack.timeout", "form.region", "cloud.timeout"]
)
async def test_what_could_not_be_done_is_no_refusal(code: str, paper: Paper) -> None:
    await paper.trail().refused(somebody(), Problem(code).details)

    assert paper.entries == []


@pytest.mark.parametrize(
    "code", ["bot.too_many", "bot.too_many_yours", "bot.overloaded", "bot.form_outdated", "bot.run_gone"]
)
async def test_what_the_bot_does_not_take_is_one(code: str, paper: Paper) -> None:
    await paper.trail().refused(somebody(), Problem(code).details)

    assert [entry.problem for entry in paper.entries] == [code]


async def test_a_slow_database_holds_up_no_answer_and_has_the_entry_later(paper: Paper) -> None:
    trail = paper.trail(wait_s=0.01)
    paper.takes.clear()

    async with asyncio.timeout(10):
        await trail.refused(somebody(), NOT_MAPPED)
    before = list(paper.entries)
    paper.takes.set()
    await trail.close()

    assert before == []
    assert len(paper.entries) == 1


async def test_a_refusal_that_cannot_be_kept_is_told_and_logged(
    paper: Paper, caplog: pytest.LogCaptureFixture
) -> None:
    paper.fails = DatabaseAwayError("secret address")

    await paper.trail().refused(somebody(), NOT_MAPPED)

    assert "not in the audit trail (DatabaseAwayError)" in caplog.text
    assert "refused T0EMULATED U0MALLORY C0INCIDENT DiagnoseVpnGateway access.not_mapped" in caplog.text
    assert "secret" not in caplog.text


async def test_nobody_fills_the_trail_by_being_refused(paper: Paper) -> None:
    trail = paper.trail()
    for _ in range(MOST_REFUSALS + 7):
        await trail.refused(somebody(), NOT_MAPPED)
    by_one = len(paper.entries)
    await trail.refused(somebody("U0OTHER"), NOT_MAPPED)
    paper.time += WITHIN_S
    for _ in range(2):
        await trail.refused(somebody(), NOT_MAPPED)

    assert by_one == MOST_REFUSALS
    assert [entry.unrecorded for entry in paper.entries[-3:]] == [None, 7, None]
    assert paper.entries[-3].user_id == "U0OTHER"


async def test_what_is_remembered_is_bounded(paper: Paper) -> None:
    trail = paper.trail()
    for number in range(MOST_PEOPLE + 10):
        await trail.refused(somebody(f"U{number:05}"), NOT_MAPPED)

    assert len(trail._refusals) == MOST_PEOPLE


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            {"user_id": "U0MALLORY"},
            ("U0MALLORY", "C0INCIDENT", GOOD["gateway_id"], "access.not_mapped"),
            id="somebody without an identity",
        ),
        pytest.param(
            {"user_id": "U0MALLORY", "text": ""},
            ("U0MALLORY", "C0INCIDENT", None, "access.not_mapped"),
            id="who wants the form",
        ),
        pytest.param(
            {"team_id": "T0OTHER"},
            ("U0ALICE", "C0INCIDENT", GOOD["gateway_id"], "access.other_workspace"),
            id="another company",
        ),
        pytest.param(
            {"channel_id": "C0RANDOM"},
            ("U0ALICE", "C0RANDOM", GOOD["gateway_id"], "access.channel_not_allowed"),
            id="a channel that is not allowed",
        ),
        pytest.param(
            {"text": "vpn-payments1 vco-healthy0000000000001"},
            ("U0ALICE", "C0INCIDENT", "vpn-payments1", "access.guardrail"),
            id="a gateway behind the guardrail",
        ),
    ],
)
async def test_a_command_that_is_refused_is_in_the_trail(
    changes: dict[str, str], expected: tuple[str | None, ...], audited: Intake, database: Database
) -> None:
    reply = await command_reply(a_command(**changes), audited)

    assert reply is not None
    assert await kept(database) == [("refused", "DiagnoseVpnGateway", *expected)]


async def test_a_command_that_is_one_too_many_is_in_the_trail(
    audited: Intake, runs: Runs, database: Database
) -> None:
    limited = replace(audited, limits=Limits(Most(of_person=0), runs.unfinished))

    await command_reply(a_command(), limited)

    assert [row[-1] for row in await kept(database)] == ["bot.too_many_yours"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(
            a_submission(sealed("U0MALLORY"), "U0MALLORY"),
            ("U0MALLORY", "C0INCIDENT", None, "access.not_mapped"),
            id="somebody without an identity",
        ),
        pytest.param(
            a_submission(sealed("U0ALICE"), "U0BOB"),
            ("U0BOB", None, None, "access.form_not_yours"),
            id="somebody else's form",
        ),
        pytest.param(
            a_submission("{}"), ("U0ALICE", None, None, "bot.form_outdated"), id="a form that was tampered with"
        ),
        pytest.param(
            a_submission(sealed(), gateway_id="vpn-payments1"),
            ("U0ALICE", "C0INCIDENT", "vpn-payments1", "access.guardrail"),
            id="a gateway behind the guardrail",
        ),
    ],
)
async def test_a_form_that_is_refused_is_in_the_trail(
    body: dict[str, Any], expected: tuple[str | None, ...], audited: Intake, database: Database
) -> None:
    reply = await submission_reply(body, audited)

    assert reply is not None
    assert await kept(database) == [("refused", "DiagnoseVpnGateway", *expected)]


async def test_what_is_accepted_is_in_the_trail_once(play: Play, audited: Intake, database: Database) -> None:
    player = await play(audited)

    await player.command(COMPLETE)
    await player.delivery(redeliver=3)

    (row,) = await rows_of(database)
    assert (row["event"], row["book_version"]) == ("accepted", audited.access.book_hash())


async def test_mistakes_and_help_are_not_in_the_trail(play: Play, audited: Intake, database: Database) -> None:
    player = await play(audited)

    for text in ("help", "vpn-healthy0000000000001 nonsense", "x" * 5000):
        await player.command(text)

    assert await kept(database) == []


async def test_a_refusal_is_answered_although_the_trail_has_gone(
    play: Play, audited: Intake, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await database.write(lambda connection: connection.exec_driver_sql("DROP TABLE audit"))
    player = await play(audited)

    outcome = await player.command(COMPLETE, user="U0MALLORY")

    assert outcome["status"] == 200
    assert "U0MALLORY" in str(outcome["payload"])
    assert "not in the audit trail" in caplog.text


async def test_what_was_only_counted_is_written_at_the_end(paper: Paper) -> None:
    trail = paper.trail()
    for _ in range(MOST_REFUSALS + 7):
        await trail.refused(somebody(), NOT_MAPPED)
    await trail.refused(somebody("U0OTHER"), NOT_MAPPED)
    before = len(paper.entries)
    await trail.close()
    await trail.close()

    (last,) = paper.entries[before:]
    assert (last.user_id, last.problem, last.unrecorded) == ("U0MALLORY", "access.not_mapped", 6)


async def test_what_was_only_counted_is_written_when_somebody_is_forgotten(paper: Paper) -> None:
    trail = paper.trail()
    for _ in range(MOST_REFUSALS + 1):
        await trail.refused(somebody(), NOT_MAPPED)
    for number in range(MOST_PEOPLE):
        await trail.refused(somebody(f"U0{number:06}"), NOT_MAPPED)
    await trail.close()

    of_mallory = [entry for entry in paper.entries if entry.user_id == "U0MALLORY"]
    assert len(of_mallory) == MOST_REFUSALS + 1
    assert of_mallory[-1].unrecorded is None


async def test_what_cannot_be_written_at_the_end_holds_nobody_up(
    paper: Paper, caplog: pytest.LogCaptureFixture
) -> None:
    trail = paper.trail()
    for _ in range(MOST_REFUSALS + 1):
        await trail.refused(somebody(), NOT_MAPPED)
    paper.takes.clear()
    await trail.close()

    assert "not in the audit trail: the last refusals of 1 people" in caplog.text
