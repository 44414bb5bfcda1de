"""The commands that need no network, or one emulator alone."""

import asyncio
import json
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest

from bot.app.sources import now
from bot.cli import main
from bot.emulators.serving import serving
from bot.emulators.slack.emulator import SlackEmulator
from bot.model.run import Run
from bot.store.database import open_database
from bot.store.runs import Runs

PROJECT = Path(__file__).parents[2]
VARYING = re.compile(
    r"vpndgn-\w+|[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}|\d{4}-\d\d-\d\d \d\d:\d\d|\d\d:\d\d:\d\d|\d+ s$",
    re.MULTILINE,
)


def test_policy_prints_what_can_be_pasted(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["policy", "--gateway", "vpn-abc", "--account", "1234567890123456"])

    printed = capsys.readouterr().out
    policies = json.loads(printed)
    assert status == 0
    assert set(policies) == {"RolePolicy", "RoleTrustPolicy", "BotUserPolicy"}
    assert "ACCOUNT_ID" not in printed
    assert "acs:vpc:*:1234567890123456:vpngateway/vpn-abc" in printed


def test_policy_without_an_account_says_where_its_id_belongs(capsys: pytest.CaptureFixture[str]) -> None:
    main(["policy"])

    assert "acs:ram::ACCOUNT_ID:user/vpn-diagnose" in capsys.readouterr().out


def test_policy_says_what_an_external_id_asks_of_the_trust_policy(capsys: pytest.CaptureFixture[str]) -> None:
    main(["policy"])

    said = capsys.readouterr()
    assert '{"StringEquals": {"sts:ExternalId": ' in said.err
    assert "sts:ExternalId" not in said.out


def test_policy_explains_each_statement_beside_the_json(capsys: pytest.CaptureFixture[str]) -> None:
    bot = "acs:ram::1234567890123456:role/vpn-diagnose-workload"
    main(["policy", "--bot", bot, "--region", "cn-hangzhou"])

    printed = capsys.readouterr()
    policies = json.loads(printed.out)
    explained = [line for line in printed.err.splitlines() if line.startswith("  statement ")]
    assert policies["RoleTrustPolicy"]["Statement"][0]["Principal"] == {"RAM": [bot]}
    assert "acs:vpc:cn-hangzhou:*:vpngateway/*" in printed.out
    assert len(explained) == sum(len(policy["Statement"]) for policy in policies.values())


@pytest.mark.parametrize(
    "wrong",
    [
        ["--gateway", "vpn-uf6****"],
        ["--region", "hangzhou"],
        ["--account", "me"],
        ["--bot", "acs:ram::1234567890123456:root"],
    ],
    ids=lambda wrong: wrong[0],
)
def test_policy_refuses_what_cannot_be_filled_in(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["policy", *wrong])

    assert ended.value.code == 2
    assert repr(wrong[1]) in capsys.readouterr().err


def test_history_lists_the_newest_runs_first(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    a_run: Callable[..., Run],
) -> None:
    url = f"sqlite:///{tmp_path}/bot.db"
    monkeypatch.setenv("VPN_DIAGNOSE_DATABASE_URL", url)
    asyncio.run(fill(url, a_run(), a_run(diagnose_id="vpndgn-1")))

    status = main(["history", "--json", "--limit", "5"])
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    main(["history"])

    assert status == 0
    assert {row["DiagnoseId"] for row in rows} == {"-", "vpndgn-1"}
    assert "T0EMULATED/U0ALICE" in capsys.readouterr().out


def test_looking_at_the_history_makes_no_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VPN_DIAGNOSE_DATABASE_URL", f"sqlite:///{tmp_path}/bot.db")

    status = main(["history"])

    assert status == 0
    assert capsys.readouterr().err == "no runs yet\n"
    assert list(tmp_path.iterdir()) == []


async def fill(url: str, *runs: Run) -> None:
    async with open_database(url, now) as database:
        for run in runs:
            await Runs(database).add(run, f"trigger:{run.id}")


@pytest.mark.parametrize(
    ("service", "path"), [("alibaba", "/_emulator/calls"), ("slack", "/_emulator/workspace")], ids=str
)
async def test_an_emulator_alone_says_where_it_is_and_ends_on_sigterm(service: str, path: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "emulate", service, cwd=PROJECT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(30):
        ready = json.loads(await process.stdout.readline())["ready"]
        async with aiohttp.ClientSession() as session, session.get(ready + path) as response:
            assert (await response.json())["ok"]
        process.terminate()
        await process.wait()

    assert process.returncode == 0


async def test_a_port_that_is_taken_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    async with serving(SlackEmulator().web_app()) as taken:
        port = taken.rpartition(":")[2]
        status = await asyncio.to_thread(main, ["try", "--once", "--port", port])

    assert status == 1
    assert port in capsys.readouterr().err


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-name.invalid"])
def test_an_address_that_is_not_this_machines_is_said(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["emulate", "slack", "--host", host])

    assert status == 1
    assert "--host" in capsys.readouterr().err


async def test_try_once_plays_both_and_ends_with_0() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "try", "--once", cwd=PROJECT, stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(120):
        printed, _ = await process.communicate()

    said = printed.decode()
    assert process.returncode == 0
    assert "All 7 checks are normal" in said
    assert "5 of 7 checks need attention" in said
    assert "⏳" not in said
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^```text\n(A broken tunnel.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    assert varying(shown).strip() == varying(said[said.index("A broken tunnel") :]).strip()


def varying(said: str) -> str:
    """Leave out what is another each time: IDs of runs and calls, times of day, and how long it took."""
    return VARYING.sub("…", said)


async def test_try_prints_the_pages_address_and_serves_until_it_is_interrupted() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "try", cwd=PROJECT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        said = b""
        while b"Ctrl-C" not in said:
            said += await process.stdout.readline()
        page = next(word for word in said.decode().split() if word.startswith("http://") and word.endswith("/"))
        async with aiohttp.ClientSession() as session, session.get(page) as response:
            assert response.status == 200
        process.send_signal(signal.SIGINT)
        await process.communicate()

    assert process.returncode == 0
