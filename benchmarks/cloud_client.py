"""Our client of the cloud beside others, on one emulator over TLS: calls, CPU, connections, import.

Every client is a process of its own, and so is the emulator; the clients take turns, so that what else the
machine does hits all of them. The call is DescribeRegions, one after another. "plain httpx" sends the same
requests, signed beforehand, and parses the JSON: what any client on httpx costs at least. httpx-aiohttp is
measured if it is installed.
"""

import asyncio
import functools
import importlib.util
import ipaddress
import json
import os
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
from pydantic import SecretStr

from bot.alibaba.endpoints import Endpoints
from bot.alibaba.rpc import RpcClient
from bot.alibaba.sending import signed_request
from bot.alibaba.signature import canonical_query
from bot.alibaba.traffic import Traffic
from bot.alibaba.transport import build_http
from bot.alibaba.vpn import DESCRIBE_REGIONS, VpnApi
from bot.model.credential import Credential

CREDENTIAL = Credential(access_key_id="LTAIemulatorLab", access_key_secret=SecretStr("emulator-lab-secret"))
COUNT_PATH = "/benchmark/connections"

ROUNDS = 5
CALLS = 500
IMPORTS = 9

OURS, PLAIN, SDK_ASYNC, SDK_SYNC = "ours", "plain httpx", "SDK, asyncio", "SDK, threads"
OURS_ON_HTTPX, OURS_ON_HTTPX_AIOHTTP = "ours on httpx's transport", "ours on httpx-aiohttp"

# Fewer calls of the SDK's asynchronous client, which makes a connection and a TLS context for each of them.
CALLS_OF = {SDK_ASYNC: 50}

OUR_IMPORTS = (
    "import bot.alibaba.transport, bot.alibaba.vpn, bot.alibaba.tunnels, bot.alibaba.sts, bot.alibaba.ram"
)
SDK_IMPORTS = (
    "import alibabacloud_vpc20160428.client, alibabacloud_sts20150401.client, alibabacloud_ram20150501.client"
)

# What the bot has imported without any client, and what httpx imports for its command line if a linter brought it.
REST_OF_THE_BOT = "import slack_bolt.async_app, aiohttp, sqlalchemy, prometheus_client, bot.model.run"
NOT_IN_THE_IMAGE = "import sys; sys.modules['click'] = sys.modules['rich'] = None"


class Measured(NamedTuple):
    """What a client needed for some calls."""

    calls_a_second: float
    cpu_us_a_call: float


class Client(NamedTuple):
    """How a client makes a number of calls; `prepare` is told it before the clock runs."""

    calls: Callable[[int], Awaitable[None]]
    prepare: Callable[[int], None] = lambda _number: None


def now() -> datetime:
    return datetime.now(UTC)


def nonce() -> str:
    return uuid4().hex


# The clients


@asynccontextmanager
async def ours(url: str, transport: httpx.AsyncBaseTransport | None = None) -> AsyncIterator[Client]:
    # A clock that runs a thousand times as fast: our own quotas shall not be what is measured.
    traffic = Traffic(now, lambda: time.monotonic() * 1000)
    async with transport or build_http() as http:
        vpn = VpnApi(RpcClient(http, Endpoints(url), now, nonce, traffic=traffic))

        async def calls(number: int) -> None:
            for _ in range(number):
                assert await vpn.describe_regions(CREDENTIAL)

        yield Client(calls)


@asynccontextmanager
async def plain(url: str, transport: httpx.AsyncBaseTransport | None = None) -> AsyncIterator[Client]:
    query = canonical_query({"AcceptLanguage": "en-US"})
    ready: list[tuple[httpx.URL, dict[str, str]]] = []

    def prepare(number: int) -> None:
        ready.extend(
            signed_request(DESCRIBE_REGIONS, url + "/", query, CREDENTIAL, now(), nonce()) for _ in range(number)
        )

    async with httpx.AsyncClient(transport=transport) as http:

        async def calls(number: int) -> None:
            for _ in range(number):
                target, headers = ready.pop()
                response = await http.post(target, headers=headers)
                assert response.json()["Regions"]

        yield Client(calls, prepare)


