"""The last values of a person in a channel: theirs, of there, and no obstacle when they cannot be had."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.emulators.slack.player import Player
from bot.listeners.intake import Intake
from bot.listeners.last_here import last_here, values_of
from bot.model.ids import ChannelId, TeamId, UserId
from bot.model.request import Requester
from bot.slack.views import FormValues
from bot.store.database import open_database
from bot.store.past import Past
from tests.listeners.conftest import NOON

ALICE = Requester(team_id=TeamId("T0EMULATED"), user_id=UserId("U0ALICE"))
BOB = Requester(team_id=TeamId("T0EMULATED"), user_id=UserId("U0BOB"))
INCIDENT, PAYLOAD = ChannelId("C0INCIDENT"), ChannelId("C0PAYLOAD")

TYPED = "vpn-healthy0000000000001 vco-healthy0000000000001 192.168.1.1 10.8.0.1 cn-qingdao"


@pytest.fixture
async def without_tables(intake: Intake, tmp_path: Path) -> AsyncIterator[Intake]:
    async with open_database(f"sqlite:///{tmp_path}/gone.db", lambda: NOON) as database:
        await database.write(lambda connection: connection.exec_driver_sql("DROP TABLE runs"))
        yield replace(intake, past=Past(database))


async def test_the_last_values_are_those_of_this_person_and_channel(player: Player, intake: Intake) -> None:
    await player.command(TYPED)

    here = await last_here(intake, ALICE, INCIDENT)
    assert here is not None
    assert values_of(here) == FormValues(
        region="cn-qingdao",
        gateway_id="vpn-healthy0000000000001",
        connection_id="vco-healthy0000000000001",
        source_ip="192.168.1.1",
        destination_ip="10.8.0.1",
    )
    assert await last_here(intake, ALICE, None) == here
    assert await last_here(intake, ALICE, PAYLOAD) is None
    assert await last_here(intake, BOB, INCIDENT) is None


async def test_a_database_that_is_away_is_no_obstacle(without_tables: Intake) -> None:
    assert await last_here(without_tables, ALICE, INCIDENT) is None
