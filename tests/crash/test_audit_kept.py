"""Killed in the middle of a transaction or right after it: the audit trail has what happened, once, unbroken."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.audit_check import verify
from bot.store.audit_reading import audit_trail
from tests.crash.site import Dying, all_ended, ask, started
from tests.journeys.world import HEALTHY, World, living
from tests.postgres import a_database_url

KILLED = -9
WHOLE = {"accepted": 1, "allowed": 1, "started": 1, "reported": 1}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with living(tmp_path, diagnosis_s=0.5) as alive:
        yield alive


async def kept_of_runs(url: str) -> dict[str, Counter[str]]:
    """Return how often the trail has which event of each run, after checking that nothing is missing."""
    kept: dict[str, Counter[str]] = {}
    async with audit_trail(url) as trail:
        verdict = await verify(trail.rows(), {}, await trail.runs())
        async for row in trail.rows():
            kept.setdefault(row["run_id"], Counter())[row["event"]] += 1
    assert verdict.number == 0
    return kept


async def killed_and_started_again(world: World, url: str, dying: Dying) -> dict[str, Counter[str]]:
    """Ask for a diagnosis until one was acknowledged, and return what was kept when all has ended."""
    environ = world.environ(VPN_DIAGNOSE_DATABASE_URL=url)
    async with started(world, environ, dying) as bot:
        was_acknowledged = await ask(world, HEALTHY)
        assert await bot.died() == KILLED
    async with started(world, environ):
        while not was_acknowledged:
            was_acknowledged = await ask(world, HEALTHY)
        await all_ended(world, 1)
    return await kept_of_runs(url)


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(1, id="accepted"),
        pytest.param(2, id="allowed", marks=pytest.mark.long),
        pytest.param(3, id="started"),
        pytest.param(4, id="reported", marks=pytest.mark.long),
    ],
)
async def test_an_entry_that_was_not_committed_is_written_with_what_comes_instead(
    world: World, number: int
) -> None:
    kept = await killed_and_started_again(world, a_database_url(), Dying(">append", number))

    assert list(map(dict, kept.values())) == [WHOLE]


@pytest.mark.parametrize(
    "point",
    [
        pytest.param(Dying(">Runs.add"), id="accepted"),
        pytest.param(Dying(">Runs.save", 1), id="allowed", marks=pytest.mark.long),
        pytest.param(Dying(">Runs.save", 3), id="started", marks=pytest.mark.long),
    ],
)
async def test_an_entry_that_was_committed_is_not_written_again(world: World, point: Dying) -> None:
    url = world.environ()["VPN_DIAGNOSE_DATABASE_URL"]

    kept = await killed_and_started_again(world, url, point)

    assert WHOLE in map(dict, kept.values())
    assert all(count == 1 for events in kept.values() for count in events.values())
