"""What people wait for goes first."""

import asyncio

from bot.precedence import LONGEST_WAIT_S, Precedence


class Timer:
    """A clock that a test sets, and that moves on with the loop's."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return asyncio.get_running_loop().time() + self.ahead


async def test_work_starts_at_once_where_nobody_waits() -> None:
    precedence = Precedence(Timer())

    work = asyncio.create_task(precedence.give_way())
    await asyncio.sleep(0)

    assert work.done()


async def test_work_lets_a_request_go_first() -> None:
    precedence = Precedence(Timer())
    precedence.request_seen()

    work = asyncio.create_task(precedence.give_way())
    await asyncio.sleep(0)

    assert not work.done()
    await work


async def test_work_goes_on_under_a_storm_of_requests() -> None:
    timer = Timer()
    precedence = Precedence(timer)
    precedence.request_seen()
    work = asyncio.create_task(precedence.give_way())
    await asyncio.sleep(0)

    timer.ahead += LONGEST_WAIT_S
    precedence.request_seen()

    await work