@asynccontextmanager
async def sdk(url: str, *, threads: bool) -> AsyncIterator[Client]:
    from alibabacloud_tea_openapi.utils_models import Config
    from alibabacloud_vpc20160428.client import Client as VpcClient
    from alibabacloud_vpc20160428.models import DescribeRegionsRequest

    config = Config(
        access_key_id=CREDENTIAL.access_key_id,
        access_key_secret=CREDENTIAL.access_key_secret.get_secret_value(),
        endpoint=httpx.URL(url).netloc.decode(),
        protocol="https",
        region_id="cn-hangzhou",
    )
    client, request = VpcClient(config), DescribeRegionsRequest(accept_language="en-US")

    async def calls(number: int) -> None:
        for _ in range(number):
            answer = client.describe_regions(request) if threads else await client.describe_regions_async(request)
            assert answer.body.regions.region

    yield Client(calls)


def client_named(name: str, url: str) -> AbstractAsyncContextManager[Client]:
    match name:
        case "ours":
            return ours(url)
        case "ours on httpx's transport":
            return ours(url, httpx.AsyncHTTPTransport(verify=ssl.create_default_context()))
        case "plain httpx":
            return plain(url)
        case "SDK, asyncio":
            return sdk(url, threads=False)
        case "SDK, threads":
            return sdk(url, threads=True)
        case _:
            from httpx_aiohttp import AiohttpTransport  # type: ignore[import-not-found]  # no dependency of ours

            return ours(url, AiohttpTransport(verify=ssl.create_default_context()))


async def be_a_client(name: str, url: str) -> None:
    """Make as many calls as each line of the input says, and print what they took."""
    async with client_named(name, url) as client:
        while line := await asyncio.to_thread(sys.stdin.readline):
            number = int(line)
            client.prepare(number)
            wall, cpu = time.perf_counter(), time.process_time()
            await client.calls(number)
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            print(json.dumps([number / wall, cpu / number * 1e6]), flush=True)


# The emulator


