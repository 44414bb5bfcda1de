"""`vpn-diagnose check`: every part tried for real."""

import asyncio
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.access.policy import document, role_parts
from bot.commands.check import NEEDED_SCOPES, try_everything
from bot.commands.outcomes import Outcome
from bot.model.ids import RegionId, VpnGatewayId
from bot.settings import Settings
from tests.journeys.world import ACCESS_FILE, HEALTHY, World, granted_scopes, living

# An access key that may diagnose, and one that may nothing of the kind.
LAB_KEY = {"READONLY_ID": "LTAIemulatorLab", "READONLY_SECRET": "emulator-lab-secret"}
BASE_KEY = {"READONLY_ID": "LTAIemulatorBase", "READONLY_SECRET": "emulator-base-secret"}

PROJECT = Path(__file__).parents[2]


async def outcomes_of(world: World, **changes: str) -> dict[str, Outcome]:
    environ = world.environ(**LAB_KEY | changes)
    found = await try_everything(Settings.read(environ), environ)
    return {outcome.name: outcome for outcome in found.all}


async def control(world: World, what: str, order: dict[str, Any]) -> None:
    """Pull a string of the emulated cloud's."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{world.alibaba_url}/_emulator/{what}", json=order) as answer,
    ):
        answer.raise_for_status()


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
        ({"ALIBABA_CLOUD_ACCESS_KEY_ID": ""}, {"the bot's own identity", "identity oncall"}),
        (
            {"ALIBABA_CLOUD_ROLE_ARN": "acs:ram::1234567890123456:role/bot"},
            {"the bot's own identity", "identity oncall"},
        ),
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


async def test_each_identity_is_tried_operation_by_operation_and_nothing_is_started(tmp_path: Path) -> None:
    async with living(tmp_path) as world:
        found = await outcomes_of(world, **BASE_KEY)
        started = await world.cloud_calls("DiagnoseVpnGateway")

    oncall, readonly = found["identity oncall"], found["identity readonly"]
    assert "passed: GetVpnGatewayDiagnoseResult, DescribeVpnGateways" in oncall.detail
    assert "not tried: DiagnoseVpnGateway" in oncall.detail
    assert "DescribeVpnGateways (Forbidden, RequestId " in readonly.detail
    assert (oncall.good, readonly.good) == (True, False)
    assert oncall.found is not None
    assert oncall.found["role"] == "acs:ram::1234567890123456:role/vpn-diagnose-oncall"
    assert found["clock"].good
    assert started == []


async def test_an_identity_that_may_not_read_results_is_wrong_and_says_what_prints_its_policy(
    tmp_path: Path,
) -> None:
    async with living(tmp_path) as world:
        look = {"Effect": "Allow", "Action": "vpc:Describe*", "Resource": "*"}
        await control(world, "network", {"change": {"diagnose": {"Version": "1", "Statement": [look]}}})
        found = await outcomes_of(world)

    assert not found["identity oncall"].good
    assert "denied: GetVpnGatewayDiagnoseResult (on vpn-" in found["identity oncall"].detail
    assert "vpn-diagnose policy" in found["identity oncall"].detail


async def test_an_identity_that_can_do_nothing_is_wrong(tmp_path: Path) -> None:
    async with living(tmp_path) as world:
        decode = {"Effect": "Allow", "Action": "ram:*", "Resource": "*"}
        await control(world, "network", {"change": {"diagnose": {"Version": "1", "Statement": [decode]}}})
        found = await outcomes_of(world)

    assert not found["identity oncall"].good
    assert "denied: GetVpnGatewayDiagnoseResult (Forbidden" in found["identity oncall"].detail


async def test_an_identity_of_which_the_cloud_does_not_say_what_it_may_is_not_good(tmp_path: Path) -> None:
    async with living(tmp_path) as world:
        fault = {"operation": "GetVpnGatewayDiagnoseResult", "kind": "http_503", "times": 100}
        await control(world, "faults", fault)
        found = await outcomes_of(world)

    assert not found["identity oncall"].good
    assert "not known whether" in found["identity oncall"].detail


async def test_a_role_that_is_narrowed_as_policy_prints_it_is_good_on_its_gateway_and_said_to_be_unknown_elsewhere(
    tmp_path: Path,
) -> None:
    gateway = VpnGatewayId("vpn-healthy0000000000001")
    async with living(tmp_path) as world:
        narrowed = document(role_parts([gateway], RegionId("cn-hangzhou"), "1234567890123456"))
        await control(world, "network", {"change": {"diagnose": narrowed}})
        blindly = await outcomes_of(world)
        environ = world.environ(**LAB_KEY)
        named = await try_everything(Settings.read(environ), environ, [gateway])

    found = {outcome.name: outcome for outcome in named.all}
    assert found["identity oncall"].good
    assert not blindly["identity oncall"].good
    assert "a gateway that does not exist" in blindly["identity oncall"].detail
    assert "--gateway" in blindly["identity oncall"].detail
    assert '"no_such_gateway": true' in json.dumps(blindly["identity oncall"].found)


GROUPS = "groups: {S0NETWORK: oncall}\n"


@pytest.mark.parametrize(("more", "missing"), [("", False), (GROUPS, True)], ids=["people", "groups"])
async def test_the_scope_for_groups_is_wanted_where_the_book_has_groups(
    tmp_path: Path, more: str, *, missing: bool
) -> None:
    async with living(tmp_path, scopes=set(granted_scopes()) - {"usergroups:read"}) as world:
        world.write_access(ACCESS_FILE + more)
        found = await outcomes_of(world)

    assert found["Slack bot token"].good is not missing
    assert ("usergroups:read" in found["Slack bot token"].detail) is missing


@pytest.mark.parametrize("scope", sorted(NEEDED_SCOPES))
async def test_each_scope_without_which_nothing_works_is_missed(tmp_path: Path, scope: str) -> None:
    async with living(tmp_path, scopes=set(granted_scopes()) - {scope}) as world:
        found = await outcomes_of(world)

    assert not found["Slack bot token"].good
    assert scope in found["Slack bot token"].detail


async def test_without_an_identity_of_the_bot_only_roles_are_wrong(tmp_path: Path) -> None:
    async with living(tmp_path) as world:
        found = await outcomes_of(world, ALIBABA_CLOUD_ACCESS_KEY_ID="", ALIBABA_CLOUD_ACCESS_KEY_SECRET="")

    assert {name for name, outcome in found.items() if not outcome.good} == {"identity oncall"}
    assert "an access key of their own" in found["the bot's own identity"].detail
    assert "s from Alibaba Cloud's" in found["clock"].detail


async def test_on_an_instance_the_metadata_service_is_asked_where_the_settings_say(tmp_path: Path) -> None:
    async with living(tmp_path) as world:
        found = await outcomes_of(
            world,
            ALIBABA_CLOUD_ACCESS_KEY_ID="",
            ALIBABA_CLOUD_ACCESS_KEY_SECRET="",
            ALIBABA_CLOUD_ECS_METADATA="vpn-diagnose-instance",
            VPN_DIAGNOSE_ECS_METADATA_URL=world.alibaba_url,
        )

    assert found["the bot's own identity"].good
    assert "assumed-role/vpn-diagnose-instance/" in found["the bot's own identity"].detail


async def test_a_book_of_another_workspace_is_wrong_as_it_is_for_serve(tmp_path: Path) -> None:
    async with living(tmp_path) as world:
        world.write_access(ACCESS_FILE.replace("T0EMULATED", "T0OTHER"))
        found = await outcomes_of(world)

    assert {name for name, outcome in found.items() if not outcome.good} == {"Slack bot token"}
    assert "T0EMULATED" in found["Slack bot token"].detail


async def test_a_clock_that_is_off_is_said_with_its_figure(tmp_path: Path) -> None:
    async with living(tmp_path) as world:
        await control(world, "clock", {"move_s": -600})
        found = await outcomes_of(world)

    assert not found["clock"].good
    assert re.search("(599|600|601) s off", found["clock"].detail)


async def test_no_secret_is_in_what_is_found(tmp_path: Path) -> None:
    async with living(tmp_path) as world:
        found = await outcomes_of(world, ALIBABA_CLOUD_ACCESS_KEY_SECRET="planted-secret")

    shown = json.dumps([outcome._asdict() for outcome in found.values()])
    assert "planted-secret" not in shown
    assert "emulator-base-secret" not in shown


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
        environ = os.environ | world.environ(**LAB_KEY, ALIBABA_CLOUD_ACCESS_KEY_SECRET=secret)
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


CLOSED = """\
version: 1
workspaces: [T0EMULATED]
identities:
  closed:
    assume_role: "acs:ram::1234567890123456:role/vpn-closed"
    regions: [cn-qingdao]
    guardrail: [{Effect: Allow, Action: "vpc:DiagnoseVpnGateway", Resource: "acs:vpc:*:*:vpngateway/vpn-h*"}]
  lab: {access_key: {id: "env:READONLY_ID", secret: "env:READONLY_SECRET"}}
