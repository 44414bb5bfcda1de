"""What an identity can do, tried for real: nothing is started, and nothing secret is in the answer."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import pytest

from bot.access.desk import Access
from bot.access.identity import Identity, RoleArn, RoleToAssume
from bot.access.policy import document, role_parts
from bot.access.probes import Probes
from bot.access.standing import CENTRAL, MOST_GATEWAYS, standing_of
from bot.model.credential import Authorization
from bot.model.decision import Answer, Step
from bot.model.ids import ChannelId, RegionId, VpnGatewayId
from bot.model.problem import Problem
from bot.model.request import DiagnosisRequest, Requester
from bot.model.standing import Standing
from tests.access.conftest import BOOK

if TYPE_CHECKING:
    from tests.access.conftest import Clock, Cloud, SlackGroups

Desk = Callable[..., Awaitable[Access]]
Person = Callable[..., Requester]
Request = Callable[..., DiagnosisRequest]

INCIDENT = ChannelId("C0INCIDENT")
PASSED, REFUSED, UNKNOWN, NOT_ASKED = Answer.PASSED, Answer.REFUSED, Answer.UNKNOWN, Answer.NOT_ASKED
RESULT = "GetVpnGatewayDiagnoseResult"
BROKEN = VpnGatewayId("vpn-broken00000000000001")
DECODE = {"Effect": "Allow", "Action": "ram:DecodeDiagnosticMessage", "Resource": "*"}
READ_RESULTS = {"Effect": "Allow", "Action": "vpc:GetVpnGatewayDiagnoseResult", "Resource": "*"}

GUARDED = BOOK.replace(
    "    regions: [cn-hangzhou, cn-qingdao]\n",
    "    regions: [cn-hangzhou, cn-qingdao]\n    guardrail:\n"
    '      - {Effect: Allow, Action: "vpc:DiagnoseVpnGateway",'
    ' Resource: "acs:vpc:cn-hangzhou:*:vpngateway/vpn-healthy0000000000001"}\n'
    '      - {Effect: Deny, Action: "vpc:*", Resource: "acs:vpc:*:*:vpngateway/vpn-payments*",'
    ' Condition: {DateLessThan: {"acs:CurrentTime": "2027-01-01T00:00:00Z"}}}\n',
)


def operations(standing: Standing) -> dict[str, Answer]:
    return {one.operation: one.answer for one in standing.operations}


async def test_everything_a_good_role_may_do_passes_and_nothing_is_started(
    an_access: Desk, a_requester: Person, cloud: "Cloud"
) -> None:
    access = await an_access(probes=cloud.probes)
    standing = await access.standing(a_requester(), INCIDENT)

    assert operations(standing) == {
        "DiagnoseVpnGateway": NOT_ASKED,
        RESULT: PASSED,
        "DescribeVpnGateways": PASSED,
        "DescribeVpnConnections": PASSED,
        "DiagnoseVpnConnections": PASSED,
        "DecodeDiagnosticMessage": PASSED,
    }
    assert await cloud.calls("DiagnoseVpnGateway") == []
    assert standing.refused() == ()


async def test_a_role_is_told_with_its_session(an_access: Desk, a_requester: Person, cloud: "Cloud") -> None:
    access = await an_access(probes=cloud.probes)
    standing = await access.standing(a_requester(), INCIDENT)

    assert standing.identity == "oncall"
    assert standing.mapped_by == "U0ALICE"
    assert standing.role == "acs:ram::1234567890123456:role/vpn-diagnose-oncall"
    assert standing.session == "slack-T0EMULATED-U0ALICE"
    assert standing.account_id == "1234567890123456"
    assert (standing.regions, standing.region) == (("cn-hangzhou", "cn-qingdao"), "cn-hangzhou")


async def test_an_access_key_is_told_without_a_session_and_without_a_clock(
    an_access: Desk, a_requester: Person, cloud: "Cloud"
) -> None:
    access = await an_access(probes=cloud.probes)
    standing = await access.standing(a_requester("U0BOB"), INCIDENT)

    assert (standing.role, standing.session, standing.clock_ahead_s) == (None, None, None)
    assert standing.principal == "acs:ram::1234567890123456:user/lab"
    assert standing.region == CENTRAL


async def test_the_default_region_is_taken_where_the_identity_names_none(
    an_access: Desk, a_requester: Person, cloud: "Cloud"
) -> None:
    access = await an_access(probes=cloud.probes)
    standing = await access.standing(a_requester("U0BOB"), INCIDENT, RegionId("cn-qingdao"))

    assert standing.region == "cn-qingdao"


async def test_somebody_in_a_group_is_told_which(
    an_access: Desk, a_requester: Person, slack_groups: "SlackGroups"
) -> None:
    slack_groups.members = {"S0NETWORK": {"U0ERIN"}}
    access = await an_access()
    standing = await access.standing(a_requester("U0ERIN"), INCIDENT)

    assert (standing.identity, standing.mapped_by) == ("oncall", "S0NETWORK")
    assert standing.operations == ()


async def test_a_stranger_has_no_standing(an_access: Desk, a_requester: Person, cloud: "Cloud") -> None:
    access = await an_access(probes=cloud.probes)
    with pytest.raises(Problem) as raised:
        await access.standing(a_requester("U0MALLORY"), INCIDENT)

    assert raised.value.code == "access.not_mapped"
    assert await cloud.calls("AssumeRole") == []


async def test_a_role_that_cannot_be_assumed_is_told_with_its_reason(
    an_access: Desk, a_requester: Person, cloud: "Cloud"
) -> None:
    access = await an_access(probes=cloud.probes)
    standing = await access.standing(a_requester("U0DAVE"), INCIDENT)

    assert standing.problem is not None
    assert standing.problem.code == "NoPermission"
    assert standing.role == "acs:ram::1234567890123456:role/vpn-closed"
    assert standing.operations == ()


async def test_sts_that_does_not_answer_in_time_is_told(clock: "Clock", a_requester: Person) -> None:
    async def never(_: Identity, __: Requester) -> Authorization:
        raise TimeoutError

    role = RoleToAssume(role_arn=RoleArn("acs:ram::1:role/oncall"))
    standing = await standing_of(Identity(name="oncall", source=role), a_requester(), never, None, clock)

    assert standing.problem is not None
    assert standing.problem.code == "cloud.timeout"


async def test_a_role_is_assumed_anew_for_it_whatever_is_held(
    an_access: Desk, a_requester: Person, cloud: "Cloud"
) -> None:
    access = await an_access(probes=cloud.probes)
    await access.standing(a_requester(), INCIDENT)
    await cloud.change(vpn_diagnose_oncall=None)
    standing = await access.standing(a_requester(), INCIDENT)

    assert standing.problem is not None
    assert standing.problem.code == "EntityNotExist.Role"


async def test_each_permission_that_is_missing_is_told(
    an_access: Desk, a_requester: Person, cloud: "Cloud"
) -> None:
    access = await an_access(GUARDED, probes=cloud.probes)
    await cloud.may(DECODE)
    standing = await access.standing(a_requester(), INCIDENT)

    assert operations(standing) == {
        "DiagnoseVpnGateway": NOT_ASKED,
        RESULT: REFUSED,  # tried on the gateway that the guardrail names
        "DescribeVpnGateways": REFUSED,
        "DescribeVpnConnections": REFUSED,
        "DiagnoseVpnConnections": NOT_ASKED,
        "DecodeDiagnosticMessage": PASSED,
    }
    assert {one.reason for one in standing.refused()} == {"Forbidden"}
    assert all(one.request_id for one in standing.refused())


@pytest.mark.parametrize(
    "gateways", [(), (VpnGatewayId("vpn-healthy0000000000001"),)], ids=["everywhere", "one gateway"]
)
async def test_the_policy_that_is_printed_is_enough(
    an_access: Desk, a_requester: Person, a_request: Request, cloud: "Cloud", gateways: tuple[VpnGatewayId, ...]
) -> None:
    access = await an_access(GUARDED, probes=cloud.probes)
    printed = document(role_parts(gateways, RegionId("cn-hangzhou"), "1234567890123456"))
    await cloud.may(*(dict(statement) for statement in printed["Statement"]))
    standing = await access.standing(a_requester(), INCIDENT)
    decision, *_ = await access.decide(a_requester(), INCIDENT, a_request())

    listing = {"DescribeVpnGateways"} if gateways else set()
    assert {one.operation for one in standing.refused()} == listing
    assert {decision.answer(step) for step in list(Step)[:-1]} == {PASSED}


def reading(*gateways: str) -> dict[str, object]:
    resources = [f"acs:vpc:*:*:vpngateway/{gateway}" for gateway in gateways]
    return {"Effect": "Allow", "Action": "vpc:GetVpnGatewayDiagnoseResult", "Resource": resources}


async def test_a_role_that_is_narrowed_to_a_gateway_is_tried_on_one_that_was_asked_about(
    an_access: Desk, a_requester: Person, cloud: "Cloud"
) -> None:
    def known(region: RegionId) -> list[VpnGatewayId]:
        return [BROKEN] if region == "cn-hangzhou" else []

    access = await an_access(probes=cloud.probes)
    await cloud.may(DECODE, reading(BROKEN))
    standing = await access.standing(a_requester(), INCIDENT, None, known)

    assert results(standing) == (PASSED, BROKEN, False)


async def test_a_role_that_sees_more_than_it_may_read_is_tried_on_several(
    an_access: Desk, a_requester: Person, cloud: "Cloud"
) -> None:
    access = await an_access(probes=cloud.probes)
    await cloud.may({"Effect": "Allow", "Action": "vpc:Describe*", "Resource": "*"}, reading(BROKEN))
    standing = await access.standing(a_requester(), INCIDENT)

    assert results(standing) == (PASSED, BROKEN, False)
    assert len(await cloud.calls(RESULT)) > 1


async def test_no_more_than_a_few_gateways_are_asked_about(
    an_access: Desk, a_requester: Person, cloud: "Cloud"
) -> None:
    access = await an_access(probes=cloud.probes)
    await cloud.may(DECODE)
    many = [VpnGatewayId(f"vpn-{number:020d}") for number in range(20)]
    standing = await access.standing(a_requester(), INCIDENT, None, lambda _: many)

    assert results(standing) == (REFUSED, many[0], False)
    assert len(await cloud.calls(RESULT)) == MOST_GATEWAYS


def three_known(_: RegionId) -> list[VpnGatewayId]:
    return [BROKEN, VpnGatewayId("vpn-healthy0000000000001"), VpnGatewayId("vpn-none")]


async def test_the_gateways_are_asked_about_at_once(an_access: Desk, a_requester: Person, cloud: "Cloud") -> None:
    probes = Probes(cloud.vpn, cloud.sts, cloud.ram, cloud.tunnels, within_s=60)
    access = await an_access(probes=probes)
    await cloud.order_fault(operation=RESULT, kind="hang", times=100)
    asking = asyncio.create_task(access.standing(a_requester(), INCIDENT, None, three_known))
    try:
        async with asyncio.timeout(10):
            while len(await cloud.calls(RESULT)) < MOST_GATEWAYS:
                pass  # none of them is answered
    finally:
        asking.cancel()


async def test_a_gateway_of_which_nothing_is_known_in_time_does_not_hide_that_another_may_be_read(
    an_access: Desk, a_requester: Person, cloud: "Cloud"
) -> None:
    probes = Probes(cloud.vpn, cloud.sts, cloud.ram, cloud.tunnels, within_s=1)
    access = await an_access(probes=probes)
    await cloud.order_fault(operation=RESULT, kind="hang", times=1)
    answer, *_ = results(await access.standing(a_requester(), INCIDENT, None, three_known))

    assert answer is PASSED


async def test_a_guardrails_gateway_of_another_region_is_not_asked_about_here(
    an_access: Desk, a_requester: Person, cloud: "Cloud"
) -> None:
    access = await an_access(
        GUARDED.replace(":cn-hangzhou:*:vpngateway", ":cn-qingdao:*:vpngateway"), probes=cloud.probes
    )
    await cloud.may(DECODE)

    assert results(await access.standing(a_requester(), INCIDENT)) == (REFUSED, None, True)


def results(standing: Standing) -> tuple[Answer, VpnGatewayId | None, bool]:
    tried = next(one for one in standing.operations if one.operation == RESULT)
    return tried.answer, tried.tried_on, tried.no_such_gateway


@pytest.mark.parametrize(("allowed", "answer"), [([DECODE], REFUSED), ([DECODE, READ_RESULTS], PASSED)])
async def test_without_a_gateway_in_sight_results_are_asked_of_one_that_does_not_exist(
    an_access: Desk, a_requester: Person, cloud: "Cloud", allowed: list[dict[str, str]], answer: Answer
) -> None:
    access = await an_access(probes=cloud.probes)
    await cloud.may(*allowed)
    standing = await access.standing(a_requester(), INCIDENT)

    assert results(standing) == (answer, None, True)


async def test_who_may_not_decode_is_told(an_access: Desk, a_requester: Person, cloud: "Cloud") -> None:
    access = await an_access(probes=cloud.probes)
    await cloud.may({"Effect": "Allow", "Action": "vpc:*", "Resource": "*"})
    standing = await access.standing(a_requester(), INCIDENT)

    assert [one.operation for one in standing.refused()] == ["DecodeDiagnosticMessage"]


async def test_a_cloud_that_stumbles_is_not_taken_for_a_denial(
    an_access: Desk, a_requester: Person, cloud: "Cloud"
) -> None:
    access = await an_access(probes=cloud.probes)
    for operation in ("DescribeVpnGateways", RESULT, "DecodeDiagnosticMessage"):
        await cloud.order_fault(operation=operation, kind="http_503", times=100)
    await cloud.order_fault(operation="DescribeVpnConnections", kind="html", times=100)
    standing = await access.standing(a_requester(), INCIDENT)

    assert set(operations(standing).values()) == {UNKNOWN, NOT_ASKED}


@pytest.mark.parametrize("minutes", [0, 10, -10])
async def test_by_how_much_the_clock_is_ahead_is_told(
    an_access: Desk, a_requester: Person, cloud: "Cloud", minutes: int
) -> None:
    await cloud.control("clock", {"move_s": -60 * minutes})
    access = await an_access(probes=cloud.probes)
    standing = await access.standing(a_requester(), INCIDENT)

    assert standing.clock_ahead_s == pytest.approx(60 * minutes, abs=1)


async def test_the_guardrail_is_told_in_the_parts_that_people_know(an_access: Desk, a_requester: Person) -> None:
    access = await an_access(GUARDED)
    allow, deny = (await access.standing(a_requester(), INCIDENT)).guardrail

    assert (allow.effect, allow.resources) == ("Allow", ("vpngateway/vpn-healthy0000000000001 (cn-hangzhou)",))
    assert (deny.effect, deny.resources) == ("Deny", ("vpngateway/vpn-payments*",))
    assert deny.conditions == ("acs:CurrentTime DateLessThan 2027-01-01T00:00:00Z",)


async def test_no_secret_is_in_it(an_access: Desk, a_requester: Person, cloud: "Cloud") -> None:
    access = await an_access(probes=cloud.probes)
    people = [a_requester(user) for user in ("U0CAROL", "U0BOB")]
    shown = [(await access.standing(person, INCIDENT)).model_dump_json() for person in people]

    for secret in ("emulator-external-id", "emulator-lab-secret", "emulator-base-secret", "CAIS"):
        assert secret not in "".join(shown)
