"""Killed as by `kill -9` at every named point, a bot that comes back, or another one, finishes every run once."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.crash.site import Dying, all_ended, started, what_is_wrong
from tests.journeys.world import HEALTHY, World, living
from tests.postgres import a_database_url

KILLED = -9

# A bot that Slack does not know the address of: it works, and is asked for nothing.
BEHIND_HTTP = {"SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": "emulator-signing-secret"}

POINTS = {
    "stored, not acked": Dying(">Runs.add"),
    "decided, nothing posted": Dying("<SlackApi.post_message", 1),
    "root posted, its ts not saved": Dying(">SlackApi.post_message", 1),
    "before the cloud call": Dying("<VpnApi.diagnose_vpn_gateway"),
    "after the cloud call": Dying(">VpnApi.diagnose_vpn_gateway"),
    "before the DiagnoseId is posted": Dying("<SlackApi.post_message", 2),
    "DiagnoseId posted, its ts not saved": Dying(">SlackApi.post_message", 2),
    "while polling": Dying(">VpnApi.get_vpn_gateway_diagnose_result"),
    "before the report": Dying("<SlackApi.post_message", 3),
    "report posted, its ts not saved": Dying(">SlackApi.post_message", 3),
    "before the final edit": Dying("<Telling.tell_ending", 2),
    "after the final edit": Dying(">Telling.tell_ending", 2),
}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with living(tmp_path, diagnosis_s=0.5) as alive:
        yield alive


# One for each kind of effect; the others are for the long form.
SHORT = ("stored, not acked", "after the cloud call", "root posted, its ts not saved", "before the final edit")


def at_every_point(*, short: tuple[str, ...]) -> pytest.MarkDecorator:
    """Run a test at each point; in the short form at those of `short` alone."""
    points = [
        pytest.param(dying, id=name, marks=() if name in short else pytest.mark.long)
        for name, dying in POINTS.items()
    ]
    return pytest.mark.parametrize("dying", points)


async def killed_and_started_again(world: World, environ: dict[str, str], dying: Dying) -> None:
    async with started(world, environ, dying) as bot:
        await world.player.command(HEALTHY)
        assert await bot.died() == KILLED
    async with started(world, environ):
        roots = await all_ended(world, 1)

    assert len(roots) == 1
    assert what_is_wrong(roots, await world.cloud_calls()) == []


@at_every_point(short=tuple(POINTS))
async def test_a_bot_that_comes_back_finishes_what_it_was_killed_in(world: World, dying: Dying) -> None:
    await killed_and_started_again(world, world.environ(), dying)


@at_every_point(short=SHORT)
async def test_so_it_does_on_postgresql(world: World, dying: Dying) -> None:
    await killed_and_started_again(world, world.environ(VPN_DIAGNOSE_DATABASE_URL=a_database_url()), dying)


@at_every_point(short=SHORT)
async def test_another_bot_finishes_what_the_first_was_killed_in(world: World, dying: Dying) -> None:
    environ = world.environ(VPN_DIAGNOSE_DATABASE_URL=a_database_url())
    async with started(world, environ, dying) as first, started(world, environ | BEHIND_HTTP) as second:
        second.stop()  # so that it is the first that takes the run
        await world.player.command(HEALTHY)
        assert await first.died() == KILLED
        second.go_on()
        roots = await all_ended(world, 1)

    assert len(roots) == 1
    assert what_is_wrong(roots, await world.cloud_calls()) == []
