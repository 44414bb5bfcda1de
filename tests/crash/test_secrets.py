"""Keys and tokens planted around bots that are processes of their own, and Slack and a cloud that repeat them.

Nothing of them is in what the processes print, at any level and in any form, in the database, in what is counted,
or in what is said in Slack; also where something breaks that nobody foresaw.
"""

import asyncio
import itertools
import json
import os
import re
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.crash.between import standing_before
from tests.crash.site import PROJECT, started
from tests.journeys.test_kept_in import metrics_of, stored_in
from tests.journeys.world import ACCESS_FILE, BROKEN, HEALTHY, World, living

MARK = "planted"
TOKEN = "xoxb-1234567890-0987654321-PlantedPlantedPlanted00"
KEY_ID = "LTAI5tPlantedPlanted0001"
PASSWORD = "planted-password"
TOLD = f"cannot do that for {TOKEN} and {KEY_ID}"

# What comes back from Slack: an error that is none of its, one of its own with words beside it, and no JSON.
SLACKS_ANSWERS: dict[str, Callable[[], web.Response]] = {
    "an unknown error": lambda: web.json_response({"ok": False, "error": TOLD}),
    "words beside the error": lambda: web.json_response(
        {"ok": False, "error": "invalid_blocks", "response_metadata": {"messages": [TOLD]}, "needed": TOLD}
    ),
    "a scope": lambda: web.json_response({"ok": False, "error": "missing_scope", "needed": TOLD}),
    "a page": lambda: web.Response(text=f"<html>{TOLD} {PASSWORD}</html>", content_type="text/html"),
    "a fault": lambda: web.Response(status=503, text=f"{TOLD} {PASSWORD}"),
    "another shape": lambda: web.json_response({"ok": True, "ts": {"token": PASSWORD}, "channel": [TOLD]}),
    "a list": lambda: web.json_response([TOLD, PASSWORD]),
    "too many": lambda: web.json_response({"ok": False, "error": "ratelimited"}, headers={"Retry-After": TOKEN}),
}


def cloud_says(code: str, status: int) -> Callable[[], web.Response]:
    detail = {"AuthAction": TOLD, "NoPermissionType": TOKEN, "AuthPrincipalDisplayName": KEY_ID}
    body = {"Code": code, "Message": TOLD, "RequestId": "R-1", "AccessDeniedDetail": detail}
    return lambda: web.json_response(body, status=status)


CLOUDS_ANSWERS = {
    "a denial": cloud_says("Forbidden", 403),
    "an unknown code": cloud_says("Some.Code", 400),
    "a fault": cloud_says("InternalError", 500),
    "a page": lambda: web.Response(text=f"<html>{PASSWORD}</html>", content_type="text/html"),
}


OPERATIONS = ("AssumeRole", "GetVpnGatewayDiagnoseResult", "DiagnoseVpnGateway")

# A process takes seconds to start: of each kind these are played every time, the others by `make soak`.
SHORT_ANSWERS = {"an unknown error", "words beside the error", "a fault", "another shape"}
SHORT_PAIRS = {
    "AssumeRole-a denial",
    "AssumeRole-a fault",
    f"{OPERATIONS[1]}-an unknown code",
    f"{OPERATIONS[2]}-a page",
}
SHORT_WRONG = {
    "a password in PostgreSQL's port",
    "a proxy with a password",
    "an address of Slack with a password",
    "tokens of nobody",
    "a secret for a region",
    "certificates that are not there",
    "a secret for a role",
}


def at_length(values: tuple[str, ...], short: set[str]) -> Any:  # pytest.param: its type has no public name
    """Make a case of its values, named by them: a long one, unless it or its first value is among the short."""
    name = "-".join(values)
    is_short = name in short or values[0] in short
    return pytest.param(*values, id=name, marks=() if is_short else pytest.mark.long)


def environ_of(world: World, **changes: str) -> dict[str, str]:
    return (
        world.environ(VPN_DIAGNOSE_LOG_LEVEL="DEBUG", PYTHONASYNCIODEBUG="1", PYTHONWARNINGS="default") | changes
    )


async def said_in(world: World) -> str:
    said: list[Any] = [await world.player.messages(channel) for channel in world.channels]
    said += [await world.player.private_messages(user=user) for user in ("U0ALICE", "U0BOB")]
    return json.dumps([*said, await world.player.views()])


