"""Entries as rows: bounded, clean, without secrets, and hashed so that anybody can hash them."""

import hashlib
import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from bot.model.decision import Answer, Step, StepAnswer
from bot.model.denial import Denial, MatchedPolicy
from bot.store.audit_rows import BEFORE_THE_FIRST, digest, exported, rows_of
from bot.store.audit_table import audit
from tests.store.audited import an_entry

HOSTILE = "\x00\x1b[31m\u202eevil\ud800\n<!channel> ' OR 1=1 --" + "字" * 1000


def a_row(**changes: Any) -> dict[str, Any]:
    (row,) = rows_of([an_entry(**changes)], 0, BEFORE_THE_FIRST)
    return row


def a_denial(**changes: Any) -> Denial:
    values: dict[str, Any] = {
        "action": "vpc:DiagnoseVpnGateway",
        "resource": "acs:vpc:cn-hangzhou:*:vpngateway/*",
        "principal": "acs:ram::1:user/lab",
        "principal_type": "SubUser",
        "account_id": "1",
        "explicit": True,
        "policy_type": "ControlPolicy",
        "policies": (),
        "conditions": (("acs:SourceIp", ("192.0.2.1",)),),
    }
    return Denial(**values | changes)


def a_policy(name: str) -> MatchedPolicy:
    return MatchedPolicy(effect="Deny", name=name, policy_type="Custom", version="v1", attached_to="", scope="")


def test_rows_are_numbered_without_a_gap_and_name_the_hash_before_them() -> None:
    rows = rows_of([an_entry(), an_entry(), an_entry()], 41, "a" * 64)

    assert [row["seq"] for row in rows] == [42, 43, 44]
    assert [row["previous"] for row in rows] == ["a" * 64, rows[0]["hash"], rows[1]["hash"]]
    assert len({row["hash"] for row in rows}) == 3


def test_the_hash_is_the_one_that_is_described() -> None:
    row = a_row(steps=(StepAnswer(step=Step.MAPPING, answer=Answer.REFUSED, reason="access.not_mapped"),))

    hashed = (
        '{"At":"2026-01-02T12:00:00.000000Z","BookVersion":"' + "b" * 64 + '","ChannelId":"C0INCIDENT",'
        '"Event":"refused","Operation":"DiagnoseVpnGateway","Previous":"' + "0" * 64 + '",'
        '"Problem":"access.not_mapped","Seq":1,'
        '"Steps":"[{\\"Answer\\":\\"refused\\",\\"Reason\\":\\"access.not_mapped\\",\\"Step\\":\\"mapping\\"}]",'
        '"TeamId":"T0EMULATED","UserId":"U0MALLORY"}'
    )
    assert row["hash"] == digest(row) == hashlib.sha256(hashed.encode()).hexdigest()


@pytest.mark.parametrize("column", [column.name for column in audit.columns if column.name != "hash"])
def test_no_column_can_be_changed_without_changing_the_hash(column: str) -> None:
    row = a_row()

    assert digest(row | {column: "other"}) != row["hash"]


def test_a_column_that_a_later_version_adds_leaves_earlier_hashes_as_they_are() -> None:
    row = a_row()

    assert digest(row | {"colour": None}) == row["hash"]
    assert digest(row | {"colour": "blue"}) != row["hash"]


def test_the_time_is_utc_whatever_clock_it_was_read_from() -> None:
    shanghai = datetime(2026, 1, 2, 20, 0, tzinfo=timezone(timedelta(hours=8)))

    assert a_row(at=shanghai)["at"] == "2026-01-02T12:00:00.000000Z"


def test_every_text_is_bounded_and_shows_all_that_is_in_it() -> None:
    names = [
        name for name, value in an_entry()._asdict().items() if name not in {"at", "unrecorded", "steps", "denial"}
    ]
    step = StepAnswer(step=Step.CALL, answer=Answer.REFUSED, reason=HOSTILE, operation=HOSTILE, request_id=HOSTILE)
    denial = a_denial(action=HOSTILE, resource=HOSTILE, policies=tuple(a_policy(HOSTILE) for _ in range(100)))

    row = a_row(**dict.fromkeys(names, HOSTILE), steps=(step,) * 8, denial=denial)

    for column in audit.columns:
        value = row[column.name]
        length = getattr(column.type, "length", None)
        assert not isinstance(value, str) or value.isprintable()
        assert length is None or value is None or len(value) <= length
    assert len(row["steps"]) + len(row["denial"]) < 30_000


def test_a_denial_is_kept_without_its_conditions_and_with_few_policies() -> None:
    denial = a_denial(policies=tuple(a_policy(f"policy-{number}") for number in range(9)))

    kept = json.loads(a_row(denial=denial)["denial"])

    assert kept["Action"] == "vpc:DiagnoseVpnGateway"
    assert kept["Explicit"] is True
    assert [policy["Name"] for policy in kept["Policies"]] == [f"policy-{number}" for number in range(5)]
    assert "192.0.2.1" not in json.dumps(kept)


def test_what_ram_did_not_say_is_left_out() -> None:
    kept = json.loads(a_row(denial=a_denial(explicit=None, resource=""))["denial"])

    assert not {"Explicit", "Resource", "Policies"} & kept.keys()


def test_an_export_has_the_vendors_names_and_opens_what_is_json() -> None:
    step = StepAnswer(step=Step.CALL, answer=Answer.PASSED, operation="DiagnoseVpnGateway", request_id="R-1")

    line = exported(a_row(steps=(step,), diagnose_id="vpndgn-1", denial=a_denial()))

    assert line["DiagnoseId"] == "vpndgn-1"
    assert line["Steps"] == [
        {"Step": "call", "Answer": "passed", "Operation": "DiagnoseVpnGateway", "RequestId": "R-1"}
    ]
    assert line["Denial"]["PolicyType"] == "ControlPolicy"
    assert "ThreadTs" not in line


def test_a_column_that_is_spelt_as_one_of_ours_is_exported_as_its_own() -> None:
    line = exported(a_row() | {"user__id": "U0BOB", "from_later": 1})

    assert (line["UserId"], line["user__id"], line["FromLater"]) == ("U0MALLORY", "U0BOB", 1)
