"""One signed call: what goes over the wire, what comes back, what is tried again and what is never told."""

import json
import logging
import ssl
import traceback
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.alibaba.endpoints import Product
from bot.alibaba.operation import STARTS, Operation
from bot.alibaba.rpc import RpcClient
from bot.alibaba.signature import EMPTY_BODY_SHA256, authorization, canonical_query, canonical_request
from bot.model.credential import Credential
from bot.model.ids import RegionId
from bot.model.problem import Problem

DIAGNOSE = Operation(
    product=Product.VPC,
    name="DiagnoseVpnGateway",
    version="2016-04-28",
    answers_with=("DiagnoseId",),
    quota=STARTS,
)
GOOD = {"DiagnoseId": "vpndgn-example0000000001", "RequestId": "0ED8D006-F706"}
QINGDAO = RegionId("cn-qingdao")
BUSY = {"Code": "Throttling.User", "Message": "Request was denied due to user flow control.", "RequestId": "0ED8"}

Clients = Callable[..., RpcClient]


class Cloud:
    """Answers each call with the next of the answers (the last one for ever), and keeps the requests."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


def good() -> httpx.Response:
    return httpx.Response(200, json=GOOD)


def errors_behind(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error, and whatever it came from."""
    if error is not None:
        yield error
        yield from errors_behind(error.__cause__)
        yield from errors_behind(error.__context__)


async def failing(rpc: RpcClient, credential: Credential) -> Problem:
    with pytest.raises(Problem) as caught:
        await rpc.call(DIAGNOSE, {"RegionId": "cn-qingdao"}, credential, QINGDAO)
    return caught.value


async def test_the_call_is_a_post_with_everything_in_the_query(rpc_over: Clients, credential: Credential) -> None:
    cloud = Cloud(good())
    params = {"RegionId": "cn-qingdao", "IPsecExtendInfo": '{"a":"b c+d*~/%\u5317"}', "ClientToken": ""}

    answer = await rpc_over(cloud).call(DIAGNOSE, params, credential, QINGDAO)

    (request,) = cloud.requests
    assert answer == GOOD
    assert request.method == "POST"
    assert str(request.url) == f"https://vpc.cn-qingdao.aliyuncs.com/?{canonical_query(params)}"
    assert request.content == b""
    assert request.headers["content-length"] == "0"


async def test_the_headers_are_those_of_version_3(rpc_over: Clients, credential: Credential) -> None:
    cloud = Cloud(good())

    await rpc_over(cloud).call(DIAGNOSE, {}, credential, QINGDAO)

    headers = dict(cloud.requests[0].headers)
    assert headers.pop("authorization").startswith("ACS3-HMAC-SHA256 Credential=STS.example-id,SignedHeaders=")
    assert headers == {
        "accept": "application/json",
        "accept-encoding": "identity",
        "content-length": "0",
        "host": "vpc.cn-qingdao.aliyuncs.com",
        "user-agent": "vpn-diagnose",
        "x-acs-action": "DiagnoseVpnGateway",
        "x-acs-content-sha256": EMPTY_BODY_SHA256,
        "x-acs-date": "2026-01-02T12:00:00Z",
        "x-acs-security-token": "CAIS-example/token+with=reserved&chars%20==",
        "x-acs-signature-nonce": "nonce-1",
        "x-acs-version": "2016-04-28",
    }


def signed_headers(request: httpx.Request) -> list[str]:
    return request.headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")


async def test_exactly_the_host_and_the_x_acs_headers_are_signed(
    rpc_over: Clients, credential: Credential
) -> None:
    cloud = Cloud(good())

    await rpc_over(cloud).call(DIAGNOSE, {}, credential, QINGDAO)

    (request,) = cloud.requests
    wanted = {name for name in request.headers if name == "host" or name.startswith("x-acs-")}
    assert set(signed_headers(request)) == wanted


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(codec="utf-8"))))
async def test_what_is_signed_is_what_is_on_the_wire(
    rpc_over: Clients, credential: Credential, params: dict[str, str]
) -> None:
    cloud = Cloud(good())

    await rpc_over(cloud, "http://127.0.0.1:8080/prefix").call(DIAGNOSE, params, credential, QINGDAO)

    (request,) = cloud.requests
    names = signed_headers(request)
    target = request.url.raw_path.decode()
    canonical = canonical_request("POST", "/", target.partition("?")[2], request.headers, names, EMPTY_BODY_SHA256)
    assert target.partition("?")[2] == canonical_query(params)
    assert request.headers["host"] == "127.0.0.1:8080"
    assert request.headers["authorization"] == authorization("STS.example-id", "example-secret", canonical, names)


