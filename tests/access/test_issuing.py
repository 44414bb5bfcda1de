from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from bot.access.base import Base, holding
from bot.access.identity import AccessKey, Identity, RoleArn, RoleToAssume
from bot.access.issuing import Issuer
from bot.access.secrets import SecretReference
from bot.access.session import SESSION_POLICY
from bot.alibaba.endpoints import Endpoints
from bot.alibaba.rpc import RpcClient
from bot.alibaba.sts import StsApi
from bot.model.problem import Problem
from bot.model.request import Requester

if TYPE_CHECKING:
    from bot.model.credential import Credential
    from tests.access.conftest import Clock, Cloud

KEY = Identity(name="lab", source=AccessKey(id=SecretReference("env:KEY_ID"), secret=SecretReference("file:key")))
ROLE = Identity(name="oncall", source=RoleToAssume(role_arn=RoleArn("acs:ram::1:role/oncall")))
EXTERNAL = Identity(
    name="external",
    source=RoleToAssume(
        role_arn=RoleArn("acs:ram::1:role/oncall"), external_id=SecretReference("env:EXTERNAL_ID")
    ),
)


def test_an_identity_that_has_all_it_needs_passes_the_check(
    cloud: "Cloud", base: "Credential", clock: "Clock", tmp_path: Path
) -> None:
    (tmp_path / "key").write_text("value")
    issuer = Issuer(cloud.sts, holding(base, clock), {"KEY_ID": "LTAI", "EXTERNAL_ID": "abc"}, tmp_path)

    for identity in (KEY, ROLE, EXTERNAL):
        issuer.check(identity)


@pytest.mark.parametrize(
    ("identity", "reference", "reason"),
    [
        pytest.param(KEY, "env:KEY_ID", "is not set", id="key's id"),
        pytest.param(EXTERNAL, "env:EXTERNAL_ID", "is not set", id="external id"),
    ],
)
def test_a_missing_secret_is_found_before_it_is_needed(
    cloud: "Cloud",
    base: "Credential",
    clock: "Clock",
    tmp_path: Path,
    identity: Identity,
    reference: str,
    reason: str,
) -> None:
    with pytest.raises(Problem) as raised:
        Issuer(cloud.sts, holding(base, clock), {}, tmp_path).check(identity)

    assert raised.value.code == "access.secret_missing"
    assert raised.value.facts == {"identity": identity.name, "reference": reference, "reason": reason}


def test_a_role_needs_an_identity_of_the_bot(cloud: "Cloud", tmp_path: Path) -> None:
    with pytest.raises(Problem) as raised:
        Issuer(cloud.sts, None, {}, tmp_path).check(ROLE)

    assert raised.value.code == "access.no_base_identity"
    assert raised.value.facts == {"identity": "oncall"}


async def test_a_session_is_asked_for_with_a_name_a_policy_and_an_hour(
    base: "Credential", clock: "Clock", tmp_path: Path, a_requester: Callable[..., Requester]
) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        credentials = {
            "AccessKeyId": "STS.1",
            "AccessKeySecret": "secret",
            "SecurityToken": "token",
            "Expiration": "2026-01-02T13:00:00Z",
        }
        arn = "acs:ram::1:role/oncall/slack-T0EMULATED-U0ALICE"
        return httpx.Response(200, json={"Credentials": credentials, "AssumedRoleUser": {"Arn": arn}})

    sts = StsApi(RpcClient(httpx.MockTransport(answer), Endpoints(None), clock, lambda: "nonce"))
    await Issuer(sts, holding(base, clock), {"EXTERNAL_ID": "abc"}, tmp_path).issue(EXTERNAL, a_requester())

    assert [dict(request.url.params) for request in asked] == [
        {
            "RoleArn": "acs:ram::1:role/oncall",
            "RoleSessionName": "slack-T0EMULATED-U0ALICE",
            "DurationSeconds": "3600",
            "ExternalId": "abc",
            "Policy": SESSION_POLICY,
        }
    ]


