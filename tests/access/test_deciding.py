"""One decision, with every step's answer: what is asked, in which order, and where it ends."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import pytest

from bot.access.desk import Access
from bot.explain.problems import explain, treatment
from bot.model.decision import Answer, Decision, Step
from bot.model.ids import ChannelId, VpnConnectionId, VpnGatewayId
from bot.model.problem import Problem
from bot.model.request import DiagnosisRequest, Requester
from tests.access.conftest import BOOK

if TYPE_CHECKING:
    from tests.access.conftest import Clock, Cloud

Desk = Callable[..., Awaitable[Access]]
Person = Callable[..., Requester]
Request = Callable[..., DiagnosisRequest]

INCIDENT = ChannelId("C0INCIDENT")
PASSED, REFUSED, UNKNOWN, NOT_ASKED = Answer.PASSED, Answer.REFUSED, Answer.UNKNOWN, Answer.NOT_ASKED
BEFORE_THE_CALL = list(Step)[:-1]

GUARDED = BOOK.replace(
    "    regions: [cn-hangzhou, cn-qingdao]\n",
    "    regions: [cn-hangzhou, cn-qingdao]\n    guardrail:\n"
    '      - {Effect: Allow, Action: "vpc:DiagnoseVpnGateway", Resource: "acs:vpc:*:*:vpngateway/vpn-healthy*"}\n',
)
DECODE = {"Effect": "Allow", "Action": "ram:DecodeDiagnosticMessage", "Resource": "*"}
PROBED = ("GetCallerIdentity", "GetVpnGatewayDiagnoseResult", "DescribeVpnGateways", "DescribeVpnConnections")


def shown(decision: Decision) -> dict[Step, Answer]:
    return {step: decision.answer(step) for step in BEFORE_THE_CALL}


async def called(cloud: "Cloud", *operations: str) -> list[int]:
    return [len(await cloud.calls(operation)) for operation in operations]


async def test_a_good_request_passes_every_step_and_gets_its_authorization(
    an_access: Desk, a_requester: Person, a_request: Request, cloud: "Cloud"
) -> None:
    access = await an_access(probes=cloud.probes)
    decision, authorization, _ = await access.decide(a_requester(), INCIDENT, a_request())

    assert shown(decision) == dict.fromkeys(BEFORE_THE_CALL, PASSED)
    assert decision.allowed
    assert authorization is not None
    assert (decision.identity, decision.principal) == ("oncall", authorization.principal)
    assert len(decision.book_version) == 64
    assert await cloud.calls("DiagnoseVpnGateway") == []


async def test_a_person_without_a_mapping_is_asked_about_nowhere(
    an_access: Desk, a_requester: Person, a_request: Request, cloud: "Cloud"
) -> None:
    access = await an_access(probes=cloud.probes)
    decision, authorization, _ = await access.decide(a_requester("U0MALLORY"), INCIDENT, a_request())

    assert authorization is None
    assert shown(decision) == dict.fromkeys(BEFORE_THE_CALL, NOT_ASKED) | {Step.MAPPING: REFUSED}
    assert decision.problem is not None
    assert decision.problem.code == "access.not_mapped"
    assert await called(cloud, "AssumeRole", *PROBED) == [0, 0, 0, 0, 0]


async def test_a_guardrail_refuses_before_the_cloud_is_asked(
    an_access: Desk, a_requester: Person, a_request: Request, cloud: "Cloud"
) -> None:
    access = await an_access(GUARDED, probes=cloud.probes)
    broken = a_request(gateway_id=VpnGatewayId("vpn-broken00000000000001"))
    decision, authorization, _ = await access.decide(a_requester(), INCIDENT, broken)

    assert authorization is None
    assert shown(decision) == dict.fromkeys(BEFORE_THE_CALL, NOT_ASKED) | {
        Step.MAPPING: PASSED,
        Step.GUARDRAIL: REFUSED,
    }
    assert decision.identity == "oncall"
    assert await called(cloud, "AssumeRole", *PROBED) == [0, 0, 0, 0, 0]


async def test_a_role_that_was_deleted_ends_with_the_credentials(
    an_access: Desk, a_requester: Person, a_request: Request, cloud: "Cloud"
) -> None:
    access = await an_access(probes=cloud.probes)
    await cloud.change(vpn_diagnose_oncall=None)
    decision, authorization, _ = await access.decide(a_requester(), INCIDENT, a_request())

    assert authorization is None
    assert decision.answer(Step.CREDENTIALS) is REFUSED
    assert decision.problem is not None
    assert decision.problem.code == "EntityNotExist.Role"
    assert await called(cloud, "AssumeRole", *PROBED) == [1, 0, 0, 0, 0]


async def test_a_role_that_does_not_trust_the_bot_says_whom_it_would_have_to_trust(
    an_access: Desk, a_requester: Person, a_request: Request, cloud: "Cloud"
) -> None:
    access = await an_access(probes=cloud.probes)
    decision, *_ = await access.decide(a_requester("U0DAVE"), INCIDENT, a_request())

    assert decision.denial is not None
    assert decision.denial.to_trust == "acs:ram::1234567890123456:user/vpn-diagnose-bot"
    assert decision.denial.resource == "acs:ram::1234567890123456:role/vpn-closed"
    assert decision.problem is not None
    said = explain(decision.problem, "en").happened
    assert "role/vpn-closed (identity closed) does not let the bot" in said
    assert "user/vpn-diagnose-bot" in said
    assert "…" not in said


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
async def test_a_bot_that_may_not_assume_the_role_is_named_by_its_arn(
    an_access: Desk, a_requester: Person, a_request: Request, cloud: "Cloud", effect: str
) -> None:
    access = await an_access(probes=cloud.probes)
    resource = {"Allow": "acs:ram:*:*:role/another", "Deny": "*"}[effect]
    statement = {"Effect": effect, "Action": "sts:AssumeRole", "Resource": resource}
    await cloud.change(assume_the_roles={"Version": "1", "Statement": [statement]})
    decision, *_ = await access.decide(a_requester(), INCIDENT, a_request())

    assert decision.denial is not None
    assert decision.denial.principal.startswith("acs:ram::1234567890123456:user/vpn-diagnose-bot (")
    assert decision.problem is not None
    said = explain(decision.problem, "en").happened
    assert "sts:AssumeRole on role/vpn-diagnose-oncall to user/vpn-diagnose-bot" in said
    assert ("explicit" if effect == "Deny" else "implicit") in said


async def test_sts_that_is_away_decides_nothing_and_is_worth_another_attempt(
    an_access: Desk, a_requester: Person, a_request: Request, cloud: "Cloud"
) -> None:
    access = await an_access(probes=cloud.probes)
    await cloud.order_fault(operation="AssumeRole", kind="http_503", times=100)
    decision, authorization, _ = await access.decide(a_requester(), INCIDENT, a_request())

    assert authorization is None
    assert decision.answer(Step.CREDENTIALS) is UNKNOWN
    assert decision.problem is not None
    assert treatment(decision.problem).retry == "later"


async def test_who_may_not_read_results_learns_which_permission_is_missing(
    an_access: Desk, a_requester: Person, a_request: Request, cloud: "Cloud"
) -> None:
    access = await an_access(probes=cloud.probes)
    await cloud.may(DECODE)
    decision, authorization, _ = await access.decide(a_requester(), INCIDENT, a_request())

    assert authorization is None
    assert shown(decision) == dict.fromkeys(BEFORE_THE_CALL, PASSED) | {
        Step.RESULTS: REFUSED,
        Step.GATEWAY: UNKNOWN,
        Step.CONNECTION: UNKNOWN,
    }
    assert decision.denial is not None
    assert decision.denial.told_by == "decoded"
    assert decision.problem is not None
    assert decision.problem.facts["denied_resource"] == "vpngateway/vpn-healthy0000000000001"
    assert "encoded_diagnostic_message" not in decision.problem.facts
    assert "no policy allows it" in explain(decision.problem, "en").happened


async def test_a_connection_of_another_gateway_is_refused_before_the_start(
    an_access: Desk, a_requester: Person, a_request: Request, cloud: "Cloud"
) -> None:
    access = await an_access(probes=cloud.probes)
    elsewhere = a_request(connection_id=VpnConnectionId("vco-broken00000000000001"))
    decision, *_ = await access.decide(a_requester(), INCIDENT, elsewhere)

    assert decision.answer(Step.CONNECTION) is REFUSED
    assert decision.problem is not None
    assert "vpn-broken00000000000001" in explain(decision.problem, "en").happened
    assert decision.denial is None


async def test_without_probes_nothing_is_asked_ahead(
    an_access: Desk, a_requester: Person, a_request: Request, cloud: "Cloud"
) -> None:
    access = await an_access()
    decision, authorization, _ = await access.decide(a_requester(), INCIDENT, a_request())

    assert authorization is not None
    assert [step for step in Step if decision.answer(step) is not NOT_ASKED] == BEFORE_THE_CALL[:3]
    assert await called(cloud, *PROBED) == [0, 0, 0, 0]


async def test_two_hundred_commands_on_an_expired_session_lead_to_one_call_of_sts(
    an_access: Desk, a_requester: Person, a_request: Request, cloud: "Cloud", clock: "Clock"
) -> None:
    access = await an_access()
    await access.decide(a_requester(), INCIDENT, a_request())
    clock.pass_by(hours=2)
    decided = await asyncio.gather(*(access.decide(a_requester(), INCIDENT, a_request()) for _ in range(200)))

    assert all(one.decision.allowed for one in decided)
    assert len({one.authorization.credential.access_key_id for one in decided if one.authorization}) == 1
    assert await called(cloud, "AssumeRole", "GetCallerIdentity") == [2, 0]


async def test_a_session_that_was_revoked_ends_after_one_new_one_and_as_nobody_else(
    an_access: Desk, a_requester: Person, a_request: Request, cloud: "Cloud", clock: "Clock"
) -> None:
    access = await an_access(probes=cloud.probes)
    await access.decide(a_requester(), INCIDENT, a_request())
    clock.pass_by(minutes=2)
    await cloud.control("sessions", {"in_s": 0})
    revoked, *_ = await access.decide(a_requester(), INCIDENT, a_request())
    access.forget(a_requester())
    renewed, authorization, _ = await access.decide(a_requester(), INCIDENT, a_request())

    assert revoked.answer(Step.IDENTITY) is REFUSED
    assert revoked.problem is not None
    assert revoked.problem.code.startswith("InvalidSecurityToken")
    assert authorization is not None
    assert authorization.principal == renewed.principal == revoked.principal
    assert await called(cloud, "AssumeRole") == [2]


@pytest.mark.parametrize("minutes", [10, -10])
async def test_a_clock_ten_minutes_off_hinders_nobody(
    an_access: Desk, a_requester: Person, a_request: Request, cloud: "Cloud", minutes: int
) -> None:
    await cloud.control("clock", {"move_s": 60 * minutes})
    access = await an_access(probes=cloud.probes)
    decision, *_ = await access.decide(a_requester(), INCIDENT, a_request())

    assert decision.allowed


@pytest.mark.parametrize("minutes", [16, -16])
async def test_a_clock_too_far_off_is_said_and_not_taken_for_a_denial(
    an_access: Desk, a_requester: Person, a_request: Request, cloud: "Cloud", minutes: int
) -> None:
    await cloud.control("clock", {"move_s": 60 * minutes})
    access = await an_access(probes=cloud.probes)
    decision, *_ = await access.decide(a_requester(), INCIDENT, a_request())

    assert decision.problem is not None
    assert decision.problem.code == "InvalidTimeStamp.Expired"
    assert decision.denial is None


# why: what a later call was denied for


async def test_a_start_that_was_denied_explains_itself(
    an_access: Desk, a_requester: Person, a_request: Request, cloud: "Cloud"
) -> None:
    access = await an_access(probes=cloud.probes)
    denied = Problem(
        "Forbidden",
        operation="DiagnoseVpnGateway",
        denied_action="vpc:DiagnoseVpnGateway",
        denied_kind="ImplicitDeny",
        denied_policy_type="AccountLevelIdentityBasedPolicy",
        encoded_diagnostic_message="of another cloud",
    )
    denial = await access.why(denied.details, a_requester(), INCIDENT, a_request())

    assert denial is not None
    assert (denial.action, denial.resource, denial.told_by) == ("vpc:DiagnoseVpnGateway", "*", "refusal")
    assert [call["outcome"] for call in await cloud.calls("DecodeDiagnosticMessage")] == ["NotSupport"]


async def test_what_is_no_denial_is_not_explained_as_one(
    an_access: Desk, a_requester: Person, a_request: Request, cloud: "Cloud"
) -> None:
    access = await an_access(probes=cloud.probes)

    assert await access.why(Problem("Throttling.User").details, a_requester(), INCIDENT, a_request()) is None
    assert await cloud.calls("AssumeRole") == []


async def test_somebody_who_lost_their_access_is_told_without_their_session(
    an_access: Desk, a_requester: Person, a_request: Request, cloud: "Cloud"
) -> None:
    access = await an_access(probes=cloud.probes)
    denied = Problem("Forbidden", operation="DiagnoseVpnGateway", encoded_diagnostic_message="sealed")
    denial = await access.why(denied.details, a_requester("U0MALLORY"), INCIDENT, a_request())

    assert denial is not None
    assert denial.told_by == "documentation"
    assert await called(cloud, "AssumeRole", "DecodeDiagnosticMessage") == [0, 0]


# the value


async def test_a_decision_can_be_stored_and_holds_no_secret(
    an_access: Desk,
    a_requester: Person,
    a_request: Request,
    cloud: "Cloud",
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    access = await an_access(probes=cloud.probes)
    good, authorization, _ = await access.decide(a_requester("U0CAROL"), INCIDENT, a_request())
    await cloud.may(DECODE)
    bad, *_ = await access.decide(a_requester("U0CAROL"), INCIDENT, a_request())
    stored = [one.model_dump_json() for one in (good, bad)]

    assert [Decision.model_validate_json(one) for one in stored] == [good, bad]
    assert authorization is not None
    credential = authorization.credential
    assert credential.security_token is not None
    planted = [
        "emulator-base-secret",
        "emulator-external-id",
        credential.access_key_secret.get_secret_value(),
        credential.security_token.get_secret_value(),
    ]
    for secret in planted:
        assert secret not in "".join(stored) + caplog.text


async def test_the_start_completes_the_decision(an_access: Desk, a_requester: Person, a_request: Request) -> None:
    decision, *_ = await (await an_access()).decide(a_requester(), INCIDENT, a_request())
    started = decision.started("DiagnoseVpnGateway", "R-0")

    assert (started.answer(Step.CALL), started.allowed) == (PASSED, True)
    assert started.steps[-1].request_id == "R-0"
