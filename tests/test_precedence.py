"""What people wait for goes first."""

import asyncio
import time

from bot.precedence import Precedence


async def test_work_starts_at_once_where_nobody_waits() -> None:
    precedence = Precedence(time.monotonic)

    work = [asyncio.create_task(precedence.give_way()) for _ in range(3)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert all(task.done() for task in work)


async def test_work_lets_a_request_go_first() -> None:
    precedence = Precedence(time.monotonic)
    precedence.request_seen()

    work = asyncio.create_task(precedence.give_way())
    await asyncio.sleep(0)

    assert not work.done()
    await work


async def test_under_a_storm_of_requests_work_goes_on_one_by_one() -> None:
    precedence = Precedence(time.monotonic)

    async def storm() -> None:
        while True:
            precedence.request_seen()
            await asyncio.sleep(0)

    storming = asyncio.create_task(storm())
    await asyncio.sleep(0)
    first, second = (asyncio.create_task(precedence.give_way()) for _ in range(2))
    await first

    assert not second.done()
    await second
    storming.cancel()
