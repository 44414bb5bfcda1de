import json
from typing import Any

import aiohttp
import pytest

from bot.alibaba.ram_policy import Policy
from bot.emulators.alibaba import AlibabaEmulator, load_network
from bot.emulators.serving import serving
from tests.emulators.alibaba.client import BASE, LAB, Clock, Cloud, Key, Reply

STRANGER = Key("LTAIemulatorStranger", "emulator-stranger-secret")
DENY_HANGZHOU = {
    "Version": "1",
    "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "vpc:Describe*", "Resource": "acs:vpc:cn-hangzhou:*:*"},
    ],
}


def sealed(reply: Reply) -> str:
    return str(reply.body["AccessDeniedDetail"]["EncodedDiagnosticMessage"])


async def decoded(cloud: Cloud, message: str, key: Key = LAB) -> Reply:
    return await cloud.call("DecodeDiagnosticMessage", {"EncodedDiagnosticMessage": message}, key=key)


async def test_a_denials_message_tells_what_was_asked_for_and_why_not(cloud: Cloud, clock: Clock) -> None:
    session = (await cloud.assume("vpn-readonly")).session_key
    denied = await cloud.start("healthy", session)

    reply = await decoded(cloud, sealed(denied))

    assert reply.body["DecodedDiagnosticMessage"] == {
        "AuthAction": "vpc:DiagnoseVpnGateway",
        "AuthResource": "*",
        "AuthPrincipal": {
            "AuthPrincipalType": "AssumedRoleUser",
            "AuthPrincipalDisplayName": "vpn-readonly:slack-T0EMULATED-U0ALICE",
            "AuthPrincipalOwnerId": "1234567890123456",
        },
        "AuthConditions": [
            {"ConditionKey": "acs:SourceIp", "ConditionValues": ["127.0.0.1"]},
            {"ConditionKey": "acs:CurrentTime", "ConditionValues": [clock().isoformat()]},
            {"ConditionKey": "acs:SecureTransport", "ConditionValues": ["false"]},
            {"ConditionKey": "acs:MFAPresent", "ConditionValues": ["false"]},
        ],
        "ExplicitDeny": False,
        "NoPermissionPolicyType": "AccountLevelIdentityBasedPolicy",
        "MatchedPolicies": [],
    }


async def test_a_session_policy_that_denies_is_named_as_one(cloud: Cloud) -> None:
    session = (await cloud.assume(Policy=json.dumps(DENY_HANGZHOU))).session_key
    denied = await cloud.call("DescribeVpnGateways", {"RegionId": "cn-hangzhou"}, key=session)

    message: dict[str, Any] = (await decoded(cloud, sealed(denied))).body["DecodedDiagnosticMessage"]

    assert message["ExplicitDeny"] is True
    assert message["AuthResource"] == "acs:vpc:cn-hangzhou:1234567890123456:vpngateway/*"
    assert message["MatchedPolicies"] == [{"Effect": "Deny", "PolicyType": "SessionPolicy"}]


async def test_an_account_policy_that_denies_is_named(clock: Clock) -> None:
    network = load_network()
    account = network.accounts[0]
    never = Policy.model_validate(
        {"Version": "1", "Statement": [{"Effect": "Deny", "Action": "vpc:Diagnose*", "Resource": "*"}]}
    )
    [lab] = (user for user in account.users if user.name == "lab")
    closed = account.changed(
        policies=account.policies | {"never": never},
        users=tuple(
            user.changed(policies=("diagnose", "never")) if user is lab else user for user in account.users
        ),
    )
    app = AlibabaEmulator(network.changed(accounts=(closed,)), clock).web_app()
    async with serving(app) as base_url, aiohttp.ClientSession() as session:
        cloud = Cloud(session, base_url.removeprefix("http://"), clock)
        reply = await decoded(cloud, sealed(await cloud.start()))

    assert reply.body["DecodedDiagnosticMessage"]["MatchedPolicies"] == [
        {
            "Effect": "Deny",
            "PolicyType": "Custom",
            "PolicyIdentifier": "never",
            "PolicyVersion": "v1",
            "AttachedEntityType": "IMSUser",
            "AttachedScope": "Account",
        }
    ]


async def test_without_its_permission_nothing_is_decoded(cloud: Cloud) -> None:
    denied = await cloud.start("healthy", BASE)

    reply = await decoded(cloud, sealed(denied), BASE)

    assert (reply.status, reply.code) == (403, "NoPermission")
    assert reply.body["AccessDeniedDetail"]["AuthAction"] == "ram:DecodeDiagnosticMessage"


@pytest.mark.parametrize(
    "spoil", [lambda text: text[:-8], lambda text: "AAAA" + text[4:], lambda _: "%%%", lambda _: "令牌"]
)
async def test_what_the_service_has_not_sealed_is_refused(cloud: Cloud, spoil: Any) -> None:
    denied = await cloud.start("healthy", BASE)

    assert (await decoded(cloud, spoil(sealed(denied)))).code == "NotSupport"


async def test_another_accounts_message_is_not_told(cloud: Cloud) -> None:
    denied = await cloud.start("healthy", BASE)

    assert (await decoded(cloud, sealed(denied), STRANGER)).code == "NotSupport"


async def test_a_message_is_needed(cloud: Cloud) -> None:
    assert (await decoded(cloud, "")).code == "MissingEncodedDiagnosticMessage"