async def everything_left(world: World, text: str) -> str:
    address = re.search(r"health and metrics at (http://[\d.:]+)", text)
    counted = await metrics_of(address[1]) if address else ""
    return text + stored_in(world.folder).decode("latin-1") + counted + await said_in(world)


@pytest.mark.parametrize(
    ("answer", "form"),
    [
        at_length(pair, SHORT_ANSWERS)
        for pair in zip(SLACKS_ANSWERS, itertools.cycle(("text", "json")), strict=False)
    ],
)
async def test_what_slack_says_is_repeated_nowhere(tmp_path: Path, answer: str, form: str) -> None:
    answers = dict.fromkeys(
        ("chat.update", "chat.getPermalink", "users.info", "views.open"), SLACKS_ANSWERS[answer]
    )
    async with living(tmp_path) as world, standing_before(world.slack_url, answers) as url:
        environ = environ_of(world, SLACK_API_URL=f"{url}/api/", VPN_DIAGNOSE_LOG_FORMAT=form)
        async with started(world, environ) as bot:
            await world.player.command(HEALTHY)
            await world.player.command("")
            await world.player.command(HEALTHY, user="U0BOB")
            await asyncio.sleep(2)
            left = await everything_left(world, bot.log.read_text())

    assert MARK not in left.lower()


@pytest.mark.parametrize(
    ("operation", "answer"),
    [at_length(pair, SHORT_PAIRS) for pair in itertools.product(OPERATIONS, CLOUDS_ANSWERS)],
)
async def test_what_the_cloud_says_is_repeated_nowhere(tmp_path: Path, operation: str, answer: str) -> None:
    answers = {operation: CLOUDS_ANSWERS[answer]}
    async with (
        living(tmp_path) as world,
        standing_before(world.alibaba_url, answers) as url,
        started(world, environ_of(world, VPN_DIAGNOSE_ALIBABA_ENDPOINT=url)) as bot,
    ):
        await world.player.command(BROKEN)
        await world.player.command("whoami")
        await asyncio.sleep(2)
        left = await everything_left(world, bot.log.read_text())

    assert BROKEN.split()[0] in left
    assert MARK not in left.lower()


async def test_a_database_that_refuses_is_told_of_without_what_was_to_be_written(tmp_path: Path) -> None:
    async with living(tmp_path) as world, started(world, environ_of(world)) as bot:
        await world.player.command(HEALTHY)
        await world.ending()
        with sqlite3.connect(tmp_path / "bot.db", timeout=5) as connection:
            connection.execute(
                "CREATE TRIGGER no BEFORE INSERT ON runs BEGIN SELECT RAISE(ABORT, 'planted in a trigger'); END"
            )
        await world.player.command(BROKEN)
        await asyncio.sleep(1)
        printed = bot.log.read_text()

    assert MARK not in printed
    assert BROKEN.split()[1] not in printed


async def test_a_stored_run_that_makes_no_sense_is_told_of_without_what_stands_in_it(tmp_path: Path) -> None:
    async with living(tmp_path) as world, started(world, environ_of(world)) as bot:
        await world.cloud_fault("GetVpnGatewayDiagnoseResult", "hang", seconds=3)
        await world.player.command(HEALTHY)
        with sqlite3.connect(tmp_path / "bot.db", timeout=5) as connection:
            connection.execute("UPDATE runs SET document = replace(document, 'vpn-healthy', 'planted!')")
        await asyncio.sleep(5)
        printed = bot.log.read_text()

    assert MARK not in printed


