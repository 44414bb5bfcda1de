import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.access.renewing import LEAST_BETWEEN, Fresh, Renewing
from bot.model.problem import Problem

if TYPE_CHECKING:
    from tests.access.conftest import Clock


class Make:
    """Makes numbered values, good for ten minutes and renewed after five, once `open` is set; or fails."""

    def __init__(self, clock: "Clock") -> None:
        self._clock = clock
        self.open = asyncio.Event()
        self.open.set()
        self.lasts = timedelta(minutes=10)
        self.fails: Problem | None = None
        self.count = 0

    async def __call__(self, key: str) -> Fresh[str]:
        self.count += 1
        number = self.count
        await self.open.wait()
        if self.fails:
            raise self.fails
        end = self._clock() + self.lasts
        return Fresh(f"{key}{number}", end - timedelta(minutes=5), end)


@pytest.fixture
def make(clock: "Clock") -> Make:
    return Make(clock)


@pytest.fixture
def held(make: Make, clock: "Clock") -> Renewing[str, str]:
    return Renewing(make, clock, "a value", most_held=2)


async def settled() -> None:
    """Let what was begun in the background end."""
    for _ in range(3):
        await asyncio.sleep(0)


async def test_what_is_held_can_be_seen_without_asking_until_its_end(
    held: Renewing[str, str], make: Make, clock: "Clock"
) -> None:
    before = held.held("a")
    await held.get("a")
    meanwhile = held.held("a")
    clock.pass_by(minutes=10)

    assert (before, meanwhile, held.held("a")) == (None, "a1", None)
    assert make.count == 1


async def test_nobody_waits_for_a_renewal_ahead_of_the_end(
    held: Renewing[str, str], make: Make, clock: "Clock"
) -> None:
    await held.get("a")
    clock.pass_by(minutes=6)
    make.open.clear()
    meanwhile = [await held.get("a") for _ in range(200)]
    make.open.set()
    await settled()

    assert set(meanwhile) == {"a1"}
    assert await held.get("a") == "a2"
    assert make.count == 2


async def test_two_hundred_who_find_it_ended_wait_for_one_renewal(
    held: Renewing[str, str], make: Make, clock: "Clock"
) -> None:
    await held.get("a")
    clock.pass_by(minutes=10)
    make.open.clear()
    waiting = [asyncio.create_task(held.get("a")) for _ in range(200)]
    await settled()
    make.open.set()

    assert set(await asyncio.gather(*waiting)) == {"a2"}
    assert make.count == 2


async def test_who_comes_after_the_end_waits_for_the_renewal_that_was_begun_ahead_of_it(
    held: Renewing[str, str], make: Make, clock: "Clock"
) -> None:
    await held.get("a")
    clock.pass_by(minutes=6)
    make.open.clear()
    await held.get("a")
    clock.pass_by(minutes=6)
    waiting = asyncio.create_task(held.get("a"))
    await settled()
    make.open.set()

    assert await waiting == "a2"
    assert make.count == 2


async def test_a_renewal_that_finds_nobody_there_keeps_the_old_until_its_end(
    held: Renewing[str, str], make: Make, clock: "Clock"
) -> None:
    await held.get("a")
    make.fails = Problem("cloud.unreachable")
    clock.pass_by(minutes=9)
    await held.get("a")
    await settled()
    kept = await held.get("a")
    clock.pass_by(minutes=1)
    with pytest.raises(Problem) as raised:
        await held.get("a")

    assert kept == "a1"
    assert raised.value.code == "cloud.unreachable"


async def test_a_renewal_that_is_refused_ends_the_old_one_too(
    held: Renewing[str, str], make: Make, clock: "Clock"
) -> None:
    await held.get("a")
    make.fails = Problem("EntityNotExist.Role", request_id="R-1")
    clock.pass_by(minutes=6)
    await held.get("a")
    await settled()
    with pytest.raises(Problem) as raised:
        await held.get("a")

    assert raised.value.code == "EntityNotExist.Role"


async def test_a_failed_renewal_is_not_repeated_at_once_and_is_in_the_log(
    held: Renewing[str, str], make: Make, clock: "Clock", caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    await held.get("a")
    make.fails = Problem("ServiceUnavailable", request_id="R-1")
    clock.pass_by(minutes=6)
    for _ in range(10):
        await held.get("a")
        await settled()
    soon = make.count
    clock.pass_by(seconds=LEAST_BETWEEN.total_seconds())
    await held.get("a")
    await settled()

    assert (soon, make.count) == (2, 3)
    assert "a value is not renewed: ServiceUnavailable (RequestId R-1)" in caplog.text


async def test_a_value_that_is_old_when_it_comes_is_not_sought_anew_with_every_question(
    held: Renewing[str, str], make: Make, clock: "Clock"
) -> None:
    make.lasts = timedelta(minutes=1)
    for _ in range(10):
        await held.get("a")
        await settled()
    soon = make.count
    clock.pass_by(seconds=LEAST_BETWEEN.total_seconds())
    await held.get("a")
    await settled()

    assert (soon, make.count) == (1, 2)


async def test_what_is_forgotten_while_it_is_renewed_comes_from_the_renewal(
    held: Renewing[str, str], make: Make, clock: "Clock"
) -> None:
    await held.get("a")
    clock.pass_by(minutes=6)
    make.open.clear()
    await held.get("a")
    held.forget(lambda key, value: (key, value) == ("a", "a1"))
    waiting = asyncio.create_task(held.get("a"))
    await settled()
    make.open.set()

    assert await waiting == "a2"
    assert make.count == 2


async def test_only_so_many_are_held(held: Renewing[str, str], make: Make) -> None:
    for key in ("a", "b", "a", "c"):
        await held.get(key)
    count = make.count
    await held.get("a")
    kept = make.count == count
    await held.get("b")

    assert kept
    assert make.count == count + 1
