"""What is asked before anything is started, and what each answer means."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from pydantic import SecretStr

from bot.access.preflight import JUST, Said, preflight
from bot.access.probes import Probes
from bot.access.sparing import Sparing
from bot.alibaba.endpoints import Endpoints
from bot.alibaba.ram import RamApi
from bot.alibaba.rpc import RpcClient
from bot.alibaba.sts import StsApi
from bot.alibaba.tunnels import TunnelApi
from bot.alibaba.vpn import VpnApi
from bot.model.credential import Authorization, Credential
from bot.model.decision import Answer, Step
from bot.model.ids import RunId, VpnConnectionId, VpnGatewayId
from bot.model.request import DiagnosisRequest
from tests.conftest import NOON

if TYPE_CHECKING:
    from tests.access.conftest import Clock, Cloud

Request = Callable[..., DiagnosisRequest]

LAB = "acs:ram::1234567890123456:user/lab"
GATEWAY = "acs:vpc:*:*:vpngateway/*"
CONNECTION = "acs:vpc:*:*:vpnconnection/*"
RESULT = "GetVpnGatewayDiagnoseResult"

PASSED, REFUSED, UNKNOWN = Answer.PASSED, Answer.REFUSED, Answer.UNKNOWN


def an_authorization(**changes: Any) -> Authorization:
    key = Credential(access_key_id="LTAIemulatorLab", access_key_secret=SecretStr("emulator-lab-secret"))
    values: dict[str, Any] = {"identity": "lab", "principal": LAB, "credential": key}
    return Authorization(**values | changes)


@pytest.fixture
def look(cloud: "Cloud", clock: "Clock", a_request: Request) -> "Look":
    """Return what asks everything about a request, and gives what was said by step."""

    async def ask(
        request: DiagnosisRequest | None = None, authorization: Authorization | None = None
    ) -> dict[Step, Said]:
        said = await preflight(
            cloud.probes, authorization or an_authorization(), request or a_request(), clock.now
        )
        return {one.answer.step: one for one in said}

    return ask


Look = Callable[..., Awaitable[dict[Step, Said]]]


def answers(said: dict[Step, Said]) -> dict[Step, Answer]:
    return {step: one.answer.answer for step, one in said.items()}


async def test_a_good_request_passes_every_step(look: Look, cloud: "Cloud") -> None:
    said = await look()

    assert answers(said) == dict.fromkeys((Step.IDENTITY, Step.RESULTS, Step.GATEWAY, Step.CONNECTION), PASSED)
    assert not any(one.refusal or one.running for one in said.values())
    assert await cloud.calls("DiagnoseVpnGateway") == []


async def test_all_questions_are_asked_before_the_first_is_answered(clock: "Clock", a_request: Request) -> None:
    everybody = asyncio.Barrier(4)

    async def answer(request: httpx.Request) -> httpx.Response:
        await everybody.wait()  # nobody is answered before all four have asked
        return foreign_answers(request.headers["x-acs-action"])

    async with asyncio.timeout(10):
        said = await preflight(over(answer, clock), an_authorization(), a_request(), NOON)

    assert {one.answer.answer for one in said} == {PASSED}


async def test_who_the_caller_is_is_not_asked_when_the_cloud_has_just_said_it(
    look: Look, cloud: "Cloud", clock: "Clock"
) -> None:
    just = an_authorization(confirmed_at=clock.now - JUST + timedelta(seconds=1))
    said = await look(authorization=just)
    asked = len(await cloud.calls("GetCallerIdentity"))
    await look(authorization=an_authorization(confirmed_at=clock.now - JUST))

    assert said[Step.IDENTITY].answer.answer is PASSED
    assert (asked, len(await cloud.calls("GetCallerIdentity"))) == (0, 1)


async def test_somebody_elses_credential_is_not_used(look: Look) -> None:
    said = await look(authorization=an_authorization(principal="acs:ram::1234567890123456:user/alice"))
    refusal = said[Step.IDENTITY].refusal

    assert refusal is not None
    assert refusal.code == "access.other_principal"
    assert refusal.facts["answered"] == LAB


async def test_a_session_is_the_same_under_both_of_its_names(look: Look, cloud: "Cloud", base: Credential) -> None:
    role = "acs:ram::1234567890123456:role/vpn-diagnose-oncall"
    assumed = await cloud.sts.assume_role(
        base, role_arn=role, session_name="slack-T0-U0", external_id=None, policy=None
    )
    session = an_authorization(principal=assumed.arn, credential=assumed.credential)
    said = await look(authorization=session)

    assert assumed.arn.startswith(role)
    assert answers(said)[Step.IDENTITY] is PASSED


async def test_a_gateway_that_was_never_diagnosed_is_no_refusal(look: Look) -> None:
    said = await look()
    results = said[Step.RESULTS].answer

    assert (results.answer, results.reason) == (PASSED, "InvalidResourceId.NotFound")
    assert results.request_id


@pytest.mark.parametrize(("seconds", "runs"), [(0, True), (60, False)], ids=["running", "ended"])
async def test_a_diagnosis_that_is_running_is_found(
    look: Look, cloud: "Cloud", clock: "Clock", a_request: Request, seconds: float, *, runs: bool
) -> None:
    run_id = RunId.made(clock.now, bytes(10))
    started = await cloud.vpn.diagnose_vpn_gateway(an_authorization().credential, a_request(), run_id)
    clock.pass_by(seconds=seconds)
    said = await look()
    results = said[Step.RESULTS]

    assert results.answer.answer is PASSED
    assert (results.running is not None) is runs
    if results.running:
        assert results.running.diagnose_id == started.diagnose_id
        assert results.running.connection_id == a_request().connection_id


@pytest.mark.parametrize(
    ("changes", "step", "code"),
    [
        pytest.param(
            {"gateway_id": VpnGatewayId("vpn-nowhere000000000001")},
            Step.RESULTS,
            "InvalidVpnGatewayInstanceId.NotFound",
            id="no such gateway",
        ),
        pytest.param(
            {"gateway_id": VpnGatewayId("vpn-foreign0000000000001")},
            Step.RESULTS,
            "Forbidden",
            id="another account's gateway",
        ),
        pytest.param(
            {"connection_id": VpnConnectionId("vco-broken00000000000001")},
            Step.CONNECTION,
            "cloud.connection_elsewhere",
            id="another gateway's connection",
        ),
    ],
)
async def test_what_cannot_be_diagnosed_is_refused_before_anything_is_started(
    look: Look, a_request: Request, changes: dict[str, Any], step: Step, code: str
) -> None:
    said = await look(a_request(**changes))
    first = next(one for one in said.values() if one.refusal)

    assert first.answer.step is step
    assert first.answer.reason == code


async def test_the_gateway_that_a_connection_belongs_to_is_named(look: Look, a_request: Request) -> None:
    elsewhere = a_request(connection_id=VpnConnectionId("vco-broken00000000000001"))
    said = await look(elsewhere)
    refusal = said[Step.CONNECTION].refusal

    assert refusal is not None
    assert refusal.facts["other_gateway_id"] == "vpn-broken00000000000001"


async def test_what_is_not_shown_is_not_known(look: Look, a_request: Request) -> None:
    said = await look(a_request(connection_id=VpnConnectionId("vco-nowhere000000000001")))
    connection = said[Step.CONNECTION]

    assert (connection.answer.answer, connection.answer.reason) == (UNKNOWN, "cloud.not_visible")
    assert connection.refusal is None


@pytest.mark.parametrize("status", ["updating", "provisioning", "init"])
async def test_a_gateway_that_is_being_changed_is_left_to_the_start(
    look: Look, cloud: "Cloud", status: str
) -> None:
    await cloud.change(vpn_healthy0000000000001={"status": status})
    said = await look()
    gateway = said[Step.GATEWAY]

    assert (gateway.answer.answer, gateway.answer.reason) == (UNKNOWN, "VpnGateway.Configuring")
    assert gateway.refusal is None


async def test_a_gateway_that_is_being_deleted_is_refused(look: Look, cloud: "Cloud") -> None:
    await cloud.change(vpn_healthy0000000000001={"status": "deleting"})
    said = await look()
    refusal = said[Step.GATEWAY].refusal

    assert refusal is not None
    assert refusal.code == "cloud.gateway_deleting"


async def test_a_denied_look_at_gateway_and_connection_is_no_refusal(look: Look, cloud: "Cloud") -> None:
    await cloud.may({"Effect": "Allow", "Action": f"vpc:{RESULT}", "Resource": GATEWAY})
    said = await look()
    reasons = {step: one.answer.reason for step, one in said.items()}

    assert not any(one.refusal for one in said.values())
    assert answers(said) == {
        Step.IDENTITY: PASSED,
        Step.RESULTS: PASSED,
        Step.GATEWAY: UNKNOWN,
        Step.CONNECTION: UNKNOWN,
    }
    assert reasons[Step.GATEWAY] == reasons[Step.CONNECTION] == "Forbidden"


async def test_who_may_not_read_results_is_refused_before_a_diagnosis_that_nobody_could_read(
    look: Look, cloud: "Cloud"
) -> None:
    await cloud.may({"Effect": "Allow", "Action": "vpc:Describe*", "Resource": "*"})
    said = await look()
    results = said[Step.RESULTS]

    assert results.answer.answer is REFUSED
    assert results.refusal is not None
    assert results.refusal.facts["denied_action"] == f"vpc:{RESULT}"


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "throttle", "times": 100},
        {"kind": "http_503", "times": 100},
        {"kind": "html", "times": 100},
        {"kind": "error", "error": "InternalError", "times": 100},
        {"kind": "error", "error": "param_error", "times": 100},
        {"kind": "reset_before", "times": 100},
    ],
    ids=lambda fault: str(fault.get("error", fault["kind"])),
)
async def test_a_cloud_that_stumbles_refuses_nobody(look: Look, cloud: "Cloud", fault: dict[str, Any]) -> None:
    for operation in ("GetCallerIdentity", RESULT, "DescribeVpnGateways", "DescribeVpnConnections"):
        await cloud.order_fault(operation=operation, **fault)
    said = await look()

    assert set(answers(said).values()) == {UNKNOWN}
    assert not any(one.refusal for one in said.values())


async def test_a_cloud_that_hangs_keeps_nobody_waiting(cloud: "Cloud", a_request: Request) -> None:
    for operation in ("GetCallerIdentity", RESULT, "DescribeVpnGateways", "DescribeVpnConnections"):
        await cloud.order_fault(operation=operation, kind="hang", seconds=60)
    impatient = Probes(cloud.vpn, cloud.sts, cloud.ram, cloud.tunnels, within_s=0.05)
    async with asyncio.timeout(10):
        said = await preflight(impatient, an_authorization(), a_request(), NOON)

    assert {(one.answer.answer, one.answer.reason) for one in said} == {(UNKNOWN, "cloud.timeout")}


async def test_fifty_who_start_at_once_leave_the_quota_to_those_who_look_at_a_diagnosis(
    cloud: "Cloud", a_request: Request
) -> None:
    probes = Probes(cloud.vpn, cloud.sts, cloud.ram, cloud.tunnels, Sparing(lambda: 0.0))
    said = await asyncio.gather(*(preflight(probes, an_authorization(), a_request(), NOON) for _ in range(50)))

    answered = [one.answer for everything in said for one in everything if one.answer.step is Step.RESULTS]
    assert not any(one.refusal for everything in said for one in everything)
    assert [one.reason for one in answered if one.answer is UNKNOWN] == ["cloud.busy"] * 45
    assert len(await cloud.calls(RESULT)) == 5


@pytest.mark.parametrize(
    "code",
    [
        "InvalidAccessKeyId.NotFound",
        "InvalidAccessKeyId.Inactive",
        "InvalidSecurityToken.Expired",
        "SignatureDoesNotMatch",
        "InvalidTimeStamp.Expired",
    ],
)
async def test_a_credential_that_is_no_good_any_more_is_a_refusal_whoever_says_so(
    look: Look, cloud: "Cloud", code: str
) -> None:
    await cloud.order_fault(operation="DescribeVpnGateways", kind="error", error=code)
    said = await look()
    refusal = said[Step.GATEWAY].refusal

    assert refusal is not None
    assert refusal.code == code


@pytest.mark.parametrize(
    ("operation", "entry", "step", "code"),
    [
        (
            "DescribeVpnGateways",
            {"VpnGatewayId": "vpn-healthy0000000000001", "Status": "active", "IpsecVpn": "disable"},
            Step.GATEWAY,
            "cloud.ipsec_disabled",
        ),
        (
            "DescribeVpnConnections",
            {"VpnConnectionId": "vco-healthy0000000000001", "AttachType": "CEN"},
            Step.CONNECTION,
            "cloud.connection_without_gateway",
        ),
    ],
    ids=["IPsec is off", "a transit router's connection"],
)
async def test_what_has_no_tunnel_of_a_gateway_is_refused(
    clock: "Clock", a_request: Request, operation: str, entry: dict[str, str], step: Step, code: str
) -> None:
    listed = {
        "DescribeVpnGateways": {"VpnGateways": {"VpnGateway": [entry]}, "TotalCount": 1},
        "DescribeVpnConnections": {"VpnConnections": {"VpnConnection": [entry]}, "TotalCount": 1},
    }

    async def answer(request: httpx.Request) -> httpx.Response:
        asked = request.headers["x-acs-action"]
        return httpx.Response(200, json=listed[asked]) if asked == operation else foreign_answers(asked)

    said = await preflight(over(answer, clock), an_authorization(), a_request(), NOON)

    assert {one.answer.step: one.refusal.code for one in said if one.refusal} == {step: code}


async def test_no_secret_is_in_what_is_said(look: Look) -> None:
    planted = Credential(
        access_key_id="LTAIemulatorLab",
        access_key_secret=SecretStr("planted-secret"),
        security_token=SecretStr("planted-token"),
    )
    said = await look(authorization=an_authorization(credential=planted))

    assert set(answers(said).values()) == {REFUSED}
    assert "planted" not in repr(said)


def over(answer: Callable[[httpx.Request], Any], clock: "Clock") -> Probes:
    rpc = RpcClient(httpx.MockTransport(answer), Endpoints(None), clock, lambda: "nonce")
    return Probes(VpnApi(rpc), StsApi(rpc), RamApi(rpc), TunnelApi(rpc))


def foreign_answers(operation: str) -> httpx.Response:
    """Give a good answer of each operation that is asked ahead."""
    gateway = {"VpnGatewayId": "vpn-healthy0000000000001", "Status": "active", "IpsecVpn": "enable"}
    connection = {
        "VpnConnectionId": "vco-healthy0000000000001",
        "VpnGatewayId": "vpn-healthy0000000000001",
    }
    bodies: dict[str, dict[str, Any]] = {
        "GetCallerIdentity": {"AccountId": "1234567890123456", "Arn": LAB, "IdentityType": "RAMUser"},
        RESULT: {
            "DiagnoseId": "vpndgn-1",
            "VpnGatewayId": "vpn-healthy0000000000001",
            "DiagnoseResult": [],
            "FinishTime": "2026-01-01T00:00:00Z",
            "FinishedCount": 7,
            "TotalCount": 7,
        },
        "DescribeVpnGateways": {"VpnGateways": {"VpnGateway": [gateway]}, "TotalCount": 1},
        "DescribeVpnConnections": {"VpnConnections": {"VpnConnection": [connection]}, "TotalCount": 1},
    }
    return httpx.Response(200, json=bodies[operation])
