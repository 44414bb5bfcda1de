import asyncio
import gzip
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.emulators.alibaba import AlibabaEmulator, alibaba_emulator
from bot.emulators.alibaba.received import FORM
from bot.emulators.serving import serving
from bot.model.problem import Problem
from tests.emulators.alibaba.client import EXAMPLE, ROOT, Clock, Cloud, Key, Wire, served


async def said(cloud: Cloud, request: bytes) -> bytes:
    """Send bytes, and read what comes back until the server hangs up."""
    host, _, port = cloud.host.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def test_the_ledger_shows_who_called_what_with_which_outcome(cloud: Cloud) -> None:
    started = await cloud.start(ClientToken="t-1")
    await cloud.start("nobodys")

    first, second = await cloud.calls()

    assert (first["operation"], first["outcome"]) == ("DiagnoseVpnGateway", "ok")
    assert first["caller"] == "acs:ram::1234567890123456:user/lab"
    assert first["facts"]["client_token"] == "t-1"
    assert first["facts"]["request_id"] == started.body["RequestId"]
    assert first["facts"]["accepted_start"] is True
    assert first["facts"]["diagnose_id"] == started.body["DiagnoseId"]
    assert first["facts"]["parameters"]["VpnGatewayId"] == "vpn-healthy0000000000001"
    assert second["outcome"] == "InvalidVpnGatewayInstanceId.NotFound"
    assert second["caller"] == first["caller"]
    assert "accepted_start" not in second["facts"]


async def test_the_ledger_keeps_no_secret_and_only_so_much(cloud: Cloud) -> None:
    await cloud.assume("vpn-external", ExternalId="emulator-external-id")
    session = (await cloud.assume()).session_key
    await cloud.call("GetCallerIdentity", {"SecurityToken": "CAIShush", "Long": "x" * 5000}, key=session)
    await cloud.call("X" * 5000)

    text = json.dumps(await cloud.calls())

    for secret in ("emulator-external-id", "CAIShush", session.secret, session.token or "", "x" * 301, "X" * 301):
        assert secret not in text


async def test_a_refused_stranger_is_in_the_ledger_without_a_name(cloud: Cloud) -> None:
    await cloud.call("DescribeRegions", key=Key("LTAInobody", "x"))

    assert [(call["caller"], call["outcome"]) for call in await cloud.calls()] == [
        ("-", "InvalidAccessKeyId.NotFound")
    ]


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("throttle", 400, "Throttling.User"),
        ("http_500", 500, "InternalError"),
        ("http_503", 503, "ServiceUnavailable"),
    ],
)
async def test_an_ordered_fault_is_answered_in_the_vendors_envelope(
    cloud: Cloud, kind: str, status: int, code: str
) -> None:
    await cloud.control("POST", "faults", operation="DiagnoseVpnGateway", kind=kind)

    faulty, next_one = await cloud.start(), await cloud.start()

    assert (faulty.status, faulty.code) == (status, code)
    assert next_one.code == "ok"
    assert [call["outcome"] for call in await cloud.calls()] == [code, "ok"]


async def test_a_fault_for_no_operation_is_refused(cloud: Cloud) -> None:
    answer = await cloud.control("POST", "faults", operation="DiagnoseVpnGateways", kind="throttle")

    assert answer["ok"] is False
    assert "there is no operation DiagnoseVpnGateways; there are: DescribeRegions, " in answer["error"]


async def test_throttling_may_say_how_long_to_wait(cloud: Cloud) -> None:
    await cloud.control("POST", "faults", operation="*", kind="throttle", seconds=2.5)

    assert (await cloud.start()).headers["x-acs-retry-after"] == "2500"


