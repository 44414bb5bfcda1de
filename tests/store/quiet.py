"""Runs of a watch, as tests of the store want them."""

from collections.abc import Callable
from datetime import timedelta

from bot.model.ids import RunId
from bot.model.run import Run
from bot.model.watch import Watch
from tests.conftest import NOON

RunBuilder = Callable[..., Run]

ORIGIN = RunId.made(NOON, bytes(10))
LATER = NOON + timedelta(minutes=5)


def quiet(a_run: RunBuilder, *, watch_id: RunId | None = None, origin: RunId = ORIGIN, **changes: object) -> Run:
    run = a_run(due_at=LATER, **changes)
    watch = Watch(
        id=watch_id or run.id,
        origin=origin,
        told=origin,
        asks_at=LATER,
        every_s=300,
        until=NOON + timedelta(minutes=30),
    )
    return run.changed(watch=watch)
