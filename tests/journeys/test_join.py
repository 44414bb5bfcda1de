"""Several people ask about the same gateway: the cloud is asked once, and everybody is answered."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.emulators.slack.player import thread_text
from bot.store.audit_reading import audit_trail
from tests.journeys.world import ACCESS_FILE, BROKEN, HEALTHY, Json, World, living, part_of

GATEWAY, CONNECTION, REGION = HEALTHY.split()
ADDRESSES = "192.168.1.1 10.8.0.1"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A diagnosis takes long enough for a second person to ask meanwhile."""
    async with living(tmp_path, diagnosis_s=1) as alive:
        yield alive


@pytest.fixture(autouse=True)
def mallory_is_on_call_too(world: World) -> None:
    world.write_access(ACCESS_FILE.replace("U0ALICE: oncall", "U0ALICE: oncall, U0MALLORY: oncall"))


async def starts(world: World) -> int:
    return sum(1 for call in await world.cloud_calls() if call["facts"].get("accepted_start"))


async def threads(world: World, number: int) -> list[str]:
    """Wait until so many threads have ended, and return each as text."""
    await world.ending(number=number)
    return [thread_text([root], root["ts"]) for root in await world.player.messages()]


async def test_two_people_with_one_question_get_a_thread_each_and_one_start(world: World) -> None:
    async with world.bot():
        await world.player.command(HEALTHY)
        await world.player.command(HEALTHY, user="U0MALLORY")
        first, second = await threads(world, 2)

    assert await starts(world) == 1
    assert len(await world.cloud_calls("DiagnoseVpnGateway")) == 1
    assert "All 6 checks are normal" in first
    assert "All 6 checks are normal" in second
    assert (first + second).count("The same was asked of this bot just before") == 1


async def kept_of(world: World, user: str) -> set[str]:
    """Return which events the audit trail has of somebody."""
    async with audit_trail(f"sqlite:///{world.folder}/bot.db") as trail:
        return {row["event"] async for row in trail.rows() if row["user_id"] == user}


async def test_who_may_not_read_the_result_is_refused_before_anything_is_said(world: World) -> None:
    """Bob's identity may not read results: he is told so, though Alice's diagnosis could have been his too."""

    async def alices_runs() -> list[Json]:
        return [root for root in await world.player.messages() if "started" in map(part_of, root["replies"])]

    async with world.bot():
        await world.player.command(HEALTHY)
        await world.player.until(alices_runs)
        await world.player.command(HEALTHY, user="U0BOB")
        said = await threads(world, 2)
        (bobs,) = [root for root in await world.player.messages() if "U0BOB" in str(root["blocks"])]

    assert await starts(world) == 1
    assert sum("All 6 checks are normal" in thread for thread in said) == 1
    assert "⛔" in thread_text([bobs], bobs["ts"])
    assert [part_of(message) for message in (bobs, *bobs["replies"])] == ["ending"]
    assert await kept_of(world, "U0BOB") == {"accepted", "refused"}


async def test_other_addresses_are_another_question_which_waits_for_its_turn(world: World) -> None:
    async with world.bot():
        await world.player.command(HEALTHY)
        await world.player.command(f"{HEALTHY} {ADDRESSES}")
        said = "".join(await threads(world, 2))

    assert await starts(world) == 2
    assert "All 6 checks are normal" in said
    assert "All 7 checks are normal" in said
    assert len(await world.cloud_calls("DiagnoseVpnGateway")) == 2


async def test_after_a_diagnosis_has_ended_the_same_question_starts_a_new_one(world: World) -> None:
    async with world.bot():
        for number in (1, 2):
            await world.player.command(BROKEN)
            await world.ending(number=number)

    assert await starts(world) == 2


async def test_when_the_first_is_refused_the_next_one_asks_as_itself(world: World) -> None:
    world.write_access(ACCESS_FILE.replace("U0ALICE: oncall", "U0ALICE: readonly, U0MALLORY: oncall"))
    async with world.bot():
        await world.player.command(HEALTHY)
        await world.player.command(HEALTHY, user="U0MALLORY")
        await world.ending(number=2)

    said = [message for root in await world.player.messages() for message in [root, *root.get("replies", ())]]
    assert await starts(world) == 1
    assert sum(part_of(message) == "ending" for message in said) == 2