async def test_a_start_that_is_cut_off_after_acceptance_counts_as_accepted(cloud: Cloud) -> None:
    for kind, gateway in (("reset_after", "healthy"), ("truncated", "broken")):
        await cloud.control("POST", "faults", operation="DiagnoseVpnGateway", kind=kind)
        with pytest.raises(aiohttp.ClientError):
            await cloud.start(gateway, ClientToken=kind)

    assert [call["facts"]["accepted_start"] for call in await cloud.calls()] == [True, True]
    again = await cloud.start(ClientToken="reset_after")
    assert again.code == "ok"
    assert (await cloud.calls())[-1]["facts"]["accepted_start"] is False


async def test_a_start_that_is_cut_off_before_acceptance_is_none(cloud: Cloud) -> None:
    await cloud.control("POST", "faults", operation="DiagnoseVpnGateway", kind="reset_before")
    with pytest.raises(aiohttp.ClientError):
        await cloud.start()

    assert [(call["outcome"], call["facts"]) for call in await cloud.calls()] == [("fault:reset_before", {})]


async def test_a_reset_forgets_everything_but_the_sessions(cloud: Cloud) -> None:
    session = (await cloud.assume()).session_key
    diagnose_id = (await cloud.start("healthy", session)).body["DiagnoseId"]
    await cloud.control("POST", "reset")

    assert await cloud.calls() == []
    assert (await cloud.result(diagnose_id, session)).code == "InvalidResourceId.NotFound"
    assert (await cloud.start("healthy", session)).code == "ok"


async def test_a_network_of_ones_own_is_served(tmp_path: Path) -> None:
    path = tmp_path / "network.yml"
    path.write_text(
        "version: 1\n"
        "regions: [{id: eu-west-1, name: London, local_name: 伦敦}]\n"
        'accounts: [{id: "1234567890123456", access_keys: [{id: LTAImine, secret: mine}]}]\n',
        encoding="utf-8",
    )
    clock = Clock(datetime.now(UTC))
    async with serving(alibaba_emulator(path, clock)) as base_url, aiohttp.ClientSession() as session:
        cloud = Cloud(session, base_url.removeprefix("http://"), clock)
        reply = await cloud.call("DescribeRegions", key=Key("LTAImine", "mine"))

    assert [region["RegionId"] for region in reply.body["Regions"]["Region"]] == ["eu-west-1"]


def test_a_network_that_is_wrong_is_not_served(tmp_path: Path) -> None:
    path = tmp_path / "network.yml"
    path.write_text("version: 1\nregions: []\naccounts: []\n", encoding="utf-8")

    with pytest.raises(Problem, match=r"settings\.network_file"):
        alibaba_emulator(path, Clock())


async def test_any_other_path_is_no_operation(cloud: Cloud) -> None:
    for path in ("/robots.txt", "/_emulator/unheard-of", "/x/../../etc/passwd"):
        reply = await cloud.send("GET", path, {})
        assert (reply.status, reply.code) == (404, "InvalidAction.NotFound")


async def test_a_body_that_is_too_large_is_refused(cloud: Cloud) -> None:
    size = 1024 * 1024 + 1
    head = f"POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: {size}\r\n\r\n"

    answer = await said(cloud, head.encode() + b"x" * size)

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"Code": "RequestBodyTooLarge"' in answer


