import json

import pytest

from bot.access.policy import PolicyDocument, base_parts, document, role_parts, trust_parts
from bot.access.session import OPERATIONS
from bot.alibaba import ram, tunnels, vpn
from bot.alibaba.operation import Operation
from bot.alibaba.ram_policy import Policy, Verdict, evaluate
from bot.model.ids import RegionId, VpnGatewayId

ACCOUNT = "1234567890123456"
PLACE = f"acs:vpc:cn-hangzhou:{ACCOUNT}"

# What the service asks RAM for: the action, and the resource it authorizes that action on.
DIAGNOSE = ("vpc:DiagnoseVpnGateway", "*")
RESULT = ("vpc:GetVpnGatewayDiagnoseResult", f"{PLACE}:vpngateway/vpn-a")
GATEWAYS = ("vpc:DescribeVpnGateways", f"{PLACE}:vpngateway/vpn-a")
CONNECTIONS = ("vpc:DescribeVpnConnections", f"{PLACE}:vpnconnection/vco-a")
TUNNELS = ("vpc:DiagnoseVpnConnections", "*")
DECODE = ("ram:DecodeDiagnosticMessage", "*")
ALL = [DIAGNOSE, RESULT, GATEWAYS, CONNECTIONS, TUNNELS, DECODE]


def _allows(policy: PolicyDocument, action: str, resource: str) -> bool:
    statements = Policy.model_validate_json(json.dumps(policy)).statements
    return evaluate(statements, action, resource) is Verdict.ALLOW


@pytest.mark.parametrize(("action", "resource"), ALL)
@pytest.mark.parametrize(
    "policy",
    [
        pytest.param(document(role_parts()), id="everywhere"),
        pytest.param(document(role_parts([VpnGatewayId("vpn-b"), VpnGatewayId("vpn-a")])), id="gateways"),
        pytest.param(
            document(role_parts([VpnGatewayId("vpn-a")], RegionId("cn-hangzhou"), ACCOUNT)),
            id="as narrow as can be",
        ),
    ],
)
def test_what_the_bot_calls_is_allowed(policy: PolicyDocument, action: str, resource: str) -> None:
    assert _allows(policy, action, resource)


def test_every_operation_of_the_bot_is_in_it_but_the_one_that_nobody_needs() -> None:
    everything = [*vars(vpn).values(), *vars(tunnels).values(), *vars(ram).values()]
    called = {f"{one.product}:{one.name}" for one in everything if isinstance(one, Operation)}

    assert called - {"vpc:DescribeRegions"} == {action for action, _ in ALL}


def test_the_role_may_do_all_that_its_sessions_are_held_to_and_no_more() -> None:
    granted: set[str] = set()
    for statement in document(role_parts())["Statement"]:
        granted |= set([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])

    assert granted == set(OPERATIONS)


def test_it_is_said_where_narrowing_costs_something() -> None:
    narrowed, everywhere = role_parts([VpnGatewayId("vpn-a")]), role_parts()

    assert "have to be typed" in narrowed[1].why
    assert "have to be typed" not in everywhere[1].why
    assert all(part.why.endswith(".") for part in (*narrowed, *everywhere))


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("vpc:DeleteVpnGateway", f"{PLACE}:vpngateway/vpn-a"),
        ("vpc:ModifyVpnGatewayAttribute", f"{PLACE}:vpngateway/vpn-a"),
        ("vpc:DescribeVpnConnections", f"{PLACE}:vpngateway/vpn-a"),
        ("vpc:DescribeVpnGateways", f"{PLACE}:vpnconnection/vco-a"),
        ("vpc:GetVpnGatewayDiagnoseResult", "*"),
        ("vpc:DescribeVpcs", "*"),
        ("sts:AssumeRole", "acs:ram:*:1234567890123456:role/vpn-diagnose"),
        ("ram:ListUsers", "*"),
    ],
)
def test_nothing_else_is_allowed(action: str, resource: str) -> None:
    assert not _allows(document(role_parts()), action, resource)


@pytest.mark.parametrize(
    "resource",
    [
        f"{PLACE}:vpngateway/vpn-b",
        f"acs:vpc:cn-qingdao:{ACCOUNT}:vpngateway/vpn-a",
        "acs:vpc:cn-hangzhou:6543210987654321:vpngateway/vpn-a",
    ],
)
def test_a_narrow_policy_allows_results_of_its_gateways_only(resource: str) -> None:
    policy = document(role_parts([VpnGatewayId("vpn-a")], RegionId("cn-hangzhou"), ACCOUNT))

    assert not _allows(policy, "vpc:GetVpnGatewayDiagnoseResult", resource)
    assert not _allows(policy, "vpc:DescribeVpnGateways", resource)


def test_the_trust_policy_is_in_the_documented_form() -> None:
    assert document(trust_parts([f"acs:ram::{ACCOUNT}:user/vpn-diagnose"])) == {
        "Version": "1",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"RAM": [f"acs:ram::{ACCOUNT}:user/vpn-diagnose"]},
            }
        ],
    }


def test_an_external_id_is_a_condition_of_trust() -> None:
    statement = document(trust_parts([f"acs:ram::{ACCOUNT}:role/bot"], "abc"))["Statement"][0]

    assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": "abc"}}


def test_nobody_is_trusted_before_the_bots_user_is_named() -> None:
    assert document(trust_parts())["Statement"][0]["Principal"] == {
        "RAM": ["acs:ram::ACCOUNT_ID:user/vpn-diagnose"]
    }


def test_the_bots_own_user_may_assume_these_roles_and_no_other() -> None:
    role = f"acs:ram::{ACCOUNT}:role/vpn-diagnose-oncall"
    policy = document(base_parts([role]))

    assert _allows(policy, "sts:AssumeRole", role)
    assert not _allows(policy, "sts:AssumeRole", f"acs:ram::{ACCOUNT}:role/admin")
    assert not _allows(policy, *DIAGNOSE)
