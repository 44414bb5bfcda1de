"""Answers about a diagnosis: complete, partial, odd and hostile."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alibaba.result import read_report
from bot.model.ids import RegionId, VpnConnectionId, VpnGatewayId
from bot.model.problem import Problem
from bot.model.report import Connectivity, DiagnosisReport, ResultLevel, RouteConflict, Unreadable

REGION = RegionId("cn-qingdao")
GATEWAY = VpnGatewayId("vpn-example00000000000001")
RESULTS = [
    {"DiagnoseName": "RouteEntryConflict", "DiagnoseResultDescription": "{}", "DiagnoseResultLevel": "normal"},
    {
        "DiagnoseName": "VcoUserInternetIpConnectivity",
        "DiagnoseResultDescription": '{\\"targetIp\\":\\"203.0.113.9\\",\\"rtt\\":-1.0,\\"lossRate\\":100.0}',
        "DiagnoseResultLevel": "error",
    },
]
FINISHED = {
    "BeginTime": "2022-12-15T05:28:57Z",
    "FinishTime": "2022-12-15T05:29:08Z",
    "DiagnoseId": "vpndgn-example0000000001",
    "DiagnoseResult": RESULTS,
    "FinishedCount": 2,
    "TotalCount": 2,
    "RequestId": "0ED8D006-F706-4D23-88ED-E11ED28DCAC0",
    "ResourceInstanceId": "vco-example00000000000001",
    "ResourceType": "IPsec",
    "VpnGatewayId": str(GATEWAY),
}


def the_report(**changes: Any) -> DiagnosisReport:
    return read_report(FINISHED | changes, REGION, diagnose_id="vpndgn-asked", gateway_id=None)


def test_a_finished_diagnosis_is_read_whole() -> None:
    report = the_report()

    assert report.finished
    assert report.diagnose_id == "vpndgn-example0000000001"
    assert report.request_id == FINISHED["RequestId"]
    assert (report.region, report.gateway_id) == (REGION, GATEWAY)
    assert report.connection_id == VpnConnectionId("vco-example00000000000001")
    assert report.begin_time == datetime(2022, 12, 15, 5, 28, 57, tzinfo=UTC)
    assert report.finish_time == datetime(2022, 12, 15, 5, 29, 8, tzinfo=UTC)
    assert [(item.name, item.level, item.detail) for item in report.items] == [
        ("RouteEntryConflict", ResultLevel.NORMAL, RouteConflict()),
        (
            "VcoUserInternetIpConnectivity",
            ResultLevel.ERROR,
            Connectivity(target_ip="203.0.113.9", loss_percent=100.0, rtt_ms=None),
        ),
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"FinishTime": "", "FinishedCount": 1, "TotalCount": 7},
        {"FinishTime": None, "FinishedCount": 0, "TotalCount": 7, "DiagnoseResult": None},
        {"FinishedCount": 6, "TotalCount": 7},
        {"FinishTime": "soon"},
        {"FinishTime": None, "FinishedCount": None, "TotalCount": None},
    ],
    ids=repr,
)
def test_a_running_diagnosis_is_not_finished(changes: dict[str, Any]) -> None:
    assert not the_report(**changes).finished


def test_counts_may_be_text_and_are_bounded() -> None:
    report = the_report(FinishedCount="2", TotalCount=10**15)

    assert (report.finished_count, report.total_count) == (2, 1000)


def test_an_end_without_counts_is_an_end() -> None:
    assert the_report(FinishedCount=None, TotalCount=-1).finished


@pytest.mark.parametrize("results", [RESULTS, {"DiagnoseResult": RESULTS}], ids=["flat", "wrapped"])
def test_results_may_be_wrapped(results: Any) -> None:
    assert the_report(DiagnoseResult=results).items == the_report().items


def test_what_was_asked_for_fills_in_what_the_answer_leaves_out() -> None:
    answer = {"DiagnoseResult": [], "TotalCount": 7, "ResourceInstanceId": "vco-masked****"}

    report = read_report(answer, REGION, diagnose_id="vpndgn-asked", gateway_id=GATEWAY)

    assert (report.diagnose_id, report.gateway_id, report.connection_id) == ("vpndgn-asked", GATEWAY, None)
    assert report.request_id == ""


@pytest.mark.parametrize(
    "changes",
    [{"DiagnoseResult": "none"}, {"DiagnoseResult": 7}, {"VpnGatewayId": "vpn-uf6fzwp0ck3frwtbk****"}],
    ids=repr,
)
def test_an_answer_that_tells_of_nothing_known_is_not_understood(changes: dict[str, Any]) -> None:
    with pytest.raises(Problem) as caught:
        the_report(**changes)

    assert caught.value.code == "cloud.not_understood"


def test_an_answer_about_no_diagnosis_is_not_understood() -> None:
    with pytest.raises(Problem):
        read_report({"DiagnoseResult": []}, REGION, diagnose_id=None, gateway_id=GATEWAY)


@pytest.mark.parametrize(
    ("result", "name", "level", "level_text"),
    [
        ("a text", "?", ResultLevel.UNKNOWN, ""),
        ({}, "?", ResultLevel.UNKNOWN, ""),
        ({"DiagnoseName": 7, "DiagnoseResultLevel": []}, "?", ResultLevel.UNKNOWN, ""),
        ({"DiagnoseName": "New", "DiagnoseResultLevel": "fatal"}, "New", ResultLevel.UNKNOWN, "fatal"),
        ({"DiagnoseName": "New", "DiagnoseResultLevel": "Warning"}, "New", ResultLevel.WARNING, "Warning"),
    ],
    ids=repr,
)
def test_an_odd_result_does_not_spoil_the_others(
    result: Any, name: str, level: ResultLevel, level_text: str
) -> None:
    report = the_report(DiagnoseResult=[*RESULTS, result])

    assert len(report.items) == 3
    assert (report.items[2].name, report.items[2].level, report.items[2].level_text) == (name, level, level_text)
    assert isinstance(report.items[2].detail, Unreadable)


def test_more_results_than_there_can_be_are_cut() -> None:
    assert len(the_report(DiagnoseResult=[{}] * 1001).items) == 1000


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
FOREIGN = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner), max_leaves=8
)
RESULT = st.dictionaries(st.sampled_from(sorted(RESULTS[0])), FOREIGN) | FOREIGN


@given(st.dictionaries(st.sampled_from(sorted(FINISHED)), FOREIGN | st.lists(RESULT, max_size=3)))
def test_a_hostile_answer_is_a_report_that_can_be_stored_or_a_problem(changes: dict[str, Any]) -> None:
    try:
        report = the_report(**json.loads(json.dumps(changes)))
    except Problem as problem:
        assert problem.code == "cloud.not_understood"  # noqa: PT017  either outcome is good
        return

    assert DiagnosisReport.model_validate_json(report.model_dump_json()) == report
