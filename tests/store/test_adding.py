"""New runs, each once for an intent."""

import asyncio
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from bot.model.problem import Problem
from bot.model.run import Run
from bot.store.database import Database
from bot.store.runs import Runs
from bot.store.tables import runs as table

RunBuilder = Callable[..., Run]


async def stored(database: Database) -> int | None:
    return await database.read(lambda connection: connection.scalar(select(func.count()).select_from(table)))


async def test_of_eleven_deliveries_at_once_one_is_stored(
    database: Database, runs: Runs, other_runs: Runs, a_run: RunBuilder
) -> None:
    answers = await asyncio.gather(
        *(bot.add(a_run(), "trigger:1") for bot in (runs, other_runs) * 5), runs.add(a_run(), "trigger:1")
    )

    assert len(set(answers)) == 1
    assert await runs.get(answers[0]) is not None
    assert await stored(database) == 1


async def test_many_deliveries_to_two_bots_in_any_order_are_each_stored_once(
    database: Database, runs: Runs, other_runs: Runs, a_run: RunBuilder
) -> None:
    deliveries = [f"trigger:{number}" for number in range(100)]
    here = [runs.add(a_run(), delivery) for delivery in deliveries]
    there = [other_runs.add(a_run(), delivery) for delivery in reversed(deliveries)]

    answers = await asyncio.gather(*here, *there)

    assert answers[:100] == answers[:99:-1]
    assert await stored(database) == 100


async def test_a_run_that_cannot_be_stored_harms_no_other(
    database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    there, good = a_run(), a_run()
    await runs.add(there, "trigger:1")

    refused, accepted = await asyncio.gather(
        runs.add(there, "trigger:2"), runs.add(good, "trigger:3"), return_exceptions=True
    )

    assert isinstance(refused, Problem)
    assert accepted == good.id
    assert await stored(database) == 2


async def test_a_name_that_no_database_can_hold_is_refused(runs: Runs, a_run: RunBuilder) -> None:
    with pytest.raises(Problem, match=r"bot\.not_stored"):
        await runs.add(a_run(), "trigger:\ud800")


async def test_what_a_delivery_led_to_is_known(runs: Runs, a_run: RunBuilder) -> None:
    run = a_run()
    await runs.add(run, "trigger:1")

    assert await runs.delivered("trigger:1") == run.id
    assert await runs.delivered("trigger:2") is None


async def test_an_addition_whose_answer_was_lost_can_be_repeated(runs: Runs, a_run: RunBuilder) -> None:
    run = a_run()
    await runs.add(run, "trigger:1")

    assert await runs.add(run, "trigger:1") == run.id


async def test_a_press_names_the_run_that_its_intent_led_to(runs: Runs, a_run: RunBuilder) -> None:
    first, second = a_run(), a_run()
    await runs.add(first, "again:1", press="press:1")

    answered = await runs.add(second, "again:1", press="press:2")

    assert answered == first.id
    assert await runs.delivered("press:1") == await runs.delivered("press:2") == first.id
    assert await runs.get(second.id) is None
