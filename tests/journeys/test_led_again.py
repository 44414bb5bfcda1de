"""Who followed another run leads again where that has started nothing, and asks where it was somebody else's."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app.sources import now
from bot.model.decision import Answer, Step
from bot.model.run import Run, RunState
from tests.journeys.doorless import ALICE, Bot, a_question, alive


async def claimed(bot: Bot, run: Run) -> Run:
    found = await bot.runs.claim_due(now(), "test", 60, 10)
    return next(claim.run for claim in found if claim.run.id == run.id)


async def test_a_follower_whose_leader_gave_up_forgets_it_and_looks_ahead(tmp_path: Path) -> None:
    async with alive(tmp_path, works=False) as bot:
        leader, follower = a_question(ALICE), a_question(ALICE, b"\x01" * 10)
        await bot.runs.add(leader, "first")
        leader = await claimed(bot, leader)
        await bot.runs.lead(leader)
        await bot.runs.add(follower, "second")

        followed = await bot.step(await claimed(bot, follower))
        assert followed.follows == leader.id
        assert followed.decision is not None
        assert followed.decision.answer(Step.RESULTS) is Answer.PASSED

        await bot.runs.save(leader.changed(state=RunState.FAILED, due_at=None), lease_until=None)
        await bot.runs.save(followed, lease_until=None)
        working = asyncio.create_task(bot.live())
        led = await bot.ended(follower)
        working.cancel()

    assert led.state is RunState.REPORTED
    assert led.follows is None
    assert not led.attached
    assert led.decision is not None
    assert led.decision.answer(Step.RESULTS) is Answer.PASSED


@pytest.mark.parametrize(
    ("changes", "asks"),
    [
        pytest.param({}, False, id="the same"),
        pytest.param({"principal": "acs:ram::1234567890123456:assumed-role/another/slack-T0-U0"}, True, id="role"),
        pytest.param({"identity": "another"}, True, id="identity"),
    ],
)
async def test_a_report_is_taken_over_from_the_same_role_only(
    tmp_path: Path, changes: dict[str, str], *, asks: bool
) -> None:
    async with alive(tmp_path) as bot:
        leader = await bot.report()
        await bot.runs.save(leader.changed(**changes), lease_until=None)
        looks = len(await bot.world.cloud_calls("GetVpnGatewayDiagnoseResult"))
        follower = a_question(ALICE, b"\x01" * 10).changed(
            state=RunState.DIAGNOSING,
            diagnose_id=leader.diagnose_id,
            attached=True,
            follows=leader.id,
            started_at=now() - timedelta(seconds=1),
        )
        await bot.runs.add(follower, "second")
        led = await bot.ended(follower)
        looked = len(await bot.world.cloud_calls("GetVpnGatewayDiagnoseResult")) > looks

    assert led.state is RunState.REPORTED
    assert looked is asks
