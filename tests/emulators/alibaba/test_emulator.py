import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.emulators.alibaba import AlibabaEmulator, alibaba_emulator, load_network
from bot.emulators.serving import serving
from bot.model.problem import Problem
from tests.emulators.alibaba.client import ROOT, Clock, Cloud, Key, Wire


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


OPERATIONS = {
    operation.name: (product.version, sorted(operation.parameters))
    for product in AlibabaEmulator(load_network(), Clock()).products
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


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(call=calls())
def test_no_parameter_makes_the_server_fail(call: tuple[str, dict[str, str]]) -> None:
    operation, params = call

    async def asked() -> tuple[int, list[str]]:
        clock = Clock()
        async with serving(alibaba_emulator(None, clock)) as base_url, aiohttp.ClientSession() as session:
            cloud = Cloud(session, base_url.removeprefix("http://"), clock)
            version = {"x-acs-version": OPERATIONS[operation][0]}
            reply = await cloud.call(operation, key=ROOT, wire=Wire(form=params, signed=version))
            return reply.status, [call["outcome"] for call in await cloud.calls()]

    status, outcomes = asyncio.run(asked())

    assert status < 500
    assert len(outcomes) == 1