async def test_an_access_key_takes_its_turns_as_its_account(
    cloud: "Cloud", tmp_path: Path, a_requester: Callable[..., Requester]
) -> None:
    (tmp_path / "key").write_text("emulator-lab-secret")
    issuer = Issuer(cloud.sts, None, {"KEY_ID": "LTAIemulatorLab"}, tmp_path)

    issued = await issuer.issue(KEY, a_requester())

    assert issued.credential.account_id == "1234567890123456"
    assert issued.principal == "acs:ram::1234567890123456:user/lab"


# what is said of a refusal, and the bot's own credential that ends


async def test_a_refusal_names_the_identity_and_its_role(
    cloud: "Cloud", base: "Credential", clock: "Clock", tmp_path: Path, a_requester: Callable[..., Requester]
) -> None:
    gone = a_role("vpn-deleted")
    with pytest.raises(Problem) as raised:
        await Issuer(cloud.sts, holding(base, clock), {}, tmp_path).issue(gone, a_requester())

    assert raised.value.code == "EntityNotExist.Role"
    assert raised.value.facts["identity"] == "vpn-deleted"
    assert raised.value.facts["role_arn"] == "acs:ram::1234567890123456:role/vpn-deleted"
    assert "base_arn" not in raised.value.facts


async def test_a_role_that_does_not_trust_the_bot_says_whom_it_would_have_to_trust(
    cloud: "Cloud", base: "Credential", clock: "Clock", tmp_path: Path, a_requester: Callable[..., Requester]
) -> None:
    with pytest.raises(Problem) as raised:
        await Issuer(cloud.sts, holding(base, clock), {}, tmp_path).issue(a_role("vpn-closed"), a_requester())

    assert raised.value.facts["denied_policy_type"] == "AssumeRolePolicy"
    assert raised.value.facts["base_arn"] == "acs:ram::1234567890123456:user/vpn-diagnose-bot"


async def test_the_refusal_is_told_also_where_nobody_says_who_asked(
    cloud: "Cloud", base: "Credential", clock: "Clock", tmp_path: Path, a_requester: Callable[..., Requester]
) -> None:
    await cloud.order_fault(operation="GetCallerIdentity", kind="http_503", times=10)
    with pytest.raises(Problem) as raised:
        await Issuer(cloud.sts, holding(base, clock), {}, tmp_path).issue(a_role("vpn-closed"), a_requester())

    assert raised.value.code == "NoPermission"
    assert "base_arn" not in raised.value.facts


async def test_a_credential_of_the_bot_that_is_refused_is_replaced_once_and_the_role_assumed(
    cloud: "Cloud", base: "Credential", clock: "Clock", tmp_path: Path, a_requester: Callable[..., Requester]
) -> None:
    made = [base.changed(access_key_id="LTAIdeleted"), base]

    async def make() -> "Credential":
        return made.pop(0)

    issued = await Issuer(cloud.sts, Base(make, clock), {}, tmp_path).issue(
        a_role("vpn-diagnose-oncall"), a_requester()
    )

    assert "role/vpn-diagnose-oncall/" in issued.principal
    assert [call["outcome"] for call in await cloud.calls("AssumeRole")] == ["InvalidAccessKeyId.NotFound", "ok"]


async def test_a_key_of_the_bot_that_was_deleted_ends_after_one_call(
    cloud: "Cloud", base: "Credential", clock: "Clock", tmp_path: Path, a_requester: Callable[..., Requester]
) -> None:
    deleted = holding(base.changed(access_key_id="LTAIdeleted"), clock)
    with pytest.raises(Problem) as raised:
        await Issuer(cloud.sts, deleted, {}, tmp_path).issue(a_role("vpn-diagnose-oncall"), a_requester())

    assert raised.value.code == "InvalidAccessKeyId.NotFound"
    assert len(await cloud.calls("AssumeRole")) == 1


def a_role(name: str) -> Identity:
    return Identity(name=name, source=RoleToAssume(role_arn=RoleArn(f"acs:ram::1234567890123456:role/{name}")))