async def test_a_permanent_key_sends_no_token(rpc_over: Clients) -> None:
    cloud = Cloud(good())
    key = Credential(access_key_id="LTAI-example-id", access_key_secret=SecretStr("example-secret"))

    await rpc_over(cloud).call(DIAGNOSE, {}, key, QINGDAO)

    assert "x-acs-security-token" not in cloud.requests[0].headers


# what comes back


@pytest.mark.parametrize("status", [200, 400, 403, 404, 500])
async def test_a_code_is_the_vendors_word_whatever_the_status(
    status: int, rpc_over: Clients, credential: Credential
) -> None:
    body = {
        "Code": "InvalidResourceId.NotFound",
        "Message": "The specified ResourceId is not found.",
        "RequestId": "R1",
    }

    problem = await failing(rpc_over(Cloud(httpx.Response(status, json=body))), credential)

    assert problem.code == "InvalidResourceId.NotFound"
    assert problem.facts == {
        "message": "The specified ResourceId is not found.",
        "request_id": "R1",
        "operation": "DiagnoseVpnGateway",
        "http_status": str(status),
    }


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<!DOCTYPE html><html><body>Sign in</body></html>"),
        (200, b"<?xml version='1.0'?><Error><Code>Forbidden</Code></Error>"),
        (200, b""),
        (200, b'{"DiagnoseId": "vpndgn-'),
        (200, b'{"RequestId": "0ED8D006-F706"}'),
        (200, b'{"DiagnoseId": "", "RequestId": "0ED8D006-F706"}'),
        (200, b'{"DiagnoseId": null}'),
        (200, b'["DiagnoseId"]'),
        (200, b'"DiagnoseId"'),
        (200, b"[" * 100_000),
        (200, b'{"DiagnoseId": ' + b"9" * 5000 + b"}"),
        (200, b'{"a": "\\ud800", "DiagnoseId": "x"}'),
        (200, b" " * 2**21 + b'{"DiagnoseId": "x"}'),
        (403, b"Forbidden"),
        (404, b'{"DiagnoseId": "vpndgn-example"}'),
        (400, b'{"Code": "access.not_mapped"}'),
        (502, b"<html><h1>502 Bad Gateway</h1></html>"),
    ],
    ids=lambda value: repr(value[:40]) if isinstance(value, bytes) else str(value),
)
async def test_what_is_not_the_vendors_tongue_is_not_understood(
    status: int, body: bytes, rpc_over: Clients, credential: Credential
) -> None:
    problem = await failing(rpc_over(Cloud(httpx.Response(status, content=body))), credential)

    assert problem.code == "cloud.not_understood"
    assert problem.facts == {"operation": "DiagnoseVpnGateway", "http_status": str(status)}


@pytest.mark.parametrize("name", ["Code", "code"])
@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("Forbidden.RAM", "Forbidden.RAM"),
        ("param_error", "param_error"),
        ("access.not_mapped", "cloud.not_understood"),
        (403, "cloud.not_understood"),
        (True, "cloud.not_understood"),
        (["Forbidden.RAM"], "cloud.not_understood"),
    ],
    ids=repr,
)
async def test_an_answer_with_a_code_is_no_success_whatever_else_is_in_it(
    name: str, code: Any, told: str, rpc_over: Clients, credential: Credential
) -> None:
    body = GOOD | {name: code, "TotalCount": 0}

    problem = await failing(rpc_over(Cloud(httpx.Response(200, json=body))), credential)

    assert problem.code == told


@pytest.mark.parametrize("code", [200, "200", "OK", "success", "Success", "", None], ids=repr)
async def test_a_code_that_says_it_went_well_is_one(code: Any, rpc_over: Clients, credential: Credential) -> None:
    cloud = Cloud(httpx.Response(200, json=GOOD | {"Code": code}))

    answer = await rpc_over(cloud).call(DIAGNOSE, {}, credential, QINGDAO)

    assert answer["DiagnoseId"] == GOOD["DiagnoseId"]


async def test_a_compressed_answer_is_not_unfolded(rpc_over: Clients, credential: Credential) -> None:
    def bomb(request: httpx.Request) -> httpx.Response:
        del request
        # Good JSON as it is: nothing but the header tells that it is to be unfolded.
        body = httpx.ByteStream(json.dumps(GOOD).encode())
        return httpx.Response(200, headers={"content-encoding": "gzip"}, stream=body)

    problem = await failing(rpc_over(bomb), credential)

    assert problem.code == "cloud.not_understood"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status: int, rpc_over: Clients, credential: Credential) -> None:
    cloud = Cloud(httpx.Response(status, headers={"location": "https://elsewhere.example/"}))

    problem = await failing(rpc_over(cloud), credential)

    assert problem.code == "cloud.redirected"
    assert len(cloud.requests) == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(status=st.integers(200, 599), body=st.binary() | st.from_regex(rb'\A\{"Code": "[A-Za-z.]{1,9}"\}\Z'))
