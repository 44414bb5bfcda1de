"""One chain, written with what it is about, whoever writes and whatever goes wrong."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, text
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from bot.model.decision import Answer, Decision, Step, StepAnswer
from bot.model.denial import Denial
from bot.model.problem import Problem, ProblemDetails
from bot.model.report import DiagnosisReport, DiagnosticItem, ResultLevel, Unreadable
from bot.model.run import Run, RunState
from bot.store.audit import Audit
from bot.store.audit_chain import append
from bot.store.audit_rows import BEFORE_THE_FIRST, digest
from bot.store.database import Database, open_database
from bot.store.runs import FencedError, Runs
from bot.store.tables import deliveries
from bot.store.writer import Audited
from tests.store.audited import NOON, an_entry, rows_of
from tests.store.clock import now

RunBuilder = Callable[..., Run]
HOUR = timedelta(hours=1)


async def events(database: Database) -> list[str]:
    return [row["event"] for row in await rows_of(database)]


async def claimed(runs: Runs, database: Database, run: Run) -> Run:
    await runs.add(run, f"trigger:{run.id}")
    (claim,) = await runs.claim_due(database.clock(), "us", 60, 1)
    return claim.run


def decided(run: Run) -> Run:
    decision = Decision(
        made_at=NOON,
        book_version="b" * 64,
        identity="oncall",
        principal="acs:ram::1:role/oncall/slack-T0EMULATED-U0ALICE",
        steps=(StepAnswer(step=Step.MAPPING, answer=Answer.PASSED),),
    )
    return run.changed(decision=decision, identity="oncall", principal=decision.principal)


def assert_unbroken(rows: list[dict[str, Any]]) -> None:
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert [row["previous"] for row in rows] == [BEFORE_THE_FIRST, *(row["hash"] for row in rows[:-1])]
    assert [row["hash"] for row in rows] == [digest(row) for row in rows]


async def test_a_run_is_in_the_trail_from_its_acceptance_to_its_end(
    database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    run = await claimed(runs, database, a_run())
    lease = database.clock() + HOUR
    run = await runs.save(decided(run), lease_until=lease)
    started = run.changed(state=RunState.DIAGNOSING, diagnose_id="vpndgn-1", start_request_id="R-1")
    run = await runs.save(started, lease_until=lease)
    run = await runs.save(run.changed(finished_count=3), lease_until=lease)
    await runs.save(run.changed(state=RunState.REPORTED), lease_until=None)

    rows = await rows_of(database)

    assert [row["event"] for row in rows] == ["accepted", "allowed", "started", "reported"]
    assert {row["run_id"] for row in rows} == {run.id}
    assert (rows[2]["diagnose_id"], rows[2]["request_id"]) == ("vpndgn-1", "R-1")
    assert rows[0]["at"] == "2026-01-02T12:00:00.000000Z"
    assert_unbroken(rows)


async def test_a_save_by_somebody_who_did_not_read_the_run_is_compared_with_what_is_stored(
    database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    run = await runs.save(decided(await claimed(runs, database, a_run())), lease_until=None)
    before = len(await rows_of(database))

    saved = await Runs(database).save(run.changed(attempt=1), lease_until=None)
    await Runs(database).save(saved.changed(state=RunState.FAILED), lease_until=None)

    assert (await events(database))[before:] == ["failed"]


async def test_nothing_that_may_hold_a_secret_gets_into_the_trail(
    database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    """Every fact of a problem but the IDs, every condition of a denial, and all that a report has measured."""
    run = decided(await claimed(runs, database, a_run()))
    names = ("message", "detail", "reason", "gateway_id", "operation", "identity", "arn", "signature", "psk")
    problem = ProblemDetails(code="Forbidden.RAM", facts={"request_id": "R-1"} | dict.fromkeys(names, "planted"))
    denial = Denial(
        action="vpc:DiagnoseVpnGateway",
        resource="*",
        principal="acs:ram::1:user/lab",
        principal_type="SubUser",
        account_id="1",
        explicit=None,
        policy_type="",
        policies=(),
        conditions=(("acs:SourceIp", ("planted",)), ("planted", ())),
        to_trust="planted",
    )
    item = DiagnosticItem(
        name="planted", level=ResultLevel.ERROR, level_text="planted", detail=Unreadable(text="planted")
    )
    report = DiagnosisReport(
        diagnose_id="vpndgn-1",
        request_id="R-2",
        region=run.request.region,
        gateway_id=run.request.gateway_id,
        connection_id=None,
        begin_time=None,
        finish_time=None,
        finished_count=1,
        total_count=7,
        items=(item,),
    )
    assert run.decision is not None
    decision = run.decision.refused(problem, denial)
    await runs.save(
        run.changed(state=RunState.REFUSED, problem=problem, report=report, decision=decision), lease_until=None
    )

    rows = await rows_of(database)
    assert rows[-1]["event"] == "refused"
    assert rows[-1]["request_id"] == "R-1"
    assert "planted" not in str(rows)


async def test_a_redelivery_is_not_accepted_a_second_time(
    database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    first, *_ = await asyncio.gather(*(runs.add(a_run(), "trigger:1") for _ in range(5)))
    await runs.add(a_run(), "trigger:1")

    rows = await rows_of(database)
    assert [(row["event"], row["run_id"]) for row in rows] == [("accepted", first)]


async def test_what_was_not_saved_is_not_in_the_trail(database: Database, runs: Runs, a_run: RunBuilder) -> None:
    run = await claimed(runs, database, a_run())
    await runs.save(run, lease_until=None)

    with pytest.raises(FencedError):
        await runs.save(run.changed(state=RunState.FAILED), lease_until=None)

    assert await events(database) == ["accepted"]


async def test_a_save_whose_answer_was_lost_is_in_the_trail_once(
    database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    run = await claimed(runs, database, a_run())
    failed = run.changed(state=RunState.FAILED)
    await runs.save(failed, lease_until=None)

    await runs.save(failed, lease_until=None)

    assert await events(database) == ["accepted", "failed"]


def breaks(connection: Connection, items: Sequence[None]) -> list[Audited[None] | None]:
    """Add an entry and a row, and break the transaction: what a kill before the commit leaves is the same."""
    rows = [{"key": "same", "run_id": "1", "received_at": 1.0}] * 2
    append(connection, [an_entry()])
    connection.execute(insert(deliveries), rows)
    return [Audited(None, ()) for _ in items]


async def test_an_entry_is_there_only_if_what_it_is_about_is(
    database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    run = a_run()
    outcomes = await asyncio.gather(
        database.writer.write(breaks, None), runs.add(run, "trigger:1"), return_exceptions=True
    )

    rows = await rows_of(database)
    assert isinstance(outcomes[0], IntegrityError)
    assert outcomes[1] == run.id
    assert [(row["event"], row["run_id"]) for row in rows] == [("accepted", run.id)]


async def test_a_run_is_there_only_if_its_entry_is(database: Database, runs: Runs, a_run: RunBuilder) -> None:
    run = a_run()
    await database.write(lambda connection: connection.exec_driver_sql("DROP TABLE audit"))

    with pytest.raises(Problem, match=r"bot\.not_stored"):
        await runs.add(run, "trigger:1")

    assert await runs.get(run.id) is None
    assert await runs.delivered("trigger:1") is None


async def test_what_is_written_together_is_one_piece_of_the_chain(
    database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    audit = Audit(database)
    several = [run for _ in range(20) for run in (a_run(),)]
    await asyncio.gather(
        *(runs.add(run, f"trigger:{run.id}") for run in several), *(audit.append(an_entry()) for _ in range(20))
    )

    rows = await rows_of(database)
    assert len(rows) == 40
    assert_unbroken(rows)


async def test_bots_that_write_at_once_make_one_chain(postgres_url: str, a_run: RunBuilder) -> None:
    async def work(number: int) -> None:
        async with open_database(postgres_url, now) as database:
            runs, audit = Runs(database), Audit(database)
            for _ in range(20):
                due = a_run(due_at=NOON + timedelta(days=number))
                await asyncio.gather(runs.add(due, f"trigger:{due.id}"), audit.append(an_entry()))
                for claim in await runs.claim_due(database.clock(), f"bot {number}", 60, 5):
                    await runs.save(claim.run.changed(state=RunState.FAILED, due_at=None), lease_until=None)

    async with open_database(postgres_url, now) as database:
        await asyncio.gather(*(work(number) for number in range(4)))

        rows = await rows_of(database)
    ended = [row["run_id"] for row in rows if row["event"] == "failed"]
    assert len(rows) == 4 * 40 + len(ended)
    assert len(set(ended)) == len(ended) > 0
    assert_unbroken(rows)


async def test_bots_that_need_each_others_rows_do_not_wait_for_each_other_for_ever(
    postgres_url: str, a_run: RunBuilder
) -> None:
    """A delivery that comes to both, before an entry in one's transaction and behind it in the other's."""
    async with open_database(postgres_url, now) as one, open_database(postgres_url, now) as other:
        for number in range(50):
            await asyncio.gather(
                Audit(one).append(an_entry()),
                Runs(one).add(a_run(), f"trigger:{number}"),
                Runs(other).add(a_run(), f"trigger:{number}"),
                Audit(other).append(an_entry()),
            )

        count = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        assert await one.read(lambda connection: connection.scalar(count)) == 0
        assert_unbroken(await rows_of(one))


async def test_a_bot_that_hangs_with_the_end_of_the_chain_in_its_hand_loses_it(postgres_url: str) -> None:
    async with open_database(postgres_url, now) as hanging, open_database(postgres_url, now) as other:
        held, go_on = asyncio.Event(), asyncio.Event()

        async def hang() -> None:
            """Take the lock as `append` does, and say nothing more until the other one has written."""
            connection = await hanging._connections._engine.connect()  # type: ignore[attr-defined]
            await connection.run_sync(lambda it: append(it, [an_entry(user_id="U0HANGING")]))
            held.set()
            await go_on.wait()
            await connection.invalidate()
            await connection.close()

        task = asyncio.create_task(hang())
        await held.wait()
        await Audit(other).append(an_entry())
        go_on.set()
        await asyncio.gather(task)

        rows = await rows_of(other)
    assert [row["user_id"] for row in rows] == ["U0MALLORY"]
    assert_unbroken(rows)


async def test_a_database_that_is_away_is_said(postgres_url: str) -> None:
    async with open_database(postgres_url, now) as database:
        await database.write(lambda connection: connection.exec_driver_sql("DROP TABLE audit"))

        with pytest.raises(SQLAlchemyError):
            await Audit(database).append(an_entry())
