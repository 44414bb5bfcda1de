"""Sessions of roles and who a credential is."""

import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from bot.alibaba.rpc import RpcClient
from bot.alibaba.sts import CallerIdentity, StsApi
from bot.model.credential import Credential
from bot.model.problem import Problem

ROLE = "acs:ram::1234567890123456:role/vpn-diagnose-oncall"
SESSION = "acs:ram::1234567890123456:role/vpn-diagnose-oncall/slack-T0-U0"
CREDENTIALS = {
    "AccessKeyId": "STS.session-id",
    "AccessKeySecret": "session-secret",
    "SecurityToken": "CAIS-session",
    "Expiration": "2026-01-02T13:00:00Z",
}
ASSUMED: dict[str, Any] = {"Credentials": CREDENTIALS, "AssumedRoleUser": {"Arn": SESSION}, "RequestId": "R1"}

Clients = Callable[..., RpcClient]


class Answering:
    """Answers every call with one body, and keeps the requests."""

    def __init__(self, body: Any) -> None:
        self.body = body
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(200, json=self.body)


async def test_a_session_is_opened_at_the_central_address_and_comes_back_sealed(
    rpc_over: Clients, credential: Credential
) -> None:
    cloud = Answering(ASSUMED)

    role = await StsApi(rpc_over(cloud)).assume_role(
        credential, role_arn=ROLE, session_name="slack-T0-U0", external_id="ext 1", policy='{"Version":"1"}'
    )

    (request,) = cloud.requests
    assert request.url.host == "sts.aliyuncs.com"
    assert request.headers["x-acs-version"] == "2015-04-01"
    assert dict(request.url.params) == {
        "DurationSeconds": "3600",
        "ExternalId": "ext 1",
        "Policy": '{"Version":"1"}',
        "RoleArn": ROLE,
        "RoleSessionName": "slack-T0-U0",
    }
    assert role.arn == SESSION
    assert role.credential.access_key_id == "STS.session-id"
    assert role.credential.expires_at == datetime(2026, 1, 2, 13, 0, tzinfo=UTC)
    assert "session-secret" not in repr(role)
    assert "CAIS-session" not in repr(role)


async def test_what_is_not_wanted_is_not_sent(rpc_over: Clients, credential: Credential) -> None:
    cloud = Answering(ASSUMED)

    await StsApi(rpc_over(cloud)).assume_role(
        credential, role_arn=ROLE, session_name="s1", external_id=None, policy=None, duration_s=900
    )

    assert dict(cloud.requests[0].url.params) == {
        "DurationSeconds": "900",
        "RoleArn": ROLE,
        "RoleSessionName": "s1",
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"Credentials": "none"},
        {"Credentials": CREDENTIALS | {"AccessKeyId": None}},
        {"Credentials": CREDENTIALS | {"AccessKeySecret": 7}},
        {"Credentials": CREDENTIALS | {"SecurityToken": ""}},
        {"Credentials": CREDENTIALS | {"SecurityToken": "two\r\nlines"}},
        {"Credentials": CREDENTIALS | {"Expiration": "soon"}},
        {"AssumedRoleUser": None},
        {"AssumedRoleUser": {"Arn": 7}},
    ],
    ids=lambda changes: repr(changes)[:80],
)
async def test_a_session_with_a_part_missing_is_not_understood(
    changes: dict[str, Any], rpc_over: Clients, credential: Credential
) -> None:
    with pytest.raises(Problem) as caught:
        await StsApi(rpc_over(Answering(ASSUMED | changes))).assume_role(
            credential, role_arn=ROLE, session_name="s1", external_id=None, policy=None
        )

    assert caught.value.code == "cloud.not_understood"
    assert "session-secret" not in str(caught.value.facts)


@pytest.mark.parametrize("account_id", ["1234567890123456", 1234567890123456])
async def test_a_credential_says_whose_it_is(account_id: Any, rpc_over: Clients, credential: Credential) -> None:
    cloud = Answering({"AccountId": account_id, "Arn": SESSION, "IdentityType": "AssumedRoleUser"})

    identity = await StsApi(rpc_over(cloud)).get_caller_identity(credential)

    assert identity == CallerIdentity(account_id="1234567890123456", arn=SESSION, identity_type="AssumedRoleUser")
    assert str(cloud.requests[0].url) == "https://sts.aliyuncs.com/"


