"""Why RAM said no, decoded."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from bot.alibaba.ram import RamApi
from bot.alibaba.rpc import RpcClient
from bot.model.credential import Credential
from bot.model.denial import Denial, MatchedPolicy
from bot.model.problem import Problem

DECODED: dict[str, Any] = {
    "AuthAction": "vpc:DiagnoseVpnGateway",
    "AuthResource": "acs:vpc:cn-hangzhou:1234567890123456:*",
    "AuthPrincipal": {
        "AuthPrincipalDisplayName": "vpn-readonly:slack-T0-U0",
        "AuthPrincipalOwnerId": 1234567890123456,
        "AuthPrincipalType": "AssumedRoleUser",
    },
    "AuthConditions": [{"ConditionKey": "acs:SourceIp", "ConditionValues": ["203.0.113.5"]}],
    "ExplicitDeny": True,
    "MatchedPolicies": [
        {
            "Effect": "Deny",
            "PolicyIdentifier": "no-diagnosis",
            "PolicyType": "Custom",
            "PolicyVersion": "v2",
            "AttachedEntityType": "Role",
            "AttachedScope": "Account",
        }
    ],
    "NoPermissionPolicyType": "AccountLevelIdentityBasedPolicy",
}

Clients = Callable[..., RpcClient]


def answering(decoded: Any) -> Callable[[httpx.Request], httpx.Response]:
    return lambda _: httpx.Response(200, json={"DecodedDiagnosticMessage": decoded, "RequestId": "R1"})


async def test_what_looks_like_a_token_is_not_taken_from_a_message(
    rpc_over: Clients, credential: Credential
) -> None:
    token = "LTAI5tPlantedPlanted0001"
    conditions = [{"ConditionKey": "acs:UserAgent", "ConditionValues": [token]}]
    planted = {"AuthPrincipal": {"AuthPrincipalDisplayName": token}, "AuthConditions": conditions}
    rpc = rpc_over(answering(DECODED | planted))

    denial = await RamApi(rpc).decode_diagnostic_message(credential, "AQEAAA")

    assert "(hidden)" in denial.principal
    assert token not in repr(denial)


async def test_a_message_is_decoded_at_the_central_address(rpc_over: Clients, credential: Credential) -> None:
    requests: list[httpx.Request] = []

    def note(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return answering(DECODED)(request)

    denial = await RamApi(rpc_over(note)).decode_diagnostic_message(credential, "AQEAAA-encoded+/=")

    assert denial == Denial(
        action="vpc:DiagnoseVpnGateway",
        resource="acs:vpc:cn-hangzhou:1234567890123456:*",
        principal="vpn-readonly:slack-T0-U0",
        principal_type="AssumedRoleUser",
        account_id="1234567890123456",
        explicit=True,
        policy_type="AccountLevelIdentityBasedPolicy",
        policies=(
            MatchedPolicy(
                effect="Deny",
                name="no-diagnosis",
                policy_type="Custom",
                version="v2",
                attached_to="Role",
                scope="Account",
            ),
        ),
        conditions=(("acs:SourceIp", ("203.0.113.5",)),),
    )
    assert requests[0].url.host == "ram.aliyuncs.com"
    assert dict(requests[0].url.params) == {"EncodedDiagnosticMessage": "AQEAAA-encoded+/="}


@pytest.mark.parametrize(
    "decoded",
    [
        {"AuthAction": 7, "AuthPrincipal": "x", "MatchedPolicies": "y", "AuthConditions": [7], "ExplicitDeny": []},
        {"MatchedPolicies": {"MatchedPolicy": []}, "AuthConditions": None},
        {"ExplicitDeny": "false", "AuthConditions": {"AuthCondition": [{"ConditionValues": "z"}]}},
    ],
    ids=["odd", "wrapped and empty", "as text"],
)
async def test_odd_shapes_are_read_as_far_as_they_go(
    decoded: Any, rpc_over: Clients, credential: Credential
) -> None:
    denial = await RamApi(rpc_over(answering(decoded))).decode_diagnostic_message(credential, "x")

    assert denial.policies == ()
    assert denial.explicit in {None, False}


@pytest.mark.parametrize("decoded", ["text", [1], 7])
async def test_what_is_no_explanation_is_not_understood(
    decoded: Any, rpc_over: Clients, credential: Credential
) -> None:
    with pytest.raises(Problem, match=r"cloud\.not_understood"):
        await RamApi(rpc_over(answering(decoded))).decode_diagnostic_message(credential, "x")
