"""What goes on in the background, and how it ends."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from bot.model.problem import Problem
from bot.slack.api import SlackApi
from bot.store.runs import Runs

log = logging.getLogger(__name__)

# Times in seconds, and rows of each kind at once: between two batches others get to write.
SWEEP_EVERY_S = 60.0
SWEEP_PAUSE_S = 0.5
SWEEP_AT_ONCE = 500
DAY_S = 86_400.0

# Time in seconds between two questions to Slack who we are: what it answers is what /readyz says of the token.
ASK_EVERY_S = 60.0

# Slack repeats an event for an hour at most; a form that was left open over night may be sent twice.
KEEP_DELIVERIES_S = DAY_S


async def in_background(
    stack: AsyncExitStack, work: Coroutine[Any, Any, None], stop: Callable[[], None] | None = None
) -> asyncio.Task[None]:
    """Start `work`, to be stopped when the stack unwinds: by `stop` and its own end, else by cancelling it."""
    task = asyncio.create_task(work)

    async def end() -> None:
        if stop is None:
            task.cancel()
        else:
            stop()
        await asyncio.gather(task, return_exceptions=True)

    stack.push_async_callback(end)
    return task


async def sweep(
    runs: Runs, clock: Callable[[], datetime], retention_days: float, every_s: float = SWEEP_EVERY_S
) -> None:
    """Remove what need not be kept any longer, a little at a time, until cancelled."""
    pause_s = every_s
    while True:
        await asyncio.sleep(pause_s)
        try:
            removed = await runs.sweep(clock(), retention_days * DAY_S, KEEP_DELIVERIES_S, SWEEP_AT_ONCE)
        except SQLAlchemyError as error:
            log.warning("nothing was swept: %s", type(error).__name__)
            removed = 0
        pause_s = SWEEP_PAUSE_S if removed else every_s


async def ask_who_we_are(slack: SlackApi, every_s: float = ASK_EVERY_S) -> None:
    """Have Slack look at our token and tell us its time, also while nobody asks for anything, until cancelled."""
    trouble = None
    while True:
        await asyncio.sleep(every_s)
        try:
            await slack.auth_test()
        except Problem as problem:
            if problem.code != trouble:
                log.warning("Slack does not say who we are: %s", problem)
            trouble = problem.code
        else:
            trouble = None
