"""Messages and forms as Slack gets them, kept as files in golden/ and compared byte for byte.

After a change that is meant, write them anew and look at the difference before it is committed:

    python -m tests.slack.test_golden
"""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.model.ids import RegionId
from bot.model.problem import ProblemDetails
from bot.model.run import RunState
from bot.slack.buttons import report_buttons
from bot.slack.cli_text import command_message
from bot.slack.compare import compare_message
from bot.slack.history_list import Past, history_message
from bot.slack.home import Me, home_view
from bot.slack.messages import Message, ending_message, root_message, started_message
from bot.slack.views import FormValues, diagnose_form, notice_view
from tests.slack.scenes import (
    BROKEN,
    DOWN,
    HEALTHY,
    HEALTHY_AS_FAR_AS_KNOWN,
    HEALTHY_WITHOUT_HOSTS,
    NOON,
    ONE_OF_TWO_DOWN,
    REQUEST,
    ROLE,
    UNFAMILIAR,
    UNFINISHED,
    UP,
    a_diagnosing_run,
    a_failed_run,
    a_refused_run,
    a_reported_run,
    a_run,
)

GOLDEN = Path(__file__).parent / "golden"

GAVE_UP = ProblemDetails(code="bot.gave_up", facts={"diagnose_id": "vpndgn-bp1u6y2c9d4f"})
THROTTLED = ProblemDetails(code="Throttling.User", facts={"request_id": "4F1A9C2E-7B3D-5E60-8A11-C0FFEE000003"})
DENIED = {
    "message": "You are not authorized to do this action.",
    "request_id": "4F1A9C2E-7B3D-5E60-8A11-C0FFEE000004",
    "denied_action": "vpc:DiagnoseVpnGateway",
    "denied_principal": "vpn-readonly:slack-T0EMULATED-U0ALICE",
}

THREAD = "https://emulated.slack.test/archives/C0INCIDENT/p1767355200000100"
PAST = (
    Past(run=a_diagnosing_run(finished_count=3, total_count=7), permalink=THREAD),
    Past(run=a_reported_run(BROKEN), permalink=THREAD),
    Past(run=a_refused_run()),
)
ME = Me(identity="network-oncall", principal=ROLE, regions=(RegionId("cn-hangzhou"), RegionId("cn-qingdao")))

RENDERED: Mapping[str, Callable[[], Message | dict[str, Any]]] = {
    "root_waiting": lambda: root_message(a_run()),
    "root_running": lambda: root_message(a_diagnosing_run(finished_count=3, total_count=7)),
    "root_retrying": lambda: root_message(a_run(problem=THROTTLED)),
    "root_in_direct_message": lambda: root_message(a_run(moved_to_dm=True)),
    "root_good": lambda: root_message(a_reported_run(HEALTHY)),
    "root_tunnel_down": lambda: root_message(a_reported_run(HEALTHY), DOWN),
    "root_broken_zh": lambda: root_message(a_reported_run(BROKEN, "zh")),
    "started": lambda: started_message(a_diagnosing_run()),
    "started_attached_zh": lambda: started_message(a_diagnosing_run(attached=True, language="zh")),
    "report_healthy": lambda: ending_message(a_reported_run(HEALTHY)),
    "report_followed_without_addresses": lambda: ending_message(
        a_reported_run(HEALTHY_WITHOUT_HOSTS, attached=True)
    ),
    "report_healthy_as_far_as_known": lambda: ending_message(
        a_reported_run(HEALTHY_AS_FAR_AS_KNOWN, request=REQUEST.changed(addresses=None))
    ),
    "report_broken": lambda: ending_message(a_reported_run(BROKEN)),
    "report_broken_zh": lambda: ending_message(a_reported_run(BROKEN, "zh")),
    "report_tunnel_down": lambda: ending_message(
        a_reported_run(HEALTHY_AS_FAR_AS_KNOWN, request=REQUEST.changed(addresses=None)), DOWN
    ),
    "report_one_tunnel_down_zh": lambda: ending_message(a_reported_run(HEALTHY, "zh"), ONE_OF_TWO_DOWN),
    "report_with_buttons": lambda: ending_message(
        a_reported_run(HEALTHY), buttons=report_buttons(a_reported_run(HEALTHY))
    ),
    "report_unfamiliar": lambda: ending_message(a_reported_run(UNFAMILIAR)),
    "report_unfinished": lambda: ending_message(
        a_reported_run(UNFINISHED, state=RunState.FAILED, problem=GAVE_UP)
    ),
    "refused": lambda: ending_message(a_refused_run()),
    "denied": lambda: ending_message(a_failed_run("NoPermission", DENIED)),
    "denied_zh": lambda: ending_message(a_failed_run("NoPermission", DENIED, language="zh")),
    "compare": lambda: compare_message(
        a_reported_run(HEALTHY),
        a_reported_run(BROKEN, created_at=NOON - timedelta(hours=2), diagnose_id="vpndgn-bp1e4a5b6c7d"),
    ),
    "compare_zh": lambda: compare_message(
        a_reported_run(BROKEN, "zh", tunnels=DOWN), a_reported_run(HEALTHY_AS_FAR_AS_KNOWN, tunnels=UP)
    ),
    "command": lambda: command_message(a_reported_run(HEALTHY)),
    "history": lambda: history_message(PAST, "gateway", "en", REQUEST.gateway_id),
    "home": lambda: home_view(ME, PAST, "en"),
    "home_zh": lambda: home_view(ME, PAST, "zh"),
    "home_not_mapped": lambda: home_view(Me(problem=a_refused_run().problem), [], "en"),
    "form": lambda: diagnose_form(
        language="en",
        private_metadata='{"channel_id": "C0INCIDENT"}',
        initial=FormValues(region="cn-hangzhou"),
        regions=(RegionId("cn-hangzhou"), RegionId("cn-qingdao")),
    ),
    "form_zh": lambda: diagnose_form(language="zh", private_metadata="", initial=FormValues(), regions=()),
    "notice": lambda: notice_view("Not possible", "Nothing was started.", "en"),
}


@pytest.mark.parametrize("name", RENDERED)
def test_what_slack_gets_is_as_it_was_agreed(name: str) -> None:
    assert _text(name) == (GOLDEN / f"{name}.json").read_text(encoding="utf-8")


def test_every_file_is_still_rendered() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(RENDERED)


def _text(name: str) -> str:
    rendered = RENDERED[name]()
    body = rendered.model_dump(exclude_none=True) if isinstance(rendered, Message) else rendered
    return json.dumps(body, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    for stale in GOLDEN.glob("*.json"):
        stale.unlink()
    for name in RENDERED:
        (GOLDEN / f"{name}.json").write_text(_text(name), encoding="utf-8")
