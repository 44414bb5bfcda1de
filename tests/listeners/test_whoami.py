"""`/vpn-diagnose whoami`: acknowledged at once, answered to the asker alone, whatever happens meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from pydantic import SecretStr

from bot.access.base import holding
from bot.access.book import load_book
from bot.access.desk import Access
from bot.access.groups import Groups
from bot.access.probes import Probes
from bot.alibaba.endpoints import Endpoints
from bot.alibaba.ram import RamApi
from bot.alibaba.rpc import RpcClient
from bot.alibaba.sts import StsApi
from bot.alibaba.transport import build_http
from bot.alibaba.tunnels import TunnelApi
from bot.alibaba.vpn import VpnApi
from bot.emulators.alibaba.emulator import alibaba_emulator
from bot.emulators.serving import serving
from bot.emulators.slack.player import Player
from bot.listeners.intake import Intake
from bot.model.audit import Attempt
from bot.model.credential import Credential
from bot.model.decision import Answer, Step
from bot.model.problem import Problem, ProblemDetails
from bot.model.request import Requester

Play = Callable[[Intake], Awaitable[Player]]
Order = Callable[..., Awaitable[None]]

NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
LOOKED_AT = (Step.MAPPING, Step.CREDENTIALS, Step.RESULTS, Step.GATEWAY, Step.CONNECTION)

BASE = Credential(access_key_id="LTAIemulatorBase", access_key_secret=SecretStr("emulator-base-secret"))


async def no_members(_: object) -> frozenset[Any]:
    return frozenset()


def clock() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
async def cloud_url() -> AsyncIterator[str]:
    async with serving(alibaba_emulator(None, clock)) as url:
        yield url


@pytest.fixture
async def order_fault(cloud_url: str) -> AsyncIterator[Order]:
    async with aiohttp.ClientSession() as session:

        async def order(**fault: Any) -> None:
            async with session.post(f"{cloud_url}/_emulator/faults", json=fault) as answer:
                answer.raise_for_status()

        yield order


@pytest.fixture
async def looking(intake: Intake, cloud_url: str, tmp_path: Path) -> AsyncIterator[Intake]:
    """An intake whose desk may call the emulated cloud."""
    async with build_http() as http:
        rpc = RpcClient(http, Endpoints(cloud_url), clock, lambda: uuid4().hex)
        sts = StsApi(rpc)
        probes = Probes(VpnApi(rpc), sts, RamApi(rpc), TunnelApi(rpc))
        groups = Groups(no_members, clock)
        book = load_book(tmp_path / "access.yml")
        access = Access(book, holding(BASE, clock), sts, groups, {}, tmp_path, clock, probes)
        changed = replace(intake, access=access)
        yield changed
        await changed.errands.close()
        await access.close()


async def told(player: Player, user: str, number: int = 2) -> str:
    """Wait for so many private messages of a person, and return the text of the last one."""

    async def seen() -> list[dict[str, Any]]:
        private = await player.private_messages(user=user)
        return private if len(private) >= number else []

    return str((await player.until(seen, 20))[number - 1])


async def test_it_is_acknowledged_at_once_and_answered_in_private(play: Play, looking: Intake) -> None:
    player = await play(looking)
    outcome = await player.command("whoami")
    answer = await told(player, "U0ALICE")

    assert outcome["payload"]["response_type"] == "ephemeral"
    assert "the answer follows" in str(outcome["payload"])
    assert "role/vpn-diagnose-oncall" in answer
    assert "slack-T0EMULATED-U0ALICE" in answer
    assert "never: vpngateway/vpn-payments*" in answer
    assert "✅ GetVpnGatewayDiagnoseResult works" in answer
    assert await player.messages() == []
    assert await looking.runs.newest(1) == ()


@pytest.mark.parametrize("text", ["whoami", " WhoAmI ", "who-am-i"])
async def test_it_is_known_however_it_is_typed(play: Play, looking: Intake, text: str) -> None:
    player = await play(looking)
    outcome = await player.command(text)

    assert "the answer follows" in str(outcome["payload"])


async def test_a_stranger_is_refused_at_once(play: Play, looking: Intake) -> None:
    player = await play(looking)
    outcome = await player.command("whoami", user="U0MALLORY")

    assert "U0MALLORY" in str(outcome["payload"])
    assert len(await player.private_messages(user="U0MALLORY")) == 1


async def test_when_it_was_last_used_is_told(play: Play, looking: Intake) -> None:
    async def last_used(requester: Requester) -> datetime:
        assert requester.user_id == "U0ALICE"
        return NOON - timedelta(hours=2)

    player = await play(replace(looking, last_used=last_used))
    await player.command("whoami")

    assert "2026-01-02 10:00 UTC" in await told(player, "U0ALICE")


async def test_a_role_that_cannot_be_assumed_is_an_answer(play: Play, looking: Intake, order_fault: Order) -> None:
    await order_fault(operation="AssumeRole", kind="error", error="EntityNotExist.Role")
    player = await play(looking)
    await player.command("whoami")

    assert "does not exist" in await told(player, "U0ALICE")


async def test_a_fault_of_the_bot_is_an_answer_and_its_text_stays_inside(
    play: Play, looking: Intake, caplog: pytest.LogCaptureFixture
) -> None:
    planted = "planted-secret"

    async def last_used(_: Requester) -> None:
        raise ZeroDivisionError(planted)

    player = await play(replace(looking, last_used=last_used))
    await player.command("whoami")
    answer = await told(player, "U0ALICE")

    assert "fault of its own" in answer
    assert "unexpected ZeroDivisionError in whoami" in caplog.text
    assert planted not in answer + caplog.text


async def test_what_keeps_somebody_from_it_meanwhile_is_an_answer(play: Play, looking: Intake) -> None:
    async def last_used(_: Requester) -> None:
        raise Problem("bot.not_stored")

    player = await play(replace(looking, last_used=last_used))
    await player.command("whoami")

    assert "could not write to its database" in await told(player, "U0ALICE")


@pytest.mark.parametrize("problem", [None, "access.not_mapped"])
async def test_that_it_was_shown_or_refused_meanwhile_is_reported(
    problem: str | None, play: Play, looking: Intake
) -> None:
    reported: list[tuple[str | None, Attempt]] = []

    async def last_used(_: Requester) -> None:
        if problem is not None:
            raise Problem(problem)

    async def shown(attempt: Attempt) -> None:
        reported.append((None, attempt))

    async def refused(attempt: Attempt, why: ProblemDetails) -> None:
        reported.append((why.code, attempt))

    intake = replace(looking, last_used=last_used, report_reading=shown, report_refusal=refused)
    player = await play(intake)
    await player.command("whoami")
    await told(player, "U0ALICE")

    ((why, attempt),) = reported
    assert why == problem
    assert (attempt.operation, attempt.requester.user_id, attempt.channel_id) == (
        "whoami",
        "U0ALICE",
        "C0INCIDENT",
    )
    if problem is not None:
        return
    assert attempt.as_whom is not None
    assert attempt.as_whom.identity == "oncall"
    assert str(attempt.as_whom.principal).endswith("role/vpn-diagnose-oncall/slack-T0EMULATED-U0ALICE")
    assert {one.step: one.answer for one in attempt.as_whom.steps} == dict.fromkeys(LOOKED_AT, Answer.PASSED)
    assert all(one.request_id for one in attempt.as_whom.steps if one.operation)


async def test_what_takes_too_long_is_said_to(play: Play, looking: Intake) -> None:
    async def last_used(_: Requester) -> None:
        await asyncio.Event().wait()

    player = await play(replace(looking, last_used=last_used, whoami_within_s=0.2))
    await player.command("whoami")

    assert "did not answer whoami within 0.2 s" in await told(player, "U0ALICE")


async def test_where_the_bot_is_no_member_the_answer_comes_there_all_the_same(play: Play, looking: Intake) -> None:
    player = await play(looking)
    await player.fault("chat.postEphemeral", "error", error="channel_not_found")
    await player.command("whoami")

    assert "Who you are to this bot" in await told(player, "U0ALICE")
    assert await player.calls("chat.postMessage") == []


async def test_somebody_who_asks_again_meanwhile_is_looked_at_once(
    play: Play, looking: Intake, order_fault: Order, cloud_url: str
) -> None:
    await order_fault(operation="AssumeRole", kind="delay", seconds=1)
    player = await play(looking)
    for _ in range(3):
        await player.command("whoami")
    await told(player, "U0ALICE", number=4)
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{cloud_url}/_emulator/calls?operation=AssumeRole") as answer,
    ):
        calls = (await answer.json())["calls"]

    assert len(calls) == 1


async def test_too_many_at_once_are_declined_in_words(play: Play, looking: Intake) -> None:
    player = await play(replace(looking, errands=type(looking.errands)(most=0)))
    outcome = await player.command("whoami")

    assert "as many requests in its hands" in str(outcome["payload"])
