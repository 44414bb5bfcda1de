"""What is told in Chinese is Chinese throughout; tests/explain holds that all of it is in the catalogue."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from bot.model.problem import ProblemDetails
from bot.model.run import Run
from bot.slack.buttons import report_buttons
from bot.slack.cli_text import command_message
from bot.slack.compare import compare_message
from bot.slack.delay import delay_message
from bot.slack.history_list import Past, history_message
from bot.slack.home import Me, home_view
from bot.slack.messages import ending_message, root_message, started_message
from bot.slack.views import FormValues, diagnose_form, notice_view
from bot.slack.watch import change_message, watch_end_message
from tests.slack.parsed_by_slack import texts
from tests.slack.scenes import (
    BROKEN,
    DOWN,
    HEALTHY,
    HEALTHY_AS_FAR_AS_KNOWN,
    NOON,
    ONE_OF_TWO_DOWN,
    REQUEST,
    UNFAMILIAR,
    UNFINISHED,
    UP,
    a_diagnosing_run,
    a_failed_run,
    a_refused_run,
    a_reported_run,
    a_run,
)

THREAD = "https://emulated.slack.test/archives/C0INCIDENT/p1767355200000100"


def zh(run: Run) -> Run:
    return run.changed(language="zh")


IN_CHINESE: dict[str, Callable[[], list[dict[str, Any]]]] = {
    "waiting": lambda: root_message(zh(a_run())).blocks,
    "running": lambda: root_message(zh(a_diagnosing_run(finished_count=3, total_count=7))).blocks,
    "retrying": lambda: root_message(zh(a_run(problem=ProblemDetails(code="Throttling.User")))).blocks,
    "held up": lambda: delay_message(a_run(), ProblemDetails(code="cloud.timeout"), NOON, "zh").blocks,
    "in private": lambda: root_message(zh(a_run(moved_to_dm=True))).blocks,
    "started": lambda: started_message(zh(a_diagnosing_run())).blocks,
    "followed": lambda: started_message(zh(a_diagnosing_run(attached=True))).blocks,
    "broken": lambda: ending_message(a_reported_run(BROKEN, "zh")).blocks,
    "healthy": lambda: ending_message(a_reported_run(HEALTHY, "zh"), UP).blocks,
    "unproven": lambda: ending_message(a_reported_run(HEALTHY_AS_FAR_AS_KNOWN, "zh"), DOWN).blocks,
    "classic": lambda: ending_message(a_reported_run(HEALTHY, "zh"), ONE_OF_TWO_DOWN).classic_blocks or [],
    "refused": lambda: ending_message(zh(a_refused_run())).blocks,
    "failed": lambda: ending_message(zh(a_failed_run("cloud.unreachable"))).blocks,
    "unfinished": lambda: ending_message(a_reported_run(UNFINISHED, "zh")).blocks,
    "buttons": lambda: report_buttons(a_reported_run(HEALTHY, "zh")),
    "watched": lambda: report_buttons(a_reported_run(HEALTHY, "zh"), watched=True),
    "changed": lambda: change_message(a_reported_run(BROKEN, "zh"), a_reported_run(HEALTHY)).blocks,
    "watch's end": lambda: (
        watch_end_message(zh(a_refused_run()), a_reported_run(HEALTHY, "zh"), stopped=False).blocks
    ),
    "compared": lambda: (
        compare_message(a_reported_run(BROKEN, "zh", tunnels=DOWN), a_reported_run(HEALTHY, tunnels=UP)).blocks
    ),
    "first": lambda: compare_message(a_reported_run(BROKEN, "zh"), None).blocks,
    "command": lambda: command_message(a_reported_run(HEALTHY, "zh")).blocks[1:],
    "history": lambda: (
        history_message([Past(run=a_reported_run(BROKEN), permalink=THREAD)] * 99, "channel", "zh").blocks
    ),
    "home": lambda: home_view(Me(identity="lab"), [Past(run=a_diagnosing_run())], "zh")["blocks"],
    "nobody's home": lambda: home_view(Me(problem=a_refused_run().problem), [], "zh")["blocks"],
    "form": lambda: diagnose_form(
        language="zh", private_metadata="", initial=FormValues(), regions=(REQUEST.region,)
    )["blocks"],
    "notice": lambda: [notice_view("标题", "内容", "zh")["close"]],
}

# What has no Chinese form: names of Alibaba Cloud, of protocols and of this bot, values, IDs and addresses.
NAMES = re.compile(
    r"\b(acs:ram:\S*|(vpn|vco|vpndgn|tun)-\w*|cn-\w+|[0-9A-F]{8}(-[0-9A-F]{4,12})+|network-oncall|lab|access\.yml)"
    r"|\b(VPN|VPC|IPsec|IKE|UDP|ICMP|TLS|DiagnoseId|RequestId|IP|ID|RAM|DH|SA|Slack|JSON|aliyun|ping|MTU|MSS|mtr|users)\b"
    r"|IkeConfig\.\w+|IpsecConfig\.\w+|RemoteSubnet|aes\d*|group14|vpn_quota|U0ALICE|T0EMULATED|UTC"
    r"|/invite @vpn-diagnose|/vpn-diagnose|rejected enctype.*|mismatch of preshared secrets",
    re.ASCII,
)


@pytest.mark.parametrize("name", IN_CHINESE)
def test_in_chinese_nothing_is_left_in_english(name: str) -> None:
    said = texts(IN_CHINESE[name]())

    assert said
    assert not re.findall(r"[A-Za-z]{2,}", NAMES.sub("", said))


def test_foreign_words_are_the_only_ones_that_stay_as_they_are() -> None:
    said = texts(ending_message(a_reported_run(UNFAMILIAR, "zh")).blocks)

    left = set(re.findall(r"[A-Za-z]{2,}", NAMES.sub("", said)))
    assert left == {
        "TunnelFlapDetection",
        "BgpPeerState",
        "QuantumReadiness",
        *("critical", "flaps", "channel", "see"),
        *("fire", "AS", "idle"),
    }
