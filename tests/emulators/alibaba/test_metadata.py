"""The metadata service, as an ECS instance's software uses it."""

from datetime import timedelta
from typing import Any

import pytest

from bot.emulators.alibaba import load_network
from bot.emulators.alibaba.metadata import MOST_TOKENS, Metadata, Unavailable
from bot.emulators.alibaba.service import Service
from tests.emulators.alibaba.client import Clock, Cloud, Key

ROLES = "/latest/meta-data/ram/security-credentials/"
TTL = "X-aliyun-ecs-metadata-token-ttl-seconds"
TOKEN = "X-aliyun-ecs-metadata-token"
ROLE = "vpn-diagnose-instance"


async def asked(cloud: Cloud, path: str, method: str = "GET", **headers: str) -> tuple[int, str]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    async with cloud.session.request(method, f"http://{cloud.host}{path}", headers=sent) as response:
        return response.status, await response.text()


async def credentials(cloud: Cloud, token: str | None = None) -> dict[str, Any]:
    headers = {} if token is None else {TOKEN: token}
    async with cloud.session.get(f"http://{cloud.host}{ROLES}{ROLE}", headers=headers) as response:
        given: dict[str, Any] = await response.json(content_type=None)
        return given


def key_of(given: dict[str, Any]) -> Key:
    return Key(given["AccessKeyId"], given["AccessKeySecret"], given["SecurityToken"])


async def test_the_role_that_is_attached_gives_credentials(cloud: Cloud) -> None:
    status, name = await asked(cloud, ROLES)
    given = await credentials(cloud)
    caller = (await cloud.call("GetCallerIdentity", key=key_of(given))).body

    assert (status, name) == (200, ROLE)
    assert given["Code"] == "Success"
    assert (given["LastUpdated"], given["Expiration"]) == ("2026-11-23T12:00:00Z", "2026-11-23T18:00:00Z")
    assert caller["Arn"] == f"acs:ram::1234567890123456:assumed-role/{ROLE}/vm-ram-i-emulated000000000001"


async def test_its_credentials_open_the_roles_that_trust_it(cloud: Cloud) -> None:
    key = key_of(await credentials(cloud))

    assert (await cloud.assume("vpn-diagnose-oncall", key)).code == "ok"
    assert (await cloud.start("healthy", key)).code == "Forbidden"


async def test_credentials_stay_the_same_until_well_before_their_end(cloud: Cloud, clock: Clock) -> None:
    first = await credentials(cloud)
    clock.advance(5.4 * 3600)
    still = await credentials(cloud)
    clock.advance(0.1 * 3600)
    second = await credentials(cloud)

    assert still == first
    assert second["AccessKeyId"] != first["AccessKeyId"]
    for given in (first, second):
        assert (await cloud.call("GetCallerIdentity", key=key_of(given))).code == "ok"


async def test_credentials_that_were_ended_are_renewed(cloud: Cloud) -> None:
    first = await credentials(cloud)
    await cloud.control("POST", "sessions")
    second = await credentials(cloud)

    assert (await cloud.call("GetCallerIdentity", key=key_of(first))).code == "InvalidSecurityToken.Expired"
    assert (await cloud.call("GetCallerIdentity", key=key_of(second))).code == "ok"


async def test_another_role_may_be_attached(cloud: Cloud) -> None:
    before = await credentials(cloud)
    service = {
        "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs.aliyuncs.com"}}
        ]
    }
    arn = "acs:ram::1234567890123456:role/vpn-readonly"
    change = {"vpn-readonly": {"trust": service}, "network": {"instance": {"role": arn}}}
    await cloud.control("POST", "network", change=change)

    assert await asked(cloud, ROLES) == (200, "vpn-readonly")
    assert (await asked(cloud, f"{ROLES}{ROLE}"))[0] == 404
    _, text = await asked(cloud, f"{ROLES}vpn-readonly")
    assert before["AccessKeyId"] not in text


@pytest.mark.parametrize("ttl", ["1", "21600"])
async def test_a_token_is_good_for_as_long_as_it_was_asked_for(cloud: Cloud, clock: Clock, ttl: str) -> None:
    status, token = await asked(cloud, "/latest/api/token", "PUT", **{TTL: ttl})
    given = await credentials(cloud, token)
    clock.advance(int(ttl))

    assert status == 200
    assert given["Code"] == "Success"
    assert (await asked(cloud, ROLES, **{TOKEN: token}))[0] == 401


@pytest.mark.parametrize("ttl", ["", "0", "21601", "-1", "1e3", "soon", "٣"])
async def test_a_token_lasts_a_second_to_six_hours(cloud: Cloud, ttl: str) -> None:
    status, text = await asked(cloud, "/latest/api/token", "PUT", **{TTL: ttl})

    assert status == 400
    assert TTL in text


async def test_a_token_may_be_demanded(cloud: Cloud) -> None:
    await cloud.control("POST", "network", change={"network": {"instance": {"tokens": "required"}}})
    _, token = await asked(cloud, "/latest/api/token", "PUT", **{TTL: "60"})

    assert (await asked(cloud, ROLES))[0] == 403
    assert (await asked(cloud, ROLES, **{TOKEN: token})) == (200, ROLE)
    assert (await asked(cloud, ROLES, **{TOKEN: "made up"}))[0] == 401


async def test_an_instance_without_a_role_has_none(cloud: Cloud) -> None:
    await cloud.control("POST", "network", scenario="instance-without-role")
    status, token = await asked(cloud, "/latest/api/token", "PUT", **{TTL: "60"})

    assert status == 200
    for path in (ROLES, f"{ROLES}{ROLE}"):
        assert await asked(cloud, path, **{TOKEN: token}) == (404, "no role is attached\n")


async def test_what_is_no_instance_has_no_metadata(cloud: Cloud) -> None:
    await cloud.control("POST", "network", change={"network": {"instance": None}})

    for method, path in (("GET", ROLES), ("GET", f"{ROLES}{ROLE}"), ("PUT", "/latest/api/token")):
        assert (await asked(cloud, path, method, **{TTL: "60"}))[0] == 404


async def test_calls_are_in_the_ledger(cloud: Cloud) -> None:
    await asked(cloud, ROLES)
    await asked(cloud, f"{ROLES}other")

    assert [(call["operation"], call["outcome"], call["facts"]["path"]) for call in await cloud.calls()] == [
        ("EcsMetadata", "ok", ROLES),
        ("EcsMetadata", "404", f"{ROLES}other"),
    ]


@pytest.mark.parametrize(("kind", "status"), [("throttle", 429), ("http_500", 500), ("http_503", 503)])
async def test_it_can_be_made_to_fail(cloud: Cloud, kind: str, status: int) -> None:
    await cloud.control("POST", "faults", operation="EcsMetadata", kind=kind)

    assert (await asked(cloud, ROLES))[0] == status
    assert (await asked(cloud, ROLES))[0] == 200


def test_tokens_are_bounded() -> None:
    clock, numbers = Clock(), iter(range(10 * MOST_TOKENS))
    service = Service(load_network(), timedelta(), bytes)
    metadata = Metadata(service, clock, lambda count: next(numbers).to_bytes(count, "big"))

    tokens = [metadata.token("60") for _ in range(MOST_TOKENS + 1)]

    assert metadata.role_name(tokens[1]) == ROLE
    with pytest.raises(Unavailable):
        metadata.role_name(tokens[0])
