"""What is kept of a step of a run, and of somebody who got no further than the door."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.model.audit import AsWhom, Attempt, AuditEvent, entries, told, turned_away
from bot.model.decision import Answer, Decision, Step, StepAnswer, answer_of
from bot.model.denial import Denial
from bot.model.ids import ChannelId, TeamId, UserId
from bot.model.problem import Problem
from bot.model.report import DiagnosisReport
from bot.model.request import Conversation, DiagnosisRequest, PrivateAddresses, Requester
from bot.model.run import Posted, Run, RunState

RunBuilder = Callable[..., Run]
NOON = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)
ALICE = Requester(team_id=TeamId("T0EMULATED"), user_id=UserId("U0ALICE"))
INCIDENT = ChannelId("C0INCIDENT")
PRINCIPAL = "acs:ram::1234567890123456:assumed-role/vpn-diagnose-oncall/slack-T0EMULATED-U0ALICE"
BOOK = "b" * 64


def a_decision(**changes: Any) -> Decision:
    values: dict[str, Any] = {
        "made_at": NOON,
        "book_version": BOOK,
        "identity": "network-oncall",
        "principal": PRINCIPAL,
        "steps": (StepAnswer(step=Step.MAPPING, answer=Answer.PASSED),),
    }
    return Decision(**values | changes)


def decided(run: Run, decision: Decision) -> Run:
    return run.changed(decision=decision, identity=decision.identity, principal=decision.principal)


def started(run: Run) -> Run:
    return run.changed(state=RunState.DIAGNOSING, diagnose_id="vpndgn-1", start_request_id="START-1")


def events(before: Run | None, after: Run) -> list[str]:
    return [entry.event.value for entry in entries(before, after, NOON)]


def test_a_new_run_is_accepted_with_all_that_was_asked_for(
    a_run: RunBuilder, a_request: Callable[..., DiagnosisRequest]
) -> None:
    addresses = PrivateAddresses.model_validate({"source": "192.168.1.1", "destination": "10.8.0.1"})
    thread = Conversation(channel_id=INCIDENT, thread_ts="1767355200.000100")
    run = a_run(request=a_request(addresses=addresses), conversation=thread)

    (entry,) = entries(None, run, NOON)

    assert entry.event is AuditEvent.ACCEPTED
    assert entry.operation == "DiagnoseVpnGateway"
    assert (entry.at, entry.run_id) == (NOON, run.id)
    assert (entry.team_id, entry.user_id) == ("T0EMULATED", "U0ALICE")
    assert (entry.channel_id, entry.thread_ts) == ("C0INCIDENT", "1767355200.000100")
    assert (entry.region_id, entry.vpn_gateway_id) == ("cn-hangzhou", "vpn-healthy0000000000001")
    assert entry.resource_id == "vco-healthy0000000000001"
    assert (entry.private_source_ip, entry.private_destination_ip) == ("192.168.1.1", "10.8.0.1")


def test_a_decision_is_kept_with_each_steps_answer(a_run: RunBuilder) -> None:
    run = a_run()

    (entry,) = entries(run, decided(run, a_decision()), NOON)

    assert entry.event is AuditEvent.ALLOWED
    assert (entry.identity, entry.principal) == ("network-oncall", PRINCIPAL)
    assert entry.role_session_name == "slack-T0EMULATED-U0ALICE"
    assert entry.book_version == BOOK
    assert entry.steps == a_decision().steps


@pytest.mark.parametrize(
    "principal", ["acs:ram::1234567890123456:user/lab", "acs:ram::1234567890123456:role/oncall", None]
)
def test_whoever_is_no_session_has_no_sessions_name(principal: str | None, a_run: RunBuilder) -> None:
    run = a_run()

    (entry,) = entries(run, decided(run, a_decision(principal=principal)), NOON)

    assert entry.principal == principal
    assert entry.role_session_name is None


def test_a_decision_is_kept_once(a_run: RunBuilder) -> None:
    run = decided(a_run(), a_decision())
    announced = run.changed(posted=Posted(channel_id=INCIDENT, root_ts="1767355200.000200"))

    assert events(run, announced) == []
    assert events(run, decided(run, a_decision(made_at=NOON + timedelta(seconds=1)))) == []


@pytest.mark.parametrize(
    "other", [{"identity": "lab"}, {"principal": "acs:ram::1:user/lab"}, {"book_version": "c"}]
)
def test_another_decision_of_the_same_run_is_kept_too(other: dict[str, str], a_run: RunBuilder) -> None:
    run = decided(a_run(), a_decision())

    assert events(run, decided(run, a_decision(**other))) == ["allowed"]


def test_a_question_that_was_not_answered_is_no_decision(a_run: RunBuilder) -> None:
    run = a_run()
    later = a_decision(problem=Problem("Throttling").details)

    assert events(run, run.changed(decision=later, attempt=1)) == []


def test_a_start_is_kept_with_the_ids_that_the_cloud_gave_it(a_run: RunBuilder) -> None:
    run = decided(a_run(), a_decision())
    after = started(decided(run, a_decision().started("DiagnoseVpnGateway", "START-1")))

    (entry,) = entries(run, after, NOON)

    assert entry.event is AuditEvent.STARTED
    assert (entry.diagnose_id, entry.request_id) == ("vpndgn-1", "START-1")
    assert (entry.identity, entry.book_version, entry.follows) == ("network-oncall", BOOK, None)
    assert entry.steps == ()  # the decision has an entry of its own


def test_a_diagnosis_that_was_running_is_attached_to(a_run: RunBuilder) -> None:
    run = decided(a_run(), a_decision())

    assert events(run, started(run).changed(attached=True)) == ["attached"]


def test_joining_another_run_names_that_run(a_run: RunBuilder) -> None:
    leader, run = a_run(), decided(a_run(), a_decision())

    (entry,) = entries(run, started(run).changed(attached=True, follows=leader.id), NOON)

    assert (entry.event, entry.follows) == (AuditEvent.JOINED, leader.id)


def test_a_run_that_followed_in_vain_and_leads_now_has_started(a_run: RunBuilder) -> None:
    leader, run = a_run(), a_run()

    (entry,) = entries(run, started(run).changed(follows=leader.id), NOON)

    assert (entry.event, entry.follows) == (AuditEvent.STARTED, None)


def test_a_report_is_kept_with_the_call_that_brought_it_and_not_with_the_decision_again(a_run: RunBuilder) -> None:
    run = started(decided(a_run(), a_decision()))
    report = DiagnosisReport(
        diagnose_id="vpndgn-1",
        request_id="RESULT-1",
        region=run.request.region,
        gateway_id=run.request.gateway_id,
        connection_id=run.request.connection_id,
        begin_time=NOON,
        finish_time=NOON,
        finished_count=7,
        total_count=7,
    )

    (entry,) = entries(run, run.changed(state=RunState.REPORTED, report=report), NOON)

    assert entry.event is AuditEvent.REPORTED
    assert (entry.diagnose_id, entry.request_id) == ("vpndgn-1", "RESULT-1")
    assert entry.steps == ()


def test_a_refusal_says_why_by_code_steps_and_what_ram_said(a_run: RunBuilder) -> None:
    problem = Problem("Forbidden.RAM", request_id="DENIED-1", message="told by the cloud").details
    denial = Denial(
        action="vpc:DiagnoseVpnGateway",
        resource="*",
        principal=PRINCIPAL,
        principal_type="AssumedRole",
        account_id="1234567890123456",
        explicit=False,
        policy_type="AccountLevelIdentityBasedPolicy",
        policies=(),
        conditions=(),
    )
    run = decided(a_run(), a_decision())
    decision = a_decision().with_answer(answer_of(Step.CALL, Answer.REFUSED, problem)).refused(problem, denial)

    (entry,) = entries(run, run.changed(state=RunState.REFUSED, problem=problem, decision=decision), NOON)

    assert entry.event is AuditEvent.REFUSED
    assert (entry.problem, entry.request_id) == ("Forbidden.RAM", "DENIED-1")
    assert entry.steps == decision.steps
    assert entry.denial == denial


def test_a_failure_can_be_found_in_the_log(a_run: RunBuilder) -> None:
    run = a_run()
    problem = Problem("bot.unexpected", error_id="1a2b3c4d").details

    (entry,) = entries(run, run.changed(state=RunState.FAILED, problem=problem), NOON)

    assert (entry.event, entry.problem, entry.error_id) == (AuditEvent.FAILED, "bot.unexpected", "1a2b3c4d")
    assert entry.book_version is None


def test_telling_an_ending_is_nothing_new(a_run: RunBuilder) -> None:
    run = a_run(state=RunState.FAILED, problem=Problem("bot.unexpected").details)

    assert events(run, run.changed(posted=Posted(closed=True), due_at=None)) == []


def test_several_things_that_one_step_did_are_kept_in_their_order(a_run: RunBuilder) -> None:
    run = a_run()
    after = started(decided(run, a_decision())).changed(state=RunState.REPORTED)

    assert events(run, after) == ["allowed", "started", "reported"]


def test_the_thread_is_the_one_that_the_bot_made_where_there_was_none(a_run: RunBuilder) -> None:
    run = a_run(posted=Posted(channel_id=INCIDENT, root_ts="1767355200.000200"))
    moved = a_run(posted=Posted(channel_id=ChannelId("D0ALICE"), root_ts="1767355200.000300"))

    threads = [entries(one, started(one), NOON)[0].thread_ts for one in (run, moved)]

    assert threads == ["1767355200.000200", None]


def test_of_somebody_turned_away_it_is_kept_who_tried_what_where(
    a_request: Callable[..., DiagnosisRequest],
) -> None:
    problem = Problem("access.guardrail", identity="oncall", statement="foreign words").details

    entry = turned_away(Attempt(ALICE, INCIDENT, request=a_request()), problem, NOON, BOOK, 3)

    assert entry.event is AuditEvent.REFUSED
    assert (entry.user_id, entry.channel_id) == ("U0ALICE", "C0INCIDENT")
    assert entry.vpn_gateway_id == "vpn-healthy0000000000001"
    assert (entry.problem, entry.identity, entry.book_version) == ("access.guardrail", "oncall", BOOK)
    assert (entry.run_id, entry.unrecorded) == (None, 3)
    assert [(one.step, one.answer) for one in entry.steps] == [
        (Step.MAPPING, Answer.PASSED),
        (Step.GUARDRAIL, Answer.REFUSED),
    ]
    assert "foreign words" not in repr(entry)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("access.not_mapped", [(Step.MAPPING, Answer.REFUSED, "access.not_mapped")]),
        ("access.person_unknown", [(Step.MAPPING, Answer.UNKNOWN, "access.person_unknown")]),
        ("access.form_not_yours", []),
        ("bot.too_many", []),
    ],
)
def test_of_somebody_turned_away_the_step_is_kept_that_turned_them_away(
    code: str, expected: list[tuple[Step, Answer, str]]
) -> None:
    entry = turned_away(Attempt(ALICE, INCIDENT), Problem(code).details, NOON, BOOK)

    assert [(one.step, one.answer, one.reason) for one in entry.steps] == expected


def test_a_new_run_is_kept_with_the_book_that_let_it_in(a_run: RunBuilder) -> None:
    (entry,) = entries(None, a_run(), NOON, BOOK)

    assert entry.book_version == BOOK


def test_of_what_was_looked_at_it_is_kept_as_whom_the_cloud_was_asked(a_run: RunBuilder) -> None:
    run, steps = a_run(), a_decision().steps
    attempt = Attempt(ALICE, INCIDENT, "choose", run.request, run.id, AsWhom("oncall", PRINCIPAL, steps, "R-1"))

    entry = told(attempt, NOON, BOOK)

    assert (entry.identity, entry.principal) == ("oncall", PRINCIPAL)
    assert entry.role_session_name == "slack-T0EMULATED-U0ALICE"
    assert (entry.run_id, entry.request_id, entry.steps) == (run.id, "R-1", steps)


def test_of_somebody_who_was_shown_something_it_is_kept_what() -> None:
    entry = told(Attempt(ALICE, INCIDENT, "whoami"), NOON, BOOK)

    assert (entry.event, entry.operation, entry.book_version) == (AuditEvent.TOLD, "whoami", BOOK)
