"""RAM's evaluation as callers meet it: what the statements of a role, and of its session, come to."""

import json
from typing import Any

import pytest

from bot.emulators.alibaba.network_change import changed
from tests.emulators.alibaba.client import EXAMPLE, Clock, Cloud, Key, served

HANGZHOU = {"RegionId": "cn-hangzhou"}
HEALTHY = "vpn-healthy0000000000001"
ARN = "acs:vpc:cn-hangzhou:1234567890123456:vpngateway"
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def statement(effect: str = "Allow", action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource} | more


async def verdict(clock: Clock, *statements: dict[str, Any], policy: str = "", **gateway: str) -> str:
    """List gateways as a user with these statements; give the kind of the denial, or Allow."""
    document = {"Version": "1", "Statement": list(statements)}
    network = changed(EXAMPLE, {"diagnose": document, "assume-the-roles": {"Statement": [EVERYTHING]}})
    async with served(network, clock) as cloud:
        session = (await cloud.assume(**({"Policy": policy} if policy else {}))).session_key
        return await listed(cloud, session, gateway)


async def listed(cloud: Cloud, key: Key, gateway: dict[str, str]) -> str:
    reply = await cloud.call("DescribeVpnGateways", HANGZHOU | gateway, key=key)
    return str(reply.body["AccessDeniedDetail"]["NoPermissionType"]) if reply.code == "Forbidden" else "Allow"


@pytest.mark.parametrize(
    ("statements", "result"),
    [
        ([statement()], "Allow"),
        ([statement(action="vpc:Describe*")], "Allow"),
        ([statement(action="vpc:DescribeVpnGateway?")], "Allow"),
        ([statement(action=["ecs:*", "vpc:describevpngateways"])], "Allow"),
        ([statement(action="ecs:*")], "ImplicitDeny"),
        ([statement(action="vpc:DescribeVpnGateway")], "ImplicitDeny"),
        ([statement("Deny"), statement()], "ExplicitDeny"),
        ([statement(), statement("Deny", "vpc:DescribeVpnGateways")], "ExplicitDeny"),
        ([statement(), statement("Deny", "vpc:DiagnoseVpnGateway")], "Allow"),
        ([{"Effect": "Allow", "NotAction": "ecs:*", "Resource": "*"}], "Allow"),
        ([{"Effect": "Allow", "NotAction": ["vpc:*"], "Resource": "*"}], "ImplicitDeny"),
        ([statement(), {"Effect": "Deny", "NotAction": "vpc:Describe*", "Resource": "*"}], "Allow"),
        ([statement(), {"Effect": "Deny", "NotAction": "ecs:*", "Resource": "*"}], "ExplicitDeny"),
        ([statement(resource="acs:vpc:*:*:vpngateway/*")], "Allow"),
        ([statement(resource=f"{ARN}/*")], "Allow"),
        ([statement(resource="acs:vpc:cn-qingdao:*:vpngateway/*")], "ImplicitDeny"),
        ([statement(resource=f"{ARN}/{HEALTHY}")], "ImplicitDeny"),
    ],
)
async def test_statements_decide_by_their_effect_action_and_resource(
    clock: Clock, statements: list[dict[str, Any]], result: str
) -> None:
    assert await verdict(clock, *statements) == result


async def test_a_resource_may_be_one_gateway(clock: Clock) -> None:
    one = statement(resource=f"{ARN}/{HEALTHY}")

    assert await verdict(clock, one, VpnGatewayId=HEALTHY) == "Allow"
    assert await verdict(clock, one, VpnGatewayId="vpn-broken00000000000001") == "ImplicitDeny"
    assert await verdict(clock, statement(), one | {"Effect": "Deny"}, VpnGatewayId=HEALTHY) == "ExplicitDeny"


