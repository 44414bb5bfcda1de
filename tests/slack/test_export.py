"""A report as JSON: what it says, complete, under the names that docs/export.md promises."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model.decision import Answer, Decision, Step, StepAnswer
from bot.model.problem import ProblemDetails
from bot.model.report import Connectivity, Unreadable
from bot.slack.export import SCHEMA, export_json, export_name
from tests.slack.scenes import (
    BROKEN,
    DOWN,
    HEALTHY,
    NOON,
    ONE_OF_TWO_DOWN,
    REQUEST,
    UNFAMILIAR,
    a_failed_run,
    a_report,
    a_reported_run,
    an_item,
)

DECISION = (
    Decision(made_at=NOON, book_version="5f2b8c0d" * 8, identity="network-oncall")
    .with_answer(StepAnswer(step=Step.MAPPING, answer=Answer.PASSED))
    .with_answer(
        StepAnswer(
            step=Step.GATEWAY, answer=Answer.UNKNOWN, reason="Throttling.User", operation="DescribeVpnGateways"
        )
    )
    .started("DiagnoseVpnGateway", "4F1A9C2E-7B3D-5E60-8A11-C0FFEE000001")
)

DOCUMENTED = (Path(__file__).parents[2] / "docs" / "export.md").read_text(encoding="utf-8")


def test_the_example_in_the_documentation_is_what_is_exported() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", DOCUMENTED, flags=re.DOTALL)

    assert export_json(a_reported_run(BROKEN, decision=DECISION), ONE_OF_TWO_DOWN).decode() == example


def test_every_name_in_a_file_is_documented() -> None:
    tables = DOCUMENTED.partition("For example:")[0]
    documented = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", tables))))

    report = a_report(*BROKEN.items, *UNFAMILIAR.items)
    exported = json.loads(export_json(a_reported_run(report, decision=DECISION), DOWN))

    assert set(_names(exported)) <= documented


def test_the_file_is_named_after_gateway_and_time() -> None:
    assert export_name(a_reported_run(HEALTHY)) == "vpn-bp1k4m9x2q7r5t8w3z6n-20260102T120000Z.json"
    assert f"`{export_name(a_reported_run(HEALTHY))}`" in DOCUMENTED


def test_a_run_without_a_report_says_how_it_ended() -> None:
    run = a_failed_run("cloud.unreachable", request=REQUEST.changed(addresses=None))

    exported = json.loads(export_json(run))

    assert exported["Schema"] == SCHEMA
    assert exported["Run"]["Problem"] == "cloud.unreachable"
    assert exported["DiagnoseResult"] == exported["Tunnels"] == []
    assert exported["RequestId"] is exported["PrivateSourceIp"] is exported["FinishTime"] is None


def test_a_refusal_says_which_step_said_no() -> None:
    refused = Decision(made_at=NOON).with_answer(
        StepAnswer(step=Step.GUARDRAIL, answer=Answer.REFUSED, reason="access.guardrail")
    )
    run = a_failed_run("access.guardrail", decision=refused.refused(ProblemDetails(code="access.guardrail")))

    decision = json.loads(export_json(run))["Decision"]

    assert not decision["Allowed"]
    assert [(step["Step"], step["Answer"], step["Reason"]) for step in decision["Steps"]] == [
        ("guardrail", "refused", "access.guardrail")
    ]
    assert json.loads(export_json(a_failed_run("cloud.unreachable")))["Decision"] is None


def test_the_vendors_own_word_for_a_level_is_kept() -> None:
    exported = json.loads(export_json(a_reported_run(UNFAMILIAR)))

    assert exported["DiagnoseResult"][0]["DiagnoseResultLevel"] == "critical"
    assert exported["DiagnoseResult"][0]["Measured"] == {"text": '{"flaps": 12} <!channel> *see* :fire:'}


def test_what_is_no_number_is_not_written() -> None:
    detail = Connectivity(target_ip="10.8.0.1", loss_percent=float("nan"), rtt_ms=float("inf"))

    exported = json.loads(export_json(a_reported_run(a_report(an_item("X", "normal", detail)))))

    measured = exported["DiagnoseResult"][0]["Measured"]
    assert (measured["lossRate"], measured["rtt"]) == (None, None)


def test_chinese_can_be_read_and_what_is_unseen_can_be_seen() -> None:
    item = an_item("网关", "normal", Unreadable(text="a\u202eb\U000e0041c\ud800"))

    written = export_json(a_reported_run(a_report(item))).decode()

    assert '"网关"' in written
    assert r'"a\u202eb\udb40\udc41c\ud800"' in written


@settings(deadline=None)
@given(st.text(st.characters(codec=None)))
def test_any_text_comes_back_as_it_was(text: str) -> None:
    written = export_json(a_reported_run(a_report(an_item("X", "normal", Unreadable(text=text)))))

    assert json.loads(written)["DiagnoseResult"][0]["Measured"]["text"] == text


def _names(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from node
        for value in node.values():
            yield from _names(value)
    elif isinstance(node, list):
        for value in node:
            yield from _names(value)
