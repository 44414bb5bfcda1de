"""What becomes of a run when a step has gone well."""

from collections.abc import Callable
from datetime import timedelta
from ipaddress import IPv4Address

import pytest

from bot.model.ids import VpnConnectionId
from bot.model.problem import Problem
from bot.model.request import PrivateAddresses
from bot.model.run import Run, RunState
from bot.transitions import diagnosing, gave_up, is_same_identity, is_same_question, joined, reported
from tests.conftest import NOON
from tests.slack.scenes import HEALTHY, UNFINISHED

RunBuilder = Callable[..., Run]

LATER = NOON + timedelta(seconds=10)
ADDRESSES = PrivateAddresses(source=IPv4Address("192.168.1.1"), destination=IPv4Address("10.8.0.1"))
ROLE = "acs:ram::1234567890123456:assumed-role/vpn-diagnose"


def test_a_run_waits_for_a_leader_that_has_not_started_yet_and_follows_one_that_has(a_run: RunBuilder) -> None:
    leader = a_run()

    waiting = joined(a_run(), leader, LATER)
    following = joined(a_run(), diagnosing(leader, "vpndgn-1", "R-1", NOON, attached=False), LATER)

    assert (waiting.state, waiting.follows) == (RunState.SUBMITTED, leader.id)
    assert waiting.due_at is not None
    assert waiting.due_at > LATER
    assert (following.state, following.follows) == (RunState.DIAGNOSING, leader.id)
    assert (following.diagnose_id, following.start_request_id, following.attached) == ("vpndgn-1", "R-1", True)


def test_a_gateway_that_answers_another_question_is_waited_for(a_run: RunBuilder) -> None:
    run, leader = a_run(), a_run()
    elsewhere = leader.changed(
        request=leader.request.changed(connection_id=VpnConnectionId("vco-lossy000000000000001"))
    )
    with_addresses = run.changed(request=run.request.changed(addresses=ADDRESSES))

    with pytest.raises(Problem, match=r"bot\.other_connection_diagnosing"):
        joined(run, elsewhere, LATER)
    with pytest.raises(Problem, match=r"bot\.other_addresses_diagnosing"):
        joined(with_addresses, leader, LATER)
    assert is_same_question(run, with_addresses), "who gave no addresses takes any"


@pytest.mark.parametrize(
    ("principal", "same"), [(f"{ROLE}/slack-T0-U0BOB", True), (f"{ROLE}-2/slack-T0-U0ALICE", False), (None, False)]
)
def test_whoever_ran_as_the_same_role_is_the_same_in_any_session(
    a_run: RunBuilder, principal: str | None, *, same: bool
) -> None:
    run = a_run(identity="oncall", principal=f"{ROLE}/slack-T0-U0ALICE")

    assert is_same_identity(run, a_run(identity="oncall", principal=principal)) is same
    assert not is_same_identity(run, a_run(identity="other", principal=run.principal))


def test_a_result_ends_the_run_and_what_stood_in_its_way(a_run: RunBuilder) -> None:
    run = a_run(problem=Problem("cloud.timeout").details, attempt=3)

    ended = reported(run, HEALTHY, LATER)

    assert (ended.state, ended.report, ended.problem, ended.attempt) == (RunState.REPORTED, HEALTHY, None, 0)
    assert ended.reported_at == ended.due_at == LATER


def test_what_took_too_long_is_given_up_with_how_far_it_came() -> None:
    facts = gave_up(UNFINISHED).facts

    assert facts == {"diagnose_id": UNFINISHED.diagnose_id, "finished_count": "3", "total_count": "7"}
