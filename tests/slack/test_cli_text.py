"""The commands are ones that a shell takes as they are."""

import json
import subprocess

import pytest

from bot.emulators.slack.blocks import Surface, block_flaws
from bot.model.run import Language
from bot.slack.cli_text import command_message, result_command, start_command
from tests.slack.parsed_by_slack import flaws, texts
from tests.slack.scenes import HEALTHY, REQUEST, a_diagnosing_run, a_reported_run, a_run

# What stands for the command line: it prints what a shell makes of its arguments.
ALIYUN = 'aliyun() { printf "%s\\n" aliyun "$@"; }'


def as_a_shell_reads(lines: tuple[str, ...]) -> list[str]:
    script = "\n".join([ALIYUN, *lines])
    return subprocess.run(
        ["/bin/sh", "-c", script], check=True, capture_output=True, text=True
    ).stdout.splitlines()


def test_the_start_is_the_one_that_the_bot_made() -> None:
    *command, extended = as_a_shell_reads(start_command(REQUEST))

    assert command == [
        *("aliyun", "vpc", "DiagnoseVpnGateway"),
        *("--RegionId", "cn-hangzhou"),
        *("--VpnGatewayId", "vpn-bp1k4m9x2q7r5t8w3z6n"),
        *("--ResourceId", "vco-bp1t8w3z6n5j2k4m9x7q"),
        *("--ResourceType", "IPsec", "--IPsecExtendInfo"),
    ]
    assert json.loads(extended) == {"PrivateSourceIp": "192.168.1.1", "PrivateDestinationIp": "10.8.0.1"}


def test_without_addresses_none_are_given() -> None:
    assert "--IPsecExtendInfo" not in as_a_shell_reads(start_command(REQUEST.changed(addresses=None)))


@pytest.mark.parametrize("diagnose_id", ["vpndgn-bp1u6y2c9d4f", "x'; rm -rf ~ #", "$(id) `id` \\"])
def test_a_diagnose_id_is_one_word_to_a_shell_whatever_is_in_it(diagnose_id: str) -> None:
    read = as_a_shell_reads(result_command(REQUEST, diagnose_id))

    assert read == [
        "aliyun",
        "vpc",
        "GetVpnGatewayDiagnoseResult",
        "--RegionId",
        "cn-hangzhou",
        "--DiagnoseId",
        diagnose_id,
    ]


@pytest.mark.parametrize(("language", "title"), [("en", "The same diagnosis"), ("zh", "用命令行执行相同的诊断")])
def test_slack_shows_them_line_by_line(language: Language, title: str) -> None:
    message = command_message(a_reported_run(HEALTHY, language))

    assert not list(flaws(message.blocks))
    assert not block_flaws(message.blocks, Surface.MESSAGE)
    assert title in message.text
    assert "  --RegionId cn-hangzhou \\\n" in texts(message.blocks)


def test_before_there_is_a_diagnosis_its_result_cannot_be_asked_for() -> None:
    assert "GetVpnGatewayDiagnoseResult" not in texts(command_message(a_run()).blocks)
    assert "GetVpnGatewayDiagnoseResult" in texts(command_message(a_diagnosing_run()).blocks)