async def test_no_answer_raises_anything_but_a_problem(
    rpc_over: Clients, credential: Credential, status: int, body: bytes
) -> None:
    problem = await failing(rpc_over(Cloud(httpx.Response(status, content=body))), credential)

    assert problem.details.is_from_the_cloud or problem.code in {"cloud.not_understood", "cloud.redirected"}


async def test_an_answer_tells_how_far_the_clocks_differ(rpc_over: Clients, credential: Credential) -> None:
    late = {"date": "Fri, 02 Jan 2026 11:50:00 GMT"}
    cloud = Cloud(httpx.Response(400, headers=late, json={"Code": "InvalidTimeStamp.Expired"}), good())
    rpc = rpc_over(cloud)
    before = rpc.clock_ahead_by

    await failing(rpc, credential)
    told = rpc.clock_ahead_by
    await rpc.call(DIAGNOSE, {}, credential, QINGDAO)

    assert (before, told, rpc.clock_ahead_by) == (None, timedelta(minutes=10), None)


# what is tried again


@pytest.mark.parametrize(
    "passing",
    [
        httpx.ConnectError("no route"),
        httpx.ReadTimeout("slow"),
        httpx.ReadError("reset"),
        httpx.RemoteProtocolError("cut"),
        httpx.Response(503, content=b"<html>busy</html>"),
        httpx.Response(500, json={"Code": "InternalError"}),
        httpx.Response(400, json={"Code": "ServiceUnavailable"}),
        httpx.Response(400, json={"Code": "Rejected.Throttling"}),
        httpx.Response(400, json={"Code": "SignatureNonceUsed"}),
        httpx.Response(400, json=BUSY),
    ],
    ids=repr,
)
async def test_what_may_pass_is_tried_again_with_the_same_parameters_and_a_new_nonce(
    passing: Any, rpc_over: Clients, credential: Credential, pauses: Any
) -> None:
    cloud = Cloud(passing, passing, good())

    answer = await rpc_over(cloud).call(DIAGNOSE, {"ClientToken": "token-1"}, credential, QINGDAO)

    assert answer == GOOD
    assert [request.headers["x-acs-signature-nonce"] for request in cloud.requests] == [
        "nonce-1",
        "nonce-2",
        "nonce-3",
    ]
    assert {request.url.query for request in cloud.requests} == {b"ClientToken=token-1"}
    assert len({request.headers["authorization"] for request in cloud.requests}) == 3
    assert sum(pauses.taken) >= 2.0


async def test_after_three_attempts_it_is_somebody_elses_turn(rpc_over: Clients, credential: Credential) -> None:
    cloud = Cloud(httpx.ConnectError("no route"))

    problem = await failing(rpc_over(cloud), credential)

    assert problem.code == "cloud.unreachable"
    assert len(cloud.requests) == 3


@pytest.mark.parametrize(("within_s", "attempts"), [(3.4, 1), (4.4, 2), (10, 3)])
async def test_no_attempt_is_begun_without_time_for_its_turn_and_an_answer(
    within_s: float, attempts: int, rpc_over: Clients, credential: Credential, pauses: Any
) -> None:
    cloud = Cloud(httpx.Response(503, json={"Code": "ServiceUnavailable", "RequestId": "0ED8"}))

    problem = await failing(rpc_over(cloud, within_s=within_s), credential)

    assert (problem.code, problem.facts["request_id"]) == ("ServiceUnavailable", "0ED8")
    assert len(cloud.requests) == attempts
    assert pauses.taken == [0.5, 1.5][: attempts - 1]


@pytest.mark.parametrize(
    "code", ["Forbidden.RAM", "InvalidTimeStamp.Expired", "OperationFailed.VpnGatewayDiagnosing"]
)
async def test_what_will_not_pass_is_tried_once(code: str, rpc_over: Clients, credential: Credential) -> None:
    cloud = Cloud(httpx.Response(400, json={"Code": code}))

    await failing(rpc_over(cloud), credential)

    assert len(cloud.requests) == 1


