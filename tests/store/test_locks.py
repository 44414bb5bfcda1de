"""Bots of one PostgreSQL that need the same watches and runs never wait for each other in a ring."""

import asyncio
from collections.abc import Iterable

from sqlalchemy import text

from bot.model.ids import RunId
from bot.model.run import Run
from bot.store.database import Database, open_database
from bot.store.runs import Runs
from tests.conftest import NOON
from tests.store.clock import now
from tests.store.quiet import LATER, ORIGIN, RunBuilder, quiet


def quiet_ones(a_run: RunBuilder, origins: Iterable[RunId]) -> list[Run]:
    return [quiet(a_run, origin=origin) for origin in origins]


async def deadlocks(database: Database) -> object:
    count = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    return await database.read(lambda connection: connection.scalar(count))


async def test_bots_that_begin_and_stop_the_same_watches_do_not_wait_for_each_other_for_ever(
    postgres_url: str, a_run: RunBuilder
) -> None:
    """Presses under many reports reach one bot in one order and the other in the reverse one, stops between."""
    origins = [RunId.made(NOON, number.to_bytes(10, "big")) for number in range(8)]
    async with open_database(postgres_url, now) as one, open_database(postgres_url, now) as other:
        mine, theirs = Runs(one), Runs(other)
        for origin in origins:
            await mine.add(a_run(id=origin, due_at=None), f"report:{origin}")
        for _ in range(10):
            await asyncio.gather(
                *(mine.begin_watch(run, f"press:{run.id}") for run in quiet_ones(a_run, origins)),
                *(theirs.stop_watch(origin, a_run().requester, NOON) for origin in reversed(origins)),
                *(theirs.begin_watch(run, f"press:{run.id}") for run in quiet_ones(a_run, reversed(origins))),
            )

        assert await deadlocks(one) == 0


async def test_a_stop_does_not_wait_for_who_claims_the_run_and_waits_for_the_watches(
    postgres_url: str, a_run: RunBuilder
) -> None:
    """A claim and what carries a watch on in one transaction of one bot, a stop in the other's."""
    async with open_database(postgres_url, now) as one, open_database(postgres_url, now) as other:
        mine, theirs = Runs(one), Runs(other)
        await mine.add(a_run(id=ORIGIN, due_at=None), "report")
        for number in range(30):
            first = quiet(a_run)
            await mine.begin_watch(first, f"press:{number}")
            await asyncio.gather(
                mine.claim_due(LATER, "mine", 60, 9),
                mine.continue_watch(quiet(a_run, watch_id=first.id), first.id),
                theirs.stop_watch(ORIGIN, first.requester, NOON),
            )

        assert await deadlocks(one) == 0


async def test_what_else_is_written_with_a_stop_is_written_in_any_order(
    postgres_url: str, a_run: RunBuilder
) -> None:
    """A delivery that comes to both, before a stop in one's transaction and behind it in the other's."""
    async with open_database(postgres_url, now) as one, open_database(postgres_url, now) as other:
        mine, theirs = Runs(one), Runs(other)
        for number in range(4):
            await asyncio.gather(
                mine.add(a_run(), f"trigger:{number}"),
                mine.stop_watch(ORIGIN, a_run().requester, NOON),
                theirs.stop_watch(ORIGIN, a_run().requester, NOON),
                theirs.add(a_run(), f"trigger:{number}"),
            )

        assert await deadlocks(one) == 0
