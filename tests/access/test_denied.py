"""Why somebody was denied: as RAM decodes it with their own session, as the refusal tells, as is documented."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from bot.access.denied import as_told, why_denied
from bot.access.policy import document, role_parts
from bot.access.session import SESSION_POLICY
from bot.alibaba.sts import AssumedRole
from bot.explain.denials import explained, how, smallest_policy
from bot.model.credential import Authorization, Credential
from bot.model.denial import Denial
from bot.model.ids import RunId
from bot.model.problem import Problem, ProblemDetails
from bot.model.request import DiagnosisRequest
from tests.conftest import NOON

if TYPE_CHECKING:
    from tests.access.conftest import Cloud

Request = Callable[..., DiagnosisRequest]

ROLE = "acs:ram::1234567890123456:role/vpn-diagnose-oncall"
BOT = "acs:ram::1234567890123456:user/vpn-diagnose-bot"
HEALTHY = "acs:vpc:cn-hangzhou:1234567890123456:vpngateway/vpn-healthy0000000000001"
RESULT = "vpc:GetVpnGatewayDiagnoseResult"
DIAGNOSE = "vpc:DiagnoseVpnGateway"
DECODE = {"Effect": "Allow", "Action": "ram:DecodeDiagnosticMessage", "Resource": "*"}


@pytest.fixture
async def session(cloud: "Cloud", base: Credential) -> Authorization:
    """A session of the people on call, held to what the bot holds it to."""
    return an_authorization(await assumed(cloud, base, SESSION_POLICY))


async def assumed(cloud: "Cloud", base: Credential, policy: str | None) -> AssumedRole:
    return await cloud.sts.assume_role(
        base, role_arn=ROLE, session_name="slack-T0-U0", external_id=None, policy=policy
    )


def an_authorization(session: AssumedRole) -> Authorization:
    return Authorization(identity="oncall", principal=session.arn, credential=session.credential)


async def denied_start(cloud: "Cloud", session: Authorization, request: DiagnosisRequest) -> ProblemDetails:
    with pytest.raises(Problem) as raised:
        await cloud.vpn.diagnose_vpn_gateway(session.credential, request, RunId.made(NOON, bytes(10)))
    return raised.value.details


async def denied_look(cloud: "Cloud", session: Authorization, request: DiagnosisRequest) -> ProblemDetails:
    outcome = await cloud.probes.results(session.credential, request.region, request.gateway_id)
    assert isinstance(outcome, ProblemDetails)
    return outcome


async def test_a_missing_permission_is_decoded_with_the_resource_that_ram_was_asked_about(
    cloud: "Cloud", session: Authorization, a_request: Request
) -> None:
    await cloud.may(DECODE)
    problem = await denied_look(cloud, session, a_request())
    denial = await why_denied(cloud.probes, problem, a_request(), session)

    assert denial.told_by == "decoded"
    assert (denial.action, denial.resource) == (RESULT, HEALTHY)
    assert denial.principal == "vpn-diagnose-oncall:slack-T0-U0"
    assert how(denial) == "implicit"


async def test_the_policy_that_is_proposed_lets_the_same_call_pass(
    cloud: "Cloud", session: Authorization, a_request: Request
) -> None:
    await cloud.may(DECODE)
    problem = await denied_start(cloud, session, a_request())
    proposed = smallest_policy(await why_denied(cloud.probes, problem, a_request(), session))
    assert proposed is not None
    await cloud.may(DECODE, *proposed["Statement"])
    started = await cloud.vpn.diagnose_vpn_gateway(session.credential, a_request(), RunId.made(NOON, bytes(10)))

    assert proposed["Statement"] == [{"Effect": "Allow", "Action": DIAGNOSE, "Resource": "*"}]
    assert started.diagnose_id.startswith("vpndgn-")


async def test_the_policy_that_denies_is_named(cloud: "Cloud", session: Authorization, a_request: Request) -> None:
    deny = {"Effect": "Deny", "Action": DIAGNOSE, "Resource": "*"}
    await cloud.may(DECODE, {"Effect": "Allow", "Action": "vpc:*", "Resource": "*"}, deny)
    problem = await denied_start(cloud, session, a_request())
    denial = await why_denied(cloud.probes, problem, a_request(), session)

    assert how(denial) == "explicit"
    assert [policy.name for policy in denial.policies] == ["diagnose"]


async def test_a_session_that_is_too_narrow_is_known_for_that(
    cloud: "Cloud", base: Credential, a_request: Request
) -> None:
    narrow = SESSION_POLICY.replace(f'"{DIAGNOSE}",', "")
    session = an_authorization(await assumed(cloud, base, narrow))
    problem = await denied_start(cloud, session, a_request())
    denial = await why_denied(cloud.probes, problem, a_request(), session)

    assert how(denial) == "session"


async def test_who_may_not_decode_gets_what_the_refusal_tells(
    cloud: "Cloud", session: Authorization, a_request: Request
) -> None:
    await cloud.may({"Effect": "Allow", "Action": "vpc:Describe*", "Resource": "*"})
    problem = await denied_look(cloud, session, a_request())
    denial = await why_denied(cloud.probes, problem, a_request(), session)
    decoding = await cloud.calls("DecodeDiagnosticMessage")

    assert denial.told_by == "refusal"
    assert (denial.action, denial.resource) == (RESULT, HEALTHY)
    assert how(denial) == "implicit"
    assert [call["outcome"] for call in decoding] == ["NoPermission"]


@pytest.mark.parametrize("fault", ["http_503", "throttle", "html", "reset_before"])
async def test_a_decoder_that_is_away_costs_the_explanation_nothing_but_detail(
    cloud: "Cloud", session: Authorization, a_request: Request, fault: str
) -> None:
    await cloud.may(DECODE)
    problem = await denied_start(cloud, session, a_request())
    await cloud.order_fault(operation="DecodeDiagnosticMessage", kind=fault, times=100)
    denial = await why_denied(cloud.probes, problem, a_request(), session)

    assert denial.told_by == "refusal"
    assert denial.action == DIAGNOSE


async def test_without_a_session_nobody_elses_is_used_to_decode(
    cloud: "Cloud", session: Authorization, a_request: Request
) -> None:
    await cloud.may(DECODE)
    problem = await denied_start(cloud, session, a_request())
    denial = await why_denied(cloud.probes, problem, a_request(), None)

    assert denial.told_by == "refusal"
    assert await cloud.calls("DecodeDiagnosticMessage") == []


@pytest.mark.parametrize(
    ("operation", "action", "resource"),
    [
        ("DiagnoseVpnGateway", DIAGNOSE, "*"),
        ("DiagnoseVpnConnections", "vpc:DiagnoseVpnConnections", "*"),
        ("DescribeRegions", "vpc:DescribeRegions", "*"),
        ("GetVpnGatewayDiagnoseResult", RESULT, HEALTHY),
        ("DescribeVpnGateways", "vpc:DescribeVpnGateways", HEALTHY),
        (
            "DescribeVpnConnections",
            "vpc:DescribeVpnConnections",
            "acs:vpc:cn-hangzhou:1234567890123456:vpnconnection/vco-healthy0000000000001",
        ),
        ("AssumeRole", "sts:AssumeRole", ROLE),
        ("DecodeDiagnosticMessage", "ram:DecodeDiagnosticMessage", "*"),
        ("", "", "*"),
    ],
)
def test_where_the_refusal_tells_nothing_the_documentation_of_the_operation_does(
    a_request: Request, operation: str, action: str, resource: str
) -> None:
    bare = Problem("Forbidden", operation=operation, role_arn=ROLE, base_arn="me").details
    denial = as_told(bare, a_request(), in_account())

    assert (denial.action, denial.resource, denial.told_by) == (action, resource, "documentation")
    assert how(denial) == "unsaid"
    assert denial.principal == in_account().principal


def test_a_user_whom_ram_calls_by_a_number_is_named_by_the_arn(a_request: Request) -> None:
    arn = "acs:ram::1234567890123456:user/readonly"
    number = "210000000000000001"
    refusal = Problem("Forbidden.RAM", operation="DiagnoseVpnGateway", denied_principal=number).details
    denial = as_told(refusal, a_request(), in_account().changed(principal=arn))

    assert denial.principal == f"{arn} ({number})"
    assert explained(refusal, denial).facts["denied_principal"] == f"user/readonly ({number})"
    assert as_told(refusal, a_request()).principal == number


def test_the_bots_own_user_is_named_by_its_arn_whoever_asked(a_request: Request) -> None:
    refusal = Problem(
        "NoPermission", operation="AssumeRole", denied_principal="210000000000000001", base_arn=BOT, role_arn=ROLE
    ).details

    for asker in (None, in_account().changed(principal=f"{ROLE}/slack-T0-U0")):
        denial = as_told(refusal, a_request(), asker)
        assert denial.principal == f"{BOT} (210000000000000001)"
        assert explained(refusal, denial).facts["denied_principal"] == "user/vpn-diagnose-bot (210000000000000001)"


async def test_what_was_denied_to_the_bot_is_not_decoded_as_somebody_else(
    cloud: "Cloud", session: Authorization, a_request: Request
) -> None:
    await cloud.may(DECODE)
    refusal = Problem("NoPermission", operation="AssumeRole", base_arn=BOT, encoded_diagnostic_message="sealed")
    denial = await why_denied(cloud.probes, refusal.details, a_request(), session)

    assert denial.principal == BOT
    assert await cloud.calls("DecodeDiagnosticMessage") == []


def test_an_account_that_is_not_known_stays_open(a_request: Request) -> None:
    bare = Problem("Forbidden", operation="GetVpnGatewayDiagnoseResult").details

    assert as_told(bare, a_request()).resource == HEALTHY.replace("1234567890123456", "*")


def in_account(**changes: Any) -> Authorization:
    values: dict[str, Any] = {
        "access_key_id": "STS.1",
        "access_key_secret": SecretStr("secret"),
        "account_id": "1234567890123456",
    }
    return Authorization(identity="oncall", principal="me", credential=Credential(**values | changes))


def test_what_is_documented_of_an_operation_is_what_the_printed_policy_grants(a_request: Request) -> None:
    granted: set[tuple[str, bool]] = set()
    for statement in document(role_parts())["Statement"]:
        actions = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        granted |= {(action, statement["Resource"] == "*") for action in actions}
    operations = [action.partition(":")[2] for action, _ in granted]
    told = [as_told(Problem("Forbidden", operation=one).details, a_request()) for one in operations]

    assert {(denial.action, denial.resource == "*") for denial in told} == granted


def test_a_denial_can_be_stored_and_read_again(a_request: Request) -> None:
    denial = as_told(Problem("Forbidden", operation="AssumeRole", role_arn=ROLE).details, a_request())

    assert Denial.model_validate_json(denial.model_dump_json()) == denial
