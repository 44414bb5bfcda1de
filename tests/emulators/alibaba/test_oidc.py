import base64
import json
from typing import Any

import pytest

from bot.emulators.alibaba import load_network
from tests.emulators.alibaba.client import Clock, Cloud, Reply

ACCOUNT = "acs:ram::1234567890123456"
PROVIDER = f"{ACCOUNT}:oidc-provider/emulated-cluster"
ROLE = f"{ACCOUNT}:role/vpn-diagnose-workload"
SUBJECT = "system:serviceaccount:vpn:vpn-diagnose"


async def a_token(cloud: Cloud, **changes: Any) -> str:
    order = {"provider": PROVIDER, "subject": SUBJECT} | changes
    return str((await cloud.control("POST", "oidc-token", **order))["token"])


async def assumed(cloud: Cloud, token: str, **changes: str) -> Reply:
    params = {"OIDCProviderArn": PROVIDER, "RoleArn": ROLE, "RoleSessionName": "bot", "OIDCToken": token} | changes
    return await cloud.call_unsigned("AssumeRoleWithOIDC", params)


def part(content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


async def test_a_workloads_token_opens_a_session_without_any_key(cloud: Cloud) -> None:
    reply = await assumed(cloud, await a_token(cloud))

    assert reply.body.keys() == {"Credentials", "AssumedRoleUser", "OIDCTokenInfo", "RequestId"}
    assert reply.body["OIDCTokenInfo"] == {
        "Subject": SUBJECT,
        "Issuer": "https://oidc.example.com/emulated-cluster",
        "ClientIds": "sts.aliyuncs.com",
        "IssuanceTime": "2026-11-23T12:00:00Z",
        "ExpirationTime": "2026-11-23T12:10:00Z",
        "VerificationInfo": "Success",
    }
    identity = await cloud.call("GetCallerIdentity", key=reply.session_key)
    assert identity.body["Arn"] == f"{ACCOUNT}:assumed-role/vpn-diagnose-workload/bot"
    assert (await cloud.start("healthy", reply.session_key)).code == "ok"


async def test_a_session_policy_narrows_it(cloud: Cloud) -> None:
    policy = {"Version": "1", "Statement": [{"Effect": "Allow", "Action": "vpc:Describe*", "Resource": "*"}]}

    session = (await assumed(cloud, await a_token(cloud), Policy=json.dumps(policy))).session_key

    assert (await cloud.start("healthy", session)).code == "Forbidden"


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ({"lasts_s": -1}, "AuthenticationFail.OIDCToken.Expired"),
        ({"audience": "somebody-else"}, "AuthenticationFail.OIDCToken.AudienceNotMatch"),
        ({"subject": "system:serviceaccount:default:other"}, "AuthenticationFail.NoPermission"),
    ],
    ids=["expired", "for another audience", "of another subject"],
)
async def test_a_good_signature_is_not_enough(cloud: Cloud, order: dict[str, Any], code: str) -> None:
    reply = await assumed(cloud, await a_token(cloud, **order))

    assert (reply.code, reply.status) == (code, 401)
    assert "AccessDeniedDetail" not in reply.body


@pytest.mark.parametrize(
    ("header", "claims", "signature", "code", "words"),
    [
        (part({"alg": "HS256"}), None, None, "Invalid", "The algorithm HS256 that be specified"),
        (part({"alg": "none"}), None, "", "Invalid", "The algorithm none that be specified"),
        (part({"alg": "RS256", "kid": "another"}), None, None, "InvalidSignature", "invalid signature"),
        (None, part({"iss": "https://evil.example.com"}), None, "InvalidSignature", "invalid signature"),
        (None, None, "AAAA", "InvalidSignature", "invalid signature"),
        (None, None, "A" * 342, "InvalidSignature", "invalid signature"),
        ("%%%", None, None, "Invalid", "Cannot decode base64"),
        (part("text"), None, None, "Invalid", "cannot be recognized"),
        ("AAAA", None, None, "Invalid", "cannot be recognized"),
    ],
)
async def test_a_spoiled_token_is_refused_for_what_is_wrong_with_it(
    cloud: Cloud, header: str | None, claims: str | None, signature: str | None, code: str, words: str
) -> None:
    parts = zip((header, claims, signature), (await a_token(cloud)).split("."), strict=True)

    reply = await assumed(cloud, ".".join(good if spoiled is None else spoiled for spoiled, good in parts))

    assert (reply.code, reply.status) == (f"AuthenticationFail.OIDCToken.{code}", 401)
    assert words in reply.body["Message"]


