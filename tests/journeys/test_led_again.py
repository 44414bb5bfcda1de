"""Who followed somebody that has started nothing leads again, and asks what it had not asked."""

import asyncio
from pathlib import Path

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
