"""One run at a time leads a gateway."""

import asyncio
import json
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, update

from bot.model.ids import VpnGatewayId
from bot.model.request import DiagnosisRequest
from bot.model.run import Run, RunState
from bot.store.database import Database
from bot.store.leading import LONGEST_DIAGNOSIS_S
from bot.store.rows import FORMAT
from bot.store.runs import FencedError, Runs
from bot.store.tables import leads
from bot.store.tables import runs as table

RunBuilder = Callable[..., Run]


async def stored(runs: Runs, *new: Run) -> None:
    await asyncio.gather(*(runs.add(run, f"trigger:{run.id}") for run in new))


async def test_of_fifty_at_once_one_leads(runs: Runs, other_runs: Runs, a_run: RunBuilder) -> None:
    candidates = [a_run() for _ in range(50)]
    await stored(runs, *candidates)

    leaders = await asyncio.gather(
        *((other_runs if place % 2 else runs).lead(run) for place, run in enumerate(candidates))
    )

    (leading,) = [run for run, leader in zip(candidates, leaders, strict=True) if leader is None]
    assert {leader.id for leader in leaders if leader is not None} == {leading.id}


async def test_who_leads_already_leads(runs: Runs, a_run: RunBuilder) -> None:
    run = a_run()
    await stored(runs, run)
    await runs.lead(run)

    assert await runs.lead(run) is None


async def test_the_leader_is_told_as_it_is_stored(
    database: Database, runs: Runs, other_runs: Runs, a_run: RunBuilder
) -> None:
    await stored(runs, a_run())
    (claim,) = await runs.claim_due(database.clock(), "us", 60, 1)
    await runs.lead(claim.run)
    saved = await runs.save(claim.run.changed(state=RunState.DIAGNOSING, diagnose_id="vpndgn-1"), lease_until=None)

    assert await other_runs.lead(a_run()) == saved


async def test_each_gateway_has_a_leader_of_its_own(
    runs: Runs, a_run: RunBuilder, a_request: Callable[..., DiagnosisRequest]
) -> None:
    one, other = a_run(), a_run(request=a_request(gateway_id=VpnGatewayId("vpn-other")))
    await stored(runs, one, other)

    assert list(await asyncio.gather(runs.lead(one), runs.lead(other))) == [None, None]


async def test_a_leader_that_has_ended_is_followed_by_one_of_those_that_ask(
    database: Database, runs: Runs, other_runs: Runs, a_run: RunBuilder
) -> None:
    ended, *candidates = [a_run() for _ in range(11)]
    await stored(runs, ended, *candidates)
    await runs.lead(ended)
    end = update(table).where(table.c.id == ended.id).values(state="failed")  # as a bot that knows no leads
    await database.write(lambda connection: connection.execute(end))

    leaders = await asyncio.gather(
        *((other_runs if place % 2 else runs).lead(run) for place, run in enumerate(candidates))
    )

    (leading,) = [run for run, leader in zip(candidates, leaders, strict=True) if leader is None]
    assert {leader.id for leader in leaders if leader is not None} == {leading.id}


async def test_a_leader_that_is_gone_leads_no_more(
    database: Database, runs: Runs, other_runs: Runs, a_run: RunBuilder
) -> None:
    gone, run = a_run(), a_run()
    await stored(runs, gone, run)
    await runs.lead(gone)
    await database.write(lambda connection: connection.execute(table.delete().where(table.c.id == gone.id)))

    assert await other_runs.lead(run) is None


async def test_whoever_cannot_read_the_leader_leaves_its_run_to_a_newer_bot(
    database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    newer, run = a_run(created_at=database.clock()), a_run()
    await stored(runs, newer, run)
    await runs.lead(newer)
    mark = update(table).where(table.c.id == newer.id).values(format=FORMAT + 1, document="{}")
    await database.write(lambda connection: connection.execute(mark))

    with pytest.raises(FencedError):
        await runs.lead(run)
    with pytest.raises(FencedError):
        await runs.get(newer.id)


async def test_a_leader_with_a_key_that_nobody_knows_is_left_to_a_newer_bot(
    database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    newer, run = a_run(), a_run()
    await stored(runs, newer, run)
    await runs.lead(newer)
    document = json.dumps(json.loads(newer.model_dump_json()) | {"colour": "blue"})
    mark = update(table).where(table.c.id == newer.id).values(document=document)
    await database.write(lambda connection: connection.execute(mark))

    with pytest.raises(FencedError, match="colour"):
        await runs.lead(run)


@pytest.mark.parametrize("spoiled", [{"document": "{}"}, {"format": FORMAT + 1}])
async def test_a_leader_that_cannot_be_read_leads_no_longer_than_a_diagnosis_takes(
    database: Database, runs: Runs, a_run: RunBuilder, spoiled: dict[str, object]
) -> None:
    newer, run, next_one = a_run(), a_run(), a_run()
    await stored(runs, newer, run, next_one)
    await runs.lead(newer)
    since = database.clock().timestamp() - LONGEST_DIAGNOSIS_S - 1

    def make_old(connection: Connection) -> None:
        connection.execute(update(table).where(table.c.id == newer.id).values(**spoiled))
        connection.execute(update(leads).values(since=since))

    await database.write(make_old)

    assert await runs.lead(run) is None
    assert await runs.lead(next_one) == run


async def test_a_leader_that_can_be_read_leads_however_long_it_takes(
    database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    slow, run = a_run(), a_run()
    await stored(runs, slow, run)
    await runs.lead(slow)
    await database.write(lambda connection: connection.execute(update(leads).values(since=0)))

    assert await runs.lead(run) == slow
