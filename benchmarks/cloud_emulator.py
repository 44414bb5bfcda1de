"""The emulated Alibaba Cloud under load: signed calls a second on one core, and its memory over 100,000 of them.

The server is `vpn-diagnose emulate alibaba`, held to one core. Its quotas are lifted: no client is meant to call
like this. Signing happens on the other side, and is not counted.
"""

import asyncio
import contextlib
import hashlib
import itertools
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import aiohttp

from bot.alibaba.signature import EMPTY_BODY_SHA256, authorization, canonical_query, canonical_request

CALLS = 100_000
STEP = 10_000
AT_ONCE = 8
TARGET_PER_SECOND = 1_000

KEY, SECRET = "LTAIemulatorStranger", "emulator-stranger-secret"
VPC, STS = "2016-04-28", "2015-04-01"
HANGZHOU = {"RegionId": "cn-hangzhou"}
# One gateway is diagnosed at a time: so many that (nearly) every start is accepted.
GATEWAYS = 400
ONE_OF_MANY = """\
      - {id: vpn-NNN, region: cn-hangzhou, vpc: vpc-foreign0000000000001, connections: [
          {id: vco-NNN, local_networks: [192.168.0.0/16], remote_networks: [10.10.0.0/16],
           peer: {public_ip: 203.0.113.50}}]}
"""

Call = tuple[str, str, dict[str, str]]


def calls_of_a_run(number: int) -> Iterator[Call]:
    """Yield what a bot at work calls: a list, a start, polls, and now and then something else."""
    gateway, connection = f"vpn-{number % GATEWAYS:03}", f"vco-{number % GATEWAYS:03}"
    started = HANGZHOU | {"VpnGatewayId": gateway, "ResourceId": connection, "ResourceType": "IPsec"}
    role = "acs:ram::1234567890123456:role/vpn-readonly"
    yield "DescribeVpnGateways", VPC, HANGZHOU
    yield "DiagnoseVpnGateway", VPC, started | {"ClientToken": f"run-{number}"}
    for _ in range(5):
        yield "GetVpnGatewayDiagnoseResult", VPC, HANGZHOU | {"VpnGatewayId": gateway}
    yield "DescribeVpnConnections", VPC, HANGZHOU | {"VpnConnectionId": connection}
    yield "DiagnoseVpnConnections", VPC, HANGZHOU | {"VpnConnectionIds.1": connection}
    yield "GetCallerIdentity", STS, {}
    yield "AssumeRole", STS, {"RoleArn": role, "RoleSessionName": "bench"}  # denied: another account's


class Server(NamedTuple):
    """A running emulator."""

    url: str
    pid: int

    def resident_mb(self) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        return float(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024

    def cpu_s(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def large_network() -> str:
    """Give the packaged network with many more gateways, and with quotas that nobody reaches."""
    text = (files("bot.emulators.alibaba") / "network.yml").read_text(encoding="utf-8")
    names = sorted({name for name, _, _ in calls_of_a_run(0)})
    lifted = "".join(f"  {name}: {{calls: 1000000, seconds: 1}}\n" for name in names)
    text = re.sub(r"(?<=^api_quotas:\n)(?:  .*\n)+", lifted, text, flags=re.MULTILINE)
    return text + "".join(ONE_OF_MANY.replace("NNN", f"{number:03}") for number in range(GATEWAYS))


@contextlib.asynccontextmanager
async def serving_on_one_core() -> AsyncIterator[Server]:
    with tempfile.TemporaryDirectory() as folder:
        network = Path(folder) / "network.yml"
        network.write_text(large_network(), encoding="utf-8")
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "emulate", "alibaba", "--network", str(network)),
            cwd=Path(__file__).parents[1],
            stdout=asyncio.subprocess.PIPE,
        )
        os.sched_setaffinity(process.pid, {max(os.sched_getaffinity(0))})
        try:
            assert process.stdout is not None
            yield Server(json.loads(await process.stdout.readline())["ready"], process.pid)
        finally:
            process.terminate()
            await process.wait()


def signed_calls(host: str) -> Iterator[tuple[str, dict[str, str]]]:
    endless = itertools.chain.from_iterable(map(calls_of_a_run, itertools.count()))
    for number, (action, version, params) in enumerate(endless):
        headers = {
            "host": host,
            "x-acs-action": action,
            "x-acs-content-sha256": EMPTY_BODY_SHA256,
            "x-acs-date": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "x-acs-signature-nonce": hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest(),
            "x-acs-version": version,
        }
        query = canonical_query(params)
        canonical = canonical_request("POST", "/", query, headers, list(headers), EMPTY_BODY_SHA256)
        yield query, headers | {"authorization": authorization(KEY, SECRET, canonical, list(headers))}


async def call(
    session: aiohttp.ClientSession, url: str, calls: Iterator[tuple[str, dict[str, str]]], left: list[int]
) -> None:
    while left[0] > 0:
        left[0] -= 1
        query, headers = next(calls)
        async with session.post(f"{url}/?{query}", headers=headers) as response:
            body = await response.read()
            assert response.status in {200, 400, 403}, body
            assert b"Throttling" not in body, body
            assert b"Signature" not in body, body


async def main() -> None:
    async with serving_on_one_core() as server, aiohttp.ClientSession() as session:
        calls = signed_calls(server.url.removeprefix("http://"))
        print(f"at rest: {server.resident_mb():.1f} MB")
        began, cpu = time.perf_counter(), server.cpu_s()
        for done in range(STEP, CALLS + 1, STEP):
            step_began, left = time.perf_counter(), [STEP]
            await asyncio.gather(*(call(session, server.url, calls, left) for _ in range(AT_ONCE)))
            seconds = time.perf_counter() - step_began
            print(
                f"after {done:>7,} calls: {server.resident_mb():.1f} MB, {STEP / seconds:,.0f} a second",
                flush=True,
            )
        seconds, cpu = time.perf_counter() - began, server.cpu_s() - cpu
        print(
            f"{CALLS / seconds:,.0f} signed calls a second; {cpu / CALLS * 1e6:.0f} µs of its core each, which is"
            f" {CALLS / cpu:,.0f} a second on a core that nobody else uses"
            f" (target: {TARGET_PER_SECOND:,} a second)"
        )


if __name__ == "__main__":
    asyncio.run(main())