@pytest.mark.parametrize("answer", [{"AccountId": "1"}, {"Arn": SESSION, "AccountId": {}}, {"Arn": []}], ids=repr)
async def test_an_identity_without_a_name_is_not_understood(
    answer: dict[str, Any], rpc_over: Clients, credential: Credential
) -> None:
    with pytest.raises(Problem) as caught:
        await StsApi(rpc_over(Answering(answer))).get_caller_identity(credential)

    assert caught.value.code == "cloud.not_understood"


async def test_a_session_knows_its_account(rpc_over: Clients, credential: Credential) -> None:
    role = await StsApi(rpc_over(Answering(ASSUMED))).assume_role(
        credential, role_arn=ROLE, session_name="s1", external_id=None, policy=None
    )

    assert role.credential.account_id == "1234567890123456"


async def test_a_session_of_no_known_form_has_no_account(rpc_over: Clients, credential: Credential) -> None:
    cloud = Answering(ASSUMED | {"AssumedRoleUser": {"Arn": "acs:ram::****:role/x/y"}})

    role = await StsApi(rpc_over(cloud)).assume_role(
        credential, role_arn=ROLE, session_name="s1", external_id=None, policy=None
    )

    assert role.credential.account_id is None


TOKEN = "eyJ.example-token.signature"
PROVIDER = "acs:ram::1234567890123456:oidc-provider/cluster"


async def test_a_token_opens_a_session_without_a_signature(rpc_over: Clients) -> None:
    cloud = Answering(ASSUMED)

    role = await StsApi(rpc_over(cloud)).assume_role_with_oidc(
        role_arn=ROLE, provider_arn=PROVIDER, token=SecretStr(TOKEN), session_name="s1", policy='{"Version":"1"}'
    )

    (request,) = cloud.requests
    assert (role.arn, role.credential.account_id) == (SESSION, "1234567890123456")
    assert dict(request.url.params) == {
        "Action": "AssumeRoleWithOIDC",
        "DurationSeconds": "3600",
        "Format": "json",
        "OIDCProviderArn": PROVIDER,
        "OIDCToken": TOKEN,
        "Policy": '{"Version":"1"}',
        "RoleArn": ROLE,
        "RoleSessionName": "s1",
        "SignatureNonce": "nonce-1",
        "Timestamp": "2026-01-02T12:00:00Z",
        "Version": "2015-04-01",
    }
    assert "authorization" not in request.headers
    assert {name for name in request.headers if name.startswith("x-acs-")} == {"x-acs-action", "x-acs-version"}


@pytest.mark.parametrize("code", ["AuthenticationFail.OIDCToken.Expired", "InternalError"])
async def test_an_error_that_repeats_the_token_does_not_get_far(code: str, rpc_over: Clients) -> None:
    body = {"Code": code, "Message": f"The token {TOKEN} is expired."}

    with pytest.raises(Problem) as caught:
        await StsApi(rpc_over(lambda _: httpx.Response(401, json=body))).assume_role_with_oidc(
            role_arn=ROLE, provider_arn=PROVIDER, token=SecretStr(TOKEN), session_name="s1"
        )

    assert caught.value.code == code
    assert caught.value.facts["message"] == "The token (hidden) is expired."
    assert TOKEN not in "".join(traceback.format_exception(caught.value))


async def test_an_error_that_repeats_the_external_id_does_not_get_far(
    rpc_over: Clients, credential: Credential
) -> None:
    body = {"Code": "InvalidParameter", "Message": "The ExternalId shared-with-few is not valid."}

    with pytest.raises(Problem) as caught:
        await StsApi(rpc_over(lambda _: httpx.Response(400, json=body))).assume_role(
            credential, role_arn=ROLE, session_name="s1", external_id="shared-with-few", policy=None
        )

    assert caught.value.facts["message"] == "The ExternalId (hidden) is not valid."
