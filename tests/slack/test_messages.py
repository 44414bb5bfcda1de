"""What a run says of itself at each of its stages."""

import pytest

from bot.model.problem import ProblemDetails
from bot.model.run import Language, Posted, Run, RunState
from bot.slack.messages import ending_message, problem_message, root_message, started_message
from tests.slack.parsed_by_slack import texts
from tests.slack.scenes import (
    BROKEN,
    HEALTHY,
    HEALTHY_WITHOUT_HOSTS,
    REQUEST,
    UNFINISHED,
    a_diagnosing_run,
    a_failed_run,
    a_refused_run,
    a_report,
    a_reported_run,
    a_run,
)

THROTTLED = ProblemDetails(code="Throttling.User")
GAVE_UP = ProblemDetails(code="bot.gave_up", facts={"diagnose_id": "vpndgn-bp1u6y2c9d4f"})


@pytest.mark.parametrize(
    ("run", "says"),
    [
        pytest.param(a_run(), "waiting to start", id="submitted"),
        pytest.param(a_run(problem=THROTTLED), "trying again: Too many calls", id="tried again"),
        pytest.param(a_diagnosing_run(), "diagnosing", id="diagnosing"),
        pytest.param(
            a_diagnosing_run(finished_count=3, total_count=7), "diagnosing, 3 of 7 checks done", id="progress"
        ),
        pytest.param(
            a_diagnosing_run(attached=True), "following a diagnosis that was already running", id="attached"
        ),
        pytest.param(a_reported_run(HEALTHY), "all 7 checks are normal", id="good"),
        pytest.param(a_reported_run(BROKEN), "5 of 7 checks need attention", id="broken"),
        pytest.param(a_reported_run(a_report()), "ended without a conclusive result", id="empty"),
        pytest.param(a_refused_run(), "refused: ", id="refused"),
        pytest.param(a_failed_run("NoPermission"), "failed: RAM does not allow it", id="failed"),
        pytest.param(
            a_reported_run(UNFINISHED, state=RunState.FAILED, problem=GAVE_UP),
            "not finished in time, 3 of 7 checks done",
            id="gave up",
        ),
    ],
)
def test_the_notification_says_gateway_and_state(run: Run, says: str) -> None:
    message = root_message(run)

    assert message.text.startswith(f"{run.request.gateway_id}: {says}")
    assert says in texts(message.blocks)


def test_the_root_message_names_what_is_diagnosed_and_mentions_who_asked() -> None:
    message = root_message(a_run())

    said = texts(message.blocks).splitlines()
    assert "VPN diagnosis of vpn-bp1k4m9x2q7r5t8w3z6n" in said
    assert {"vco-bp1t8w3z6n5j2k4m9x7q", "cn-hangzhou", "192.168.1.1 (VPC) to 10.8.0.1 (data centre)"} <= set(said)
    assert {"type": "user", "user_id": "U0ALICE"} in message.blocks[0]["elements"][-1]["elements"]


def test_the_start_is_told_with_its_ids() -> None:
    message = started_message(a_diagnosing_run())

    said = texts(message.blocks).splitlines()
    assert {"vpndgn-bp1u6y2c9d4f", "4F1A9C2E-7B3D-5E60-8A11-C0FFEE000001", "as network-oncall"} <= set(said)
    assert "vpndgn-bp1u6y2c9d4f" in message.text


def test_a_diagnosis_that_was_already_running_is_not_told_as_started() -> None:
    run = a_diagnosing_run(attached=True, start_request_id=None, identity=None)

    said = texts(started_message(run).blocks)

    assert said.startswith("Following a diagnosis that was already running")
    assert "no second one was started" in said
    assert "RequestId" not in said


@pytest.mark.parametrize(("language", "word"), [("en", "addresses"), ("zh", "地址")])
def test_that_addresses_may_not_be_tested_is_said_if_there_are_any(language: Language, word: str) -> None:
    run = a_diagnosing_run(attached=True, language=language)

    assert word in texts(started_message(run).blocks)
    assert word not in texts(started_message(run.changed(request=REQUEST.changed(addresses=None))).blocks)


