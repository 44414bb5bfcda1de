"""The command line: what is printed, and which status a command ends with."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import COMMANDS, main
from bot.settings import variables


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        if name.startswith(("SLACK_", "ALIBABA_CLOUD_", "VPN_DIAGNOSE_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*command.split(), "--help"])

    assert ended.value.code == 0
    assert "usage: vpn-diagnose" in capsys.readouterr().out


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["dance"],
        ["settings", "now"],
        ["emulate"],
        ["emulate", "aws"],
        ["emulate", "slack", "--network", "network.yml"],
        ["emulate", "slack", "--port", "99999"],
        ["try", "--port", "-1"],
        ["try", "--port", "http"],
        ["policy", "--gateway", "vpn-*"],
        ["policy", "--account", "me"],
        ["history", "--limit", "0"],
        ["history", "--limit", "many"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(argv)

    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_settings_lists_every_variable_with_its_meaning(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["settings"])

    printed = capsys.readouterr().out
    assert status == 0
    for name in variables():
        assert name in printed
    assert "default: sqlite:///vpn-diagnose.db" in printed


def test_a_problem_is_a_sentence_and_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["serve"])

    said = capsys.readouterr().err
    assert status == 1
    assert said.startswith("vpn-diagnose: ")
    assert "SLACK_BOT_TOKEN" in said


def test_a_problem_is_said_in_the_language_that_is_set(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VPN_DIAGNOSE_LANGUAGE", "zh")

    main(["serve"])

    assert "。" in capsys.readouterr().err


def test_a_misspelt_setting_is_said_with_the_right_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VPN_DIAGNOSE_LANGAUGE", "zh")

    status = main(["serve"])

    assert status == 1
    assert "VPN_DIAGNOSE_LANGUAGE" in capsys.readouterr().err


@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
def test_a_reader_that_goes_away_ends_nothing_in_a_traceback(unbuffered: str) -> None:
    command = f"{sys.executable} -m bot settings | true"

    ended = subprocess.run(  # noqa: S602 - a pipe is what is tested
        command,
        shell=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[1],
        env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
        check=False,
    )

    assert ended.stderr == ""
