"""Signed bytes are let in once: by memory where that is enough, else by the database, and noted there for good."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.model.problem import Problem
from bot.web.replays import KEEP, Replays, always_first, noted

NOON = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Disk:
    """Notes signatures, once it may; one that others let in meanwhile is in `others`."""

    def __init__(self, *others: str) -> None:
        self.noted = set(others)
        self.asked = 0
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def first_use(self, signature: str, at: datetime) -> bool:
        del at
        self.asked += 1
        await self.go_on.wait()
        first = signature not in self.noted
        self.noted.add(signature)
        return first


async def is_let_in(replays: Replays, signature: str, at: datetime = NOON) -> bool:
    noting = await replays.let_in(signature, at)
    return noting is not None and await noted(noting)


@pytest.mark.parametrize("known", [None, {}], ids=["with others", "alone"])
async def test_a_signature_is_let_in_once(known: dict[str, datetime] | None) -> None:
    replays = Replays(Disk().first_use, known)

    assert [await is_let_in(replays, "a") for _ in range(3)] == [True, False, False]
    assert await is_let_in(replays, "b")


@pytest.mark.parametrize("known", [None, {}], ids=["with others", "alone"])
async def test_a_signature_is_let_in_once_at_the_same_time(known: dict[str, datetime] | None) -> None:
    replays = Replays(Disk().first_use, known)

    assert sorted(await asyncio.gather(*(is_let_in(replays, "a") for _ in range(9)))) == [False] * 8 + [True]


async def test_with_others_the_database_is_asked_first() -> None:
    disk = Disk("a")
    replays = Replays(disk.first_use)

    assert await replays.let_in("a", NOON) is None
    assert disk.asked == 1


async def test_alone_nothing_is_waited_for_before_the_request_is_worked_on() -> None:
    disk = Disk()
    disk.go_on.clear()
    noting = await Replays(disk.first_use, {}).let_in("a", NOON)

    assert noting is not None
    assert not noting.done()
    disk.go_on.set()
    assert await noted(noting)
    assert disk.noted == {"a"}


async def test_alone_what_was_let_in_before_the_start_is_known() -> None:
    disk = Disk()
    replays = Replays(disk.first_use, {"a": NOON - SECOND})

    assert await replays.let_in("a", NOON) is None
    assert disk.asked == 0


async def test_a_signature_is_known_for_as_long_as_it_is_good() -> None:
    replays = Replays(always_first, {})
    await is_let_in(replays, "a")

    assert not await is_let_in(replays, "a", NOON + KEEP)
    assert await is_let_in(replays, "a", NOON + KEEP + SECOND)


async def test_memory_is_bounded_and_the_database_asked_while_it_does_not_reach() -> None:
    disk = Disk()
    replays = Replays(disk.first_use, {}, most_known=2)
    for signature in "abcd":
        await is_let_in(replays, signature)
    disk.go_on.clear()
    deciding = asyncio.create_task(replays.let_in("a", NOON))
    await asyncio.sleep(0)

    assert not deciding.done()
    disk.go_on.set()
    assert await deciding is None


async def test_memory_suffices_again_after_a_while() -> None:
    disk = Disk()
    replays = Replays(disk.first_use, {}, most_known=2)
    for signature in "abcd":
        await is_let_in(replays, signature)
    disk.go_on.clear()
    noting = await replays.let_in("e", NOON + KEEP + SECOND)

    assert noting is not None
    assert not noting.done()
    disk.go_on.set()
    await noting


async def test_more_known_at_the_start_than_memory_holds_is_no_knowledge() -> None:
    disk = Disk("a")
    known = {signature: NOON + number * SECOND for number, signature in enumerate("abcd")}
    replays = Replays(disk.first_use, known, most_known=2)

    assert await replays.let_in("a", NOON + 5 * SECOND) is None


async def fails(signature: str, at: datetime) -> bool:
    del signature, at
    raise Problem("bot.not_stored")


async def test_with_others_what_cannot_be_found_out_is_said_and_may_be_tried_again() -> None:
    replays = Replays(fails)

    for _ in range(2):
        with pytest.raises(Problem) as raised:
            await replays.let_in("a", NOON)
        assert raised.value.code == "bot.not_stored"


async def test_with_others_a_database_that_does_not_tell_is_not_waited_for() -> None:
    disk = Disk()
    disk.go_on.clear()
    replays = Replays(disk.first_use, tell_within_s=0.01)

    with pytest.raises(Problem) as raised:
        await replays.let_in("a", NOON)
    assert raised.value.code == "bot.overloaded"


async def test_alone_what_cannot_be_noted_is_let_in_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    replays = Replays(fails, {})

    assert await is_let_in(replays, "a")
    assert not await is_let_in(replays, "a")
    assert caplog.messages == [
        "a signature was not noted (bot.not_stored); what it came with is known by its intent"
    ]