async def printed_by(world: World, command: str, **changes: str) -> str:
    """Run a command to its end, and return what it prints."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("SLACK_", "ALIBABA_"))}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", command),
        cwd=PROJECT,
        env=kept | environ_of(world, **changes),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(60):
        printed, _ = await process.communicate()
    assert process.returncode != 0, printed
    return printed.decode()


WRONG: dict[str, dict[str, str]] = {
    "a password with a slash": {"VPN_DIAGNOSE_DATABASE_URL": "mysql://bot:planted/pass@127.0.0.1:planted/db"},
    "a database that is not there": {"VPN_DIAGNOSE_DATABASE_URL": f"postgresql://bot:{PASSWORD}@127.0.0.1:1/bot"},
    "a password in PostgreSQL's port": {"VPN_DIAGNOSE_DATABASE_URL": "postgresql://bot@127.0.0.1:planted/bot"},
    "a proxy with a password": dict.fromkeys(("HTTP_PROXY", "http_proxy"), f"http://bot:{PASSWORD}@127.0.0.1:1")
    | {
        "SLACK_API_URL": "http://slack.example/api/",
        "VPN_DIAGNOSE_ALIBABA_ENDPOINT": "http://cloud.example",
        "no_proxy": "",
        "NO_PROXY": "",
    },
    "an address of Slack with a password": {"SLACK_API_URL": f"http://bot:{PASSWORD}@127.0.0.1:1/api/"},
    "an address of the cloud with a password": {
        "VPN_DIAGNOSE_ALIBABA_ENDPOINT": f"http://bot:{PASSWORD}@127.0.0.1:1"
    },
    "tokens with a line break": {"SLACK_BOT_TOKEN": f"{TOKEN}\nX", "SLACK_APP_TOKEN": f"{TOKEN}\nX"},
    "tokens of nobody": {"SLACK_BOT_TOKEN": TOKEN, "SLACK_APP_TOKEN": TOKEN.replace("xoxb", "xapp")},
    "a key with a line break": {"SLACK_BOT_TOKEN": "", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": f"{PASSWORD}\nX"},
    "a secret for a region": {"VPN_DIAGNOSE_DEFAULT_REGION": PASSWORD},
    "a secret for a port": {"VPN_DIAGNOSE_PORT": PASSWORD},
    "a secret for a level": {"VPN_DIAGNOSE_LOG_LEVEL": PASSWORD},
    "a host that is none": {"VPN_DIAGNOSE_HOST": "planted..secret", "SLACK_BOT_TOKEN": ""},
    "an address that is none": {"SLACK_API_URL": "http://[planted/api/"},
    "a cloud that is nowhere": {"VPN_DIAGNOSE_ALIBABA_ENDPOINT": "http://planted..secret"},
    "certificates that are not there": {"SSL_CERT_FILE": f"/{PASSWORD}"},
    "a secret for a role": {
        "SLACK_BOT_TOKEN": "",
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "",
        "ALIBABA_CLOUD_ROLE_ARN": PASSWORD,
        "ALIBABA_CLOUD_OIDC_PROVIDER_ARN": PASSWORD,
        "ALIBABA_CLOUD_OIDC_TOKEN_FILE": "/dev/null",
    },
}


@pytest.mark.parametrize("wrong", [at_length((name,), SHORT_WRONG) for name in WRONG])
async def test_a_setting_that_is_wrong_is_not_repeated(tmp_path: Path, wrong: str) -> None:
    async with living(tmp_path) as world:
        printed = await printed_by(world, "serve", **WRONG[wrong]) + await printed_by(
            world, "check", **WRONG[wrong]
        )

    assert "Traceback" not in printed
    assert "nobody foresaw" not in printed
    assert MARK not in printed.lower()


async def test_a_token_in_a_file_that_opens_nothing_is_not_repeated(tmp_path: Path) -> None:
    token = "eyJhbGciOi.planted.planted-planted"
    (tmp_path / "token").write_text(token)
    async with living(tmp_path) as world:
        environ = {
            "ALIBABA_CLOUD_ACCESS_KEY_ID": "",
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "",
            "ALIBABA_CLOUD_ROLE_ARN": "acs:ram::1234567890123456:role/vpn-diagnose-oncall",
            "ALIBABA_CLOUD_OIDC_PROVIDER_ARN": "acs:ram::1234567890123456:oidc-provider/cluster",
            "ALIBABA_CLOUD_OIDC_TOKEN_FILE": str(tmp_path / "token"),
        }
        printed = await printed_by(world, "check", **environ)

    assert "the bot's own identity" in printed
    assert MARK not in printed


async def test_a_secret_in_the_place_of_its_reference_is_not_repeated(tmp_path: Path) -> None:
    async with living(tmp_path) as world:
        world.write_access(ACCESS_FILE.replace("env:READONLY_SECRET", "PlantedSecret0PlantedSecret0Pl"))
        printed = [await printed_by(world, command) for command in ("serve", "check")]

    assert all("access.yml" in text for text in printed)
    assert MARK not in "".join(printed).lower()