def test_a_followed_diagnosis_does_not_claim_the_addresses_that_were_asked_for() -> None:
    ends = "192.168.1.1 (VPC) to 10.8.0.1 (data centre)"

    assert ends in texts(root_message(a_diagnosing_run()).blocks)
    assert ends not in texts(root_message(a_diagnosing_run(attached=True)).blocks)
    assert ends not in texts(root_message(a_reported_run(HEALTHY_WITHOUT_HOSTS, attached=True)).blocks)
    assert ends in texts(root_message(a_reported_run(HEALTHY, attached=True)).blocks)
    assert ends not in texts(ending_message(a_failed_run("cloud.unreachable", attached=True)).blocks)


def test_what_to_do_has_no_blank_after_the_colon_of_chinese() -> None:
    said = texts(ending_message(a_failed_run("cloud.unreachable", language="zh")).blocks)

    assert "处理建议：请" in "".join(said.split("\n"))


def test_a_refusal_says_what_happened_what_to_do_and_who_can_mend_it() -> None:
    message = ending_message(a_refused_run())

    said = texts(message.blocks)
    assert said.startswith("⛔ Refused: ")
    assert "What to do:" in said
    assert "Who can mend it: the people who keep access.yml" in said
    assert "DiagnoseId" not in said


def test_a_failure_carries_the_vendors_request_id() -> None:
    said = texts(ending_message(a_failed_run("NoPermission", {"request_id": "4F1A-9C2E"})).blocks)

    assert said.startswith("❌ Failed: RAM does not allow it")
    assert "RequestId 4F1A-9C2E" in said


def test_a_failure_under_way_keeps_the_diagnose_id() -> None:
    run = a_failed_run("cloud.unreachable", diagnose_id="vpndgn-bp1u6y2c9d4f")

    assert "vpndgn-bp1u6y2c9d4f" in texts(ending_message(run).blocks).splitlines()


def test_a_diagnosis_that_was_given_up_shows_what_there_is() -> None:
    run = a_reported_run(UNFINISHED, state=RunState.FAILED, problem=GAVE_UP)

    said = texts(ending_message(run).blocks)

    assert said.startswith("❌ Not finished, 3 of 7 checks so far; 1 needs attention: Route conflicts")
    assert "What to do:" in said
    assert "Error: Route conflicts" in said


def test_a_failure_that_nobody_explained_is_a_fault_of_the_bot() -> None:
    said = texts(problem_message(a_run(state=RunState.FAILED)).blocks)

    assert said.startswith("❌ Failed: A fault in the bot")


def test_that_it_has_started_can_be_said_without_blocks() -> None:
    last = started_message(a_diagnosing_run()).simpler()

    assert last is not None
    assert last.blocks == []
    assert "DiagnoseId vpndgn-bp1u6y2c9d4f" in last.text
    assert "RequestId 4F1A9C2E-7B3D-5E60-8A11-C0FFEE000001" in last.text


def test_in_a_direct_message_the_way_to_the_channel_is_said_once() -> None:
    alone = a_reported_run(HEALTHY, moved_to_dm=True)
    in_thread = alone.changed(posted=Posted(root_ts="1.2"))

    assert "/invite" in texts(root_message(in_thread).blocks)
    assert "/invite" in texts(ending_message(alone).blocks)
    assert "/invite" not in texts(ending_message(in_thread).blocks)


@pytest.mark.parametrize(
    ("language", "condition"), [("en", "If the bot is not a member there"), ("zh", "如果机器人不是该频道的成员")]
)
def test_an_invitation_is_offered_only_where_it_can_help(language: Language, condition: str) -> None:
    moved = a_run(moved_to_dm=True, language=language)
    said = texts(root_message(moved).blocks)
    archived = texts(root_message(moved.changed(moved_because="slack.is_archived")).blocks)

    assert said.index(condition) < said.index("/invite")
    assert "/invite" not in archived


def test_every_message_is_complete_in_chinese() -> None:
    run = a_reported_run(BROKEN, "zh")

    for message in (root_message(run), started_message(run), ending_message(run)):
        said = texts(message.blocks) + message.text
        assert not [word for word in ("check", "Next", "Asked", "Error", "report", "peer") if word in said]


def test_without_private_ends_none_are_named() -> None:
    run = a_run(request=REQUEST.changed(addresses=None))

    assert "Private connectivity" not in texts(root_message(run).blocks)