users: {U0ALICE: closed, U0BOB: lab}
groups: {S0NETWORK: closed}
"""


async def test_of_each_identity_it_is_said_who_has_it_where_and_within_which_guardrail(tmp_path: Path) -> None:
    async with living(tmp_path) as world:
        world.write_access(CLOSED)
        found = await outcomes_of(world)

    closed, lab = found["identity closed"], found["identity lab"]
    assert "mapped by S0NETWORK, U0ALICE; regions cn-qingdao; guardrail: may be diagnosed:" in closed.detail
    assert "mapped by U0BOB; any region; no guardrail; no diagnosis in the audit trail" in lab.detail
    assert closed.found is not None
    assert (closed.found["mapped_by"], closed.found["last_used"]) == (["S0NETWORK", "U0ALICE"], None)


async def test_a_role_that_does_not_trust_the_bot_is_said_with_what_its_trust_policy_needs(tmp_path: Path) -> None:
    async with living(tmp_path) as world:
        world.write_access(CLOSED)
        found = await outcomes_of(world)

    closed = found["identity closed"]
    assert "trust policy does not let the bot assume it" in closed.detail
    assert '"Principal": {"RAM": ["acs:ram::1234567890123456:user/vpn-diagnose-bot"]}' in closed.detail
    assert "encoded_diagnostic_message" not in json.dumps(closed.found)


async def test_the_clock_is_compared_also_where_no_session_tells_the_time(tmp_path: Path) -> None:
    async with living(tmp_path) as world:
        world.write_access(CLOSED)
        found = await outcomes_of(world)

    assert found["clock"].good
    assert "s from Alibaba Cloud's" in found["clock"].detail


async def test_an_identity_that_was_used_says_when(tmp_path: Path) -> None:
    async with living(tmp_path) as world:
        async with world.bot():
            await world.player.command(HEALTHY)
            await world.ending()
        found = await outcomes_of(world)

    oncall = found["identity oncall"]
    assert oncall.found is not None
    assert str(oncall.found["last_used"]).endswith("Z")
    assert "last allowed a diagnosis at 2" in oncall.detail
