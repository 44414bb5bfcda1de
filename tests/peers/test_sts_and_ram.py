"""STS and RAM: sessions opened by one client work in the other, and both are told the same of a denial."""

from datetime import datetime
from typing import Any

import httpx
import pytest
from alibabacloud_ram20150501 import models as ram_models
from alibabacloud_sts20150401 import models
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_vpc20160428 import models as vpc_models
from pydantic import SecretStr

from bot.alibaba.ram import RamApi
from bot.alibaba.rpc import RpcClient
from bot.alibaba.sts import CallerIdentity, StsApi
from bot.model.credential import Credential
from bot.model.denial import Denial
from tests.peers.conftest import BASE, LAB
from tests.peers.sdk import Sdk

ACCOUNT = "acs:ram::1234567890123456"
ROLE = f"{ACCOUNT}:role/vpn-diagnose-oncall"
WORKLOAD = f"{ACCOUNT}:role/vpn-diagnose-workload"
PROVIDER = f"{ACCOUNT}:oidc-provider/emulated-cluster"
POLICY = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"vpc:Describe*","Resource":"*"}]}'


def as_credential(one: Any) -> Credential:
    return Credential(
        access_key_id=one.access_key_id,
        access_key_secret=SecretStr(one.access_key_secret),
        security_token=SecretStr(one.security_token),
        expires_at=datetime.fromisoformat(one.expiration),
    )


async def who(sdk: Sdk, credential: Credential) -> CallerIdentity:
    body = await sdk.ask(sdk.sts(credential), "get_caller_identity_with_options")
    return CallerIdentity(account_id=body.account_id, arn=body.arn, identity_type=body.identity_type)


async def test_who_one_is(sdk: Sdk, ours: RpcClient) -> None:
    assert await who(sdk, LAB) == await StsApi(ours).get_caller_identity(LAB)


async def test_a_session_of_either_client_works_in_the_other(sdk: Sdk, ours: RpcClient) -> None:
    request = models.AssumeRoleRequest(
        role_arn=ROLE, role_session_name="slack-T0EMULATED-U0ALICE", duration_seconds=900, policy=POLICY
    )

    body = await sdk.ask(sdk.sts(BASE), "assume_role_with_options", request)

    session = await StsApi(ours).assume_role(
        BASE,
        role_arn=ROLE,
        session_name="slack-T0EMULATED-U0ALICE",
        external_id=None,
        policy=POLICY,
        duration_s=900,
    )
    assert body.assumed_role_user.arn == session.arn
    theirs = await StsApi(ours).get_caller_identity(as_credential(body.credentials))
    assert theirs == await who(sdk, session.credential)
    assert theirs.identity_type == "AssumedRoleUser"


async def test_a_workloads_token_opens_a_session_to_both(sdk: Sdk, ours: RpcClient, base_url: str) -> None:
    token = await a_token(base_url)
    request = models.AssumeRoleWithOIDCRequest(
        oidcprovider_arn=PROVIDER, role_arn=WORKLOAD, role_session_name="bot", oidctoken=token
    )

    body = await sdk.ask(sdk.sts(None), "assume_role_with_oidcwith_options", request)

    session = await StsApi(ours).assume_role_with_oidc(
        role_arn=WORKLOAD, provider_arn=PROVIDER, token=SecretStr(token), session_name="bot"
    )
    assert body.assumed_role_user.arn == session.arn
    assert body.oidctoken_info.verification_info == "Success"
    assert await who(sdk, session.credential) == await StsApi(ours).get_caller_identity(
        as_credential(body.credentials)
    )


async def test_a_denial_is_decoded_alike(sdk: Sdk, ours: RpcClient) -> None:
    client = sdk.vpc(BASE)
    with pytest.raises(ClientException) as denied:
        await sdk.ask(
            client,
            "describe_vpn_gateways_with_options",
            vpc_models.DescribeVpnGatewaysRequest(region_id="cn-hangzhou"),
        )
    encoded = denied.value.access_denied_detail["EncodedDiagnosticMessage"]
    request = ram_models.DecodeDiagnosticMessageRequest(encoded_diagnostic_message=encoded)

    body = await sdk.ask(sdk.ram(LAB), "decode_diagnostic_message_with_options", request)

    message = body.decoded_diagnostic_message
    assert as_denial(message) == await RamApi(ours).decode_diagnostic_message(LAB, encoded)
    assert message.auth_resource == "acs:vpc:cn-hangzhou:1234567890123456:vpngateway/*"


async def a_token(base_url: str) -> str:
    order = {"provider": PROVIDER, "subject": "system:serviceaccount:vpn:vpn-diagnose"}
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(f"{base_url}/_emulator/oidc-token", json=order)
    return str(answer.json()["token"])


def as_denial(message: Any) -> Denial:
    principal = message.auth_principal
    return Denial(
        action=message.auth_action,
        resource=message.auth_resource,
        principal=principal.auth_principal_display_name,
        principal_type=principal.auth_principal_type,
        account_id=principal.auth_principal_owner_id,
        explicit=message.explicit_deny,
        policy_type=message.no_permission_policy_type,
        policies=(),
        conditions=tuple((one.condition_key, tuple(one.condition_values)) for one in message.auth_conditions),
    )