@pytest.mark.parametrize(
    "head",
    [
        b"POST /?a=%ff%fe HTTP/1.1\r\nHost: h\r\n",
        b"POST /?\xff HTTP/1.1\r\nHost: h\r\n",
        b"POST / HTTP/1.1\r\nHost: h\r\nx-acs-action: \xff\xfe\r\n",
        b"POST / HTTP/1.1\r\nHost: h\r\nauthorization: ACS3-HMAC-SHA256 Credential=\xff\r\n",
        b"POST / HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded; charset=\xff\r\n",
        b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        b"POST / HTTP/1.1\r\n",
        b"POST / HTTP/9.9\r\nHost: h\r\n",
        b"POST /" + b"a" * 40_000 + b" HTTP/1.1\r\nHost: h\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
    ids=[
        "bad escapes", "bytes in the URL", "bytes in a header", "bytes in the authorization", "bytes in the type",
        "two lengths", "no host", "another HTTP", "endless URL", "TLS",
    ],
)  # fmt: skip
async def test_hostile_bytes_are_a_4xx_without_a_traceback(cloud: Cloud, head: bytes) -> None:
    answer = await said(cloud, head + b"Connection: close\r\n\r\n")

    assert answer.split(b" ")[1][:1] == b"4"
    assert b"Traceback" not in answer
    assert b"aiohttp" not in answer.partition(b"\r\n\r\n")[2]
    assert (await cloud.call("GetCallerIdentity")).code == "ok"


def posted(body: bytes, *headers: str) -> bytes:
    lines = ("POST / HTTP/1.1", "Host: h", "Connection: close", f"Content-Length: {len(body)}", *headers)
    return "\r\n".join((*lines, "", "")).encode() + body


@pytest.mark.parametrize(
    "request_bytes",
    [
        posted(b"hello", "Content-Encoding: gzip"),
        posted(gzip.compress(b"A=1")[:-6], "Content-Encoding: gzip"),
        posted(gzip.compress(b"a" * 20_000_000), "Content-Encoding: gzip"),
        posted(b"hello", "Content-Encoding: deflate"),
        posted(b"hello", "Content-Encoding: br"),
        posted(b"hello", "Content-Encoding: zstd"),
        posted(b"A=1", "Content-Type: ;;;="),
        posted(b"\xff=%ff\xfe", f"Content-Type: {FORM}"),
        posted(b"x-www", "Content-Type: multipart/form-data"),
        b"POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nA=1\r\nzz\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
        b"CONNECT h:443 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
        b"BREW / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
        b"GET http://[::1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
        b"POST / HTTP/1.0\r\n\r\n",
        b"POST /?" + b"a=1&" * 300 + b" HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n" + b"x-acs-a: 1\r\n" * 200 + b"\r\n",
        b"POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nExpect: tea\r\n\r\n",
        b"POST /_emulator/faults HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=[
        "no gzip", "half of a gzip", "a gzip of 20 MB", "no deflate", "no brotli", "no zstandard", "no type",
        "bytes in a form", "no parts", "no chunk", "to no path", "a tunnel", "a teapot", "no address", "HTTP/1.0",
        "endless parameters", "endless headers", "an expectation", "no chunk for the control interface",
    ],
)  # fmt: skip
async def test_nothing_that_anybody_sends_is_a_5xx(
    cloud: Cloud, request_bytes: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await said(cloud, request_bytes)

    assert answer.split(b" ")[1][:1] == b"4"
    assert caplog.text == ""
    assert (await cloud.call("GetCallerIdentity")).code == "ok"


async def test_a_client_that_leaves_in_the_middle_leaves_nothing_behind(
    cloud: Cloud, caplog: pytest.LogCaptureFixture
) -> None:
    host, _, port = cloud.host.partition(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(posted(b"a" * 1000, "x-acs-action: Left")[:-500])
    await writer.drain()
    await asyncio.sleep(0.05)  # so that the server waits for the rest
    writer.close()
    await writer.wait_closed()
    for _ in range(1000):
        if await cloud.calls():
            break
        await asyncio.sleep(0.01)

    assert [(call["operation"], call["outcome"]) for call in await cloud.calls()] == [
        ("Left", "InvalidParameter.Format")
    ]
    assert caplog.text == ""


async def test_it_can_be_a_clients_proxy(cloud: Cloud) -> None:
    behind_it = Cloud(cloud.session, "sts.cn-hangzhou.aliyuncs.com", cloud.clock, proxy=f"http://{cloud.host}")

    reply = await behind_it.call("GetCallerIdentity")

    assert reply.body["Arn"] == "acs:ram::1234567890123456:user/lab"


@pytest.mark.parametrize("target", ["http://h", "http://h?", "HTTP://h:8200/", "https://h/?A=1"])
async def test_an_address_as_to_a_proxy_leads_to_the_operations(cloud: Cloud, target: str) -> None:
    answer = await said(cloud, f"GET {target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".encode())

    assert b'"Code": "MissingAction"' in answer


OPERATIONS = {
    operation.name: (product.version, sorted(operation.parameters))
    for product in AlibabaEmulator(EXAMPLE, Clock()).products
    for operation in product.operations
}
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.sampled_from(
        ["cn-hangzhou", "IPsec", "vpn-healthy0000000000001", "vco-healthy0000000000001", "[]", "{}", "1e999"]
    ),
    st.sampled_from(['"\\ud800"', "0", "-1", "1", "50", "a.b.c", "acs:ram::1234567890123456:role/vpn-readonly"]),
)


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, dict[str, str]]:
    """Draw an operation, and some of its parameters; lists have members under odd numbers."""
    operation = draw(st.sampled_from(sorted(OPERATIONS)))
    names = [name.replace(".N", number) for name in OPERATIONS[operation][1] for number in (".1", ".999", ".x")]
    return operation, draw(st.dictionaries(st.sampled_from(names or ["Any"]), TEXTS))


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(call=calls())
def test_no_parameter_makes_the_server_fail(call: tuple[str, dict[str, str]]) -> None:
    operation, params = call

    async def asked() -> tuple[int, list[str]]:
        async with served(EXAMPLE, Clock()) as cloud:
            version = {"x-acs-version": OPERATIONS[operation][0]}
            reply = await cloud.call(operation, key=ROOT, wire=Wire(form=params, signed=version))
            return reply.status, [call["outcome"] for call in await cloud.calls()]

    status, outcomes = asyncio.run(asked())

    assert status < 500
    assert len(outcomes) == 1


BYTES = st.binary(max_size=30).map(lambda raw: re.sub(rb"[\r\n]", b"", raw))
TARGETS = st.one_of(
    st.sampled_from(
        [b"/", b"*", b"h:443", b"http://h/", b"/_emulator/faults", b"/_emulator/calls?operation=", b"//h/?"]
    ),
    BYTES.map(lambda raw: b"/?" + raw.replace(b" ", b"+")),
)
NAMES = b"x-acs-action x-acs-version x-acs-date authorization content-type content-encoding transfer-encoding"
HEADERS = st.tuples(
    st.sampled_from([*NAMES.split(), *b"content-length expect upgrade connection origin host range".split()]),
    st.one_of(
        BYTES,
        st.sampled_from([b"chunked", b"gzip", b"3", b"close", b"2016-04-28", b"DescribeRegions", FORM.encode()]),
        st.just(b"ACS3-HMAC-SHA256 Credential=LTAIemulatorLab,SignedHeaders=host,Signature=" + b"0" * 64),
    ),
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=st.sampled_from([b"GET", b"POST", b"PUT", b"HEAD", b"OPTIONS", b"CONNECT", b"get", b"M-SEARCH"]),
    target=TARGETS,
    version=st.sampled_from([b"1.0", b"1.1"]),
    headers=st.lists(HEADERS, max_size=6),
    body=st.one_of(st.binary(max_size=40), st.sampled_from([b"3\r\nA=1\r\n0\r\n\r\n", b"{}", b"A=1&A=2"])),
)
def test_no_bytes_make_the_server_fail(
    method: bytes, target: bytes, version: bytes, headers: list[tuple[bytes, bytes]], body: bytes
) -> None:
    lines = [b"%s %s HTTP/%s" % (method, target, version), *(b"%s: %s" % header for header in headers)]

    async def answered() -> bytes:
        async with serving(AlibabaEmulator(EXAMPLE, Clock()).web_app()) as base_url:
            host, _, port = base_url.removeprefix("http://").partition(":")
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(b"\r\n".join([*lines, b"", body]))
            writer.write_eof()
            async with asyncio.timeout(10):
                answer = await reader.read()
            writer.close()
            await writer.wait_closed()
            return answer

    answer = asyncio.run(answered())

    assert not re.match(rb"HTTP/1.[01] 5", answer)
    assert b"Traceback" not in answer
