import asyncio
import logging

import pytest

from bot.listeners.errands import Errands
from bot.model.problem import Problem


class Errand:
    """Counts how often it was begun, and ends when `open` is set."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.begun = 0
        self.ended = 0

    async def run(self) -> None:
        self.begun += 1
        await self.open.wait()
        self.ended += 1


async def settled() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_the_same_errand_is_not_begun_twice_until_it_has_ended() -> None:
    errands, errand = Errands(), Errand()
    for _ in range(3):
        errands.begin("alice", errand.run(), "word")
        await settled()
    errand.open.set()
    await settled()
    errands.begin("alice", errand.run(), "word")
    await settled()

    assert errand.begun == 2


async def test_too_many_at_once_are_declined_in_words() -> None:
    errands, errand = Errands(most=2), Errand()
    errands.begin("alice", errand.run(), "word")
    errands.begin("bob", errand.run(), "word")
    with pytest.raises(Problem) as raised:
        errands.begin("carol", errand.run(), "word")
    errands.begin("bob", errand.run(), "word")  # his is under way
    errand.open.set()
    await settled()

    assert raised.value.code == "bot.overloaded"
    assert errand.ended == 2


async def test_what_hangs_takes_the_room_of_its_own_kind_only() -> None:
    errands, hanging, errand = Errands(most=2), Errand(), Errand()
    for who in ("alice", "bob"):
        errands.begin(who, hanging.run(), "whoami")
    with pytest.raises(Problem):
        errands.begin("carol", hanging.run(), "whoami")
    errands.begin("carol", errand.run(), "history")
    errand.open.set()
    await settled()
    hanging.open.set()
    await settled()
    errands.begin("dave", hanging.run(), "whoami")
    await settled()

    assert (hanging.ended, errand.ended) == (3, 1)


async def test_an_errand_begun_anew_takes_the_place_of_the_same_one() -> None:
    errands, hanging, errand = Errands(most=2), Errand(), Errand()
    for _ in range(5):
        errands.begin_anew("alice", hanging.run(), "word")
        await settled()
    errands.begin_anew("alice", errand.run(), "word")
    errands.begin("bob", errand.run(), "word")
    errand.open.set()
    await settled()
    hanging.open.set()
    await settled()

    assert (hanging.begun, hanging.ended, errand.ended) == (5, 0, 2)


async def test_errands_begun_anew_before_any_has_run_take_one_place() -> None:
    errands, errand = Errands(most=2), Errand()
    for who in ("alice", "alice", "alice", "bob"):
        errands.begin_anew(who, errand.run(), "word")
    errand.open.set()
    await settled()

    assert errand.ended == 2


async def test_closing_waits_for_what_is_under_way() -> None:
    errands, errand = Errands(), Errand()
    errands.begin("alice", errand.run(), "word")
    await settled()
    closing = asyncio.create_task(errands.close())
    await settled()
    errand.open.set()
    await closing

    assert errand.ended == 1


async def test_closing_gives_up_what_takes_too_long() -> None:
    errands, errand = Errands(), Errand()
    errands.begin("alice", errand.run(), "word")
    await settled()
    await errands.close(within_s=0.01)
    errand.open.set()
    await settled()

    assert (errand.begun, errand.ended) == (1, 0)


async def test_what_could_not_be_told_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)

    async def fails(error: Exception) -> None:
        raise error

    errands = Errands()
    errands.begin("alice", fails(Problem("slack.account_inactive")), "word")
    errands.begin("bob", fails(ZeroDivisionError("planted-secret")), "word")
    await settled()

    assert "an answer was not told: slack.account_inactive" in caplog.text
    assert "unexpected ZeroDivisionError in an errand" in caplog.text
    assert "planted-secret" not in caplog.text
