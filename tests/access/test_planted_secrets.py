"""Keys and tokens planted in everything that goes in, against a cloud that repeats whatever it is sent.

Nothing of them is in a log at any level, in an exception or its traceback, in a decision, or in what is told.
"""

import json
import logging
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from pydantic import SecretStr

from bot.access.base import base_of, holding
from bot.access.base_source import OwnRoleByToken, ProviderArn
from bot.access.book import Book
from bot.access.desk import Access
from bot.access.groups import Groups
from bot.access.identity import RoleArn
from bot.access.probes import Probes
from bot.alibaba.endpoints import Endpoints
from bot.alibaba.ram import RamApi
from bot.alibaba.rpc import RpcClient
from bot.alibaba.sts import StsApi
from bot.alibaba.tunnels import TunnelApi
from bot.alibaba.vpn import VpnApi
from bot.explain.problems import explain
from bot.model.credential import Credential
from bot.model.ids import ChannelId
from bot.model.problem import Problem
from bot.model.request import DiagnosisRequest, Requester
from bot.slack.remedy import remedy_message
from bot.slack.standing import standing_message
from tests.access.conftest import BOOK

if TYPE_CHECKING:
    from tests.access.conftest import Clock, SlackGroups

PLANTED = "planted-5ecret"
INCIDENT = ChannelId("C0INCIDENT")

# What a session is answered with that works for nothing.
SESSION = {
    "AccessKeyId": "STS.planted",
    "AccessKeySecret": f"{PLANTED}-session-key",
    "SecurityToken": f"{PLANTED}-session-token",
    "Expiration": "2026-01-02T13:00:00Z",
}
CODES = ["SignatureDoesNotMatch", "NoPermission", "Forbidden", "InvalidSecurityToken.Expired", "InternalError"]


def repeating(code: str, status: int, *, opens_sessions: bool) -> Callable[[httpx.Request], httpx.Response]:
    """Answer everything with an error that repeats the request: its query, its headers and all."""

    def answer(request: httpx.Request) -> httpx.Response:
        if opens_sessions and request.headers["x-acs-action"].startswith("AssumeRole"):
            arn = "acs:ram::1234567890123456:role/vpn-diagnose-oncall/slack-T0EMULATED-U0ALICE"
            return httpx.Response(200, json={"Credentials": SESSION, "AssumedRoleUser": {"Arn": arn}})
        repeated = json.dumps([str(request.url), list(request.headers.items())])
        detail = {"AuthAction": "vpc:X", "NoPermissionType": "ImplicitDeny", "AuthPrincipalDisplayName": repeated}
        body = {"Code": code, "Message": repeated, "RequestId": "R-1", "AccessDeniedDetail": detail}
        return httpx.Response(status, json=body)

    return answer


@pytest.fixture
def desk(
    load: Callable[[str], Book], slack_groups: "SlackGroups", clock: "Clock", tmp_path: Path
) -> Callable[..., Access]:
    """Return what makes a desk with a secret in every place, over a cloud that repeats them."""
    (tmp_path / "lab_key_secret").write_text(f"{PLANTED}-lab-key")
    (tmp_path / "token").write_text(f"{PLANTED}-oidc-token")

    async def no_pause(seconds: float) -> None:
        del seconds

    async def no_machine(role_name: str) -> Credential:
        raise AssertionError(role_name)

    def build(code: str, status: int, *, by_token: bool, opens_sessions: bool) -> Access:
        answer = repeating(code, status, opens_sessions=opens_sessions)
        rpc = RpcClient(httpx.MockTransport(answer), Endpoints(None), clock, lambda: "nonce", no_pause)
        sts = StsApi(rpc)
        own = Credential(
            access_key_id="LTAIplanted",
            access_key_secret=SecretStr(f"{PLANTED}-base-key"),
            security_token=SecretStr(f"{PLANTED}-base-token"),
        )
        source = OwnRoleByToken(
            role_arn=RoleArn("acs:ram::1234567890123456:role/bot"),
            provider_arn=ProviderArn("acs:ram::1234567890123456:oidc-provider/cluster"),
            token_file=tmp_path / "token",
        )
        base = base_of(source, sts, no_machine, clock) if by_token else holding(own, clock)
        groups = Groups(slack_groups.list_members, clock)
        environ = {"EXTERNAL_ID": f"{PLANTED}-external-id", "LAB_KEY_ID": "LTAIlab"}
        probes = Probes(VpnApi(rpc), sts, RamApi(rpc), TunnelApi(rpc))
        return Access(load(BOOK), base, sts, groups, environ, tmp_path, clock, probes)

    return build


@pytest.mark.parametrize("opens_sessions", [True, False], ids=["sessions open", "no session opens"])
@pytest.mark.parametrize("by_token", [True, False], ids=["by token", "by key"])
@pytest.mark.parametrize("code", CODES)
async def test_nothing_of_them_comes_out(
    desk: Callable[..., Access],
    a_request: Callable[..., DiagnosisRequest],
    a_requester: Callable[..., Requester],
    caplog: pytest.LogCaptureFixture,
    code: str,
    *,
    by_token: bool,
    opens_sessions: bool,
) -> None:
    caplog.set_level(logging.DEBUG)
    access = desk(code, 500 if code == "InternalError" else 403, by_token=by_token, opens_sessions=opens_sessions)
    told: list[Any] = []
    for user in ("U0ALICE", "U0BOB", "U0CAROL"):
        told += await everything_told(access, a_requester(user), a_request())
    await access.close()

    assert told
    assert PLANTED not in "".join(map(str, told)) + caplog.text


async def everything_told(access: Access, requester: Requester, request: DiagnosisRequest) -> list[Any]:
    """Collect whatever the desk gives out about a person: exceptions, decisions, and the words made of them."""
    told: list[Any] = []
    try:
        told.append(repr(await access.authorize(requester, INCIDENT, request)))
    except Problem as problem:
        told += ["".join(traceback.format_exception(problem)), problem.facts]
    decision, authorization, _ = await access.decide(requester, INCIDENT, request)
    told += [decision.model_dump_json(), repr(authorization)]
    if decision.problem is not None:
        told += [explain(decision.problem, "en").in_full, explain(decision.problem, "zh").in_full]
    if decision.denial is not None:
        told.append(remedy_message(decision.denial, "en").blocks)
    standing = await access.standing(requester, INCIDENT)
    return [*told, standing.model_dump_json(), standing_message(standing, None, "en").blocks]
