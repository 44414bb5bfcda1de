"""The runs of bots that are no more are taken over at once, those of the living when their lease ends."""

import asyncio
from collections.abc import Callable

from bot.model.run import Run
from bot.store.database import Database, open_database
from bot.store.runs import Runs
from tests.store.clock import now

RunBuilder = Callable[..., Run]


def nobody() -> None:
    """Nobody wants to be woken."""


async def test_the_leases_of_a_process_that_died_on_this_file_end_at_once(
    database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    for number in range(2):
        await runs.add(a_run(), f"trigger:{number}")
    await runs.claim_due(database.clock(), "the dead", 60, 1)
    await runs.claim_due(database.clock(), "us", 60, 1)

    async with database.present("us", nobody):
        ended = await runs.take_over_the_dead("us")
        again = await runs.take_over_the_dead("us")
        claims = await runs.claim_due(database.clock(), "us", 60, 2)

    assert (ended, again) == (1, 0)
    assert [claim.interrupted for claim in claims] == [True]


async def test_whoever_holds_its_lock_lives_although_it_does_not_stir(
    postgres_url: str, a_run: RunBuilder
) -> None:
    async with open_database(postgres_url, now) as stopped, open_database(postgres_url, now) as other:
        await Runs(stopped).add(a_run(), "trigger:1")
        async with other.present("us", nobody):
            async with stopped.present("the stopped", nobody):
                await Runs(stopped).claim_due(stopped.clock(), "the stopped", 60, 1)

                assert await Runs(other).take_over_the_dead("us") == 0
                assert await Runs(other).claim_due(other.clock(), "us", 60, 1) == ()

            async with asyncio.timeout(10):
                while await Runs(other).take_over_the_dead("us") == 0:  # noqa: ASYNC110 - the server's state
                    await asyncio.sleep(0.01)
            (claim,) = await Runs(other).claim_due(other.clock(), "us", 60, 1)

    assert claim.interrupted


async def test_whoever_is_not_present_itself_takes_nobody_for_dead(postgres_url: str, a_run: RunBuilder) -> None:
    async with open_database(postgres_url, now) as database:
        runs = Runs(database)
        await runs.add(a_run(), "trigger:1")
        await runs.claim_due(database.clock(), "the dead", 60, 1)

        assert await runs.take_over_the_dead("us") == 0