@pytest.mark.parametrize(
    ("condition", "result"),
    [
        ({"IpAddress": {"acs:SourceIp": "127.0.0.0/8"}}, "Allow"),
        ({"IpAddress": {"acs:SourceIp": ["203.0.113.0/24", "127.0.0.1"]}}, "Allow"),
        ({"IpAddress": {"acs:SourceIp": "203.0.113.0/24"}}, "ImplicitDeny"),
        ({"NotIpAddress": {"acs:SourceIp": "203.0.113.0/24"}}, "Allow"),
        ({"NotIpAddress": {"acs:SourceIp": ["203.0.113.0/24", "127.0.0.1"]}}, "ImplicitDeny"),
        ({"DateLessThan": {"acs:CurrentTime": "2026-11-23T20:00:01+08:00"}}, "Allow"),
        ({"DateLessThan": {"acs:CurrentTime": "2026-11-23T20:00:00+08:00"}}, "ImplicitDeny"),
        ({"DateLessThanEquals": {"acs:CurrentTime": "2026-11-23T12:00:00Z"}}, "Allow"),
        ({"DateGreaterThan": {"acs:CurrentTime": "2026-11-23T12:00:00Z"}}, "ImplicitDeny"),
        ({"DateGreaterThanEquals": {"acs:CurrentTime": "2026-11-23T12:00:00Z"}}, "Allow"),
        ({"DateEquals": {"acs:CurrentTime": "2026-11-23T12:00:00Z"}}, "Allow"),
        ({"DateNotEquals": {"acs:CurrentTime": "2026-11-23T12:00:00Z"}}, "ImplicitDeny"),
        ({"Bool": {"acs:SecureTransport": "false"}}, "Allow"),
        ({"Bool": {"acs:SecureTransport": True}}, "ImplicitDeny"),
        ({"Bool": {"acs:MFAPresent": "true"}}, "ImplicitDeny"),
        ({"Bool": {"acs:MFAPresent": "false"}}, "Allow"),
        ({"StringEquals": {"acs:SourceIp": "127.0.0.1"}}, "Allow"),
        ({"StringNotEquals": {"acs:SourceIp": "127.0.0.1"}}, "ImplicitDeny"),
        ({"StringEqualsIgnoreCase": {"acs:SecureTransport": "FALSE"}}, "Allow"),
        ({"StringNotEqualsIgnoreCase": {"acs:SecureTransport": "FALSE"}}, "ImplicitDeny"),
        ({"StringLike": {"acs:SourceIp": "127.*.?"}}, "Allow"),
        ({"StringNotLike": {"acs:SourceIp": "127.*"}}, "ImplicitDeny"),
        ({"StringEquals": {"acs:Unheard": "of"}}, "ImplicitDeny"),
        ({"NumericLessThan": {"acs:SourceIp": "5"}}, "ImplicitDeny"),
        ({"Bool": {"acs:SecureTransport": "false"}, "IpAddress": {"acs:SourceIp": "127.0.0.1"}}, "Allow"),
        ({"Bool": {"acs:SecureTransport": "true"}, "IpAddress": {"acs:SourceIp": "127.0.0.1"}}, "ImplicitDeny"),
    ],
    ids=json.dumps,
)
async def test_conditions_are_held_against_the_request(
    clock: Clock, condition: dict[str, Any], result: str
) -> None:
    assert await verdict(clock, statement(Condition=condition)) == result


async def test_a_condition_may_forbid(clock: Clock) -> None:
    only_from_there = statement("Deny", Condition={"NotIpAddress": {"acs:SourceIp": "203.0.113.0/24"}})

    assert await verdict(clock, statement(), only_from_there) == "ExplicitDeny"


@pytest.mark.parametrize(
    ("role", "session", "result", "layer"),
    [
        ("*", "vpc:*", "Allow", ""),
        ("*", "ecs:*", "ImplicitDeny", "SessionPolicy"),
        ("ecs:*", "*", "ImplicitDeny", "AccountLevelIdentityBasedPolicy"),
        ("vpc:Describe*", "vpc:*Gateways", "Allow", ""),
    ],
)
async def test_a_session_may_do_what_both_its_role_and_its_policy_allow(
    clock: Clock, role: str, session: str, result: str, layer: str
) -> None:
    policy = json.dumps({"Version": "1", "Statement": [statement(action=session)]})
    network = changed(EXAMPLE, {"diagnose": {"Statement": [statement(action=role)]}})
    async with served(network, clock) as cloud:
        key = (await cloud.assume(Policy=policy)).session_key
        reply = await cloud.call("DescribeVpnGateways", HANGZHOU, key=key)

    detail = reply.body.get("AccessDeniedDetail", {"NoPermissionType": "Allow", "PolicyType": ""})
    assert (detail["NoPermissionType"], detail["PolicyType"]) == (result, layer)


async def test_a_session_policy_that_denies_says_so(clock: Clock) -> None:
    policy = json.dumps({"Version": "1", "Statement": [statement(), statement("Deny", "vpc:*")]})

    assert await verdict(clock, statement(), policy=policy) == "ExplicitDeny"


@pytest.mark.parametrize("resource", ["acs:vpc:*:*:vpngateway/*", "acs:vpc:*:*:*", f"{ARN}/{HEALTHY}"])
async def test_a_diagnosis_is_allowed_on_everything_or_not_at_all(clock: Clock, resource: str) -> None:
    network = changed(EXAMPLE, {"diagnose": {"Statement": [statement(resource=resource)]}})
    async with served(network, clock) as cloud:
        key = (await cloud.assume()).session_key
        reply = await cloud.start("healthy", key)

    assert (reply.code, reply.body["AccessDeniedDetail"]["NoPermissionType"]) == ("Forbidden", "ImplicitDeny")