async def be_the_emulator(folder: Path) -> None:
    from aiohttp import web

    from bot.emulators.alibaba.emulator import AlibabaEmulator
    from bot.emulators.alibaba.network_file import load_network

    seen: set[Any] = set()

    @web.middleware
    async def counting(request: web.Request, handler: Any) -> web.StreamResponse:
        if request.path == COUNT_PATH:
            counted = len(seen)
            seen.clear()
            return web.json_response(counted)
        if request.transport is not None:
            seen.add(request.transport.get_extra_info("peername"))
        answer: web.StreamResponse = await handler(request)
        return answer

    app = AlibabaEmulator(load_network(None), clock=now).web_app()
    app.middlewares.insert(0, counting)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "server.pem")
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    print(f"https://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


def make_certificates(folder: Path) -> None:
    """Make a CA for this run, `ca.pem`, and what it signed for 127.0.0.1 with its key, `server.pem`."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    def certificate(name: str, key: Any, signed_by: Any, issuer: str, *extensions: Any) -> Any:
        subject, by = (x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, one)]) for one in (name, issuer))
        builder = x509.CertificateBuilder(by, subject, key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(now() - timedelta(hours=1)).not_valid_after(now() + timedelta(days=1))
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(signed_by, hashes.SHA256())

    def pem(one: Any) -> bytes:
        return bytes(one.public_bytes(serialization.Encoding.PEM))

    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    constraints = x509.BasicConstraints(ca=True, path_length=None)
    ca = certificate("throw-away CA", ca_key, ca_key, "throw-away CA", constraints)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))])
    server = certificate("127.0.0.1", key, ca_key, "throw-away CA", names)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "ca.pem").write_bytes(pem(ca))
    (folder / "server.pem").write_bytes(private + pem(server))


# The run


def started(environ: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, __file__, *arguments]
    return subprocess.Popen(  # noqa: S603 -- this file itself
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ
    )


def line_of(process: subprocess.Popen[str], told: str = "") -> str:
    assert process.stdin is not None
    assert process.stdout is not None
    if told:
        process.stdin.write(f"{told}\n")
        process.stdin.flush()
    return process.stdout.readline().strip()


def measure(environ: dict[str, str], url: str) -> tuple[dict[str, list[Measured]], dict[str, int]]:
    names = [OURS, PLAIN, SDK_ASYNC, SDK_SYNC, OURS_ON_HTTPX]
    if importlib.util.find_spec("httpx_aiohttp"):
        names.append(OURS_ON_HTTPX_AIOHTTP)
    clients = {name: started(environ, "client", name, url) for name in names}
    measured: dict[str, list[Measured]] = {name: [] for name in names}
    connections: dict[str, int] = {}
    context = ssl.create_default_context(cafile=environ["SSL_CERT_FILE"])
    with httpx.Client(verify=context) as counter:
        for name, client in clients.items():  # the first calls find nothing compiled and connected
            line_of(client, "20")
            counter.get(url + COUNT_PATH)
            line_of(client, str(CALLS_OF.get(name, CALLS)))
            connections[name] = counter.get(url + COUNT_PATH).json()
        for _ in range(ROUNDS):
            for name, client in clients.items():
                measured[name].append(Measured(*json.loads(line_of(client, str(CALLS_OF.get(name, CALLS))))))
    for client in clients.values():
        client.communicate()
    return measured, connections


def import_ms(before: str, what: str) -> float:
    """Return the milliseconds that an import takes in a new process after others, the median of several."""
    clock = "time.perf_counter() * 1000"
    program = f"{NOT_IN_THE_IMAGE}; {before}; import time; began = {clock}; {what}; print({clock} - began)"
    command = [sys.executable, "-W", "ignore", "-c", program]
    project = Path(__file__).parents[1]
    run = functools.partial(subprocess.check_output, command, text=True, cwd=project)
    return statistics.median(float(run()) for _ in range(IMPORTS))


def report(measured: dict[str, list[Measured]], connections: dict[str, int]) -> None:
    for name, rounds in measured.items():
        speed = statistics.median(one.calls_a_second for one in rounds)
        cpu = statistics.median(one.cpu_us_a_call for one in rounds)
        made = f"{connections[name]} connections for {CALLS_OF.get(name, CALLS)} calls"
        print(f"{name:<27}{speed:6.0f} calls/s  {cpu:7.0f} µs CPU a call  {made}")
    ratios = [
        ("calls/s, ours to the SDK's asyncio", OURS, SDK_ASYNC, 0, "at least 20"),
        ("calls/s, ours to plain httpx", OURS, PLAIN, 0, "at least 0.9"),
        ("CPU a call, ours to plain httpx", OURS, PLAIN, 1, "at most 1.15"),
    ]
    for words, one, other, field, target in ratios:
        ratio = statistics.median(a[field] / b[field] for a, b in zip(measured[one], measured[other], strict=True))
        print(f"{words}: {ratio:.2f} ({target})")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_certificates(folder)
        environ = os.environ | {"SSL_CERT_FILE": str(folder / "ca.pem")}
        emulator = started(environ, "emulator", name)
        report(*measure(environ, line_of(emulator)))
        emulator.communicate()
    for words, before in (("into the bot", REST_OF_THE_BOT), ("into nothing", "pass")):
        us, them = import_ms(before, OUR_IMPORTS), import_ms(before, SDK_IMPORTS)
        print(f"import {words}: ours {us:.0f} ms, the SDK's {them:.0f} ms: {us / them:.2f} of it (at most 0.20)")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["client", which, where]:
            asyncio.run(be_a_client(which, where))
        case ["emulator", folder_name]:
            asyncio.run(be_the_emulator(Path(folder_name)))
        case _:
            main()
