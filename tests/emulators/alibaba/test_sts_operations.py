import json

import pytest

from tests.emulators.alibaba.client import BASE, LAB, ROOT, Clock, Cloud

ONCALL = "acs:ram::1234567890123456:role/vpn-diagnose-oncall"


async def test_a_role_is_assumed_with_the_documented_answer(cloud: Cloud) -> None:
    reply = await cloud.assume()

    assert reply.body.keys() == {"Credentials", "AssumedRoleUser", "RequestId"}
    assert reply.body["Credentials"]["AccessKeyId"].startswith("STS.")
    assert reply.body["Credentials"]["Expiration"] == "2026-11-23T13:00:00Z"
    assert reply.body["AssumedRoleUser"] == {
        "Arn": f"{ONCALL}/slack-T0EMULATED-U0ALICE",
        "AssumedRoleId": "310000000000000001:slack-T0EMULATED-U0ALICE",
    }


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"RoleArn": "vpn-diagnose-oncall"}, "InvalidParameter.RoleArn"),
        ({"RoleArn": "acs:ram::1234567890123456:role/vpn-nobody"}, "EntityNotExist.Role"),
        ({"RoleArn": "acs:ram::1111111111111111:role/vpn-x"}, "NoPermission"),
        ({"RoleArn": "acs:ram::1234567890123456:role/other"}, "NoPermission"),
        ({"RoleSessionName": "a"}, "InvalidParameter.RoleSessionName"),
        ({"RoleSessionName": "a" * 65}, "InvalidParameter.RoleSessionName"),
        ({"RoleSessionName": "ann+on-call"}, "InvalidParameter.RoleSessionName"),
        ({"DurationSeconds": "899"}, "InvalidParameter.DurationSeconds"),
        ({"DurationSeconds": "3601"}, "InvalidParameter.DurationSeconds"),
        ({"DurationSeconds": "an hour"}, "InvalidParameter.DurationSeconds"),
        ({"DurationSeconds": "٩٠٠"}, "InvalidParameter.DurationSeconds"),
        ({"ExternalId": "x"}, "InvalidParameter.ExternalId"),
        ({"Policy": "{"}, "InvalidParameter.PolicyGrammar"),
        ({"Policy": "[" * 2000}, "InvalidParameter.PolicyGrammar"),
        ({"Policy": '{"Version":"2","Statement":[]}'}, "InvalidParameter.PolicyGrammar"),
        ({"Policy": "x" * 2049}, "InvalidParameter.PolicySize"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_wrong_parameter_has_its_own_code(cloud: Cloud, changes: dict[str, str], code: str) -> None:
    assert (await cloud.assume(**changes)).code == code


@pytest.mark.parametrize("seconds", ["900", "3600"])
async def test_a_session_lasts_as_long_as_asked(cloud: Cloud, clock: Clock, seconds: str) -> None:
    session = (await cloud.assume(DurationSeconds=seconds)).session_key

    clock.advance(int(seconds) - 1)
    assert (await cloud.call("GetCallerIdentity", key=session)).code == "ok"
    clock.advance(1)
    assert (await cloud.call("GetCallerIdentity", key=session)).code == "InvalidSecurityToken.Expired"


async def test_the_root_user_assumes_no_role(cloud: Cloud) -> None:
    reply = await cloud.assume("vpn-diagnose-oncall", ROOT)

    assert (reply.status, reply.code) == (403, "NoPermission")
    assert reply.body["Message"] == "Roles may not be assumed by root accounts."


async def test_without_sts_assume_role_a_trusted_caller_is_denied(cloud: Cloud) -> None:
    reply = await cloud.assume("vpn-readonly", LAB)

    assert reply.code == "NoPermission"
    assert reply.body["AccessDeniedDetail"]["AuthAction"] == "sts:AssumeRole"
    assert reply.body["AccessDeniedDetail"]["PolicyType"] == "AccountLevelIdentityBasedPolicy"


async def test_a_caller_whom_the_role_does_not_trust_is_denied(cloud: Cloud) -> None:
    reply = await cloud.assume("vpn-closed")

    assert reply.code == "NoPermission"
    assert reply.body["AccessDeniedDetail"]["PolicyType"] == "AssumeRolePolicy"
    assert reply.body["AccessDeniedDetail"]["NoPermissionType"] == "ImplicitDeny"


@pytest.mark.parametrize(
    ("external_id", "code"), [("", "NoPermission"), ("wrong-one", "NoPermission"), ("emulator-external-id", "ok")]
)
async def test_a_role_may_want_an_external_id(cloud: Cloud, external_id: str, code: str) -> None:
    given = {"ExternalId": external_id} if external_id else {}

    assert (await cloud.assume("vpn-external", BASE, **given)).code == code


async def test_a_role_may_trust_a_whole_account(cloud: Cloud) -> None:
    assert (await cloud.assume("vpn-readonly", BASE)).code == "ok"


async def test_a_session_policy_narrows_what_the_role_may(cloud: Cloud) -> None:
    only_regions = {
        "Version": "1",
        "Statement": [{"Effect": "Allow", "Action": "vpc:DescribeRegions", "Resource": "*"}],
    }
    session = (await cloud.assume(Policy=json.dumps(only_regions))).session_key

    assert (await cloud.call("DescribeRegions", key=session)).code == "ok"
    denied = await cloud.start("healthy", session)
    assert denied.code == "Forbidden"
    assert denied.body["AccessDeniedDetail"]["PolicyType"] == "SessionPolicy"


async def test_a_session_policy_grants_nothing_new(cloud: Cloud) -> None:
    everything = {"Version": "1", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    session = (await cloud.assume("vpn-readonly", Policy=json.dumps(everything))).session_key

    denied = await cloud.start("healthy", session)

    assert denied.code == "Forbidden"
    assert denied.body["AccessDeniedDetail"]["AuthPrincipalType"] == "AssumedRoleUser"
    assert denied.body["AccessDeniedDetail"]["AuthPrincipalDisplayName"] == "vpn-readonly:slack-T0EMULATED-U0ALICE"
