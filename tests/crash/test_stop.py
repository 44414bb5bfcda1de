"""A bot that is stopped for longer than its lease has lost its runs: when it goes on it does nothing more."""

from pathlib import Path

import pytest

from tests.crash.site import Dying, all_ended, started, what_is_wrong
from tests.crash.test_kill import BEHIND_HTTP
from tests.journeys.world import HEALTHY, living
from tests.postgres import a_database_url

LEASE_S = 2

POINTS = {
    "decided, about to post the root message": Dying("<Telling.where_it_belongs", 1, "SIGSTOP"),
    "root posted, not saved": Dying(">SlackApi.post_message", 1, "SIGSTOP"),
    "about to take the gateway": Dying("<Runs.lead", 1, "SIGSTOP"),
    "about to decide": Dying(">Runs.lead", 1, "SIGSTOP"),
    "about to start": Dying(">Runs.lead", 2, "SIGSTOP"),
    "started, not saved": Dying(">VpnApi.diagnose_vpn_gateway", 1, "SIGSTOP"),
    "about to post the DiagnoseId": Dying("<Thread.post_started", 1, "SIGSTOP"),
    "result read, not saved": Dying(">VpnApi.get_vpn_gateway_diagnose_result", 1, "SIGSTOP"),
    "about to post the report": Dying("<Thread.post_ending", 1, "SIGSTOP"),
    "about to make the last edit": Dying("<Thread.edit_root", 1, "SIGSTOP"),
}

# The others are for the long form.
SHORT = ("decided, about to post the root message", "about to start")


@pytest.mark.parametrize(
    "stopping",
    [
        pytest.param(point, id=name, marks=() if name in SHORT else pytest.mark.long)
        for name, point in POINTS.items()
    ],
)
async def test_the_old_owner_does_nothing_more(tmp_path: Path, stopping: Dying) -> None:
    async with living(tmp_path, diagnosis_s=0.5) as world:
        environ = world.environ(VPN_DIAGNOSE_DATABASE_URL=a_database_url(), VPN_DIAGNOSE_LEASE_S=str(LEASE_S))

        async def effects() -> tuple[int, int, int]:
            """Count the calls that others can see something of; reading does no harm."""
            posts, edits = await world.player.calls("chat.postMessage"), await world.player.calls("chat.update")
            return len(posts), len(edits), len(await world.cloud_calls("DiagnoseVpnGateway"))

        async def has_let_go() -> bool:
            return "was taken over by another worker" in first.log.read_text()

        async def is_stopped() -> bool:
            return first.is_stopped

        async with started(world, environ, stopping) as first, started(world, environ | BEHIND_HTTP) as second:
            second.stop()
            await world.player.command(HEALTHY)
            await world.player.until(is_stopped, 20)
            second.go_on()
            await all_ended(world, 1)
            after_the_second = await effects()
            first.go_on()
            await world.player.until(has_let_go, 20)

            assert what_is_wrong(await all_ended(world, 1), await world.cloud_calls()) == []
            assert await effects() == after_the_second