@pytest.mark.parametrize(
    ("changes", "code", "status"),
    [
        ({"OIDCToken": ""}, "AuthenticationFail.OIDCToken.Invalid", 401),
        ({"OIDCToken": "a.b"}, "AuthenticationFail.OIDCToken.Invalid", 401),
        ({"OIDCToken": "x" * 20_001}, "AuthenticationFail.OIDCToken.Invalid", 401),
        ({"OIDCProviderArn": ""}, "MissingOIDCProviderArn", 400),
        ({"OIDCProviderArn": "emulated-cluster"}, "InvalidParameter.OIDCProviderArn", 400),
        ({"OIDCProviderArn": f"{ACCOUNT}:oidc-provider/unknown"}, "AuthenticationFail.NoPermission", 401),
        ({"RoleArn": f"{ACCOUNT}:role/nobody"}, "EntityNotExist.Role", 404),
        ({"RoleArn": f"{ACCOUNT}:role/vpn-diagnose-oncall"}, "AuthenticationFail.NoPermission", 401),
        ({"RoleSessionName": "?"}, "InvalidParameter.RoleSessionName", 400),
        ({"DurationSeconds": "1"}, "InvalidParameter.DurationSeconds", 400),
        ({"Policy": "{"}, "InvalidParameter.PolicyGrammar", 400),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_request_is_refused_for_its_cause(
    cloud: Cloud, changes: dict[str, str], code: str, status: int
) -> None:
    reply = await assumed(cloud, await a_token(cloud), **changes)

    assert (reply.code, reply.status) == (code, status)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example.com"},
        {"sub": None},
        {"aud": []},
        {"aud": None},
        {"exp": "tomorrow"},
        {"exp": 1e300},
        {"iat": None},
    ],
    ids=str,
)
async def test_claims_that_mean_nothing_are_refused_however_well_they_are_signed(
    cloud: Cloud, changes: dict[str, Any]
) -> None:
    header, claims, _ = (await a_token(cloud)).split(".")
    spoiled = part(json.loads(base64.urlsafe_b64decode(claims + "==")) | changes)
    signature = load_network().accounts[0].oidc_providers[0].keys[0].sign(f"{header}.{spoiled}".encode())
    token = f"{header}.{spoiled}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"

    reply = await assumed(cloud, token)

    assert reply.code == "AuthenticationFail.OIDCToken.Invalid"


async def test_one_of_several_audiences_is_enough(cloud: Cloud) -> None:
    header, claims, _ = (await a_token(cloud)).split(".")
    audiences = {"aud": ["somebody-else", "sts.aliyuncs.com"]}
    widened = part(json.loads(base64.urlsafe_b64decode(claims + "==")) | audiences)
    signature = load_network().accounts[0].oidc_providers[0].keys[0].sign(f"{header}.{widened}".encode())

    reply = await assumed(cloud, f"{header}.{widened}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}")

    assert reply.body["OIDCTokenInfo"]["ClientIds"] == "somebody-else,sts.aliyuncs.com"


async def test_a_token_grows_old(cloud: Cloud, clock: Clock) -> None:
    token = await a_token(cloud, lasts_s=60)

    clock.advance(59)
    assert (await assumed(cloud, token)).code == "ok"
    clock.advance(1)
    assert (await assumed(cloud, token)).code == "AuthenticationFail.OIDCToken.Expired"


async def test_the_ledger_does_not_show_the_token(cloud: Cloud) -> None:
    token = await a_token(cloud)
    await assumed(cloud, token)

    [call] = await cloud.calls()
    assert call["caller"] == "anonymous"
    assert token.split(".")[1] not in str(call)


async def test_tokens_are_issued_for_providers_that_exist(cloud: Cloud) -> None:
    answer = await cloud.control("POST", "oidc-token", provider=f"{ACCOUNT}:oidc-provider/unknown")

    assert answer == {"ok": False, "error": "there is no such provider"}
