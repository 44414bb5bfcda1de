"""The bot's own identity, renewed ahead of its end by one request, without keeping anybody waiting."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from bot.access.base import Base, base_of
from bot.access.base_source import OwnKey, OwnMachineRole, RoleName
from bot.model.credential import Credential
from bot.model.problem import Problem
from tests.access.workload import WORKLOAD, Workload, a_workload

if TYPE_CHECKING:
    from tests.access.conftest import Clock, Cloud


async def no_machine(role_name: str) -> Credential:
    raise AssertionError(role_name)


@pytest.fixture
def now(clock: "Clock") -> datetime:
    return clock.now


@pytest.fixture
async def workload(tmp_path: Path, clock: "Clock") -> AsyncIterator[Workload]:
    async with a_workload(tmp_path, clock) as alive:
        await alive.write_token()
        yield alive


@pytest.fixture
async def by_token(workload: Workload, clock: "Clock") -> AsyncIterator[Base]:
    base = base_of(workload.source, workload.sts, no_machine, clock)
    yield base
    await base.close()


async def test_a_key_is_used_as_it_is_and_nobody_is_asked(cloud: "Cloud", clock: "Clock") -> None:
    key = OwnKey(access_key_id="LTAI1", access_key_secret=SecretStr("x"), security_token=SecretStr("t"))
    base = base_of(key, cloud.sts, no_machine, clock)
    clock.pass_by(days=1000)
    credential = await base.credential()

    assert credential.access_key_id == "LTAI1"
    assert credential.security_token == SecretStr("t")
    assert await cloud.calls("GetCallerIdentity") == []


async def test_a_token_is_traded_for_a_session_of_the_bots_own_role(by_token: Base, workload: Workload) -> None:
    caller = await workload.sts.get_caller_identity(await by_token.credential())

    assert caller.arn == WORKLOAD.replace("role/", "assumed-role/") + "/vpn-diagnose"


async def test_two_hundred_who_find_it_expired_lead_to_one_call(
    by_token: Base, workload: Workload, clock: "Clock"
) -> None:
    await by_token.credential()
    clock.pass_by(hours=2)
    await workload.write_token()
    credentials = await asyncio.gather(*(by_token.credential() for _ in range(200)))

    assert len({credential.access_key_id for credential in credentials}) == 1
    assert len(await workload.calls("AssumeRoleWithOIDC")) == 2


async def test_the_token_is_read_anew_each_time(by_token: Base, workload: Workload, clock: "Clock") -> None:
    await by_token.credential()
    clock.pass_by(hours=2)  # the token that was there has expired
    await workload.write_token()
    await by_token.credential()

    assert [call["outcome"] for call in await workload.calls("AssumeRoleWithOIDC")] == ["ok", "ok"]


async def test_a_token_that_nobody_renews_ends_in_its_own_sentence(
    by_token: Base, workload: Workload, clock: "Clock"
) -> None:
    await by_token.credential()
    clock.pass_by(hours=2)
    with pytest.raises(Problem) as raised:
        await by_token.credential()

    assert raised.value.code == "AuthenticationFail.OIDCToken.Expired"
    assert len(await workload.calls("AssumeRoleWithOIDC")) == 2


async def test_a_renewal_that_fails_keeps_the_old_one_until_its_end(
    by_token: Base, workload: Workload, clock: "Clock"
) -> None:
    first = await by_token.credential()
    await workload.order_fault(operation="AssumeRoleWithOIDC", kind="http_503", times=3)
    clock.pass_by(minutes=55)
    meanwhile = await by_token.credential()
    await by_token.close()  # ends what was begun in the background

    assert meanwhile == first


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "cannot be read"), ("", "is empty"), ("two words", "characters no secret has")],
    ids=["no file", "an empty file", "no token"],
)
async def test_a_token_that_cannot_be_read_is_named_by_its_file(
    by_token: Base, workload: Workload, content: str | None, reason: str
) -> None:
    workload.file.unlink()
    if content is not None:
        workload.file.write_text(content)
    with pytest.raises(Problem) as raised:
        await by_token.credential()

    assert raised.value.code == "access.own_token"
    assert raised.value.facts["reference"] == str(workload.file)
    assert reason in raised.value.facts["reason"]
    assert await workload.calls("AssumeRoleWithOIDC") == []


async def test_no_token_is_in_what_is_raised(by_token: Base, workload: Workload) -> None:
    token = await workload.write_token(lasts_s=-60)
    with pytest.raises(Problem) as raised:
        await by_token.credential()

    assert token not in repr(raised.value.facts)


async def test_the_machine_is_asked_for_its_role_ahead_of_the_end(
    cloud: "Cloud", clock: "Clock", now: datetime
) -> None:
    asked: list[str] = []

    async def machine(role_name: str) -> Credential:
        asked.append(role_name)
        return a_credential(f"STS.{len(asked)}", clock.now + timedelta(hours=6))

    base = base_of(OwnMachineRole(role_name=RoleName("bot")), cloud.sts, machine, clock)
    await base.credential()
    clock.pass_by(hours=5, minutes=50)
    meanwhile = await base.credential()
    await asyncio.sleep(0)
    after = await base.credential()

    assert (meanwhile.access_key_id, after.access_key_id) == ("STS.1", "STS.2")
    assert asked == ["bot", "bot"]
    assert after.expires_at is not None
    assert after.expires_at > now


async def test_only_the_credential_that_was_refused_is_forgotten(clock: "Clock") -> None:
    made = 0

    async def make() -> Credential:
        nonlocal made
        made += 1
        return a_credential(f"STS.{made}", clock.now + timedelta(hours=1))

    base = Base(make, clock)
    first = await base.credential()
    base.forget(first)
    second = await base.credential()
    base.forget(first)
    kept = await base.credential()

    assert second != first
    assert kept == second


def a_credential(key: str, expires_at: datetime) -> Credential:
    assert expires_at.tzinfo is UTC
    return Credential(access_key_id=key, access_key_secret=SecretStr("secret"), expires_at=expires_at)
