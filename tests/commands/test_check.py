"""`vpn-diagnose check`: every part tried for real."""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from bot.commands.check import Outcome, try_everything
from bot.settings import Settings
from tests.journeys.world import World, living

PROJECT = Path(__file__).parents[2]


async def outcomes_of(world: World, **changes: str) -> dict[str, Outcome]:
    environ = world.environ(**changes)
    found = await try_everything(Settings.read(environ), environ)
    return {outcome.name: outcome for outcome in found.all}


async def test_everything_is_good_where_everything_works(tmp_path: Path) -> None:
    async with living(tmp_path) as world:
        found = await outcomes_of(world)

    assert {name for name, outcome in found.items() if not outcome.good} == set()
    assert "role/vpn-diagnose-oncall" in found["identity oncall"].detail
    assert "user/vpn-diagnose-bot" in found["the bot's own identity"].detail


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-wrong"}, {"Slack bot token"}),
        ({"SLACK_APP_TOKEN": "xapp-wrong"}, {"Slack app token"}),
        ({"SLACK_BOT_TOKEN": ""}, {"settings"}),
        ({"VPN_DIAGNOSE_ACCESS_FILE": "nowhere.yml"}, {"access file"}),
        ({"VPN_DIAGNOSE_DATABASE_URL": "sqlite:////nowhere/bot.db"}, {"database"}),
        ({"ALIBABA_CLOUD_ACCESS_KEY_SECRET": "wrong"}, {"the bot's own identity", "identity oncall"}),
        ({"ALIBABA_CLOUD_ACCESS_KEY_ID": ""}, {"identity oncall"}),
        ({"READONLY_SECRET": ""}, {"identity readonly"}),
        (
            {"VPN_DIAGNOSE_ALIBABA_ENDPOINT": "http://127.0.0.1:1"},
            {"the bot's own identity", "identity oncall", "identity readonly"},
        ),
    ],
    ids=lambda value: "" if isinstance(value, set) else next(iter(value)),
)
async def test_what_is_wrong_is_named_and_nothing_else(
    tmp_path: Path, changes: dict[str, str], wrong: set[str]
) -> None:
    async with living(tmp_path) as world:
        found = await outcomes_of(world, **changes)

    assert {name for name, outcome in found.items() if not outcome.good} == wrong
    assert all(outcome.detail for outcome in found.values())


async def test_a_database_that_the_running_bot_uses_is_good(tmp_path: Path) -> None:
    async with living(tmp_path) as world, world.bot():
        found = await outcomes_of(world)

    assert found["database"].good


@pytest.mark.parametrize(("secret", "status"), [("emulator-base-secret", 0), ("wrong", 1)], ids=["good", "wrong"])
@pytest.mark.parametrize("form", [[], ["--json"]], ids=["text", "json"])
async def test_the_status_says_whether_all_is_good(
    tmp_path: Path, secret: str, status: int, form: list[str]
) -> None:
    async with living(tmp_path) as world:
        environ = os.environ | world.environ(ALIBABA_CLOUD_ACCESS_KEY_SECRET=secret)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "check", *form),
            cwd=PROJECT,
            env=environ,
            stdout=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(60):
            printed, _ = await process.communicate()

    assert process.returncode == status
    assert secret not in printed.decode() or status == 0
    if form:
        assert json.loads(printed)["good"] is (status == 0)
    else:
        assert ("WRONG" in printed.decode()) is (status == 1)