async def test_a_short_wait_that_the_cloud_asks_for_is_kept(
    rpc_over: Clients, credential: Credential, pauses: Any
) -> None:
    cloud = Cloud(httpx.Response(400, json=BUSY, headers={"x-acs-retry-after": "1500"}), good())

    await rpc_over(cloud).call(DIAGNOSE, {}, credential, QINGDAO)

    assert pauses.taken == [1.5]


async def test_a_long_wait_is_handed_to_the_caller(rpc_over: Clients, credential: Credential, pauses: Any) -> None:
    cloud = Cloud(httpx.Response(400, json=BUSY, headers={"x-acs-retry-after": "30000"}))

    problem = await failing(rpc_over(cloud), credential)

    assert problem.facts["retry_after_s"] == "30.0"
    assert problem.facts["request_id"] == "0ED8"
    assert pauses.taken == []


@pytest.mark.parametrize("asked", ["0", "-1", "soon", "1e9", "9" * 30, "\u0661"])
async def test_a_wait_that_makes_no_sense_is_ignored(
    asked: str, rpc_over: Clients, credential: Credential, pauses: Any
) -> None:
    headers = [(b"x-acs-retry-after", asked.encode())]
    cloud = Cloud(httpx.Response(400, json=BUSY, headers=headers), good())

    await rpc_over(cloud).call(DIAGNOSE, {}, credential, QINGDAO)

    assert pauses.taken == [0.5, 0.5]  # a part of its own, then the rest of a second's silence


# what is never told


async def test_no_secret_reaches_a_problem_a_log_or_a_traceback(
    rpc_over: Clients, credential: Credential, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = credential.security_token.get_secret_value() if credential.security_token else ""
    body = {"Code": "InternalError", "Message": f"example-secret {token} body-words"}
    cloud = Cloud(
        httpx.ReadError("reset"), httpx.Response(500, json=body), httpx.Response(500, content=token.encode())
    )

    problem = await failing(rpc_over(cloud), credential)

    told = "".join(traceback.format_exception(problem)) + repr(problem.details) + caplog.text
    for secret in ("example-secret", "CAIS", "body-words"):
        assert secret not in told


@pytest.mark.parametrize(
    "kind", [httpx.ReadError, httpx.ConnectTimeout, ssl.SSLError], ids=lambda kind: kind.__name__
)
async def test_what_a_failure_came_from_leads_to_no_secret(
    kind: type[Exception], rpc_over: Clients, credential: Credential
) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        deeper = ValueError(str(request.url))
        error = kind("reset")
        if isinstance(error, httpx.RequestError):
            error.request = request
        raise error from deeper

    with pytest.raises(Problem) as caught:
        await rpc_over(fail).call(DIAGNOSE, {"ExternalId": "shared-with-few"}, credential, QINGDAO)

    assert isinstance(caught.value.__cause__, kind)
    for error in errors_behind(caught.value):
        told = f"{error!r} {vars(error)} {vars(vars(error).get('_request') or error)}"
        assert "shared-with-few" not in told
        assert "CAIS" not in told


async def test_an_intent_is_shown_without_its_secrets(rpc_over: Clients, credential: Credential) -> None:
    rpc = rpc_over(Cloud(good()))

    shown = repr(rpc._intent(DIAGNOSE, {"ExternalId": "shared-with-few"}, credential, QINGDAO))

    assert "DiagnoseVpnGateway" in shown
    assert not any(one in shown for one in ("shared-with-few", "example-secret", "CAIS"))


async def test_a_parameter_that_no_encoding_has_is_refused_unquoted(
    rpc_over: Clients, credential: Credential
) -> None:
    cloud = Cloud(good())
    params = {"ExternalId": "shared-with-few\udce9"}

    with pytest.raises(Problem, match=r"access\.secret_missing") as caught:
        await rpc_over(cloud).call(DIAGNOSE, params, credential, QINGDAO)

    assert "shared" not in "".join(traceback.format_exception(caught.value)) + repr(caught.value.details)
    assert cloud.requests == []


@pytest.mark.parametrize("bad", ["", "two\nlines", "sp ace", "\u5317", "tab\t", "\ud800"], ids=repr)
@pytest.mark.parametrize("part", ["access_key_id", "access_key_secret", "security_token"])
async def test_a_credential_that_no_header_can_carry_is_refused_unquoted(
    part: str, bad: str, rpc_over: Clients, credential: Credential
) -> None:
    cloud = Cloud(good())
    spoilt = credential.model_copy(update={part: bad if part == "access_key_id" else SecretStr(bad)})

    problem = await failing(rpc_over(cloud), spoilt)

    assert problem.code == "access.secret_missing"
    assert not bad or bad not in str(problem.facts).replace("sp ace", "").replace("line breaks", "")
    assert cloud.requests == []
